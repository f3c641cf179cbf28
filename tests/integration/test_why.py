"""Why somebody is in a course, or is not: the right link for prepared cases, on real databases."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from greffe.apply.schema import has_tables
from greffe.commands._batch import Asked
from greffe.commands.approve import approve
from greffe.commands.cohorts_file import cohorts_file
from greffe.commands.enrol import Wishes, enrol
from greffe.commands.plan import plan
from greffe.commands.prune import prune
from greffe.commands.why import why, why_not
from greffe.errors import ArgumentError, Exit
from greffe.intake.lines import MemberLine, PersonLine
from greffe.model import Action
from greffe.moodle.database import connect
from greffe.report.why import show
from greffe.view.chain import Cause, Link, Stand, Step
from tests.integration.brokenlinks import CASES, Case, prepare
from tests.integration.commandline import Site
from tests.integration.explaining import ANN, Shared, World, settings_of, told
from tests.integration.linking import link
from tests.integration.methodlines import ADD, File
from tests.lab.site import MoodleSite


# -- what mends it -------------------------------------------------------------------------------------------
def _night(world: World) -> None:
    world.night()


def _approved(world: World) -> None:
    held = world.nights.night()
    assert held.exit is Exit.HELD
    assert held.night is not None
    approve(world.nights.config(), held.night.judgement.digest, by="A. Martin")
    world.night()


def _synced(world: World) -> None:
    world.campus.sync("cohort")


def _put_in(world: World) -> None:
    lines = (MemberLine(2, ADD, "L1", "ann"),)
    cohorts_file(world.nights.config(), File(lines, source="cohorts.csv"), Asked())
    world.campus.sync("cohort")


MENDS: dict[str, Callable[[World], None]] = {
    "registered since the last night": _night,
    "before the first night": _night,
    "held by a guard": _approved,
    "suspended by hand": _night,
    "the role is gone": _night,
    "out of the group": _night,
    "not in the cohort": _put_in,
    "in the cohort, not yet in its course": _synced,
    "in the cohort with the next night": _night,
    "cohort and method with the next night": _night,
}


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_the_link_that_breaks_and_what_mends_it(world: World, case: Case) -> None:
    case.prepare(world)
    for ask in (why, why_not):
        found = ask(world.nights.config(), case.person, case.course)
        assert told(found) == (case.link, case.cause), found
        broken = found.chains[0].broken
        assert broken is not None
        assert case.mend in broken.todo
    if case.name in MENDS:
        MENDS[case.name](world)
        found = why(world.nights.config(), case.person, case.course)
        assert (found.stand, told(found)) == (Stand.ACTIVE, ("", "")), found


def test_every_mend_is_a_cases() -> None:
    assert MENDS.keys() <= {c.name for c in CASES}


def test_the_cases_are_of_every_link_and_of_nearly_every_cause() -> None:
    assert {c.link for c in CASES} == set(Link)
    elsewhere = {Cause.SUSPENDED, Cause.SUSPENDED_UNKNOWN, Cause.PURGE_PENDING, Cause.NOT_BEGUN, Cause.NOT_ENROLLED, Cause.DELETED_ACCOUNT}  # fmt: skip
    assert {c.cause for c in CASES} == set(Cause) - elsewhere


def test_a_hint_to_enrol_by_hand_does_it(world: World) -> None:
    world.deliver()
    found = why_not(world.nights.config(), "ann", "ECO")
    manual = next(c for c in found.chains if c.way == "manual")
    assert manual.broken is not None
    assert manual.broken.cause == Cause.NOT_ENROLLED
    assert "`greffe enrol FILE --course" in manual.broken.todo
    lines = (PersonLine(2, "ann", course="ECO"),)
    enrol(world.nights.config(), File(lines, source="people.csv"), Wishes(), Asked())
    found = why(world.nights.config(), "ann", "ECO")
    assert (found.stand, [c.way for c in found.chains]) == (Stand.ACTIVE, ["manual"])


# -- whole chains --------------------------------------------------------------------------------------------
def test_a_whole_chain_names_every_row_and_the_run(world: World) -> None:
    world.deliver("ann;DRT;2026;TD1;2099-06-30;P;")
    run = world.nights.night().run
    found = why(world.nights.config(), "ann", "DRT")
    (chain,) = found.chains
    assert [s.link for s in chain.steps] == [
        Link.REGISTRATION, Link.RULE, Link.COURSE, Link.ACCOUNT, Link.METHOD, Link.ENROLMENT, Link.ROLE, Link.GROUP
    ]  # fmt: skip
    by = {s.link: s for s in chain.steps}
    assert "ip.csv line 14 (course=DRT, td=TD1, end=2099-06-30)" in by[Link.REGISTRATION].what
    assert by[Link.RULE].what == "[[course]] number 1 takes it to DRT: student, group TD1, until 2099-06-30"
    for step, table in ((Link.METHOD, "enrol"), (Link.ENROLMENT, "user_enrolments"), (Link.ROLE, "role_assignments"), (Link.GROUP, "groups_members")):  # fmt: skip
        assert (by[step].table, by[step].row > 0, by[step].made > 0) == (table, True, True)
    assert by[Link.ENROLMENT].row == world.enrolment("ann", "DRT")
    assert {by[s].run for s in (Link.ENROLMENT, Link.ROLE, Link.GROUP)} == {run}


def test_a_whole_chain_through_a_cohort_and_its_link(world: World) -> None:
    world.deliver("ann;;2026;;;P;L1")
    link(world.campus, "MED L1")
    run = world.nights.night().run
    found = why(world.nights.config(), "ann", "MED")
    (chain,) = found.chains
    assert chain.broken is None
    assert [s.link for s in chain.steps] == [
        Link.REGISTRATION, Link.RULE, Link.ACCOUNT, Link.COHORT, Link.MEMBERSHIP, Link.METHOD, Link.ENROLMENT, Link.ROLE
    ]  # fmt: skip
    runs = {s.link: s.run for s in chain.steps}
    assert {runs[s] for s in (Link.COHORT, Link.MEMBERSHIP, Link.METHOD, Link.ENROLMENT, Link.ROLE)} == {run}


def test_a_role_alone_needs_no_enrolment(world: World) -> None:
    world.deliver(ANN)
    world.nights.rules[0]["other_user"] = "{{ 'yes' if who == 'ann' else '' }}"
    world.night()
    (chain,) = why(world.nights.config(), "ann", "DRT").chains
    assert (chain.broken, chain.stand) == (None, Stand.ABSENT)
    assert Link.ENROLMENT not in {s.link for s in chain.steps}
    assert chain.steps[1].what.endswith("without an enrolment")


def test_the_limit_that_holds_is_told(world: World) -> None:
    prepare(world, "still there, held by a guard")
    broken = why(world.nights.config(), "ann", "DRT").chains[0].broken
    assert broken is not None
    assert (
        "a guard holds what people would lose here (course DRT: 12 of 13 suspensions, limit 30%, from 10 enrolments"
        in broken.what
    )


def test_a_leaver_is_told_who_suspended_him_and_when_he_goes(world: World) -> None:
    prepare(world, "left, and waits for the purge")
    (chain,) = why(world.nights.config(), "ann", "DRT").chains
    step = next(s for s in chain.steps if s.link is Link.ENROLMENT)
    assert (chain.stand, step.cause) == (Stand.SUSPENDED, Cause.PURGE_PENDING)
    assert re.search(r"suspended by run \d+ on .*: no longer in the feed; unenrolled by the first night after \d{4}-", step.what)  # fmt: skip


def test_after_a_prune_no_row_is_laid_on_a_person(world: World) -> None:
    """A run writes as the site's admin, and so do a task and the admin in person: without the journal the row cannot tell."""
    link(world.campus, "MED L1")
    world.deliver(ANN, "ann;;2026;;;P;L1")
    run = world.nights.night().run
    world.night()
    site, config = world.nights.site, world.nights.config()
    site.execute("UPDATE {local_greffe_run} SET timestarted = timestarted - 43200000, timeended = timeended - 43200000 WHERE id = %s", run)  # fmt: skip
    prune(config)
    steps = {(c.course, s.link): s for c in why(config, "ann").chains for s in c.steps}
    told_of = steps["DRT", Link.ENROLMENT], steps["MED", Link.MEMBERSHIP]
    assert [(s.run, s.cause, "a run whose journal has been pruned" in s.what) for s in told_of] == [
        (0, "", True)
    ] * 2
    row = world.enrolment("ann", "DRT")
    world.set("user_enrolments", row, status=1)
    suspended = _enrolment(world)
    assert (suspended.cause, "not by Greffe" in suspended.what) == (Cause.SUSPENDED_UNKNOWN, False)
    assert "Admin" not in suspended.what
    # what somebody else wrote names him, and what was written since the journal is whole was not Greffe
    world.set("user_enrolments", row, modifierid=world.campus.users["o1"])
    assert "(o1), not by Greffe" in _enrolment(world).what
    world.set("user_enrolments", row, modifierid=2, timemodified=int(time.time()) + 5)
    suspended = _enrolment(world)
    assert (suspended.cause, "not by Greffe" in suspended.what) == (Cause.SUSPENDED_BY_HAND, True)
    assert ("Admin" in suspended.what, "a task of Moodle's" in suspended.what) == (False, True)


