"""The command line on real databases: exit codes, documents, reports."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from greffe.cli import run
from greffe.errors import Exit
from tests.integration.nights import PASSWORD
from tests.lab.site import MoodleSite

HOSTILE = "<script>alert(1)</script>"


class Terminal(io.StringIO):
    """Somebody who sits there and types."""

    def isatty(self) -> bool:
        return True


@dataclass
class Site:
    """A site with its greffe.toml, and the command line for it."""

    site: MoodleSite
    directory: Path
    capsys: pytest.CaptureFixture[str]
    err: str = ""

    def configure(self, more: str = "") -> None:
        """Write greffe.toml."""
        s = self.site
        kind = "mariadb" if s.engine == "mariadb" else "pgsql"
        (self.directory / "greffe.toml").write_text(
            f"[moodle]\ntype = '{kind}'\nhost = '{s.host}'\nport = {s.port}\nname = '{s.dbname}'\nuser = '{s.user}'\n"
            f"prefix = '{s.prefix}'\npassword = {{ env = '{PASSWORD}' }}\n"
            f"[feed.ip]\ncsv = '{self.directory / 'ip.csv'}'\nperson = 'who'\n"
            f"[[course]]\nfeed = 'ip'\ncourse = '{{{{ course }}}}'\n"
            f"[run]\nreports = '{self.directory / 'reports'}'\n{more}",
            encoding="utf-8",
        )

    def deliver(self, people: range | list[str], course: str = "C1") -> None:
        """Tonight's extract."""
        who = [f"s{n}" if isinstance(n, int) else n for n in people]
        rows = "".join(f"{w};{course}\n" for w in who)
        (self.directory / "ip.csv").write_text("who;course\n" + rows, encoding="utf-8")

    def __call__(self, *arguments: str) -> tuple[int, str]:
        """Exit code and stdout."""
        self.capsys.readouterr()
        code = run(["-c", str(self.directory / "greffe.toml"), *arguments])
        out, self.err = self.capsys.readouterr()
        return code, out

    def json(self, *arguments: str) -> tuple[int, Any]:
        """Exit code and the document; stdout holds nothing else."""
        code, out = self(*arguments, "--json")
        document = json.loads(out)
        if isinstance(document, dict) and "exit" in document:
            assert document["exit"] == code
        return code, document


