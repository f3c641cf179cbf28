"""A large plan is written by several connections at once: the same rows, each once, and one failure ends them all."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from greffe.apply.changes import Writer
from greffe.errors import DatabaseError, Exit
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite

COURSES, PEOPLE = 12, 40


@pytest.fixture
def nights(moodle_site: MoodleSite, tmp_path: Path) -> Nights:
    moodle_site.add_users([{"username": f"u{n}", "idnumber": f"u{n}"} for n in range(PEOPLE)])
    moodle_site.add_courses([{"shortname": f"C{n}", "idnumber": f"C{n}"} for n in range(COURSES)])
    nights = Nights(moodle_site, tmp_path)
    nights.rule("ip", group="{{ td }}")
    nights.more = {"moodle": {"transaction_rows": 50, "writers": 4}}
    rows = [f"u{n};C{c};TD{n % 3}" for c in range(COURSES) for n in range(PEOPLE)]
    nights.feed("ip", "who;course;td", rows)
    return nights


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> dict[int, str]:
    """The connections that write rows of a plan → the threads that use them."""
    seen: dict[int, str] = {}
    write = Writer.write

    def noted(self: Writer) -> None:
        seen[id(self.tx.db)] = threading.current_thread().name
        write(self)

    monkeypatch.setattr(Writer, "write", noted)
    return seen


def test_several_write_each_row_once(nights: Nights, connections: dict[int, str]) -> None:
    result = nights.night()
    assert result.exit is Exit.DONE
    assert len(set(connections.values())) > 1
    everybody = [(f"C{c}", f"u{n}") for c in range(COURSES) for n in range(PEOPLE)]
    assert sorted(nights.enrolments()) == sorted(everybody)
    assert nights.roles() == sorted((c, u, "student") for c, u in everybody)
    assert len(nights.members()) == len(everybody)
    journal = nights.site.fetch("SELECT action, objectid FROM {local_greffe_change}")
    assert len(journal) == len({tuple(row.values()) for row in journal}) == sum(result.counts.values())
    flags = nights.site.fetch("SELECT name FROM {cache_flags} WHERE flagtype = 'accesslib/dirtyusers'")
    assert len(flags) == len({row["name"] for row in flags}) == PEOPLE
    assert nights.night().counts == {}


def test_a_failure_of_one_ends_all_and_the_next_night_finishes(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, turns = Writer.write, iter(range(100))

    def failing(self: Writer) -> None:
        if next(turns) == 5:
            self.tx.db.run_text("SELECT nothing_of_this_name")
        write(self)

    monkeypatch.setattr(Writer, "write", failing)
    with pytest.raises(DatabaseError, match="nothing_of_this_name"):
        nights.night()
    assert nights.site.fetch("SELECT state FROM {local_greffe_run}")[0]["state"] == "failed"
    assert len(nights.enrolments()) < COURSES * PEOPLE
    monkeypatch.setattr(Writer, "write", write)
    assert nights.night().exit is Exit.DONE
    assert len(nights.enrolments()) == len(nights.roles()) == COURSES * PEOPLE


def test_small_plans_are_written_on_the_connection_that_holds_the_locks(
    nights: Nights, connections: dict[int, str]
) -> None:
    nights.feed("ip", "who;course;td", ["u1;C1;TD1"])
    nights.night()
    assert list(connections.values()) == ["MainThread"]
