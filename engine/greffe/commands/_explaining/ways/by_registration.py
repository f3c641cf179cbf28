"""By registrations: lines of the feeds lead into a course, and the method ``database`` enrols."""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce

from greffe.commands._explaining.known import Known
from greffe.commands._explaining.layout import Layout
from greffe.commands._explaining.lines import Lead
from greffe.commands._explaining.links.account import account_link
from greffe.commands._explaining.links.course import course_link
from greffe.commands._explaining.links.enrolment import enrolment_link
from greffe.commands._explaining.links.gifts import group_links, role_link
from greffe.commands._explaining.links.method import method_link
from greffe.commands._explaining.links.registration import Goal, registration_links
from greffe.commands._explaining.outlook import LEFT_ALONE
from greffe.commands._explaining.step import step
from greffe.commands._explaining.ways.chain import chain
from greffe.methods.database import METHOD, Purge
from greffe.methods.leaving import purge_at, purges_of
from greffe.model import Action
from greffe.report.texts import count, moment
from greffe.view.chain import Cause, Chain, Link, Step
from greffe.view.standing import Enrolment, Method


def by_registration(known: Known, layout: Layout, course: int) -> Chain | None:
    """None: no line leads him there, and the method has no row of him."""
    leads = known.traced.of_course(course)
    ways = [m for m in layout.methods(course) if m.method == METHOD]
    row, method = next(
        ((e, m) for m in ways if (e := known.standing.through(m.id))), (None, ways[0] if ways else None)
    )
    if not (leads or row):
        return None
    bad = known.night.feeds.bad
    good = [(r, led) for r, led in leads if not (r.cause or led.cause or r.feed in bad)]
    there = row is not None and not row.status
    loss = known.outlook.loss(course, method.id) if method and row else None
    steps = registration_links(known, leads, _goal(known, course), loss, there=there)
    if leads:
        steps.append(course_link(known, course, leads, known.course_name(course)))
    steps.append(account_link(known))
    if steps[-1].cause:
        return chain(known, course, METHOD, "", steps)
    if good or row:
        steps += _from_method_on(known, course, method, row, good)
    return chain(known, course, METHOD, "", steps, row, method)


def _from_method_on(
    known: Known, course: int, method: Method | None, row: Enrolment | None, good: Collection[Lead]
) -> list[Step]:
    alone = bool(good) and all(led.alone for _, led in good)
    at = course, method.id if method else 0
    coming = known.outlook.gets(*at, Action.ASSIGN_ROLE) if alone else known.outlook.comes(*at)
    steps = [method_link(known, method, METHOD, "", coming)]
    if method and not alone:
        due = _due(known, row, method) if row and not good else ""
        steps.append(enrolment_link(known, course, row, coming, LEFT_ALONE, due=due))
    if method and (row or alone):
        roles = {led.role: known.outlook.gets(*at, Action.ASSIGN_ROLE) for _, led in good}
        groups = {led.group for _, led in good if led.group}
        joins = known.outlook.gets(*at, Action.JOIN_GROUP)
        steps.append(role_link(known, method, roles, LEFT_ALONE.todo))
        steps += group_links(known, course, groups, joins, LEFT_ALONE.todo)
    return steps


def _due(known: Known, row: Enrolment, method: Method) -> str:
    """When a suspended leaver is unenrolled; '': never."""
    purges = purges_of(known.config, known.catalogue.roles)
    found: list[Purge] = []
    for held in known.standing.roles_by(method):
        place = method.course, held.role
        found.append(purge_at(purges, held.role, [f for f in purges if place in _reach(known, f)]))
    purge = reduce(Purge.gentler, found) if found else Purge()
    return moment(row.changed + purge.after) if row.status and purge.after is not None else ""


def _reach(known: Known, feed: str) -> set[tuple[int, int]]:
    """(course, role) that a feed leads to tonight, or led to on an earlier night."""
    return known.owned.of(feed) | known.night.feeds.desired.places.get(feed, set())


def _goal(known: Known, course: int) -> Goal:
    """A course as registrations know it."""
    fields = {rule.match for rule in known.config.course}
    codes = {text for f in fields for text, i in known.catalogue.courses_by(f)[0].items() if i == course}
    feeds = {f for f in known.config.feed if any(c == course for c, _ in _reach(known, f))}
    return Goal(known.course_name(course), codes, feeds)


# -- where no line leads him there -------------------------------------------------------------------------------
def without_registration(known: Known, course: int) -> Chain:
    """What it would take that a registration leads him there."""
    if nameless := _nameless(known, course):
        return chain(known, course, METHOD, "", [nameless])
    steps = registration_links(known, [], _goal(known, course), None, there=False)
    steps[0].what += _others(known, course)
    return chain(known, course, METHOD, "", steps)


def _nameless(known: Known, course: int) -> Step | None:
    """The course, where no rule can find it by what it has; None: one can. There is a rule."""
    lacking: dict[str, bool] = {}
    for field in dict.fromkeys(rule.match for rule in known.config.course):
        lacking[field] = course in known.catalogue.courses_without(field)
        if not lacking[field] and course not in known.catalogue.courses_sharing(field):
            return None
    first, lacks = next(iter(lacking.items()))
    why = "this course has none" if lacks else "several courses have this one's"
    one = "an idnumber" if first == "idnumber" else "one"
    return step(
        Link.COURSE,
        f"[[course]] number 1 finds courses by {first}, and {why}: no registration can name it",
        "course",
        course,
        cause=Cause.COURSE_WITHOUT_KEY,
        todo=f"Give the course {one} of its own, in its settings.",
    )


def _others(known: Known, course: int) -> str:
    """How others come in by registrations, inside a sentence."""
    desired = known.night.feeds.desired
    people = [len(set(marks)) for (c, _), marks in desired.roles.items() if c == course]
    if not people:
        return "; nobody else comes in by one either"
    feeds = sorted(f for f, places in desired.places.items() if any(c == course for c, _ in places))
    come = "comes" if sum(people) == 1 else "come"
    return f"; {count(sum(people), 'other')} {come} in by {', '.join(feeds)}"