@pytest.fixture
def site(moodle_site: MoodleSite, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Site:
    """One course with a name that means harm, and a hundred people."""
    os.environ[PASSWORD] = moodle_site.password
    moodle_site.add_courses(
        [{"shortname": HOSTILE, "idnumber": "C1"}, {"shortname": "Two", "idnumber": "C2"}]
    )
    moodle_site.add_users([{"username": f"u{n}", "idnumber": f"s{n}"} for n in range(100)])
    (tmp_path / "reports").mkdir()
    found = Site(moodle_site, tmp_path, capsys)
    found.configure()
    found.deliver(range(100))
    return found


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
        ("assign-role", HOSTILE, "s7", "", 0)
        if shown["changes"][1]["line"] == 0
        else ("assign-role", HOSTILE, "s7", "ip", 9),
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


def test_report_of_a_night(site: Site) -> None:
    _, night = site.json("nightly")
    file = Path(night["report"])
    assert file.parent == site.directory / "reports"
    assert file.name.endswith("-run-1.html")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script" not in text
    assert site.site.password == "" or site.site.password not in text


def test_a_report_that_cannot_be_written_is_told(site: Site) -> None:
    (site.directory / "reports").rmdir()
    code, _ = site("nightly")
    assert code == Exit.DONE
    assert "no report was written" in site.err
    assert site.json("plan")[0] == Exit.DONE


def test_a_single_person_with_his_line(site: Site) -> None:
    code, plan = site.json("plan", "--person", "s3")
    assert code == Exit.CHANGES_PENDING
    assert {(c["action"], c["person"], c["feed"], c["line"]) for c in plan["changes"]} >= {
        ("enrol", "s3", "ip", 5)
    }
    code, _ = site("plan", "--person", "nobody")
    assert code == Exit.USAGE
    assert "nobody" in site.err


def test_a_part_of_a_plan_holds_nothing_else(site: Site) -> None:
    with (site.directory / "ip.csv").open("a", encoding="utf-8") as file:
        file.write("s3;C2\nlater;C2\nlater;C1\n")
    code, plan = site.json("plan", "--person", "s5")
    assert (code, plan["counts"]) == (
        Exit.CHANGES_PENDING,
        {"assign-role": 1, "create-method": 1, "enrol": 1},
    )
    assert {c["course"] for c in plan["changes"]} == {HOSTILE}
    assert (plan["waiting"], plan["digest"]) == ([], "")
    code, plan = site.json("plan", "--course", "Two")
    assert plan["counts"] == {"assign-role": 1, "create-method": 1, "enrol": 1}
    assert plan["waiting"] == [
        {"person": "later", "feed": "ip", "line": 103, "courses": ["Two"], "cohorts": []}
    ]
    _, out = site("plan", "--course", "Two")
    assert "Tonight would make 3 changes in 1 course." in out
    assert "Feed ip" not in out


def test_a_plan_file_and_a_site_that_moved(site: Site) -> None:
    file = site.directory / "tonight.plan"
    code, out = site("plan", "--out", str(file))
    assert (code, str(file) in out) == (Exit.CHANGES_PENDING, True)
    code, applied = site.json("apply", str(file))
    assert (code, applied["state"], applied["counts"]["enrol"]) == (Exit.DONE, "done", 100)
    code, error = site.json("apply", str(file))
    assert (code, error["kind"]) == (Exit.STALE, "StalePlanError")
    assert HOSTILE in error["error"]


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
    code, night = site.json("nightly")
    assert (code, night["approved_by"], night["counts"]) == (Exit.DONE, "A. Martin", {"suspend": 25})


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


def test_a_name_that_the_terminal_cannot_show(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.site.execute("UPDATE {course} SET shortname = '日本' WHERE idnumber = 'C1'")
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="latin-1"))
    code = run(["-c", str(site.directory / "greffe.toml"), "nightly"])
    assert code == Exit.DONE
    assert b"Run 1 made 201 changes" in raw.getvalue()


