"""A site on a cluster whose register goes back and forth between two states, so that many nights can be disturbed."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

from greffe.apply.execute import Executor
from greffe.apply.flags import DirtyFlags
from greffe.commands.nightly import Result
from greffe.errors import Exit
from greffe.moodle.mariadb import MariaDB
from tests.galera.tally import Tally
from tests.integration.nights import NO_GUARDS, Nights
from tests.lab.galera import Cluster, Node
from tests.lab.site import MoodleSite, database, fill

Season = Literal["winter", "summer"]
PEOPLE = 48
#: whose leavers are suspended, and whose are unenrolled, with everything that goes with it
FEEDS = {"ip": range(3), "ia": range(3, 5)}
COURSES = sum(map(len, FEEDS.values()))
_SHARE = {"winter": range(36), "summer": range(12, PEOPLE)}


@dataclass
class Seasons(Nights):
    """Nights through one of the cluster's nodes."""

    cluster: Cluster = field(default_factory=Cluster)
    season: Season = "summer"
    mark: int = 0
    """The journal's last row before the night."""

    def through(self, node: Node) -> None:
        """Greffe, and whoever looks at the tables, uses this node from now on."""
        self.site = MoodleSite(node.server, self.site.dbname)

    def turn(self) -> Season:
        """Deliver the register of the other season; the journal counts from here."""
        self.season = "winter" if self.season == "summer" else "summer"
        shift = 0 if self.season == "winter" else 1
        unknown = ["unknown;C1;TD1"] if self.season == "winter" else []
        for name, courses in FEEDS.items():
            rows = [f"u{n};C{c};TD{(n + shift) % 3}" for c in courses for n in _SHARE[self.season]]
            self.feed(name, "who;course;td", rows + unknown, shrink="none")
        self.mark = self.last_change()
        return self.season

    def last_change(self) -> int:
        """Id of the journal's last row."""
        return int(self.site.fetch("SELECT COALESCE(MAX(id), 0) AS n FROM {local_greffe_change}")[0]["n"])

    def found(self) -> dict[str, list[Any]]:
        """What the night left: Moodle's tables and Greffe's own, by meaning, each row as often as it is there."""
        look = self.site.fetch
        journal = look(
            "SELECT j.action, c.shortname, u.username, r.shortname AS role, g.name, j.reason, j.feed, j.line,"
            " j.newrow, j.oldrow IS NULL AS fresh FROM {local_greffe_change} j LEFT JOIN {course} c ON c.id = j.courseid"
            " LEFT JOIN {user} u ON u.id = j.userid LEFT JOIN {role} r ON r.id = j.roleid"
            " LEFT JOIN {groups} g ON g.id = j.groupid WHERE j.id > %s",
            self.mark,
        )
        waiting = look(
            "SELECT w.person, c.shortname FROM {local_greffe_waiting} w JOIN {course} c ON c.id = w.courseid"
        )
        flags = look(
            "SELECT u.username FROM {cache_flags} f JOIN {user} u ON u.id = f.name + 0 WHERE f.flagtype = 'accesslib/dirtyusers'"
        )
        groups = look("SELECT c.shortname, g.name FROM {groups} g JOIN {course} c ON c.id = g.courseid")
        methods = look(
            "SELECT c.shortname FROM {enrol} e JOIN {course} c ON c.id = e.courseid WHERE e.enrol = 'database'"
        )
        return {
            "enrolments": sorted(self.enrolments().items()),
            "roles": self.roles(),
            "members": self.members(),
            "methods": _rows(methods),
            "groups": _rows(groups),
            "flags": _rows(flags),
            "waiting": _rows(waiting),
            "journal": _rows(journal),
        }

    def orphans(self) -> int:
        """Rows in the journal that tell of nothing: the born that are not there, and those born twice."""
        lost = self.site.fetch(
            "SELECT COUNT(*) AS n FROM {local_greffe_change} j LEFT JOIN {user_enrolments} ue ON ue.id = j.objectid"
            " LEFT JOIN {local_greffe_change} g ON g.action = 'unenrol' AND g.objectid = j.objectid"
            " WHERE j.action = 'enrol' AND ue.id IS NULL AND g.id IS NULL"
        )
        return int(lost[0]["n"])

    def endings(self) -> list[str]:
        """How the runs ended, oldest first."""
        return [r["state"] for r in self.site.fetch("SELECT state FROM {local_greffe_run} ORDER BY id")]


def _rows(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(list(row.values())) for row in rows)


