"""The command line on real databases: a night and the commands around it, their exit codes and documents."""

from __future__ import annotations

import re

import pytest

from greffe.errors import Exit
from tests.integration.commandline import HOSTILE, Site


def test_a_night_from_doctor_to_undo(site: Site) -> None:
    code, out = site("doctor")
    assert (code, "Nothing stops a night." in out) == (Exit.DONE, True)

    code, plan = site.json("plan")
    assert code == Exit.CHANGES_PENDING
    assert plan["counts"] == {"assign-role": 100, "create-method": 1, "enrol": 100}
    assert plan["changes"] == []

    code, out = site("nightly")
    assert code == Exit.DONE
    assert "Run 1 made 201 changes in 1 course." in out
    assert HOSTILE in out
    assert "Traceback" not in site.err

    code, plan = site.json("plan")
    assert (code, plan["counts"], plan["courses"]) == (Exit.DONE, {}, [])

    code, runs = site.json("runs")
    assert code == Exit.DONE
    assert [(r["id"], r["state"], r["changes"]) for r in runs] == [(1, "done", 201)]
    code, out = site("runs")
    assert "nightly" in out

    code, shown = site.json("show", "1", "--person", "s7")
    assert [(c["action"], c["course"], c["person"], c["feed"], c["line"]) for c in shown["changes"]] == [
        ("enrol", HOSTILE, "s7", "ip", 9),
        ("assign-role", HOSTILE, "s7", "ip", 9),
    ]
    code, out = site("show", "1", "--limit", "3")
    assert (code, "--from 4" in out) == (Exit.DONE, True)
    code, page = site.json("show", "1", "--limit", "3", "--from", "200")
    assert (len(page["changes"]), page["more"]) == (2, False)

    code, proposed = site.json("undo", "1", "--dry-run", "--person", "s7")
    assert (code, proposed["undoes"]) == (Exit.CHANGES_PENDING, 1)
    assert proposed["counts"] == {"remove-role": 1, "unenrol": 1}
    code, undone = site.json("undo", "1", "--yes", "--person", "s7")
    assert (code, undone["counts"]) == (Exit.DONE, {"remove-role": 1, "unenrol": 1})
    code, plan = site.json("plan")
    assert (code, plan["counts"]) == (Exit.CHANGES_PENDING, {"assign-role": 1, "enrol": 1})


def test_a_plan_file_and_a_site_that_moved(site: Site) -> None:
    file = site.directory / "tonight.plan"
    code, out = site("plan", "--out", str(file))
    assert (code, str(file) in out) == (Exit.CHANGES_PENDING, True)
    code, applied = site.json("apply", str(file))
    assert (code, applied["state"], applied["counts"]["enrol"]) == (Exit.DONE, "done", 100)
    code, error = site.json("apply", str(file))
    assert (code, error["kind"]) == (Exit.STALE, "StalePlanError")
    assert HOSTILE in error["error"]
    assert error["error"].startswith(f"run {applied['run']} has made this plan already; ")


def test_held_looked_at_approved(site: Site) -> None:
    site.configure("[guards]\nfeed = { above = 5 }\n")
    site("nightly")
    site.deliver(range(75))
    code, plan = site.json("plan")
    assert (code, plan["held"], plan["counts"]) == (Exit.HELD, True, {})
    code, out = site("nightly")
    assert code == Exit.HELD
    file = site.directory / "greffe.toml"
    assert f"greffe -c {file} approve {plan['digest'][:12]}" in out
    code, out = site("show", "2")
    assert code == Exit.DONE
    assert re.search(r"enrolments suspended +0 +25\b", out)
    assert f"greffe -c {file} plan\n" in out
    assert f"  greffe -c {file} approve {plan['digest'][:12]}\n" in out
    assert site.json("show", "2")[1]["run"]["planned"] == {"suspend": 25}
    _, out = site("show", "2", "--person", "s80")
    assert (
        "held: it changed nothing, for person 's80' either. What a night would do there: `greffe plan`" in out
    )
    code, error = site.json("plan", "--out", str(site.directory / "held.plan"))
    assert (code, error["kind"]) == (Exit.HELD, "HeldError")
    assert not (site.directory / "held.plan").exists()
    code, approval = site.json("approve", plan["digest"][:12], "--by", "A. Martin", "--expires", "2h")
    assert (code, approval["operator"]) == (Exit.DONE, "A. Martin")
    _, out = site("show", "2")
    assert "A. Martin let this plan pass until " in out
    assert "approve" not in out
    assert re.fullmatch(r"P\d", site.json("show", "2", "--anonymise")[1]["let_pass_by"])
    code, night = site.json("nightly")
    assert (code, night["approved_by"], night["counts"]) == (Exit.DONE, "A. Martin", {"suspend": 25})
    _, out = site("show", "2")
    assert "Run 3 made it: A. Martin had let it pass." in out
    # mended, and the same fault again: nobody has looked at that
    site.deliver(range(100))
    assert site("nightly")[0] == Exit.DONE
    site.deliver(range(75))
    code, night = site.json("nightly")
    assert (code, night["digest"], night["counts"]) == (Exit.HELD, plan["digest"], {})


