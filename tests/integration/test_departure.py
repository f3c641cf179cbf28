"""The last unenrolment from a course, many people at once: every row of the site before and after."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from greffe.apply import journal
from greffe.apply.execute import Executor
from greffe.commands.plan import plan
from greffe.commands.reporting import of_plan, of_result, of_undoing
from greffe.commands.undo import undo
from greffe.config import Moodle
from greffe.errors import Exit
from greffe.model import Action
from greffe.moodle.database import Database, Settings, connect
from greffe.moodle.locks import SiteLocks
from greffe.report.html import render
from greffe.report.terminal import console, show
from greffe.report.texts import headline
from tests.integration.classes import Class, State, add_classes, leave_traces, lost, whole_site
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite

NO_GUARDS = {
    "feed": {"removals": "none", "suspensions": "none", "at_most": 100_000, "emptied": "none"},
    "scope": {"removals": "none", "suspensions": "none", "everybody_above": 100_000},
}
#: written on the way, whatever happens
AROUND = {"cache_flags", "groups", "grade_grades_history"}


@pytest.fixture
def nights(moodle_site: MoodleSite, tmp_path: Path) -> Nights:
    found = Nights(moodle_site, tmp_path)
    found.more = {"guards": NO_GUARDS}
    found.rule("ip", leavers="unenrol", group="{{ td }}")
    return found


def deliver(nights: Nights, rows: Iterable[tuple[str, str]]) -> None:
    lines = [f"{who};{course};TD" for who, course in rows]
    nights.feed("ip", "who;course;td", lines, min_rows=0, shrink="none", unknown_people="none")


def everybody(nights: Nights, people: int, courses: int) -> tuple[list[int], list[Class]]:
    """A site on which all are in all courses, through Greffe."""
    ids = nights.site.add_users([{"username": f"u{n}", "idnumber": f"u{n}"} for n in range(people)])
    classes = add_classes(nights, [f"C{n}" for n in range(courses)])
    deliver(nights, ((f"u{n}", c.name) for n in range(people) for c in classes))
    nights.night()
    return list(ids), classes


def remaining(before: State, gone: dict[str, set[int]]) -> State:
    return {
        table: {i: r for i, r in found.items() if i not in gone.get(table, ())}
        for table, found in before.items()
    }


def without(state: State, *tables: str) -> State:
    return {t: r for t, r in state.items() if t not in tables}


@pytest.mark.parametrize("history", [True, False])
def test_everything_that_moodle_deletes_goes_and_nothing_else(nights: Nights, history: bool) -> None:
    ids, classes = everybody(nights, 60, 3)
    leave_traces(nights, classes, ids, grades=True)
    nights.rules[0]["purge"] = {"with_grades": True}
    if not history:
        nights.site.insert("config", name="disablegradehistory", value="1")
    # the first twenty leave two of the courses; five of them have another way into the first one
    leavers, left = range(20), classes[:2]
    manual = nights.site.fetch(
        "SELECT id FROM {enrol} WHERE enrol = 'manual' AND courseid = %s", classes[0].course
    )[0]["id"]
    for n in range(5):
        nights.site.insert("user_enrolments", enrolid=manual, userid=ids[n], status=n % 2, timeend=0)
    before = whole_site(nights)
    deliver(
        nights,
        ((f"u{n}", c.name) for n in range(60) for c in classes if not (n in leavers and c in left)),
    )
    result = nights.night()
    assert result.exit is Exit.DONE
    assert result.night is not None
    (note,) = result.night.notes
    assert note.startswith("35 leavers lose the grades")
    after = whole_site(nights)

    gone = lost(before, left[1:], ids[:20])
    for table, found in lost(before, left[:1], ids[5:20]).items():
        gone[table] |= found
    # for the five it was not the last: what came by the method goes, and nothing else
    enrol = next(
        i for i, e in before["enrol"].items() if e["enrol"] == "database" and e["courseid"] == left[0].course
    )
    five = set(ids[:5])
    through: dict[str, Callable[[dict[str, Any]], bool]] = {
        "user_enrolments": lambda r: r["enrolid"] == enrol,
        "role_assignments": lambda r: r["component"] == "enrol_database" and r["itemid"] == enrol,
        "groups_members": lambda r: r["component"] == "enrol_database" and r["itemid"] == enrol,
    }
    for table, mine in through.items():
        gone[table] |= {i for i, r in before[table].items() if r["userid"] in five and mine(r)}
    assert without(after, *AROUND) == without(remaining(before, gone), *AROUND)
    assert all(gone.values())

    touched = {before["groups_members"][i]["groupid"] for i in gone["groups_members"]}
    for i, group in after["groups"].items():
        old = before["groups"][i]
        assert group == old | {"timemodified": group["timemodified"]}
        if old["name"] != "TD":  # made moments ago
            assert (group["timemodified"] > old["timemodified"]) is (i in touched)

    kept = after["grade_grades_history"].values()
    assert {r["oldid"] for r in kept} == (gone["grade_grades"] if history else set())
    for row in kept:
        old = before["grade_grades"][row["oldid"]]
        own = {"id", "action", "oldid", "source", "timemodified", "loggeduser"}
        assert {c: v for c, v in row.items() if c not in own} == {c: old[c] for c in row if c not in own}
        assert (row["action"], row["source"], row["loggeduser"]) == (3, "userdelete", 2)

    flagged = {r["name"] for r in after["cache_flags"].values() if r["flagtype"] == "accesslib/dirtyusers"}
    assert {str(i) for i in ids[:20]} <= flagged
    assert plan(nights.config()).plan.size == 0
    noted(nights, result.run, before, gone)


def noted(nights: Nights, run: int, before: State, gone: dict[str, set[int]]) -> None:
    """Every row that went stands in the journal with all that it was."""
    tables = {
        Action.UNENROL: "user_enrolments",
        Action.REMOVE_ROLE: "role_assignments",
        Action.LEAVE_GROUP: "groups_members",
        Action.LEAVE_CONVERSATION: "message_conversation_members",
        Action.DELETE_GRADE: "grade_grades",
        Action.FORGET_VISIT: "user_lastaccess",
        Action.UNSUBSCRIBE: "forum_subscriptions",
        Action.DROP_DIGEST: "forum_digests",
        Action.DROP_TRACKING: "forum_track_prefs",
        Action.FORGET_READING: "forum_read",
    }
    found: dict[str, dict[int, Any]] = {}
    db = connect_to(nights)
    for change in journal.changes(db, run):
        table = tables[Action(change.action)]
        assert change.object not in found.setdefault(table, {})
        found[table][change.object] = change
    db.close()
    assert {t: set(c) for t, c in found.items()} == gone
    for table, changes in found.items():
        for id_, change in changes.items():
            row = before[table][id_]
            assert change.user == row["userid"]
            assert change.old is not None
            assert {c: _plain(v) for c, v in row.items()} == change.old


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int | str) else str(value)


def connect_to(nights: Nights) -> Database:
    site = nights.site
    return connect(
        Settings(engine=site.engine, host=site.host, port=site.port, name=site.dbname, user=site.user, password=site.password, prefix=site.prefix)
    )  # fmt: skip


def test_another_version_has_another_column(nights: Nights) -> None:
    nights.site.execute(
        "ALTER TABLE {grade_grades} ADD COLUMN deductedmark NUMERIC(10, 5) NOT NULL DEFAULT 0"
    )
    ids, classes = everybody(nights, 3, 1)
    leave_traces(nights, classes, ids, grades=True)
    nights.site.execute("UPDATE {grade_grades} SET deductedmark = 1.25")
    nights.rules[0]["purge"] = {"with_grades": True}
    before = whole_site(nights)
    deliver(nights, [("u0", "C0")])
    result = nights.night()
    after = whole_site(nights)
    gone = lost(before, classes, ids[1:])
    assert without(after, *AROUND) == without(remaining(before, gone), *AROUND)
    assert len(after["grade_grades_history"]) == len(gone["grade_grades"])
    noted(nights, result.run, before, gone)


@pytest.mark.parametrize(
    "tables",
    [("forum", "forum_subscriptions", "forum_digests", "forum_track_prefs", "forum_read"), ("forum",)],
)
def test_a_site_without_forums(nights: Nights, tables: tuple[str, ...]) -> None:
    ids, classes = everybody(nights, 3, 1)
    leave_traces(nights, classes, ids, grades=False)
    for table in tables:
        nights.site.execute("DROP TABLE {" + table + "}")
    deliver(nights, [("u0", "C0")])
    result = nights.night()
    assert result.exit is Exit.DONE
    assert result.counts["unenrol"] == 2
    assert result.counts["forget-visit"] == 2
    assert "unsubscribe" not in result.counts


def test_forums_that_are_taken_out_keep_nothing_else_away(nights: Nights) -> None:
    ids, classes = everybody(nights, 3, 1)
    leave_traces(nights, classes, ids, grades=False)
    deliver(nights, [("u0", "C0")])
    before = nights.night()
    nights.site.execute("DROP TABLE {forum}")
    done = undo(nights.config(), before.run)
    assert done.result is not None
    assert {r.action for r in done.refused} == {
        "unsubscribe",
        "drop-digest",
        "drop-tracking",
        "forget-reading",
    }
    assert done.result.counts["enrol"] == 2
    assert done.result.counts["restore-visit"] == 2


def test_statements_do_not_grow_with_people_and_courses(nights: Nights) -> None:
    people, courses = 40, 8
    ids, classes = everybody(nights, people, courses)
    leave_traces(nights, classes, ids, grades=True)
    nights.rules[0]["purge"] = {"with_grades": True}

    def statements(leavers: int, courses: int, gone: int = 0) -> int:
        """Statements of the one transaction in which so many people leave so many of the courses."""
        going = {(f"u{n}", f"C{c}") for n in range(leavers) for c in range(courses)}
        all_ = {(f"u{n}", c.name) for n in range(people) for c in classes}
        deliver(nights, sorted(all_ - going))
        night = plan(nights.config())
        assert night.plan.counts() == {"unenrol": leavers * courses - gone}
        db = connect_to(nights)
        try:
            locks = SiteLocks(db, Moodle(), db.settings)
            locks.acquire(5)
            run = journal.open_run(db, "nightly")
            executor = Executor(db, run, 2, 28800, locks)
            db.statements = 0
            applied = executor.apply(night.plan)
            assert (applied.transactions, applied.refused) == (1, [])
            return db.statements
        finally:
            db.close()

    few = statements(2, 1)
    many = statements(40, 8, gone=2)
    assert many <= few + (2 if nights.site.engine == "mariadb" else 0)  # longer journals take one insert more
    assert few < 50


def test_groups_are_joined_and_left_in_as_many_statements_as_one(nights: Nights) -> None:
    nights.rules[0]["leavers"] = "suspend"
    _, classes = everybody(nights, 12, 6)

    def statements(courses: int, group: str) -> int:
        """Statements of the one transaction in which everybody changes the group in so many courses."""
        lines = [
            f"u{n};{c.name};{group if at < courses else 'TD'}"
            for n in range(12)
            for at, c in enumerate(classes)
        ]
        nights.feed("ip", "who;course;td", lines)
        night = plan(nights.config())
        assert night.plan.counts()["join-group"] == 12 * courses
        db = connect_to(nights)
        try:
            locks = SiteLocks(db, Moodle(), db.settings)
            locks.acquire(5)
            executor = Executor(db, journal.open_run(db, "nightly"), 2, 28800, locks)
            db.statements = 0
            assert executor.apply(night.plan).transactions == 1
            return db.statements
        finally:
            db.close()

    one = statements(1, "G1")
    assert statements(6, "New") <= one + 3  # groups that are made first
    assert {g for _, g, _, _ in nights.members()} == {"New"}
    members = whole_site(nights)["message_conversation_members"]
    assert members == {}  # only G1 and G2 have conversations, and nobody is left in them


# -- who has grades ------------------------------------------------------------------------------------------
def test_nobody_loses_grades_by_default(nights: Nights) -> None:
    ids, classes = everybody(nights, 12, 2)
    leave_traces(nights, classes, ids[:6], grades=False)
    leave_traces(nights, classes[:1], ids[6:9], grades=True)
    before = whole_site(nights)
    stays = [("u9", c.name) for c in classes]
    deliver(nights, [*stays, ("u10", "C0"), ("u11", "C0")])
    proposed = plan(nights.config())
    assert proposed.graded == 3
    reasons = {b.reason for c in proposed.plan.courses for b in c.batches if b.action is Action.SUSPEND}
    assert reasons == {"has-grades"}
    result = nights.night()
    assert result.exit is Exit.DONE
    after = whole_site(nights)
    assert result.counts["suspend"] == 3
    gone = lost(before, classes[:1], ids[:6])
    for table, found in lost(before, classes[1:], [*ids[:9], *ids[10:]]).items():
        gone[table] |= found
    changed = "user_enrolments"
    assert without(after, changed, *AROUND) == without(remaining(before, gone), changed, *AROUND)
    suspended = {r["userid"] for r in after[changed].values() if r["status"] == 1}
    assert suspended == set(ids[6:9])
    # they stay so, and nothing is to do any more
    again = plan(nights.config())
    assert (again.plan.size, again.graded) == (0, 3)


@pytest.mark.parametrize(
    ("column", "value", "kept"),
    [
        ("rawgrade", 0, True),
        ("finalgrade", 0, True),
        ("feedback", "Revoir le chapitre 2", True),
        ("feedback", "", False),
        ("overridden", 1_700_000_000, True),
        ("excluded", 1_700_000_000, True),
        ("locked", 1_700_000_000, True),
        ("hidden", 1, True),
        ("information", "made by a module", False),
        ("aggregationstatus", "novalue", False),
    ],
)
def test_what_a_grade_is(nights: Nights, column: str, value: object, kept: bool) -> None:
    ids, classes = everybody(nights, 3, 1)
    leave_traces(nights, classes, ids, grades=False)
    nights.site.execute(
        "UPDATE {grade_grades} SET " + column + " = %s WHERE userid = %s AND itemid = %s",
        value, ids[1], classes[0].items["quiz"],
    )  # fmt: skip
    deliver(nights, [("u0", "C0")])
    assert plan(nights.config()).graded == int(kept)
    assert nights.night().counts.get("suspend", 0) == int(kept)


def test_grades_that_arrive_between_plan_and_write_are_kept(nights: Nights) -> None:
    ids, classes = everybody(nights, 4, 1)
    leave_traces(nights, classes, ids, grades=False)
    deliver(nights, [("u0", "C0")])
    night = plan(nights.config())
    nights.site.execute(
        "UPDATE {grade_grades} SET rawgrade = 3 WHERE userid = %s AND itemid = %s", ids[1], classes[0].items["quiz"]
    )  # fmt: skip
    # another way in opened for one, and the last other way closes for nobody
    manual = nights.site.fetch("SELECT id FROM {enrol} WHERE enrol = 'manual' ORDER BY id")[0]["id"]
    nights.site.insert("user_enrolments", enrolid=manual, userid=ids[2], timeend=0)
    before = whole_site(nights)
    db = connect_to(nights)
    locks = SiteLocks(db, Moodle(), db.settings)
    locks.acquire(5)
    applied = Executor(db, journal.open_run(db, "nightly"), 2, 28800, locks).apply(night.plan)
    db.close()
    assert [(r.action, r.users) for r in applied.refused] == [("unenrol", [ids[1]])]
    after = whole_site(nights)
    assert {r["userid"] for r in after["grade_grades"].values()} == set(ids[:3])
    assert {r["userid"] for r in after["user_lastaccess"].values()} == set(ids[:3])
    enrolled = {(r["enrolid"] == manual, r["userid"]) for r in after["user_enrolments"].values()}
    assert enrolled == {(False, ids[0]), (False, ids[1]), (True, ids[2])}
    mine = [r for r in before["role_assignments"].values() if r["userid"] == ids[1]]
    assert [r for r in after["role_assignments"].values() if r["userid"] == ids[1]] == mine


def test_of_two_who_take_one_of_two_last_enrolments_each_one_cleans_up(nights: Nights) -> None:
    ids, classes = everybody(nights, 2, 1)
    leave_traces(nights, classes, ids, grades=False)
    manual = nights.site.fetch("SELECT id FROM {enrol} WHERE enrol = 'manual' ORDER BY id")[0]["id"]
    other = nights.site.insert("user_enrolments", enrolid=manual, userid=ids[1], timeend=0)
    deliver(nights, [("u0", "C0")])
    night = plan(nights.config())
    before = whole_site(nights)
    # somebody else is about to take the other enrolment, and has not committed yet
    rival = nights.site.connect(autocommit=False)
    with rival.cursor() as cursor:
        cursor.execute(f"DELETE FROM mdl_user_enrolments WHERE id = {other}")
    db = connect_to(nights)
    locks = SiteLocks(db, Moodle(), db.settings)
    locks.acquire(5)
    executor = Executor(db, journal.open_run(db, "nightly"), 2, 28800, locks)
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(executor.apply, night.plan)
        time.sleep(1)
        assert not writing.done()
        rival.commit()
        assert writing.result(30).refused == []
    rival.close()
    db.close()
    gone = lost(before, classes, ids[1:])
    after = whole_site(nights)
    assert without(after, *AROUND) == without(remaining(before, gone), *AROUND)


# -- suspended first -----------------------------------------------------------------------------------------
def age(nights: Nights, days: int) -> None:
    """So many days pass for everybody who is suspended."""
    nights.site.execute(
        "UPDATE {user_enrolments} SET timemodified = timemodified - %s WHERE status = 1", days * 86400
    )


@pytest.mark.parametrize("leavers", ["suspend", "suspend-no-roles"])
def test_suspended_first_unenrolled_later(nights: Nights, leavers: str) -> None:
    nights.rules[0] |= {"leavers": leavers, "purge": {"after": "90d"}}
    ids, classes = everybody(nights, 8, 2)
    leave_traces(nights, classes, ids[:3], grades=True)
    leave_traces(nights, classes, ids[3:6], grades=False)
    deliver(nights, [("u6", "C0"), ("u7", "C1")])
    first = nights.night()
    assert first.counts["suspend"] == 14
    assert "unenrol" not in first.counts
    assert plan(nights.config()).plan.size == 0
    age(nights, 89)
    assert plan(nights.config()).plan.size == 0
    # one comes back in time
    deliver(nights, [("u6", "C0"), ("u7", "C1"), ("u4", "C0")])
    assert nights.night().counts["reactivate"] == 1
    age(nights, 2)
    proposed = plan(nights.config())
    assert proposed.plan.counts() == {"unenrol": 7}
    assert proposed.graded == 6
    before = whole_site(nights)
    result = nights.night()
    assert (result.exit, result.counts["unenrol"]) == (Exit.DONE, 7)
    after = whole_site(nights)
    gone = lost(before, classes[:1], [ids[3], ids[5], ids[7]])
    for table, found in lost(before, classes[1:], [ids[3], ids[4], ids[5], ids[6]]).items():
        gone[table] |= found
    assert without(after, *AROUND) == without(remaining(before, gone), *AROUND)
    assert plan(nights.config()).plan.size == 0
    nights.rules[0]["purge"] = {"after": "90d", "with_grades": True}
    assert plan(nights.config()).plan.counts() == {"unenrol": 6}


def test_a_bad_feed_purges_nobody(nights: Nights) -> None:
    nights.rules[0] |= {"leavers": "suspend-no-roles", "purge": {"after": "1d"}}
    everybody(nights, 4, 1)
    deliver(nights, [("u0", "C0")])
    nights.night()
    age(nights, 2)
    assert plan(nights.config()).plan.counts() == {"unenrol": 3}
    nights.feeds["ip"]["min_rows"] = 5
    assert plan(nights.config()).plan.size == 0


def test_the_guards_count_people_once_and_purges_by_number(nights: Nights) -> None:
    nights.rules[0] |= {"leavers": "suspend", "purge": {"after": "1d"}}
    nights.more["guards"] = {"feed": {"at_most": 20}, "scope": {"removals": "none", "suspensions": "none"}}
    ids, classes = everybody(nights, 40, 1)
    leave_traces(nights, classes, ids, grades=False)
    deliver(nights, ((f"u{n}", "C0") for n in range(20, 40)))
    assert nights.night().exit is Exit.DONE
    age(nights, 2)
    # twenty of twenty who are there, each with a dozen rows: neither everybody nor more than twenty
    judged = plan(nights.config())
    assert judged.plan.counts() == {"unenrol": 20}
    assert judged.judgement.verdicts == []
    nights.more["guards"]["feed"]["at_most"] = 19
    (verdict,) = plan(nights.config()).judgement.verdicts
    assert (verdict.level, verdict.kind, verdict.value) == ("feed", "at-most", 20)
    assert nights.night().exit is Exit.HELD


def test_a_purge_costs_one_statement_for_the_site(nights: Nights) -> None:
    from greffe.apply.owned import Owned
    from greffe.commands._planning import Planner
    from greffe.commands._reading import read_feeds
    from greffe.moodle.ahead import ScopesAhead
    from greffe.moodle.catalogue import Catalogue

    nights.rules[0] |= {"leavers": "suspend"}
    everybody(nights, 6, 5)
    deliver(nights, ((f"u{n}", f"C{c}") for n in range(3) for c in range(5)))
    nights.night()

    def statements() -> int:
        config = nights.config()
        db = connect_to(nights)
        catalogue, owned = Catalogue(db), Owned(db, tables=True)
        feeds = read_feeds(config, catalogue, owned.last_good, 0)
        nothing = ScopesAhead(db.settings, set(), [])
        with db.transaction(snapshot=True):
            assert Planner(config, db, catalogue, feeds, owned, nothing).plan("here", 1).size == 0
        count = db.statements
        db.close()
        return count

    plain = statements()
    nights.rules[0]["purge"] = {"after": "90d"}
    assert statements() == plain + 1


def test_plan_and_run_count_alike_and_what_goes_along_is_told_apart(nights: Nights) -> None:
    ids, classes = everybody(nights, 6, 2)
    leave_traces(nights, classes, ids, grades=False)
    deliver(nights, ((f"u{n}", c.name) for n in range(3) for c in classes))
    proposed = of_plan(plan(nights.config()))
    assert proposed.counts == {"unenrol": 6}

    result = nights.night()
    done = of_result(result)

    assert (done.counts, done.planned) == (proposed.counts, proposed.counts)
    assert headline(done) == (
        f"Run {result.run} made 6 changes in 2 courses. {sum(done.along.values())} rows went along with them."
    )
    assert sum(done.along.values()) + 6 == sum(result.counts.values())
    assert done.along == {k: n for k, n in result.counts.items() if k != "unenrol"}
    assert done.along["delete-grade"] == 18
    out = io.StringIO()
    show(console(out), done)
    (line,) = [line for line in out.getvalue().splitlines() if "along with them:" in line]
    assert "18 grades deleted" in line
    assert "Along with them: " in render([done])
    assert "18 grades deleted" in render([done])

    back = of_undoing(undo(nights.config(), result.run, dry_run=True))
    assert sum(back.counts.values()) == sum(result.counts.values())
    taken = of_undoing(undo(nights.config(), result.run))
    assert (taken.counts, taken.along) == (back.counts, {})
