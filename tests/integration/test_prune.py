"""``greffe prune``: what is older than it is kept goes, what anything still reads stays, and a stopped prune goes on."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from greffe.apply import retention
from greffe.apply.retention import Pruner, expired
from greffe.commands.audit import audit
from greffe.commands.plan import plan
from greffe.commands.prune import propose, prune
from greffe.commands.recounting import recount
from greffe.commands.runs import runs
from greffe.commands.undo import undo
from greffe.errors import ArgumentError, Exit, InterruptedRunError, SiteNotReadyError
from greffe.moodle.database import Database, Settings
from greffe.moodle.locks import SiteLocks
from tests.integration.commandline import Site
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite

DAY = 86400
OLD = 500 * DAY


@pytest.fixture
def nights(moodle_site: MoodleSite, tmp_path: Path) -> Nights:
    """Twenty people in a course, on a site that had four nights."""
    found = Nights(moodle_site, tmp_path)
    found.more = {"run": {"reports": str(tmp_path)}}
    found.rule("ip")
    moodle_site.add_courses([{"shortname": "C1", "idnumber": "C1"}])
    moodle_site.add_users([{"username": f"u{n}", "idnumber": f"u{n}"} for n in range(20)])
    for people in (range(12), range(11), range(16), range(15)):
        deliver(found, people)
        assert found.night().exit is Exit.DONE
    return found


def deliver(nights: Nights, people: range, *others: str) -> None:
    who = [f"u{n}" for n in people] + list(others)
    nights.feed(
        "ip", "who;course", [f"{w};C1" for w in who], shrink="none", unknown_people="none", min_rows=0
    )


def age(nights: Nights, *wanted: int, by: int = OLD) -> None:
    """So much time passes for these runs, and what they wrote and noted."""
    for run in wanted:
        place = f"WHERE runid = {run}"
        nights.site.execute(f"UPDATE {{local_greffe_change}} SET timecreated = timecreated - {by} {place}")
        nights.site.execute(f"UPDATE {{local_greffe_feed}} SET timecreated = timecreated - {by} {place}")
        nights.site.execute(
            f"UPDATE {{local_greffe_run}} SET timestarted = timestarted - {by}, timeended = timeended - {by} WHERE id = {run}"
        )


def journal(nights: Nights) -> dict[int, int]:
    """Run → rows of its journal."""
    rows = nights.site.fetch(
        "SELECT runid, COUNT(*) AS n FROM {local_greffe_change} GROUP BY runid ORDER BY runid"
    )
    return {r["runid"]: r["n"] for r in rows}


def amounts(nights: Nights) -> dict[str, int]:
    return {p.what: p.amount for p in propose(nights.config()).parts if p.amount}


def test_old_runs_keep_their_figures_and_nothing_else(nights: Nights) -> None:
    before = {r.id: r for r in runs(nights.config())}
    kept = journal(nights)
    age(nights, 1, 2)
    found = propose(nights.config())
    assert (found.run_ids, found.exit) == ([1, 2], Exit.CHANGES_PENDING)
    assert amounts(nights) == {"changes": kept[1] + kept[2], "runs": 2, "feeds": 2}
    assert journal(nights) == kept, "a look writes nothing"

    done = prune(nights.config())
    assert (done.run, done.exit, done.amount) == (5, Exit.DONE, found.amount)
    assert journal(nights) == {3: kept[3], 4: kept[4]}
    after = {r.id: r for r in runs(nights.config())}
    for run in (1, 2):
        assert (after[run].counts, after[run].changes) == (before[run].counts, before[run].changes)
        assert (after[run].state, after[run].reason, after[run].digest) == (
            "done",
            "pruned",
            before[run].digest,
        )
        assert (after[run].operator, after[run].host, after[run].feeds) == ("", "", [])
    assert after[4] == before[4]
    assert (after[5].kind, after[5].state, after[5].changes) == ("prune", "done", 0)
    assert after[5].counts == {"changes": kept[1] + kept[2], "runs": 2, "feeds": 2}
    assert recount(nights.config(), 1).changes == []
    assert propose(nights.config()).exit == Exit.DONE
    assert prune(nights.config()).run == 0, "nothing to do is no run"

    for run, why in ((1, "too old|its age"), (5, "it took out")):
        with pytest.raises(ArgumentError, match=why):
            undo(nights.config(), run, dry_run=True)
    # what makes people and places Greffe's is there: who leaves now is still a leaver, and nobody is a stranger
    assert plan(nights.config()).plan.size == 0
    assert undo(nights.config(), 4).result is not None
    deliver(nights, range(9))
    assert nights.night().counts == {"suspend": 7}
    assert [o.amount for o in audit(nights.config(), ["owned_rows_unexplained"], keep=False).audits] == [0]


def test_a_stranger_is_found_after_a_prune_too(nights: Nights) -> None:
    """…but not what is as old as the journal that was taken out: nobody could tell."""
    site = nights.site
    site.execute(f"UPDATE {{local_greffe_scope}} SET timecreated = timecreated - {2 * OLD}")
    age(nights, 1, 2)
    site.execute(f"UPDATE {{user_enrolments}} SET timecreated = timecreated - {OLD}")
    prune(nights.config())
    unexplained = ["owned_rows_unexplained"]
    assert audit(nights.config(), unexplained, keep=False).counts["warning"] == 0
    site.execute("DELETE FROM {local_greffe_change} WHERE runid = 3 AND action = 'enrol'")
    site.execute(f"UPDATE {{user_enrolments}} SET timecreated = timecreated + {OLD}")
    assert audit(nights.config(), unexplained, keep=False).counts["warning"] > 0


def test_the_last_nights_stay_whatever_their_age(nights: Nights) -> None:
    nights.feeds["ip"]["csv"] = str(nights.directory / "gone.csv")
    assert nights.night().state == "partial"
    age(nights, *range(1, 6))
    found = propose(nights.config())
    assert found.run_ids == [1, 2, 3]
    assert found.in_use == [4, 5], "the last good one, and the last one"
    prune(nights.config())
    assert set(journal(nights)) == {4}
    assert nights.site.fetch("SELECT good FROM {local_greffe_feed}") == [{"good": 1}]
    deliver(nights, range(15))
    assert nights.night().state == "done"


def test_what_the_plugin_has_still_to_tell_stays(nights: Nights) -> None:
    undo(nights.config(), 4)
    nights.night()
    age(nights, 1, 2, 3, 4)
    assert propose(nights.config()).run_ids == [1, 2, 3, 4], "without the plugin nobody is told"
    nights.site.insert("config_plugins", plugin="local_greffe", name="version", value="2026112500")
    one = min(r["id"] for r in nights.site.fetch("SELECT id FROM {local_greffe_change} WHERE runid = 1"))
    nights.site.execute("UPDATE {local_greffe_change} SET relayed = 1 WHERE runid <> 5 AND id <> %s", one)
    found = propose(nights.config())
    assert found.run_ids == [2, 3]
    assert found.untold == [1, 4], "the fifth, which is pending, takes the fourth back"
    kept = journal(nights)
    prune(nights.config())
    assert journal(nights) == {r: n for r, n in kept.items() if r not in (2, 3)}
    nights.site.execute("UPDATE {local_greffe_change} SET relayed = 1")
    prune(nights.config())
    assert set(journal(nights)) == {5, 6}


def test_a_stopped_prune_goes_on_and_half_a_run_is_never_taken_back(
    nights: Nights, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "SLICE", 5)
    age(nights, 1, 2)
    kept = journal(nights)
    before = dict.fromkeys(("journal", "waiting", "findings", "messages"), int(time.time()) - 400 * DAY)
    steps = iter([False, False, False, True])
    with SiteLocks(db, nights.config().moodle, db.settings, ()) as locks:
        db.execute("abandon_runs", run=0, now=0)
        run = int(
            db.query(
                "open_run", kind="prune", operator="", host="", version="", undoes=0, now=int(time.time())
            )[0][0]
        )
        pruner = Pruner(db, run, locks, lambda: next(steps), lambda _: None)
        with pytest.raises(InterruptedRunError):
            pruner.prune(expired(db, before))
    assert pruner.amounts == {"runs": 2, "changes": 10}
    assert sum(journal(nights).values()) == sum(kept.values()) - 10
    with pytest.raises(ArgumentError, match="its age"):
        undo(nights.config(), 1)

    found = propose(nights.config())
    assert (found.run_ids, amounts(nights)) == ([], {"changes": kept[1] + kept[2] - 10, "feeds": 2})
    assert prune(nights.config()).exit == Exit.DONE
    assert journal(nights) == {3: kept[3], 4: kept[4]}


def test_who_was_declared_dead_stops(nights: Nights, db: Database) -> None:
    """Another greffe has begun through another server of a cluster, where this lock does not hold."""
    age(nights, 1)
    before = {"journal": int(time.time()) - 400 * DAY, "waiting": None, "findings": None, "messages": None}
    with SiteLocks(db, nights.config().moodle, db.settings, ()) as locks:
        pruner = Pruner(db, 4, locks, lambda: False, lambda _: None)  # run 4 has ended
        with pytest.raises(SiteNotReadyError, match="lock"):
            pruner.prune(expired(db, before))
    assert 1 in journal(nights)


def test_each_kind_has_its_own_age(nights: Nights) -> None:
    site, now = nights.site, int(time.time())
    for days in (10, 100, 399, 401, 800):
        made = now - days * DAY
        site.insert(
            "local_greffe_approval",
            digest=f"d{days}",
            operator="A. Martin",
            timecreated=made,
            timeexpires=made + DAY // 2,
        )
        for audit_ in ("meta_loops", f"of {days}"):
            site.insert("local_greffe_finding", audit=audit_, severity="error", amount=1, timecreated=made)
        for state in ("sent", "queued"):
            site.insert(
                "local_greffe_message",
                courseid=1,
                userid=2,
                subject=f"m{days}",
                state=state,
                timecreated=made,
            )
    deliver(nights, range(15), "nobody1", "nobody2")
    nights.night()
    site.execute(f"UPDATE {{local_greffe_waiting}} SET timecreated = timecreated - {OLD}")
    site.insert(
        "local_greffe_waiting", feed="given-up", person="n3", field="idnumber", timecreated=now - 91 * DAY
    )
    site.insert(
        "local_greffe_waiting", feed="given-up", person="n4", field="idnumber", timecreated=now - 89 * DAY
    )
    # of meta_loops the row of 800 days has a newer one; the row of its own is the latest of its audit
    site.insert("local_greffe_finding", audit="meta_loops", severity="error", amount=0, timecreated=now)

    assert amounts(nights) == {"approvals": 2, "findings": 1, "messages": 3, "waiting": 1}
    nights.more["retention"] = {"journal": "never", "findings": "300d", "messages": "never", "waiting": "95d"}
    assert amounts(nights) == {"findings": 3}
    nights.more["retention"] = {"journal": "20d", "findings": "never", "messages": "20d"}
    assert amounts(nights) == {"approvals": 4, "messages": 4, "waiting": 1}

    nights.more["retention"] = {}
    prune(nights.config())
    assert {r["digest"] for r in site.fetch("SELECT digest FROM {local_greffe_approval}")} == {
        "d10",
        "d100",
        "d399",
    }
    left = site.fetch("SELECT subject, state FROM {local_greffe_message}")
    assert sorted(r["subject"] for r in left if r["state"] == "sent") == ["m10", "m100"]
    assert sum(r["state"] == "queued" for r in left) == 5
    found = site.fetch("SELECT audit, timecreated FROM {local_greffe_finding}")
    assert sorted(r["audit"] for r in found if r["timecreated"] < now - 700 * DAY) == ["of 800"]
    waiting = site.fetch("SELECT person FROM {local_greffe_waiting}")
    assert sorted(r["person"] for r in waiting) == ["n4", "nobody1", "nobody2"], (
        "a list that is read each night is not old"
    )


def test_reports_go_by_their_names(site: Site) -> None:
    reports = site.directory / "reports"
    site("nightly")
    (mine,) = reports.iterdir()
    old = [mine.with_name(re.sub(r"run-\d+", f"run-{n}", mine.name)) for n in (7, 8, 9)]
    others = [reports / "greffe-other-run-1.html", reports / "notes.txt", mine.with_name(f"{mine.name}.bak")]
    for file in (*old, *others):
        file.write_text("x", encoding="utf-8")
        os.utime(file, (1, 1))
    old[2].unlink()
    old[2].symlink_to(others[1])
    os.utime(old[2], (1, 1), follow_symlinks=False)

    code, found = site.json("prune", "--dry-run")
    assert code == Exit.CHANGES_PENDING
    assert {p["what"]: p["amount"] for p in found["parts"] if p["amount"]} == {"reports": 2}
    code, found = site.json("prune", "--yes")
    assert (code, found["run"]) == (Exit.DONE, 0)
    assert sorted(reports.iterdir()) == sorted([mine, old[2], *others])


def test_the_command_and_the_night(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.configure("[retention]\njournal = '30d'\n")
    for n in (100, 90, 95):
        site.deliver(range(n))
        site("nightly")
    code, out = site("prune")
    assert (code, out.splitlines()[0]) == (Exit.DONE, "Nothing is older than it is kept.")
    site.site.execute(
        f"UPDATE {{local_greffe_run}} SET timestarted = timestarted - {31 * DAY}, timeended = timeended - {31 * DAY} WHERE id < 3"
    )
    code, _ = site("prune")
    assert code == Exit.USAGE
    assert "give --yes, or --dry-run" in site.err
    code, out = site("prune", "--dry-run")
    assert code == Exit.CHANGES_PENDING
    first = out.splitlines()[0]
    assert re.fullmatch(
        r"213 rows and files would be taken out\. 2 runs, the latest of \d{4}-\d\d-\d\d, can then no longer be undone\.",
        first,
    ), first

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("click.confirm", lambda *_, **__: False)
    code, out = site("prune")
    assert (code, out.splitlines()[-1]) == (Exit.DONE, "Nothing was done.")

    site.configure("[retention]\njournal = '30d'\nnightly = true\n")
    site.site.execute(
        f"UPDATE {{local_greffe_feed}} SET timecreated = timecreated - {31 * DAY} WHERE runid = 1"
    )
    code, night = site.json("nightly")
    assert (code, night["state"]) == (Exit.DONE, "done")
    assert any("taken out by run 5." in note for note in night["notes"]), night["notes"]
    assert "taken out by run 5" in Path(night["report"]).read_text(encoding="utf-8")
    code, out = site("undo", "1", "--dry-run")
    assert code == Exit.USAGE
    assert "run 1 cannot be taken back" in site.err
    code, out = site("runs")
    assert "done (pruned)" in out
    code, night = site.json("nightly")
    assert not any("taken out" in note for note in night["notes"])


def test_another_greffe_is_waited_for_and_a_night_ends_well_without(
    site: Site, db: Database, settings: Settings
) -> None:
    site("nightly")
    config = "lock_wait = '0s'\n"
    file = site.directory / "greffe.toml"
    text = file.read_text(encoding="utf-8").replace("[feed.ip]", f"{config}[feed.ip]")
    file.write_text(text, encoding="utf-8")
    from greffe.config import load

    with SiteLocks(db, load(file).moodle, settings, ()):
        code, _ = site("prune", "--yes")
        assert code == Exit.NOT_READY
        assert "another greffe is at work" in site.err


def test_before_the_first_night(site: Site) -> None:
    code, out = site("prune", "--yes")
    assert (code, out.splitlines()[0]) == (Exit.DONE, "Nothing is older than it is kept.")
