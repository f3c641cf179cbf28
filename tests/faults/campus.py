"""A small university on which one night makes every kind of change: its rows before, and what a night made of them.

The rows before stand in copies of the tables, so that hundreds of nights can start from the very same state.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from tests.integration.classes import add_classes, leave_traces
from tests.integration.nights import NO_GUARDS, Nights
from tests.moodle.database import Database, connected

PEOPLE = 60
COURSES = 6
OWN = ("run", "change", "scope", "waiting", "feed")

#: what a night may do to a row, as the journal calls it: rows born, rows changed, rows gone
ACTIONS: dict[str, tuple[set[str], set[str], set[str]]] = {
    "enrol": ({"create-method"}, set(), set()),
    "user_enrolments": ({"enrol"}, {"suspend", "reactivate", "set-times"}, {"unenrol"}),
    "role_assignments": ({"assign-role"}, set(), {"remove-role"}),
    "groups": ({"create-group"}, set(), set()),
    "groups_members": ({"join-group"}, set(), {"leave-group"}),
    "message_conversation_members": ({"join-conversation"}, set(), {"leave-conversation"}),
    "grade_grades": (set(), set(), {"delete-grade"}),
    "user_lastaccess": (set(), set(), {"forget-visit"}),
    "forum_subscriptions": (set(), set(), {"unsubscribe"}),
    "forum_digests": (set(), set(), {"drop-digest"}),
    "forum_track_prefs": (set(), set(), {"drop-tracking"}),
    "forum_read": (set(), set(), {"forget-reading"}),
}
RIGHTS = {"assign-role", "remove-role", "suspend", "reactivate", "set-times", "unenrol"}
"""What Moodle marks a person dirty for: a new enrolment alone, or a group, changes no rights (moodle-writes §0.4, §7)."""
EVERY_KIND = {kind for kinds in ACTIONS.values() for some in kinds for kind in some}
TABLES = (*ACTIONS, "grade_grades_history", "cache_flags")
CLOCKS = {"timemodified", "timecreated", "timeadded", "expiry"}

Rows = dict[str, dict[int, dict[str, Any]]]
"""Table → id → row."""


@dataclass
class Campus(Nights):
    """Nights on the small university."""

    db: Database = field(init=False)
    patch: pytest.MonkeyPatch = field(default_factory=pytest.MonkeyPatch)
    base: Rows = field(default_factory=dict)
    """The rows of Moodle's tables before each night."""

    @contextmanager
    def opened(self) -> Iterator[Campus]:
        """With a connection of its own to look and to reset by."""
        with connected(self.site.server, self.site.dbname) as self.db:
            yield self

    # -- the two days --------------------------------------------------------------------------------------
    def settle(self) -> None:
        """People, courses, a first night, what people did by hand after it; then the feeds of the next night."""
        site = self.site
        site.add_users([{"username": f"u{n}", "idnumber": f"u{n}"} for n in range(PEOPLE)])
        site.add_courses([{"shortname": c, "idnumber": c} for c in (*_courses(), "T0", "T1")])
        full = add_classes(self, ["D0"])
        self.more = {"moodle": {"transaction_rows": 25}, "guards": NO_GUARDS}
        self.rule("ip", role="{{ role }}", group="{{ td }}", end="{{ end }}", leavers="suspend-no-roles")
        self.rule("staff", role="editingteacher", leavers="unenrol")
        students = [f"u{n};C{c};student;TD{n % 3};" for c in range(COURSES - 2) for n in range(PEOPLE - 10)]
        staff = [f"u{n};D0" for n in range(20)]
        self._deliver(students, [*(f"u{n};T{c}" for c in (0, 1) for n in range(30)), *staff])
        self.night()
        self._by_hand()
        leave_traces(self, full, [self._user(n) for n in range(14)], grades=False)
        later = [f"u{n};C{c};student;TD{n % 3};" for c in range(COURSES) for n in range(5, PEOPLE)]
        later = [_tomorrow(n, row) for n, row in enumerate(later)]
        self._deliver(later, [*(f"u{n};T{c}" for c in (0, 1) for n in range(10, 40)), *staff[9:]])
        self._keep()

    def _deliver(self, students: list[str], staff: list[str]) -> None:
        self.feed("ip", "who;course;role;td;end", students, shrink="none")
        self.feed("staff", "who;course", staff, shrink="none")

    def _user(self, n: int) -> int:
        return int(self.db.query("SELECT id FROM mdl_user WHERE username = %s", f"u{n}")[0][0])

    def _by_hand(self) -> None:
        """A teacher suspends some, a role comes twice, a group gets a conversation, staff are enrolled manually too."""
        site, first = self.site, self._user(20)
        self.db.run(
            "UPDATE mdl_user_enrolments SET status = 1 WHERE userid BETWEEN %s AND %s", first, first + 4
        )
        role = self.db.dicts(
            "SELECT * FROM mdl_role_assignments WHERE component = 'enrol_database' ORDER BY id"
        )[7]
        site.insert("role_assignments", **{k: v for k, v in role.items() if k != "id"})
        group = self.db.query("SELECT MIN(id) FROM mdl_groups WHERE name = 'TD1'")[0][0]
        talk = site.insert("message_conversations", type=2, name="TD1", component="core_group", itemtype="groups",
                           itemid=group, contextid=1, enabled=1, timecreated=1)  # fmt: skip
        members = self.db.query("SELECT userid FROM mdl_groups_members WHERE groupid = %s", group)
        staff = self.db.query(
            "SELECT e.id, u.id FROM mdl_enrol e JOIN mdl_course c ON c.id = e.courseid AND c.shortname LIKE 'T%'"
            " JOIN mdl_user u ON u.username LIKE 'u%' WHERE e.enrol = 'manual'"
        )
        with site.rows() as rows:
            rows.insert(
                "message_conversation_members",
                [{"conversationid": talk, "userid": u, "timecreated": 1} for (u,) in members],
            )
            rows.insert(
                "user_enrolments", [{"enrolid": e, "userid": u, "status": 0, "timeend": 0} for e, u in staff]
            )

    # -- from the same state again -------------------------------------------------------------------------
    def _keep(self) -> None:
        for table in self._tables():
            self.db.run(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")
        self.base = self.rows()

    def reset(self) -> None:
        """Every row as it was before the night."""
        with self.db.transaction():
            for table in self._tables():
                self.db.run(f"DELETE FROM {table}")
                self.db.run(f"INSERT INTO {table} SELECT * FROM kept_{table}")

    def _tables(self) -> list[str]:
        return [f"mdl_{t}" for t in TABLES] + [f"mdl_local_greffe_{t}" for t in OWN]

    # -- what there is -------------------------------------------------------------------------------------
    def rows(self) -> Rows:
        """Every row of Moodle's tables that a night can write."""
        return {t: {r["id"]: r for r in self.db.dicts(f"SELECT * FROM mdl_{t}")} for t in TABLES}

    def journal(self) -> list[dict[str, Any]]:
        """Every journal row that was written since the base."""
        return self.db.dicts(
            "SELECT * FROM mdl_local_greffe_change WHERE id > (SELECT MAX(id) FROM kept_mdl_local_greffe_change) ORDER BY id"
        )

    def meaning(self, rows: Rows | None = None) -> dict[str, list[str]]:
        """The rows as two nights can be compared by: without clocks, and without the ids of rows that were born."""
        rows = self.rows() if rows is None else rows
        names = {("enrolid", i): f"{r['enrol']} of {r['courseid']}" for i, r in rows["enrol"].items()}
        items = {("itemid", i): n for (_, i), n in names.items()}
        names |= {("groupid", i): f"{r['name']} of {r['courseid']}" for i, r in rows["groups"].items()}

        def plain(table: str, row: Mapping[str, Any]) -> str:
            mine = names | items if row.get("component") == "enrol_database" else names
            named = {k: mine.get((k, v), v) for k, v in row.items() if k not in CLOCKS}
            born = row["id"] not in self.base.get(table, {})
            return json.dumps(named | {"id": "new" if born else row["id"]}, default=str)

        found = {table: sorted(plain(table, r) for r in found.values()) for table, found in rows.items()}
        for table, columns in (
            ("scope", "feed, courseid, roleid"),
            ("waiting", "feed, person, courseid, roleid"),
        ):
            found[table] = sorted(map(str, self.db.query(f"SELECT {columns} FROM mdl_local_greffe_{table}")))
        return found

    # -- what must hold at any moment ----------------------------------------------------------------------
    def untold(self, rows: Rows | None = None) -> list[str]:
        """Rows that changed since the base without exactly one journal row, and journal rows without a changed row."""
        rows = self.rows() if rows is None else rows
        told: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
        for change in self.journal():
            table = next(t for t, kinds in ACTIONS.items() if any(change["action"] in k for k in kinds))
            told[table, change["objectid"]].append(change)
        wrong = []
        for table, (born, changed, gone) in ACTIONS.items():
            before, now = self.base[table], rows[table]
            for number in before.keys() | now.keys():
                old, new = before.get(number), now.get(number)
                if table == "groups" and old and new:
                    old = new  # its clock follows its members, who have rows of their own
                here = told.pop((table, number), [])
                if old == new:
                    wrong += [f"{table} {number} is as it was, and has {c['action']}" for c in here]
                    continue
                kinds = born if old is None else gone if new is None else changed
                if len(here) != 1 or here[0]["action"] not in kinds:
                    wrong.append(f"{table} {number}: {[c['action'] for c in here]} for {old} → {new}")
                elif old is not None and table != "groups" and not _image(here[0]["oldrow"], old):
                    wrong.append(f"{table} {number}: {here[0]['oldrow']} is not {old}")
        return wrong + [
            f"{place}: {[c['action'] for c in changes]} of no row" for place, changes in told.items()
        ]

    def miscounted(self) -> list[str]:
        """Runs since the base that say another number of changes than the journal has of them."""
        found = Counter((c["runid"], c["action"]) for c in self.journal())
        runs = self.db.dicts(
            "SELECT * FROM mdl_local_greffe_run WHERE id > (SELECT MAX(id) FROM kept_mdl_local_greffe_run)"
        )
        wrong = [
            f"changes of no run: {n}" for (run, _), n in found.items() if run not in {r["id"] for r in runs}
        ]
        for run in runs:
            counts = {action: n for (of, action), n in found.items() if of == run["id"]}
            if run["state"] in ("running", "killed"):  # it could not count any more
                continue
            if json.loads(run["counts"] or "{}") != counts or run["changes"] != sum(counts.values()):
                wrong.append(f"run {run['id']} ({run['state']}): {run['counts']} and not {counts}")
        return wrong

    def unflagged(self) -> list[int]:
        """People whose rights changed and whose running session would not learn of it."""
        flags: dict[str, int] = defaultdict(int)
        for row in self.rows()["cache_flags"].values():
            flags[row["name"]] = max(flags[row["name"]], row["timemodified"])
        return sorted({
            c["userid"] for c in self.journal()
            if c["action"] in RIGHTS and flags[str(c["userid"])] < c["timecreated"]
        })  # fmt: skip

    def torn(self, rows: Rows, target: Rows) -> list[str]:
        """People who in some course are neither as before the night nor as after it."""
        before, after, now = (self._people(r) for r in (self.base, target, rows))
        places = before.keys() | after.keys() | now.keys()
        return [f"{p}: {now[p]}" for p in places if now[p] not in (before[p], after[p])]

    def _people(self, rows: Rows) -> dict[tuple[int, int], list[str]]:
        """(course, person) → all that he has there through the method database."""
        found: dict[tuple[int, int], list[str]] = defaultdict(list)
        course = {i: r["courseid"] for i, r in rows["enrol"].items() if r["enrol"] == "database"}
        for r in rows["user_enrolments"].values():
            if r["enrolid"] in course:
                found[course[r["enrolid"]], r["userid"]].append(
                    f"enrolled {r['status']} until {r['timeend']}"
                )
        for r in rows["role_assignments"].values():
            if r["component"] == "enrol_database":
                found[course[r["itemid"]], r["userid"]].append(f"role {r['roleid']}")
        for r in rows["groups_members"].values():
            group = rows["groups"][r["groupid"]]
            found[group["courseid"], r["userid"]].append(f"group {group['name']}")
        for r in rows["user_lastaccess"].values():
            found[r["courseid"], r["userid"]].append(f"was here at {r['timeaccess']}")
        for held in found.values():
            held.sort()
        return found


def _courses() -> list[str]:
    return [f"C{c}" for c in range(COURSES)]


def _tomorrow(n: int, row: str) -> str:
    """A registration as the next day has it: some have another group, some another role, some an end."""
    who, course, role, td, end = row.split(";")
    if n % 11 == 3:
        td = f"TD{(int(td[2:]) + 1) % 3}"
    if n % 13 == 5:
        role = "teacher"
    if n % 17 == 7:
        end = "2031-06-30"
    return ";".join((who, course, role, td, end))


def _image(told: str, row: Mapping[str, Any]) -> bool:
    image = json.loads(told)
    return all(
        Decimal(str(v)) == row[k] if isinstance(row[k], Decimal) else v == row[k] for k, v in image.items()
    )
