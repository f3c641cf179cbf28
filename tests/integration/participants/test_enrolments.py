"""What is said of the enrolments of a participant: status, method, dates, run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greffe.commands.undo import undo
from greffe.errors import ArgumentError, Exit
from greffe.view.asked import STATUSES
from tests.integration.participants.roster import ACTIVE, SUSPENDED, Roster

LONGEST = 60
"""Seconds that a test may take from its first row to its list."""
STUDENT = 5


def test_status_is_moodles_to_the_second(roster: Roster) -> None:
    manual = roster.course("C1")
    off = roster.method("C1", "self", status=1)
    roster.enrol("Clock", manual)
    (clock,) = roster.rows("C1")
    now = int(str(clock["made"]))
    rows, expected = list[dict[str, object]](), dict[str, Callable[[int], str]]()

    def add(name: str, word: Callable[[int], str], method: int = manual, **columns: int) -> None:
        rows.append({"status": ACTIVE, "timestart": 0, "timeend": 0, **columns, "enrolid": method})
        expected[name] = word

    for at in range(now - 2, now + LONGEST):
        add(f"from {at}", lambda made, at=at: "not-current" if at > made else "active", timestart=at)  # type: ignore[misc]
        add(f"until {at}", lambda made, at=at: "not-current" if at < made else "active", timeend=at)  # type: ignore[misc]
    add("plain", lambda _: "active")
    add("within", lambda _: "active", timestart=5, timeend=now + 9999)
    add("off", lambda _: "not-current", off)
    add("out", lambda _: "suspended", status=SUSPENDED)
    add("out, off", lambda _: "suspended", off, status=SUSPENDED)
    add("out, later", lambda _: "suspended", status=SUSPENDED, timestart=now + 9999)
    add("out, over", lambda _: "suspended", status=SUSPENDED, timeend=5)
    people = roster.site.add_users([{"username": n, "lastname": n, "email": n} for n in expected])
    with roster.site.rows() as table:
        table.insert("user_enrolments", [r | {"userid": u} for r, u in zip(rows, people, strict=True)])
    expected["Clock"] = lambda _: "active"
    for asked in ((), ("active",), ("not-current",), ("suspended",)):
        found = roster.rows("C1", statuses=asked, sort="status")
        made = found[0]["made"]
        assert now <= made < now + LONGEST - 1
        words = {name: of(made) for name, of in expected.items()}
        assert {r["lastname"]: r["status"] for r in found} == {
            n: (word,) for n, word in words.items() if not asked or word in asked
        }
        assert [r["status"][0] for r in found] == sorted((r["status"][0] for r in found), key=STATUSES.index)


def test_one_row_tells_all_enrolments_of_a_person(roster: Roster) -> None:
    manual = roster.course("C1")
    roster.course("P1", fullname="Parent & co")
    cohort = roster.site.add_cohort("L1", name="Licence 1")
    synced = roster.method("C1", "cohort", customint1=cohort, roleid=STUDENT, status=1)
    roster.enrol("Abel", synced)
    roster.enrol("Abel", manual, status=SUSPENDED, timestart=1_600_000_000, timeend=1_650_000_000)
    roster.enrol("Abel", roster.method("C1", "meta", customint1=roster.courses["P1"]))
    (row,) = roster.rows("C1")
    assert row["status"] == ("active", "not-current", "suspended")
    assert row["method"] == (
        "Course meta link (Parent & co)",
        "Cohort sync (Licence 1 - Student)",
        "Manual enrolments",
    )
    assert [len(row[c]) for c in ("start", "end", "enrolled", "run")] == [3] * 4
    assert (row["start"], row["end"]) == ((0, 0, 1_600_000_000), (0, 0, 1_650_000_000))
    assert row["enrolled"] == (1_700_000_000,) * 3


def test_a_status_and_a_method_are_of_one_enrolment(roster: Roster) -> None:
    manual = roster.course("C1")
    cohort = roster.method("C1", "cohort")
    for name, by_hand, synced in (("a", ACTIVE, SUSPENDED), ("b", SUSPENDED, ACTIVE)):
        roster.enrol(name, manual, status=by_hand)
        roster.enrol(name, cohort, status=synced)
    assert roster.names(methods=("cohort",), statuses=("suspended",)) == ["a"]
    assert roster.names(methods=("cohort", "manual"), statuses=("suspended",)) == ["a", "b"]
    assert [len(r["status"]) for r in roster.rows("C1", methods=("cohort",), statuses=("suspended",))] == [2]
    with pytest.raises(ArgumentError, match="there is no method 'meta' here"):
        roster.rows("C1", methods=("meta",))


def test_the_run_that_enrolled_somebody(roster: Roster) -> None:
    roster.course("C1")
    for name in ("a", "b", "c"):
        roster.person(name)
    roster.nights.feed("ip", "who;course", ["na;C1", "nb;C1"])
    roster.nights.rule("ip")
    assert roster.nights.night().exit is Exit.DONE
    roster.nights.feed("ip", "who;course", ["na;C1", "nb;C1", "nc;C1"])
    assert roster.nights.night().exit is Exit.DONE
    (manual,) = roster.site.fetch("SELECT id FROM {enrol} WHERE enrol = 'manual'")
    roster.enrol("c", manual["id"])
    roster.enrol("hand", manual["id"])
    runs = {r["lastname"]: dict(zip(r["method"], r["run"], strict=True)) for r in roster.rows("C1")}
    database, by_hand = "External database", "Manual enrolments"
    assert runs == {
        "a": {database: "1"},
        "b": {database: "1"},
        "c": {by_hand: "", database: "2"},
        "hand": {by_hand: ""},
    }
    assert roster.names(sort="run", descending=True) == ["c", "a", "b", "hand"]

    # taken back and made again by hand: another enrolment, not that run's
    undo(roster.nights.config(), 2)
    (theirs,) = roster.site.fetch("SELECT id FROM {enrol} WHERE enrol = 'database'")
    roster.enrol("c", theirs["id"])
    assert {r["lastname"]: set(r["run"]) for r in roster.rows("C1")} == {
        "a": {"1"},
        "b": {"1"},
        "c": {""},
        "hand": {""},
    }
