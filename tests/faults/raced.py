"""Nights into whose middle something is put, on a site of a few courses with everybody in each."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from greffe.apply.execute import Executor
from greffe.commands import nightly as module
from tests.faults.child import Night
from tests.integration.nights import NO_GUARDS, Nights

PEOPLE = 120
COURSES = 6


@dataclass
class Raced(Nights):
    """Nights on that site."""

    patch: pytest.MonkeyPatch = field(default_factory=pytest.MonkeyPatch)

    def settle(self) -> None:
        """People, courses, and a first extract that no night has read yet."""
        self.site.add_users([{"username": f"u{n}", "idnumber": f"u{n}"} for n in range(PEOPLE)])
        self.site.add_courses([{"shortname": f"C{n}", "idnumber": f"C{n}"} for n in range(COURSES)])
        self.rule("ip", group="{{ td }}", leavers="suspend-no-roles")
        self.more = {"moodle": {"transaction_rows": 40}, "guards": NO_GUARDS}
        self.deliver(range(PEOPLE))

    def deliver(self, people: range, *more: str) -> None:
        """An extract with these people in every course, and ``more`` rows."""
        rows = [f"u{n};C{c};TD{n % 3}" for c in range(COURSES) for n in people]
        self.feed("ip", "who;course;td", [*rows, *more], shrink="none")

    def between(self, event: Callable[[], object] | None, when: int = 0) -> None:
        """Let something happen just before the transaction number ``when`` of the next nights, which one writer
        writes; None: no more."""
        self.more["moodle"]["writers"] = 1

        class Disturbed(Executor):
            def transaction(self, work: Any, users: Any, db: Any = None, contexts: Any = ()) -> None:
                if event is not None and self.applied.transactions == when:
                    event()
                super().transaction(work, users, db, contexts)

        self.patch.setattr(module, "Executor", Disturbed)

    def wait_for(self, transactions: int, child: Night) -> None:
        """Wait until the child has committed so many more transactions."""
        before, until = self._changes(), time.monotonic() + 10
        while child.runs() and self._changes() < before + 40 * transactions and time.monotonic() < until:
            time.sleep(0.005)

    def _changes(self) -> int:
        try:
            return int(self.site.fetch("SELECT COUNT(*) AS n FROM {local_greffe_change}")[0]["n"])
        except Exception:  # the tables are not there yet
            return 0

    # -- what there is -------------------------------------------------------------------------------------
    def state(self) -> Any:
        """Enrolments, roles, memberships."""
        return self.enrolments(), self.roles(), self.members()

    def number(self, table: str, column: str, value: str) -> int:
        """The id of a row."""
        found = self.site.fetch("SELECT id FROM {" + table + "} WHERE " + column + " = %s", value)
        return int(found[0]["id"])

    def assert_complete(self) -> None:
        """Everybody is in every course, once, and the journal tells of each row's birth, once."""
        assert len(self.enrolments()) == COURSES * PEOPLE
        self.assert_single()
        self.assert_told()

    def assert_single(self) -> None:
        """Nothing is there twice."""
        roles, members = self.roles(), self.members()
        methods = self.site.fetch("SELECT courseid FROM {enrol} WHERE enrol = 'database'")
        groups = [(g["courseid"], g["name"]) for g in self.site.fetch("SELECT courseid, name FROM {groups}")]
        lists: list[list[Any]] = [roles, members, [m["courseid"] for m in methods], groups]
        assert all(len(x) == len(set(x)) for x in lists)

    def assert_told(self) -> None:
        """Every row of the method has the journal row that tells of its birth, and none has two."""
        for table, action in (
            ("user_enrolments", "enrol"),
            ("role_assignments", "assign-role"),
            ("groups_members", "join-group"),
        ):
            rows = {r["id"] for r in self.site.fetch("SELECT id FROM {" + table + "}")}
            told = self.site.fetch("SELECT objectid FROM {local_greffe_change} WHERE action = %s", action)
            objects = [r["objectid"] for r in told]
            assert rows <= set(objects)
            assert len(objects) == len(set(objects))
