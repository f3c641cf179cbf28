"""Every way by which one person is in a course, or would be, as chains of links."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Iterator
from functools import reduce

from greffe.apply.owned import Owned
from greffe.commands._naming import course_name
from greffe.commands._outlook import Prospect
from greffe.commands._planning import Night, purge_at, purges_of
from greffe.commands._steps import Goal, Lead, Steps, step
from greffe.methods import cohort as of_cohort
from greffe.methods import meta as of_meta
from greffe.methods.byhand import MANUAL
from greffe.methods.database import METHOD, Purge
from greffe.model import Action
from greffe.moodle.cohorts import CohortReader
from greffe.moodle.database import Database
from greffe.moodle.instances import InstanceReader
from greffe.plan.plan import CoursePlan
from greffe.report.texts import count, moment
from greffe.rules.links import LinkClaim, LinkSpec
from greffe.rules.text import fold
from greffe.view.chain import Cause, Chain, Link, Stand, Step
from greffe.view.standing import Cohort, Enrolment, Method, best, cohorts, methods_of, stand

_COMES = frozenset({Action.ENROL, Action.REACTIVATE, Action.SET_TIMES})
_LEFT_ALONE = Prospect(
    Cause.LEFT_ALONE,
    "and a night leaves it so",
    "`greffe plan` lists what a night leaves alone, and why.",
)


class Explainer:
    """Tells chains of one person, course by course. Reads only."""

    def __init__(self, db: Database, night: Night, owned: Owned, steps: Steps) -> None:
        self.db, self.night, self.owned, self.steps = db, night, owned, steps
        self.config, self.catalogue = night.config, night.catalogue
        self.outlook, self.standing = steps.outlook, steps.standing
        self._methods: dict[int, list[Method]] = {}
        self._cohorts: dict[int, Cohort] = {}
        self._runs: dict[str, dict[int, int]] = {"runs_of_methods": {}, "runs_of_cohorts": {}}
        same = self.catalogue.same
        found = CohortReader(db).alike({led.cohort for _, led in self._leads() if led.cohort})
        self._named = {same(text): i for i, text in found}
        self._named |= {same(own.idnumber): i for i, own in owned.cohorts.items()}
        """What tells idnumbers apart → the cohort."""

    # -- which ones ----------------------------------------------------------------------------------------
    def courses(self) -> list[int]:
        """Every course that he is in, is registered for, or would come into with the next night."""
        found = {e.course for e in self.standing.enrolments} | self.outlook.courses()
        found |= {led.course for r, led in self._leads() if r.cause is not Cause.OTHER_YEAR}
        mine = {m.cohort for m in self.standing.cohorts}
        mine |= {
            self._named[k]
            for _, led in self._leads()
            if (k := self.catalogue.same(led.cohort)) in self._named
        }
        for method, sources in (("cohort", mine), ("meta", set(found))):
            if sources:
                rows = self.db.query("courses_that_follow", method=method, sources=sorted(sources))
                found |= {int(r[0]) for r in rows}
        return sorted(
            found & self.catalogue.courses.keys(), key=lambda c: fold(self.catalogue.courses[c].name)
        )

    def codes(self) -> list[str]:
        """Codes by which lines name courses that the site has not got, or several of."""
        blocked = (Cause.UNKNOWN_COURSE, Cause.AMBIGUOUS_COURSE)
        return sorted({led.said for r, led in self._leads() if led.cause in blocked and not r.cause})

    def look(self, courses: Collection[int]) -> None:
        """Read what chains of these courses need."""
        self._methods |= methods_of(self.db, courses)
        ways = [m for c in courses for m in self._methods[c]]
        asked = self.night.feeds.links.wanted.items()
        linked = {
            w.claims[0].spec.label
            for (method, c, _), w in asked
            if method == of_cohort.METHOD and c in courses
        }
        for i, text in CohortReader(self.db).alike(linked):
            self._named.setdefault(self.catalogue.same(text), i)
        wanted = {m.source for m in ways if m.method == of_cohort.METHOD} | set(self._named.values())
        wanted |= {m.cohort for m in self.standing.cohorts}
        self._cohorts |= cohorts(self.db, wanted)
        if self.steps.tables:
            self._ask("runs_of_methods", "enrols", [m.id for m in ways])
            self._ask("runs_of_cohorts", "cohorts", self._cohorts)

    def _ask(self, statement: str, key: str, ids: Iterable[int]) -> None:
        if wanted := sorted(ids):
            rows = self.db.query(statement, **{key: wanted})
            self._runs[statement] |= {int(i): int(run) for i, run in rows}

    def of_code(self, code: str) -> Chain:
        """Of a code that is no course's."""
        leads = self.steps.traced.of_course(0, code)
        steps = [
            *self.steps.registration(leads, Goal(code), None, there=False),
            self.steps.course(0, leads, code),
        ]
        return Chain(course=code, way=METHOD, steps=[*steps, self.steps.account()])

    def of_course(self, course: int, *, everything: bool = False) -> list[Chain]:
        """His ways into a course, the most likely first; with ``everything`` those too that he has nothing to do with."""
        found = list(self._ways(course))
        if everything or not found:
            found += self._strange_ways(course, {(c.way, c.of) for c in found})
        else:
            found.sort(key=_likely)
        return found

    def of_cohorts(self) -> list[Chain]:
        """The cohorts that he is in or is registered for."""
        mine = {m.cohort for m in self.standing.cohorts}
        wanted: dict[str, str] = {}
        for r, led in self._leads():
            if led.cohort and r.cause is not Cause.OTHER_YEAR:
                wanted.setdefault(self.catalogue.same(led.cohort), led.cohort)
        mine |= {self._named[k] for k in wanted if k in self._named}
        chains = [self._cohort_alone(self._cohorts[c], self._idnumber(c)) for c in mine if c in self._cohorts]
        there = {self.catalogue.same(c.idnumber) for c in self._cohorts.values()} | self._named.keys()
        chains += [self._cohort_alone(None, text) for key, text in wanted.items() if key not in there]
        return sorted(chains, key=lambda c: c.of)

    def _ways(self, course: int) -> Iterator[Chain]:
        """Those that some row, line or plan connects with him."""
        ways = self._methods[course]
        if chain := self._database(course):
            yield chain
        for way in ways:
            if way.method == of_cohort.METHOD and self._concerns(way):
                yield self._by_cohort(way)
            elif way.method == of_meta.METHOD and (
                self.standing.through(way.id) or self._in_parent(way.source) or self._comes(way)
            ):
                yield self._by_parent(way)
            elif way.method not in (METHOD, of_cohort.METHOD, of_meta.METHOD) and self.standing.through(
                way.id
            ):
                yield self._by_hand(way)
        new = self.outlook.new_methods(course)
        for part in new:
            yield self._by_new_method(part)
        if not new:
            for claim in self._unmade_links(course):
                if self._mine(claim.spec):
                    yield self._by_unmade_link(claim)

    def _by_new_method(self, part: CoursePlan) -> Chain:
        """A method that the next night makes."""
        source = int(part.columns.get("customint1", 0))
        if part.method == of_cohort.METHOD:
            of = part.cohort or self._idnumber(source)
            steps = self._front(self._cohorts.get(source), of)
        else:
            of = course_name(self.catalogue.courses, source)
            steps = [self.steps.account()]
        coming = self.outlook.gain(part.course, part.enrol, _COMES)
        steps.append(self.steps.method(None, part.method, of, coming))
        return self._chain(part.course, part.method, of, None, None, steps)

    def _unmade_links(self, course: int) -> Iterator[LinkClaim]:
        """Methods that rules ask for and that the course has not got."""
        there = {(m.method, m.source) for m in self._methods[course]}
        for (method, at, follows), wanted in self.night.feeds.links.wanted.items():
            source = self._named.get(follows) if method == of_cohort.METHOD else int(follows)
            if at == course and (method, source) not in there:
                yield wanted.claims[0]

    def _mine(self, spec: LinkSpec) -> bool:
        """Whether a link's cohort or parent course is his, or should be."""
        if spec.method == of_meta.METHOD:
            return self._in_parent(int(spec.follows)) is not None
        same = self.catalogue.same
        if any(same(led.cohort) == spec.follows for _, led in self._leads() if led.cohort):
            return True
        return any(m.cohort == self._named.get(spec.follows) for m in self.standing.cohorts)

    def _by_unmade_link(self, claim: LinkClaim) -> Chain:
        """A method that a rule asks for, and that no night makes as things are."""
        spec = claim.spec
        if spec.method == of_cohort.METHOD:
            steps = self._front(self._cohorts.get(self._named.get(spec.follows, 0)), spec.label)
        else:
            steps = [self.steps.account()]
        refused = next((r.reason for r in self.night.refused if r.course == claim.where), "")
        why = Prospect(Cause.NO_METHOD, f"{claim.where} asks for it" + (f": {refused}" if refused else ""), _LEFT_ALONE.todo)  # fmt: skip
        steps.append(self.steps.method(None, spec.method, spec.label, why))
        return self._chain(spec.course, spec.method, spec.label, None, None, steps)

    def _strange_ways(self, course: int, told: Collection[tuple[str, str]]) -> Iterator[Chain]:
        """All others."""
        chains = []
        if self.config.course and (METHOD, "") not in told:
            chains.append(self._no_registration(course))
        for way in self._methods[course]:
            if way.method == of_cohort.METHOD and (way.method, self._of(way)) not in told:
                chains.append(self._by_cohort(way))
            elif way.method == of_meta.METHOD and (way.method, self._of(way)) not in told:
                chains.append(self._by_parent(way))
            elif way.method == MANUAL and (way.method, "") not in told:
                chains.append(self._by_hand(way))
        unmade = [c for c in self._unmade_links(course) if (c.spec.method, c.spec.label) not in told]
        chains += [self._by_unmade_link(claim) for claim in unmade]
        yield from sorted(chains, key=lambda c: (c.way == MANUAL, _likely(c)))

    # -- by registrations ----------------------------------------------------------------------------------
    def _database(self, course: int) -> Chain | None:
        leads = [lead for lead in self.steps.traced.of_course(course) if not lead[1].cohort]
        ways = [m for m in self._methods[course] if m.method == METHOD]
        row, method = next(
            ((e, m) for m in ways if (e := self.standing.through(m.id))), (None, ways[0] if ways else None)
        )
        if not (leads or row):
            return None
        bad = self.night.feeds.bad
        good = [(r, led) for r, led in leads if not (r.cause or led.cause or r.feed in bad)]
        there = row is not None and not row.status
        loss = self.outlook.loss(course, method.id) if method and row else None
        steps = self.steps.registration(leads, self._goal(course), loss, there=there)
        if leads:
            steps.append(self.steps.course(course, leads, self._name(course)))
        steps.append(self.steps.account())
        if steps[-1].cause:
            return self._chain(course, METHOD, "", None, None, steps)
        alone = bool(good) and all(led.alone for _, led in good)
        if good or row:
            enrol = method.id if method else 0
            gain = self.outlook.gain(course, enrol, {Action.ASSIGN_ROLE} if alone else _COMES)
            steps.append(self.steps.method(method, METHOD, "", gain))
            if method and not alone:
                due = self._due(row, method) if row and not good else ""
                steps.append(self.steps.enrolment(course, row, gain, _LEFT_ALONE, due=due))
            if method and (row or alone):
                steps += self._gifts(method, good)
        return self._chain(course, METHOD, "", row, method, steps)

    def _gifts(self, method: Method, good: Collection[Lead]) -> list[Step]:
        """Role and groups."""
        gain = self.outlook.gain
        roles = {led.role: gain(method.course, method.id, {Action.ASSIGN_ROLE}) for _, led in good}
        groups = {led.group for _, led in good if led.group}
        joins = gain(method.course, method.id, {Action.JOIN_GROUP})
        return [
            self.steps.role(method, roles, _LEFT_ALONE.todo),
            *self.steps.group(method.course, groups, joins, _LEFT_ALONE.todo),
        ]

    def _due(self, row: Enrolment, method: Method) -> str:
        """When a suspended leaver is unenrolled; '': never."""
        known = purges_of(self.config, self.catalogue.roles)
        found: list[Purge] = []
        for held in self.standing.roles_by(method):
            place = method.course, held.role
            feeds = [
                f for f in known if place in self.owned.of(f) | self.night.feeds.desired.places.get(f, set())
            ]
            found.append(purge_at(known, held.role, feeds))
        purge = reduce(Purge.gentler, found) if found else Purge()
        return moment(row.changed + purge.after) if row.status and purge.after is not None else ""

    def _no_registration(self, course: int) -> Chain:
        """Where no line leads him there: which rules could."""
        rules = list(enumerate(self.config.course, 1))
        nameless = [
            (
                f"[[course]] number {n} finds courses by {rule.match}",
                course in self.catalogue.courses_without(rule.match),
            )
            for n, rule in rules
            if course
            in self.catalogue.courses_without(rule.match) | self.catalogue.courses_sharing(rule.match)
        ]
        if len(nameless) == len(rules):
            lacks = "this course has none" if nameless[0][1] else "several courses have this one's"
            todo = (
                f"Give the course an {rules[0][1].match} of its own, in its settings."
                if rules[0][1].match == "idnumber"
                else "Give the course one of its own, in its settings."
            )
            steps = [
                step(
                    Link.COURSE,
                    f"{nameless[0][0]}, and {lacks}: no registration can name it",
                    "course",
                    course,
                    cause=Cause.COURSE_WITHOUT_KEY,
                    todo=todo,
                )
            ]
        else:
            steps = self.steps.registration([], self._goal(course), None, there=False)
            steps[0].what += self._others(course)
        return self._chain(course, METHOD, "", None, None, steps)

    def _others(self, course: int) -> str:
        """How others come in by registrations."""
        desired = self.night.feeds.desired
        people = [len(set(marks)) for (c, _), marks in desired.roles.items() if c == course]
        feeds = sorted(f for f, places in desired.places.items() if any(c == course for c, _ in places))
        return (
            f"; {count(sum(people), 'other')} {'comes' if sum(people) == 1 else 'come'} in by {', '.join(feeds)}"
            if people
            else "; nobody else comes in by one either"
        )

    # -- by cohorts and parents ----------------------------------------------------------------------------
    def _cohort_alone(self, cohort: Cohort | None, idnumber: str) -> Chain:
        steps = self._front(cohort, idnumber)
        member = any(m.cohort == cohort.id for m in self.standing.cohorts) if cohort else False
        return Chain(
            way=of_cohort.METHOD,
            of=idnumber,
            stand=(Stand.ACTIVE if member else Stand.ABSENT).value,
            steps=steps,
        )

    def _front(self, cohort: Cohort | None, idnumber: str) -> list[Step]:
        """From the registration to the membership, as far as there is one."""
        same = self.catalogue.same
        leads = [lead for lead in self._leads() if lead[1].cohort and same(lead[1].cohort) == same(idnumber)]
        member = cohort is not None and any(m.cohort == cohort.id for m in self.standing.cohorts)
        ours = cohort is not None and cohort.id in self.owned.cohorts
        steps = []
        if leads or ours:
            feeds = self.owned.cohorts[cohort.id].feeds if ours and cohort else ()
            loss = self.outlook.leaves(idnumber) if member else None
            steps = self.steps.registration(
                leads, Goal(f"the cohort {idnumber}", feeds=feeds), loss, there=member
            )
        steps.append(self.steps.account())
        if steps[-1].cause:
            return steps
        run = self._runs["runs_of_cohorts"].get(cohort.id, 0) if cohort else 0
        steps.append(self.steps.cohort(cohort, idnumber, run))
        if cohort is not None and (leads or member or not ours):
            good = any(not (r.cause or led.cause) for r, led in leads)
            steps.append(self.steps.membership(cohort, registered=good))
        return steps

    def _concerns(self, way: Method) -> bool:
        """Whether a method's cohort is his, or should be."""
        if self.standing.through(way.id) or any(m.cohort == way.source for m in self.standing.cohorts):
            return True
        registered = {
            self._named.get(self.catalogue.same(led.cohort)) for _, led in self._leads() if led.cohort
        }
        return way.source in registered

    def _by_cohort(self, way: Method) -> Chain:
        cohort = self._cohorts.get(way.source)
        idnumber = self._idnumber(way.source)
        steps = self._front(cohort, idnumber)
        member = any(m.cohort == way.source for m in self.standing.cohorts)
        return self._followed(way, idnumber, steps, goes_on=member)

    def _by_parent(self, way: Method) -> Chain:
        name = course_name(self.catalogue.courses, way.source)
        steps = [self.steps.account()]
        if steps[0].cause:
            return self._chain(way.course, way.method, name, None, None, steps)
        there = self._in_parent(way.source)
        coming = self._comes(way)
        if way.source not in self.catalogue.courses:
            steps.append(
                step(
                    Link.PARENT,
                    name,
                    cause=Cause.NO_PARENT,
                    todo="Delete the meta link in Moodle, or link another course.",
                )
            )
        elif there is None:
            why = f"; {coming.why}" if coming else ""
            todo = coming.todo if coming else f"See `greffe why-not` for {name}: who is there comes along."
            steps.append(
                step(
                    Link.PARENT,
                    f"not in {name}{why}",
                    cause=coming.cause if coming else Cause.NOT_IN_PARENT,
                    todo=todo,
                )
            )
        elif there is not Stand.ACTIVE:
            steps.append(
                step(
                    Link.PARENT,
                    f"{there.value} in {name}, and therefore here",
                    cause=Cause.NOT_ACTIVE_IN_PARENT,
                    todo=f"See `greffe why` for {name}: what is mended there comes along.",
                )
            )
        else:
            steps.append(step(Link.PARENT, f"active in {name}", "course", way.source))
        return self._followed(way, name, steps, goes_on=there is Stand.ACTIVE)

    def _followed(self, way: Method, of: str, steps: list[Step], *, goes_on: bool) -> Chain:
        """What comes after that which the method follows. ``goes_on``: whether he belongs to it."""
        row = self.standing.through(way.id)
        if not (goes_on or row):
            return self._chain(way.course, way.method, of, row, way, steps)
        coming = self._comes(way)
        sync = f"`greffe methods sync --course {way.course}` does it now; Moodle's own task within the hour."
        otherwise = Prospect(Cause.NOT_SYNCED, f"{of} has not been taken over yet", sync)
        run = self._runs["runs_of_methods"].get(way.id, 0)
        steps.append(self.steps.method(way, way.method, of, None, run))
        if row is None and steps[-1].cause:
            return self._chain(way.course, way.method, of, row, way, steps)
        steps.append(self.steps.enrolment(way.course, row, coming, otherwise))
        if row is not None and goes_on:
            gains = self.outlook.gain(way.course, way.id, {Action.ASSIGN_ROLE})
            steps.append(self.steps.role(way, {way.role: gains} if way.role else {}, sync))
            if way.group:
                groups = InstanceReader(self.db, self.catalogue).groups({way.group})
                names = {name for c, name in groups.values() if c == way.course}
                joins = self.outlook.gain(way.course, way.id, {Action.JOIN_GROUP})
                steps += self.steps.group(way.course, names, joins, sync)
        return self._chain(way.course, way.method, of, row, way, steps)

    def _comes(self, way: Method) -> Prospect | None:
        return self.outlook.gain(way.course, way.id, _COMES)

    def _in_parent(self, parent: int) -> Stand | None:
        """How he stands in a parent course by what counts there: everything but links (enrol_meta_sync); None: not at all."""
        ways = (
            {m.id: m for m in methods_of(self.db, [parent])[parent]}
            if any(e.course == parent for e in self.standing.enrolments)
            else {}
        )
        plugins, now = self.catalogue.plugins_enabled, self.steps.now
        found = [
            stand(e, ways.get(e.enrol), plugins, now)
            for e in self.standing.enrolments
            if e.course == parent and e.method != of_meta.METHOD and e.method in plugins
        ]
        return best(found) if found else None

    # -- by hand -------------------------------------------------------------------------------------------
    def _by_hand(self, way: Method) -> Chain:
        row = self.standing.through(way.id)
        steps = [self.steps.account()]
        if not steps[0].cause:
            steps.append(self.steps.method(way, way.method, "", None))
            todo = "Make it active on the course's participants page."
            if row is None:
                name = shlex.quote(self._name(way.course))
                todo = f"Enrol by hand on the course's participants page, or with a file: `greffe enrol FILE --course {name}`."
            nobody = Prospect(Cause.NOT_ENROLLED, "nobody has done so by hand", todo)
            steps.append(self.steps.enrolment(way.course, row, None, nobody))
            if row is not None:
                steps.append(self.steps.role(way, {}, ""))
        return self._chain(way.course, way.method, "", row, way, steps)

    # -- shared --------------------------------------------------------------------------------------------
    def _leads(self) -> list[Lead]:
        return [(r, led) for r in self.steps.traced.lines for led in r.led]

    def _chain(
        self, course: int, way: str, of: str, row: Enrolment | None, method: Method | None, steps: list[Step]
    ) -> Chain:
        found = stand(row, method, self.catalogue.plugins_enabled, self.steps.now)
        return Chain(
            course=self._name(course), course_id=course, way=way, of=of, stand=found.value, steps=steps
        )

    def _of(self, way: Method) -> str:
        if way.method == of_cohort.METHOD:
            return self._idnumber(way.source)
        return course_name(self.catalogue.courses, way.source)

    def _idnumber(self, cohort: int) -> str:
        """What people call a cohort."""
        known = self._cohorts.get(cohort)
        return (known.idnumber or known.name) if known else f"cohort {cohort} (gone)"

    def _name(self, course: int) -> str:
        return course_name(self.catalogue.courses, course)

    def _goal(self, course: int) -> Goal:
        """A course as registrations know it."""
        fields = {rule.match for rule in self.config.course}
        codes = {text for f in fields for text, i in self.catalogue.courses_by(f)[0].items() if i == course}
        places = self.night.feeds.desired.places
        feeds = {
            f
            for f in self.config.feed
            if any(c == course for c, _ in self.owned.of(f) | places.get(f, set()))
        }
        return Goal(self._name(course), codes, feeds)


def _likely(chain: Chain) -> tuple[int, bool, int]:
    """Where he stands best, then what holds longest."""
    return list(Stand).index(Stand(chain.stand)), chain.broken is not None, -chain.reach