@contextmanager
def seasons(cluster: Cluster, directory: Path) -> Iterator[Seasons]:
    """A site with two quiet nights behind it: everything that can be there once has been."""
    with database(cluster.nodes[0].server) as name:
        site = MoodleSite(cluster.nodes[0].server, name)
        fill(site)
        site.add_users([{"username": f"u{n}", "idnumber": f"u{n}"} for n in range(PEOPLE)])
        site.add_courses([{"shortname": f"C{n}", "idnumber": f"C{n}"} for n in range(COURSES)])
        nights = Seasons(site, directory, cluster=cluster)
        nights.rule("ip", group="{{ td }}", leavers="suspend-no-roles")
        nights.rule("ia", group="{{ td }}", leavers="unenrol")
        nights.more = {
            "moodle": {"transaction_rows": 60, "writers": 1},
            "guards": NO_GUARDS,
        }
        nights.season = "winter"
        for feed, courses in FEEDS.items():
            nights.feed(feed, "who;course;td", [f"u0;C{courses[0]};TD0"])
        assert nights.night().exit is Exit.DONE
        nights.turn()
        assert nights.night().exit is Exit.DONE
        nights.turn()
        assert nights.night().exit is Exit.DONE
        nights.turn()
        assert nights.night().exit is Exit.DONE
        yield nights
        nights.through(next(n for n in cluster.nodes if n.alive))


class _Here(threading.local):
    """Where a writer's thread is."""

    at = -1
    """Its transaction's number; -1: in none."""
    flagging = False


@dataclass
class Wire:
    """Lets something happen just before one statement of a night's writing transactions."""

    event: Callable[[], object] | None = None
    transaction: int = 0
    """Which of them, counted from 0; another try of one counts as the next."""
    statement: int = 0
    """Which of its statements, those of its people's flags before it included; -1 is its COMMIT."""
    fired: bool = False
    seen: list[list[str]] = field(default_factory=list)
    """Every statement of every writing transaction."""

    def hang(self, patch: pytest.MonkeyPatch) -> None:
        """Put it between Greffe and the driver."""
        once, run, ensure = Executor._once, MariaDB._run, DirtyFlags.ensure
        wire, here = self, _Here()

        def counted(executor: Executor, *about: Any) -> None:
            here.at = len(wire.seen)
            wire.seen.append([])
            try:
                once(executor, *about)
            finally:
                here.at = -1

        def apart(flags: DirtyFlags, *about: Any) -> None:
            here.flagging = True
            try:
                ensure(flags, *about)
            finally:
                here.flagging = False

        def watched(db: MariaDB, text: str, params: Any) -> Any:
            if here.at >= 0 and text != "ROLLBACK":
                wire.seen[here.at].append(text)
                wire._step(here.at, last=text == "COMMIT" and not here.flagging)
            return run(db, text, params)

        patch.setattr(Executor, "_once", counted)
        patch.setattr(DirtyFlags, "ensure", apart)
        patch.setattr(MariaDB, "_run", watched)

    def set(self, transaction: int, statement: int, event: Callable[[], object] | None) -> None:
        """Arm it for the next night."""
        self.transaction, self.statement, self.event = transaction, statement, event
        self.fired, self.seen = False, []

    def _step(self, at: int, *, last: bool) -> None:
        if self.event is None or self.fired or at != self.transaction:
            return
        if len(self.seen[at]) - 1 == self.statement or (self.statement == -1 and last):
            self.fired = True
            self.event()


@dataclass
class Lab:
    """What a test of this room works with."""

    nights: Seasons
    wire: Wire
    tally: Tally
    right: dict[Season, dict[str, list[Any]]]
    patch: pytest.MonkeyPatch

    @property
    def nodes(self) -> tuple[Node, Node, Node]:
        """The node that Greffe uses first, and the two others."""
        first, second, third = self.nights.cluster.nodes
        return first, second, third

    def disturbed(
        self, kind: str, transaction: int, statement: int, event: Callable[[], object], *, writers: int = 1
    ) -> Result:
        """The next night, with an event in its middle; the caller judges how it ended."""
        self.patch.setitem(self.nights.more["moodle"], "writers", writers)
        self.nights.turn()
        self.wire.set(transaction, statement, event)
        self.tally.tried(kind)
        try:
            return self.nights.night()
        finally:
            assert self.wire.fired, f"the night had no statement {statement} in transaction {transaction}"
            self.wire.event = None

    def same(self, *, journal: bool = True) -> None:
        """What is there now is what an undisturbed night leaves, its journal too."""
        right = self.right[self.nights.season]
        self.tally.same(
            self.nights.found(), right if journal else {k: v for k, v in right.items() if k != "journal"}
        )
        assert self.nights.orphans() == 0
