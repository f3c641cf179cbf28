"""Prepared cases for ``why`` and ``why-not``: what was delivered and done, and the one link that is broken by it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from greffe.view.chain import Cause, Link
from tests.integration.explaining import ANN, OTHERS, World, line
from tests.integration.linking import link

Step = Callable[[World], object]

YESTERDAY, LATER = (str(date.today() + timedelta(days=n)) for n in (-1, 9))  # noqa: DTZ011 - the machine's own day
WINDOW = [{"from": YESTERDAY, "to": LATER}]
GONE = 987654
"""An id that nothing has."""


# -- what happens before -------------------------------------------------------------------------------------
def lines(*registrations: str, **feed: object) -> Step:
    """An extract: the twelve others in DRT, and these."""
    return lambda w: w.deliver(*registrations, **feed)


def rule(**keys: object) -> Step:
    """The rule for courses says this too; the next extract brings it as it was."""
    return lambda w: w.nights.rules[0].update(keys)


def more(**tables: object) -> Step:
    """The configuration has these tables too."""
    return lambda w: w.nights.more.update(tables)


def linked(row: str, **options: object) -> Step:
    """A rule for methods."""
    return lambda w: link(w.campus, row, **options)


def by_hand(statement: str) -> Step:
    """Somebody changes rows in Moodle."""
    return lambda w: w.nights.site.execute(statement)


def takes_along(course: str, parent: str | int) -> Step:
    """A meta link that no rule asks for."""
    return lambda w: w.campus.instance("meta", w.course_id(course), w.course_id(parent) if isinstance(parent, str) else parent)  # fmt: skip


def cohort(*members: str, opens: str = "MED") -> Step:
    """The cohort L1, not Greffe's, and a method on it that no rule asks for."""

    def make(w: World) -> None:
        w.campus.cohort("L1", *members)
        w.campus.instance("cohort", w.course_id(opens), w.campus.cohorts["L1"])

    return make


def night(w: World) -> None:
    w.night()


def meta_sync(w: World) -> None:
    w.campus.sync("meta")


def another_feed(w: World) -> None:
    """One that cannot be trusted, and leads elsewhere."""
    w.nights.feed("ade", "who;course", [], min_rows=5)
    w.nights.rule("ade", role="teacher")


def suspended(w: World) -> None:
    row = w.enrolment("ann", "DRT")
    w.set("user_enrolments", row, status=1, modifierid=2, timemodified=int(time.time()) + 5)


def alone(w: World) -> None:
    """Nearly everybody has left."""
    w.lines = [line("o1")]
    w.rules(shrink="none")


def steps(*parts: Step) -> Step:
    """One after the other."""

    def run(w: World) -> None:
        for part in parts:
            part(w)

    return run


# -- the cases -----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Case:
    """What is prepared, what is asked, and the link at which the answer must break."""

    name: str
    prepare: Step
    link: Link
    cause: Cause
    mend: str
    """What the mend must say."""
    course: str = "DRT"
    person: str = "ann"


_LOADED = steps(lines(ANN), night)
"""She is in DRT."""
_OTHERS = steps(lines(), night)
"""All but her are."""
_INTO_L1 = line(course="", cohort="L1")
_PURGE = rule(purge={"after": "90d"})
_FEW = {"feed": {"additions": "1%", "above": 0}}