def _enrolment(world: World) -> Step:
    (chain,) = why(world.nights.config(), "ann", "DRT").chains
    return next(s for s in chain.steps if s.link is Link.ENROLMENT)


def test_suspended_by_hand_tells_what_the_night_makes_and_how_it_stays(world: World) -> None:
    prepare(world, "suspended by hand")
    step = _enrolment(world)
    assert step.what.endswith("not by Greffe; the next night makes it active again")
    assert "To keep it suspended, end the registration" in step.todo


def test_every_course_and_cohort_of_a_person(world: World) -> None:
    world.campus.instance("meta", world.course_id("TUTO"), world.course_id("DRT"))
    link(world.campus, "MED L1")
    world.deliver(ANN, "ann;ECO;2026;;;P;", "ann;XYZ;2026;;;P;", "ann;;2026;;;P;L1")
    world.night()
    world.campus.sync("meta")
    found = why(world.nights.config(), "ann")
    assert [(c.course, c.way, c.of, c.stand, c.broken is None) for c in found.chains] == [
        ("DRT", "database", "", "active", True),
        ("ECO", "database", "", "active", True),
        ("MED", "cohort", "L1", "active", True),
        ("TUTO", "meta", "DRT", "active", True),
        ("XYZ", "database", "", "absent", False),
        ("", "cohort", "L1", "active", True),
    ]
    out = Console(width=200, record=True, file=io.StringIO())
    show(out, found, 20)
    assert re.search(r"TUTO +meta of DRT +active +active in DRT", out.export_text())


