"""Why somebody is in a course, or is not: the right link for prepared cases, what mends it, and the answer as it is shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from greffe.apply.schema import has_tables
from greffe.commands._file.batch import Asked
from greffe.commands.approve import approve
from greffe.commands.cohorts_file import cohorts_file
from greffe.commands.enrol import Wishes, enrol
from greffe.commands.why import why, why_not
from greffe.errors import Exit
from greffe.intake.lines import MemberLine, PersonLine
from greffe.moodle.database import connect
from greffe.view.chain import Cause, Link, Stand
from tests.integration.brokenlinks import CASES, Case, night
from tests.integration.commandline import Site
from tests.integration.explaining import ANN, Shared, World, told
from tests.integration.methodlines import ADD, File
from tests.lab.site import MoodleSite


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
    "registered since the last night": night,
    "before the first night": night,
    "held by a guard": _approved,
    "suspended by hand": night,
    "the role is gone": night,
    "out of the group": night,
    "not in the cohort": _put_in,
    "in the cohort, not yet in its course": _synced,
    "in the cohort with the next night": night,
    "cohort and method with the next night": night,
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


def test_before_the_first_night_there_are_no_tables_and_there_is_an_answer(
    moodle_site: MoodleSite, tmp_path: Path
) -> None:
    world = Shared(moodle_site).world(tmp_path)
    world.deliver(ANN)
    found = why(world.nights.config(), "ann", "DRT")
    assert told(found) == (Link.METHOD, Cause.NOT_YET)
    db = connect(moodle_site.settings)
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