CASES = [
    Case("no line leads there", lines(line(course="ECO")), Link.REGISTRATION, Cause.NO_REGISTRATION, "registered"),
    Case("no line at all", lines(), Link.REGISTRATION, Cause.NO_REGISTRATION, "registered"),
    Case("a line of another year", lines(line(year="2025"), years=["2026"], year_column="year"), Link.REGISTRATION, Cause.OTHER_YEAR, "years"),
    Case("a line that keep leaves out", lines(line(paid="N"), keep={"paid": "P"}), Link.REGISTRATION, Cause.NOT_KEPT, "keep"),
    Case(
        "no line in the required feed",
        steps(lambda w: w.nights.feed("ia", "who", OTHERS), lines(ANN, requires={"feed": "ia", "on": ["who"]})),
        Link.REGISTRATION, Cause.NOT_REQUIRED, "paid",
    ),
    Case(
        "leading zeros lost",
        steps(by_hand("UPDATE {user} SET idnumber = '00000042' WHERE username = 'ann'"), lines(line("42"))),
        Link.REGISTRATION, Cause.ZEROS_LOST, "pad = 8",
    ),
    Case("a code without rule", steps(lines(ANN), rule(when="who != 'ann'")), Link.RULE, Cause.NO_RULE, "when"),
    Case("a value that the rule refuses", lines(line(end="tomorrow")), Link.RULE, Cause.VALUE_REFUSED, "Correct the value"),
    Case("a code that is no course", lines(line(course="XYZ")), Link.COURSE, Cause.UNKNOWN_COURSE, "XYZ", course="XYZ"),
    Case(
        "a code of two courses",
        steps(
            lambda w: [w.nights.site.add_course(name, idnumber="DRT2") for name in ("DRT-bis", "DRT-ter")],
            lines(line(course="DRT2")),
        ),
        Link.COURSE, Cause.AMBIGUOUS_COURSE, "one of them", course="DRT2",
    ),
    Case(
        "a hidden course",
        steps(
            _LOADED,
            by_hand("UPDATE {course} SET visible = 0 WHERE shortname = 'ECO'"),
            lines(line(course="ECO")),
            rule(hidden_courses="skip"),
        ),
        Link.COURSE, Cause.HIDDEN_COURSE, "hidden_courses", course="ECO",
    ),
    Case(
        "a course without idnumber",
        steps(by_hand("UPDATE {course} SET idnumber = '' WHERE shortname = 'ECO'"), lines()),
        Link.COURSE, Cause.COURSE_WITHOUT_KEY, "idnumber", course="ECO",
    ),
    Case("nobody's account", lines(line("bob")), Link.ACCOUNT, Cause.NO_ACCOUNT, "account", person="bob"),
    Case(
        "two accounts",
        steps(lambda w: [w.nights.site.add_user(name, idnumber="99") for name in ("ann2", "ann3")], lines(line("99"))),
        Link.ACCOUNT, Cause.AMBIGUOUS_PERSON, "Merge", person="99",
    ),
    Case(
        "a feed that cannot be trusted", steps(_LOADED, lines(line(course="ECO"), min_rows=100)),
        Link.REGISTRATION, Cause.BAD_FEED, "delivered again", course="ECO",
    ),
    Case("registered since the last night", steps(_OTHERS, lines(ANN)), Link.ENROLMENT, Cause.NOT_YET, "greffe nightly"),
    Case("before the first night", lines(ANN), Link.METHOD, Cause.NOT_YET, "greffe nightly"),
    Case("held by a guard", steps(_OTHERS, more(guards=_FEW), lines(ANN)), Link.ENROLMENT, Cause.GUARD, "greffe approve"),
    Case("still there, held by a guard", steps(_LOADED, alone), Link.REGISTRATION, Cause.GUARD, "greffe approve"),
    Case("another feed cannot be trusted", steps(lines(line(course="ECO")), another_feed), Link.REGISTRATION, Cause.NO_REGISTRATION, "registered"),
    Case("in a blackout", steps(_OTHERS, more(calendar={"blackout": WINDOW}), lines(ANN)), Link.ENROLMENT, Cause.BLACKOUT, LATER),
    Case(
        "the plugin is switched off", steps(_LOADED, lambda w: w.campus.plugins("manual", "cohort", "meta")),
        Link.METHOD, Cause.PLUGIN_OFF, "Manage enrol plugins",
    ),
    Case(
        "the method is switched off", steps(_LOADED, lambda w: w.set("enrol", w.method("DRT", "database"), status=1)),
        Link.METHOD, Cause.METHOD_OFF, "enrolment methods",
    ),
    Case("suspended by hand", steps(_LOADED, suspended), Link.ENROLMENT, Cause.SUSPENDED_BY_HAND, "greffe nightly"),
    Case("left the feed", steps(_LOADED, lines(), night), Link.REGISTRATION, Cause.NO_REGISTRATION, "registered"),
    Case(
        "left, and waits for the purge", steps(lines(ANN), _PURGE, night, lines(), _PURGE, night),
        Link.REGISTRATION, Cause.NO_REGISTRATION, "registered",
    ),
    Case("after the end", steps(lines(line(end="2020-01-01")), night), Link.ENROLMENT, Cause.ENDED, "end"),
    Case(
        "the role is gone",
        steps(_LOADED, lambda w: w.lose("role_assignments", "ann")), Link.ROLE, Cause.NO_ROLE, "greffe nightly",
    ),
    Case(
        "out of the group",
        steps(lines(line(td="TD1")), night, lambda w: w.lose("groups_members", "ann")), Link.GROUP, Cause.NO_GROUP, "greffe nightly",
    ),
    Case("kept by the calendar", steps(_LOADED, more(calendar={"add_only": WINDOW}), lines()), Link.REGISTRATION, Cause.ADD_ONLY, LATER),
    Case("there until the next night", steps(_LOADED, lines()), Link.REGISTRATION, Cause.LEAVES_NEXT, "registered again"),
    Case(
        "there since leavers are kept", steps(_LOADED, lines(), rule(leavers="keep"), night),
        Link.REGISTRATION, Cause.LEFT_ALONE, "unenrol in Moodle",
    ),
    Case("not in the cohort", steps(cohort("o1"), lines()), Link.MEMBERSHIP, Cause.NOT_MEMBER, "greffe cohorts", course="MED"),
    Case(
        "in the cohort, not yet in its course", steps(cohort("ann"), lines()),
        Link.ENROLMENT, Cause.NOT_SYNCED, "greffe methods sync", course="MED",
    ),
    Case(
        "the method's cohort is gone", steps(lambda w: w.campus.instance("cohort", w.course_id("MED"), GONE), lines()),
        Link.COHORT, Cause.NO_COHORT, "link the method", course="MED",
    ),
    Case("a cohort that is not Greffe's", steps(cohort("o1"), lines(_INTO_L1)), Link.COHORT, Cause.COHORT_REFUSED, "greffe plan", course="MED"),
    Case(
        "in the cohort with the next night",
        steps(
            lines(line("o1", "", cohort="L1")),
            linked("MED L1"),
            night,
            lines(line("o1", "", cohort="L1"), _INTO_L1),
        ),
        Link.MEMBERSHIP, Cause.NOT_YET, "greffe nightly", course="MED",
    ),
    Case(
        "cohort and method with the next night", steps(lines(_INTO_L1), linked("MED L1")),
        Link.COHORT, Cause.NOT_YET, "greffe nightly", course="MED",
    ),
    Case(
        "a link that is refused",
        steps(lambda w: w.campus.cohort("L1", "ann"), lines(), linked("MED L1", group="no such group")),
        Link.METHOD, Cause.NO_METHOD, "greffe plan", course="MED",
    ),
    Case("not in the parent course", steps(takes_along("TUTO", "ECO"), lines()), Link.PARENT, Cause.NOT_IN_PARENT, "greffe why-not", course="TUTO"),
    Case(
        "suspended in the parent course",
        steps(takes_along("TUTO", "DRT"), _LOADED, meta_sync, lines(), night, meta_sync),
        Link.PARENT, Cause.NOT_ACTIVE_IN_PARENT, "greffe why", course="TUTO",
    ),
    Case("the parent course is gone", steps(takes_along("TUTO", GONE), lines()), Link.PARENT, Cause.NO_PARENT, "another course", course="TUTO"),
]  # fmt: skip


def prepare(world: World, name: str) -> None:
    """The case of this name."""
    next(case for case in CASES if case.name == name).prepare(world)