def test_why_not_tells_all_ways_the_most_likely_first(world: World) -> None:
    world.campus.cohort("L1", "ann")
    world.campus.cohort("L2", "o1")
    for cohort in ("L2", "L1"):
        world.campus.instance("cohort", world.course_id("MED"), world.campus.cohorts[cohort])
    world.campus.instance("meta", world.course_id("MED"), world.course_id("ECO"))
    world.deliver()
    found = why_not(world.nights.config(), "ann", "MED")
    assert found.stand == Stand.ABSENT
    assert [(c.way, c.of, c.broken and c.broken.link) for c in found.chains] == [
        ("cohort", "L1", Link.ENROLMENT),
        ("meta", "ECO", Link.PARENT),
        ("cohort", "L2", Link.MEMBERSHIP),
        ("database", "", Link.REGISTRATION),
        ("manual", "", Link.ENROLMENT),
    ]


@pytest.mark.parametrize(("person", "course"), [("zoe", None), ("ann", "ZZZ"), ("zoe", "DRT")])
def test_nobody_knows_the_name(world: World, person: str, course: str | None) -> None:
    world.deliver(ANN)
    with pytest.raises(ArgumentError):
        why(world.nights.config(), person, course)


def test_a_deleted_account_is_told_by_its_id(world: World) -> None:
    world.deliver()
    world.set("user", world.campus.users["o12"], deleted=1, idnumber="")
    world.campus.enrol(world.campus.way(world.course_id("ECO")), "o12")
    found = why(world.nights.config(), str(world.campus.users["o12"]), "ECO")
    assert told(found) == (Link.ACCOUNT, Cause.DELETED_ACCOUNT)


# -- every enrolment of a night ------------------------------------------------------------------------------
_PLACES = st.lists(
    st.tuples(st.sampled_from(["ann", "o1", "o2", "o3"]), st.sampled_from(["DRT", "ECO", ""]), st.sampled_from(["", "TD1", "TD2"]), st.sampled_from(["", "L1", "L2"])),
    min_size=1, max_size=8,
)  # fmt: skip


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(places=_PLACES)
def test_whomever_a_night_would_enrol_has_a_whole_chain_after_it(
    shared: Shared, tmp_path: Path, places: list[tuple[str, ...]]
) -> None:
    """Whatever the extract says: courses, groups, cohorts, courses of cohorts, courses that follow these."""
    world = shared.world(tmp_path)
    try:
        link(world.campus, "MED L1", "MED L2")
        link(world.campus, "TUTO MED", method="meta")
        world.lines = [f"{who};{course};2026;{td};;P;{cohort}" for who, course, td, cohort in places]
        world.rules()
        config = world.nights.config()
        tonight = plan(config).plan
        people = {u: name for name, u in world.campus.users.items()}
        courses = {world.course_id(c): c for c in ("DRT", "ECO", "MED", "TUTO")}
        wanted = {(people[u], courses[p.course]) for p in tonight.courses for b in p.batches if b.action is Action.ENROL for u in b.users}  # fmt: skip
        assert world.nights.night().exit in (Exit.DONE, Exit.REFUSED)  # a link to a cohort that nobody is in
        for who, course in sorted(wanted):
            found = why(config, who, course)
            assert (found.stand, [c.broken for c in found.chains]) == (
                Stand.ACTIVE,
                [None] * len(found.chains),
            ), found
    finally:
        shared.clear()