def test_a_full_disk_is_no_fault_of_greffe(site: Site) -> None:
    words = ["-c", str(site.directory / "greffe.toml"), "plan"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "greffe", *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == Exit.USAGE
    assert done.stderr.splitlines()[0] == "greffe: the output cannot be written: No space left on device"
    assert len(done.stderr.splitlines()) == 2


def test_a_killed_run_is_counted_from_the_journal(site: Site) -> None:
    site("nightly")
    site.site.execute(
        "UPDATE {local_greffe_run} SET state = 'killed', changes = 0, counts = NULL WHERE id = 1"
    )
    code, runs = site.json("runs")
    assert (code, runs[0]["state"], runs[0]["changes"]) == (Exit.DONE, "killed", 201)
    _, shown = site.json("show", "1", "--limit", "1")
    assert shown["run"]["counts"]["enrol"] == 100


def test_an_undo_that_is_not_wanted_or_has_nothing_left(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site("nightly")
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    code, out = site("undo", "1")
    assert code == Exit.DONE
    assert "Nothing was done." in out
    code, out = site("undo", "1", "--yes", "--person", "s7")
    assert code == Exit.DONE
    assert "the next night makes what was taken back anew" in out
    code, out = site("undo", "1", "--yes", "--person", "s7")
    assert code == Exit.DONE
    assert "found nothing left to take back of run 1." in out


def test_a_bad_feed_is_partial(site: Site) -> None:
    site("nightly")
    site.deliver([])
    code, found = site.json("doctor")
    assert (code, found["ready"]) == (Exit.PARTIAL, True)
    assert [f["severity"] for f in found["findings"] if f["severity"] in ("bad", "stop")] == ["bad"]
    code, out = site("doctor")
    assert "Nothing stops a night" not in out
    code, plan = site.json("plan")
    assert (code, plan["feeds"][0]["good"]) == (Exit.PARTIAL, False)
    code, out = site("nightly")
    assert code == Exit.PARTIAL
    assert "It has a header and not one row." in out
    assert "what it reaches is left as it is" in out


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


def test_a_site_that_is_not_ready(site: Site) -> None:
    site.site.execute("UPDATE {config} SET value = 'manual' WHERE name = 'enrol_plugins_enabled'")
    code, found = site.json("doctor")
    assert (code, found["ready"]) == (Exit.NOT_READY, False)
    stop = next(f for f in found["findings"] if f["severity"] == "stop")
    assert stop["todo"]
    code, out = site("doctor")
    assert "1 thing stops a night." in out
    code, _ = site("nightly")
    assert code == Exit.NOT_READY
    assert "→ " in site.err


def test_plan_and_doctor_end_alike_where_a_rule_leads_nowhere(site: Site) -> None:
    site.configure("[[course]]\nfeed = 'ip'\ncourse = '{{ course }}'\nrole = 'studnt'\n")
    code, plan = site.json("plan")
    assert (code, plan["counts"]["enrol"]) == (Exit.REFUSED, 100)
    assert [r["course"] for r in plan["refused"]] == ["[[course]] number 2"]
    code, found = site.json("doctor")
    assert (code, found["ready"]) == (Exit.REFUSED, True)
    _, out = site("doctor")
    assert "✗ [[course]] number 2 leads nowhere: role 'studnt' is no role of the site" in out
    assert "end with exit code 10" in out
    assert site("nightly")[0] == Exit.REFUSED


def test_the_doctor_marks_refused_values_and_cohorts_and_tells_of_a_blackout(site: Site) -> None:
    site.site.add_cohort("C1")
    site.configure(
        "[[course]]\nfeed = 'ip'\ncourse = '{{ course }}'\ngroup = '{{ course * 300 }}'\n"
        "[[cohort]]\nfeed = 'ip'\nidnumber = '{{ course }}'\nname = 'x'\n"
        "[calendar]\nblackout = [{ from = '2020-01-01', to = '2099-12-31' }]\n"
    )
    code, out = site("doctor")
    assert code == Exit.REFUSED
    lines = out.splitlines()
    assert any(line.startswith("! [feed.ip]: A value was refused") for line in lines)
    assert any(line.startswith("✗ cohort C1 is left as it is: a cohort with this idnumber") for line in lines)
    assert any(line.startswith("! the calendar's blackout lasts until 2099-12-31") for line in lines)
    site.configure("[calendar]\nadd_only = [{ from = '2020-01-01', to = '2099-12-31' }]\n")
    code, out = site("doctor")
    assert (code, "✓ nobody loses anything until 2099-12-31" in out) == (Exit.DONE, True)


def test_a_part_of_a_plan_ends_by_its_own_refusals(site: Site) -> None:
    site.site.add_cohort("C1")
    site.configure("[[cohort]]\nfeed = 'ip'\nidnumber = '{{ course }}'\nname = 'x'\n")
    site("nightly")
    assert site.json("plan")[0] == Exit.REFUSED
    for words in (["--course", "Two"], ["--course", "C1"], ["--person", "s1"]):
        code, plan = site.json("plan", *words)
        assert (code, plan["refused"]) == (Exit.DONE, [])
    code, plan = site.json("plan", "--cohort", "C1")
    assert (code, [r["course"] for r in plan["refused"]]) == (Exit.REFUSED, ["cohort C1"])
    site.configure("[[course]]\nfeed = 'ip'\ncourse = '{{ course }}'\nrole = 'studnt'\n")
    code, plan = site.json("plan", "--course", "C1")
    assert (code, [r["course"] for r in plan["refused"]]) == (Exit.REFUSED, ["[[course]] number 2"])


def test_a_part_of_a_run_that_has_no_changes_says_so(site: Site) -> None:
    site("nightly")
    code, out = site("show", "1", "--course", "Two")
    assert (code, "The run changed nothing for course Two." in out) == (Exit.DONE, True)
    _, out = site("show", "1", "--course", "C1", "--person", "s1", "--from", "3")
    assert "The run changed nothing for course C1 and person 's1' from change 3 on." in out
    _, out = site("show", "1", "--course", "C1", "--limit", "0")
    assert "changed nothing" not in out
    assert site.json("show", "1", "--course", "Two")[1]["part"] == "course Two"


@pytest.mark.parametrize(
    "words", [["plan"], ["nightly"], ["methods", "sync"], ["methods", "sync", "--dry-run"]]
)
def test_a_wrong_prefix_is_named_and_leaves_nothing_behind(site: Site, words: list[str]) -> None:
    file = site.directory / "greffe.toml"
    text = file.read_text(encoding="utf-8").replace(f"prefix = '{site.site.prefix}'", "prefix = 'nix_'")
    file.write_text(text, encoding="utf-8")
    assert site(*words)[0] == Exit.USAGE
    assert "there are no tables of a Moodle with the prefix 'nix_'" in site.err
    assert "→ Correct prefix" in site.err
    tables = "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'nix%%'"
    assert site.site.fetch(tables) == []
    code, out = site("doctor")
    assert (code, "→ Correct prefix" in out) == (Exit.NOT_READY, True)


def test_all_cohorts_are_given_back_only_when_it_is_said_so(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.configure("[[cohort]]\nfeed = 'ip'\nidnumber = '{{ course }}'\nname = 'x'\n")
    monkeypatch.setattr("sys.stdin", Terminal())
    code, out = site("release", "--all")
    assert (code, "Nothing to do: no cohort is Greffe's." in out) == (Exit.DONE, True)
    site("nightly")
    code, document = site.json("release", "--all", "--dry-run")
    assert (code, document["counts"], document["run"]) == (Exit.CHANGES_PENDING, {"release-cohort": 1}, 0)
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    code, out = site("release", "--all")
    assert (code, "Nothing was done." in out) == (Exit.DONE, True)
    assert "The release would make 1 change in 1 cohort." in out
    (line,) = [line.split() for line in out.splitlines() if line.split()[:1] == ["C1"]]
    assert line == ["C1", "100", "released"]
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    code, out = site("release", "--all")
    assert code == Exit.DONE
    assert "made 1 change in 1 cohort." in out
    (*_, line) = [line.split() for line in out.splitlines() if line.split()[:1] == ["C1"]]
    assert line == ["C1", "100", "released"]
    assert site("release", "--all", "--yes")[0] == Exit.DONE


def test_a_lost_question_stops_an_undo(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site("nightly")
    monkeypatch.setattr("sys.stdin", Terminal())
    code, out = site("undo", "1", "--person", "s1")
    assert code == Exit.INTERRUPTED
    assert "Taking back run 1 would make" in out
    assert site.json("plan")[0] == Exit.DONE


def test_an_undo_asks_only_where_there_is_something_to_ask_about(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    site.deliver(range(5))
    site("nightly")
    code, out = site("undo", "99")
    assert (code, out) == (Exit.USAGE, "")
    assert "there is no run 99" in site.err
    assert "--yes" not in site.err
    assert site("undo", "99", "--yes")[0] == Exit.USAGE
    assert "there is no run 99" in site.err
    for words in (("undo", "1"), ("undo", "1", "--json")):
        assert site(*words)[0] == Exit.USAGE
        assert "give --yes" in site.err
    assert site("undo", "1", "--yes")[0] == Exit.DONE
    code, out = site("undo", "1")
    assert (code, "Nothing is left to take back of run 1." in out) == (Exit.DONE, True)


def test_of_a_course_where_nothing_is_to_do_a_held_plan_says_so(site: Site) -> None:
    site.site.add_courses([{"shortname": "Three", "idnumber": "C3"}])
    site("nightly")
    site.deliver(range(100), "C2")
    code, out = site("plan", "--course", "Three")
    assert code == Exit.HELD
    assert "Nothing is to do here. The guards hold the whole plan (a limit of ip)" in out
    code, out = site("plan", "--course", "C1")
    assert code == Exit.HELD
    assert "The guards hold the whole plan (a limit of ip): none of the 100 changes here would be made" in out
