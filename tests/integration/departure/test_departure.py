"""The last unenrolment from a course, many people at once: every row of the site before and after."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from greffe.commands.plan import plan
from greffe.commands.reporting import of_plan, of_result, of_undoing
from greffe.commands.undo import undo
from greffe.errors import Exit
from greffe.report.html import render
from greffe.report.terminal import console, show
from greffe.report.texts import headline
from tests.integration.classes import leave_traces, lost, whole_site
from tests.integration.departure.leavers import (
    AROUND,
    deliver,
    everybody,
    noted,
    remaining,
    without,
)
from tests.integration.nights import Nights


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
