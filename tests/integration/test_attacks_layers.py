"""What somebody could do to get past the guards, or to make a good night look failed, by cohorts, undo and connections."""

from __future__ import annotations

from pathlib import Path

import pytest

from greffe.apply import execute
from greffe.commands.undo import undo
from greffe.errors import DatabaseError, Exit
from greffe.moodle.database import Database, Settings, connect
from tests.integration.nights import NO_GUARDS, Nights
from tests.lab.site import MoodleSite


@pytest.fixture
def nights(moodle_site: MoodleSite, tmp_path: Path) -> Nights:
    moodle_site.add_users([{"username": f"u{n:03}", "idnumber": f"u{n:03}"} for n in range(400)])
    return Nights(moodle_site, tmp_path)


def deliver(nights: Nights, cohorts: dict[str, range]) -> None:
    rows = [f"u{n:03};{name}" for name, people in cohorts.items() for n in people]
    nights.feed("ia", "who;cohort", rows, shrink="none", min_rows=0)


@pytest.mark.parametrize("gone", ["empty", "delete"])
def test_a_cohort_whose_idnumber_was_cleared_is_guarded_like_any_other(nights: Nights, gone: str) -> None:
    nights.cohort("ia", gone=gone)
    many = {f"M{n}": range(n * 10, n * 10 + 10) for n in range(20)}
    deliver(nights, {"L1": range(350), **many, "L2": range(350, 380)})
    nights.night()
    nights.site.execute("UPDATE {cohort} SET idnumber = '' WHERE idnumber = 'L2'")
    deliver(nights, {"L1": range(350), **many})
    assert nights.night().exit is Exit.HELD
    assert nights.site.fetch("SELECT COUNT(*) AS n FROM {cohort_members}") == [{"n": 580}]


def test_an_undo_that_shuts_people_out_is_held(nights: Nights) -> None:
    nights.rule("ip", end="{{ end }}")
    nights.site.add_course("C1", idnumber="C1")
    nights.more = {"guards": NO_GUARDS}
    for end in ("2020-01-01", "2099-01-01"):
        nights.feed("ip", "who;course;end", [f"u{n:03};C1;{end}" for n in range(300)])
        run = nights.night().run
    nights.more = {}
    undone = undo(nights.config(), run)
    assert undone.result is not None
    assert undone.result.exit is Exit.HELD


def test_an_undone_deletion_makes_no_twin(nights: Nights) -> None:
    nights.cohort("ia", gone="delete")
    nights.more = {"guards": NO_GUARDS}
    deliver(nights, {"L1": range(30), "L2": range(30, 40)})
    nights.night()
    deliver(nights, {"L1": range(30)})
    run = nights.night().run
    nights.site.execute(
        "INSERT INTO {cohort} (contextid, name, idnumber, descriptionformat, timecreated, timemodified)"
        " VALUES (1, 'x', 'l2', 1, 1, 1)"
    )
    undone = undo(nights.config(), run)
    equal = nights.site.fetch("SELECT idnumber FROM {cohort} WHERE idnumber = 'L2'")
    blind = nights.site.engine == "mariadb"  # there l2 and L2 are one name, so L2 cannot come back
    assert [row["idnumber"] for row in equal] == (["l2"] if blind else ["L2"])
    assert bool(undone.refused) is blind


def test_a_night_goes_on_where_the_server_gives_no_second_writer(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(settings: Settings) -> Database:
        if given:
            raise DatabaseError("too many connections")
        given.append(1)
        return connect(settings)

    given: list[int] = []
    monkeypatch.setattr(execute, "connect", refused)
    nights.more = {"moodle": {"transaction_rows": 100, "writers": 2}}
    nights.rule("ip")
    for n in range(20):
        nights.site.add_course(f"C{n}", idnumber=f"C{n}")
    nights.feed("ip", "who;course", [f"u{n:03};C{c}" for n in range(30) for c in range(20)])
    assert nights.night().exit is Exit.DONE
    assert len(nights.enrolments()) == len(nights.roles()) == 600