_SEEN = st.lists(
    st.tuples(st.sampled_from(["ann", "o1"]), st.sampled_from(["DRT", "ECO", "XYZ"]), st.sampled_from(["2026", "2025"]),
              st.sampled_from(["", "2020-01-01", "tomorrow"]), st.sampled_from(["P", "N"]), st.sampled_from(["", "L1"])),
    max_size=6,
)  # fmt: skip
_HANDS = {
    "suspends": "UPDATE {user_enrolments} SET status = 1, modifierid = 2 WHERE userid = %s",
    "ends": "UPDATE {user_enrolments} SET timeend = 5 WHERE userid = %s",
    "unenrols": "DELETE FROM {user_enrolments} WHERE userid = %s",
    "takes the role": "DELETE FROM {role_assignments} WHERE userid = %s",
}


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=_SEEN, hand=st.sampled_from(["", *_HANDS]), after=_SEEN)
def test_how_he_stands_and_what_the_night_makes_of_it_is_what_the_plan_says(
    shared: Shared, tmp_path: Path, before: list[tuple[str, ...]], hand: str, after: list[tuple[str, ...]]
) -> None:
    """Whatever extracts and people have done before: his standing is the rows', what the plan would do is announced."""
    world = shared.world(tmp_path)
    try:
        link(world.campus, "MED L1")
        for number, places in enumerate((before, after)):
            world.lines = [f"{w};{c};{year};;{end};{paid};{l1}" for w, c, year, end, paid, l1 in places]
            world.rules(min_rows=0, shrink="none", unknown_people="100%", keep={"paid": "P"}, years=["2026"], year_column="year")  # fmt: skip
            if number == 0:
                world.night()
                if hand:
                    world.nights.site.execute(_HANDS[hand], world.campus.users["ann"])
        config = world.nights.config()
        ann = world.campus.users["ann"]
        tonight = plan(config).allowed
        assert tonight is not None
        gains = {p.course for p in tonight.courses for b in p.batches if b.action in (Action.ENROL, Action.REACTIVATE) and ann in b.users}  # fmt: skip
        rows = world.nights.site.fetch(
            "SELECT DISTINCT e.courseid AS id FROM {user_enrolments} ue JOIN {enrol} e ON e.id = ue.enrolid"
            " WHERE ue.userid = %s AND ue.status = 0 AND ue.timeend = 0",
            ann,
        )
        active = {int(r["id"]) for r in rows}
        coming = {Cause.NOT_YET, Cause.SUSPENDED, Cause.SUSPENDED_BY_HAND, Cause.PURGE_PENDING, Cause.ENDED}
        for name in ("DRT", "ECO", "MED"):
            course = world.course_id(name)
            found = why_not(config, "ann", name)
            assert (found.stand == Stand.ACTIVE) == (course in active), found
            assert (found.chains[0].broken is None) <= (course in active), found
            if course in gains:
                assert coming & {s.cause for c in found.chains for s in c.steps if s.cause}, found
    finally:
        shared.clear()


# -- on the command line -------------------------------------------------------------------------------------
def test_before_the_first_night_there_are_no_tables_and_there_is_an_answer(
    moodle_site: MoodleSite, tmp_path: Path
) -> None:
    world = Shared(moodle_site).world(tmp_path)
    world.deliver(ANN)
    found = why(world.nights.config(), "ann", "DRT")
    assert told(found) == (Link.METHOD, Cause.NOT_YET)
    db = connect(settings_of(moodle_site))
    assert not has_tables(db)
    db.close()


def test_on_a_terminal_and_as_a_document(site: Site) -> None:
    site.deliver([*range(99), "nobody"])
    code, out = site("why", "s7", "C1")
    assert (code, "is not in" in out, "→ Wait for the night, or `greffe nightly` makes it now." in out) == (Exit.DONE, True, True)  # fmt: skip
    assert site("nightly")[0] == Exit.DONE
    code, out = site("why", "s7", "C1")
    assert code == Exit.DONE
    assert re.search(r"✓ enrolment .*\[user_enrolments \d+, .*, run 1\]", out)
    code, out = site("why", "s7")
    assert (code, "is active in 1 course." in out) == (Exit.DONE, True)
    code, document = site.json("why", "s7", "C1")
    assert (code, document["stand"], document["chains"][0]["steps"][0]["link"]) == (
        Exit.DONE,
        "active",
        "registration",
    )
    code, document = site.json("why", "nobody")
    assert [s["cause"] for s in document["chains"][0]["steps"]] == ["", "", "", "no-account"]
    code, out = site("why-not", "s99", "C1")
    assert (code, "no line of any feed leads to" in out) == (Exit.DONE, True)
    code, document = site.json("why-not", "s99", "nowhere")
    assert (code, "there is no course" in document["error"]) == (Exit.USAGE, True)
    code, document = site.json("why", "s1234")
    assert (code, "there is nobody" in document["error"]) == (Exit.USAGE, True)
    assert "Traceback" not in site.err