def test_what_is_asked_for_is_not_there(site: Site) -> None:
    site("nightly")
    for words in (
        ["plan", "--course", "no such"],
        ["plan", "--out", "/nonexistent/tonight.plan"],
        ["apply", "/nonexistent/tonight.plan"],
        ["approve", "abc"],
        ["show", "77"],
    ):
        code, error = site.json(*words)
        assert (code, error["kind"]) == (Exit.USAGE, "ArgumentError")
        assert error["todo"]
        assert "configuration" not in error["todo"]


def test_a_message_without_the_plugin_says_how_it_gets_there(site: Site) -> None:
    letter = site.directory / "letter.txt"
    letter.write_text("The room has changed.", encoding="utf-8")
    words = ("--subject", "Room", "--body", str(letter), "--from", "t", "--yes")
    code, error = site.json("message", "C1", *words)
    assert (code, error["kind"]) == (Exit.NOT_READY, "SiteNotReadyError")
    assert error["todo"].startswith(
        "Make way for it with `greffe plugin prepare`. Copy moodle_plugin/local/greffe "
    )
    assert error["todo"].endswith(" Then send again.")


def test_a_killed_run_is_counted_from_the_journal(site: Site) -> None:
    site("nightly")
    site.site.execute(
        "UPDATE {local_greffe_run} SET state = 'killed', changes = 0, counts = NULL WHERE id = 1"
    )
    code, runs = site.json("runs")
    assert (code, runs[0]["state"], runs[0]["changes"]) == (Exit.DONE, "killed", 201)
    _, shown = site.json("show", "1", "--limit", "1")
    assert shown["run"]["counts"]["enrol"] == 100


@pytest.mark.parametrize("text", ["{", '{"feed":"ip","rows":"many"}', "5"])
def test_what_is_remembered_of_a_feed_and_nobody_wrote_so(site: Site, text: str) -> None:
    """The row is named, with what to do; a night that did not look would have nothing to compare with."""
    assert site("nightly")[0] == Exit.DONE
    row = site.site.fetch("SELECT id FROM {local_greffe_feed}")[0]["id"]
    site.site.execute("UPDATE {local_greffe_feed} SET counts = %s", text)
    for command in ("plan", "nightly"):
        assert site(command)[0] == Exit.DATABASE
        assert f"counts of row {row} of local_greffe_feed is not what Greffe wrote there" in site.err
        assert "set that column to NULL" in site.err
    site.site.execute("UPDATE {local_greffe_feed} SET counts = NULL")
    assert site("nightly")[0] == Exit.DONE


def test_waiting_and_unknown_are_listed(site: Site) -> None:
    site.deliver([*(f"s{n}" for n in range(100)), "later"])
    with (site.directory / "ip.csv").open("a", encoding="utf-8") as file:
        file.write("s1;NOWHERE\n")
    code, plan = site.json("plan")
    assert code == Exit.CHANGES_PENDING
    assert plan["waiting"] == [
        {"person": "later", "feed": "ip", "line": 102, "courses": [HOSTILE], "cohorts": []}
    ]
    assert list(plan["feeds"][0]["unknown_codes"]) == ["NOWHERE"]
    _, out = site("plan")
    assert "1 person waiting for an account" in out
    assert "NOWHERE" in out
