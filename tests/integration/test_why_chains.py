"""Chains as a whole: every link with its row and its run, every way of a person, and who is said to have done it."""

from __future__ import annotations

import io
import re
import time

import pytest
from rich.console import Console

from greffe.commands.prune import prune
from greffe.commands.why import why, why_not
from greffe.errors import ArgumentError
from greffe.report.why import show
from greffe.view.chain import Cause, Link, Stand, Step
from tests.integration.brokenlinks import prepare
from tests.integration.explaining import ANN, World, line, told
from tests.integration.linking import link


def test_a_whole_chain_names_every_row_and_the_run(world: World) -> None:
    world.deliver(line(td="TD1", end="2099-06-30"))
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
    world.deliver(line(course="", cohort="L1"))
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
    world.deliver(ANN, line(course="", cohort="L1"))
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
    world.deliver(ANN, line(course="ECO"), line(course="XYZ"), line(course="", cohort="L1"))
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
