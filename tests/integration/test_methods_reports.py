"""`greffe methods sync` on the command line: documents, words, exit codes; and how many statements it takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from greffe.commands._following.plan import Following
from greffe.errors import Exit
from greffe.moodle.catalogue import Catalogue
from greffe.moodle.database import Settings, connect
from tests.integration.commandline import HOSTILE, Commands
from tests.integration.following import Campus
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite


@pytest.fixture
def campus(moodle_site: MoodleSite, tmp_path: Path) -> Campus:
    found = Campus(Nights(moodle_site, tmp_path))
    found.people(*(f"p{n}" for n in range(40)))
    return found


def configure(campus: Campus, more: str = "") -> None:
    reports = campus.nights.directory / "reports"
    reports.mkdir()
    campus.configure(f"[run]\nreports = '{reports}'\n{more}")


def document(greffe: Commands, *words: str) -> Any:
    code, found = greffe.json(*words)
    assert found["exit"] == code
    return found


def test_from_the_preview_to_the_undo(campus: Campus, greffe: Commands) -> None:
    course = campus.course(HOSTILE)
    cohort = campus.cohort("L1", *(f"p{n}" for n in range(30)))
    campus.instance("cohort", course, cohort)
    configure(campus)
    shown = document(greffe, "methods", "sync", "--dry-run")
    assert (shown["kind"], shown["exit"], shown["counts"]) == ("methods", 3, {"enrol": 30, "assign-role": 30})
    (line,) = shown["courses"]
    assert (line["name"], line["method"]) == (f"{HOSTILE} ← L1", "cohort")
    code, out = greffe("methods", "sync")
    assert code == Exit.DONE
    assert "Run 1 made 60 changes in 1 course." in out
    (report,) = (campus.nights.directory / "reports").glob("*.html")
    text = report.read_text(encoding="utf-8")
    assert "← L1" in text
    assert HOSTILE not in text
    code, out = greffe("methods", "sync", "--dry-run")
    assert (code, "in step with what they follow" in out) == (Exit.DONE, True)
    # everybody leaves: held, told how to let it pass, and let pass
    campus.cohort("L1")
    code, out = greffe("methods", "sync")
    assert code == Exit.HELD
    (digest,) = {word for line in out.splitlines() if "approve" in line for word in line.split()[-1:]}
    code, out = greffe("approve", digest, "--by", "A. Martin")
    assert "methods sync" in out
    assert greffe("methods", "sync")[0] == Exit.DONE
    code, out = greffe("runs")
    assert "methods" in out
    assert greffe("undo", "3", "--yes")[0] == Exit.DONE


def test_a_switched_off_method_is_two_lines(campus: Campus, greffe: Commands) -> None:
    campus.plugins("manual", "cohort")
    configure(campus)
    assert greffe("methods", "sync", "--method", "meta")[0] == Exit.NOT_READY
    lines = greffe.err.splitlines()
    assert "Course meta link" in lines[0]
    assert lines[1].startswith("→ Enable it")
    found = document(greffe, "methods", "sync", "--method", "meta")
    assert found["kind"] == "SiteNotReadyError"


def test_groups_that_a_night_creates_are_told_apart(campus: Campus, greffe: Commands) -> None:
    """Plan, night and both tables count the same changes; the groups went along with them."""
    for name in ("MED1", "MED2"):
        campus.course(name)
    campus.cohort("L1", *(f"p{n}" for n in range(10)))
    configure(
        campus,
        "[[link]]\nmethod = 'cohort'\ncourses = 'MED.'\ncohort = 'L1'\nnew_group = 'Promo L1'\n",
    )
    planned = document(greffe, "plan")
    assert planned["counts"] == {"create-method": 2, "enrol": 20, "assign-role": 20, "join-group": 20}
    assert "would make 62 changes in 2 courses." in greffe("plan")[1]
    out = greffe("nightly")[1]
    assert "Run 1 made 62 changes in 2 courses. 2 rows went along with them." in out
    assert "along with them: 2 groups created" in out
    (report,) = (campus.nights.directory / "reports").glob("*.html")
    text = report.read_text(encoding="utf-8")
    assert "made 62 changes in 2 courses. 2 rows went along" in text
    assert "Along with them: 2 groups created" in text
    campus.course("MED3")
    night = document(greffe, "nightly")
    assert night["counts"] == {"create-method": 1, "enrol": 10, "assign-role": 10, "join-group": 10}
    assert night["along"] == {"create-group": 1}


def test_methods_of_a_course_can_be_told_apart_in_what_was_done(campus: Campus, greffe: Commands) -> None:
    """Show, undo and release name what a method follows, as the plan does: also of methods that are gone."""
    for name in ("MED1", "EXAM"):
        campus.course(name)
    campus.cohort("L1", "p1")
    campus.cohort("L2", "p2")
    configure(
        campus,
        "[[link]]\nmethod = 'cohort'\ntable = [{course = 'MED1', cohort = 'L1'}, {course = 'MED1', cohort = 'L2'}]\n"
        "[[link]]\nmethod = 'meta'\ntable = [{course = 'EXAM', parent = 'MED1'}]\n",
    )
    wanted = {"MED1 ← L1", "MED1 ← L2", "EXAM ← MED1"}
    assert {c["name"] for c in document(greffe, "plan")["courses"]} == wanted
    assert greffe("nightly")[0] == Exit.DONE

    def shown(run: int) -> set[tuple[str, str]]:
        found = json.loads(greffe("show", str(run), "--json", "--limit", "100")[1])
        return {(c["course"], c["person"]) for c in found["changes"]}

    people = {("MED1 ← L1", "p1"), ("MED1 ← L2", "p2"), ("EXAM ← MED1", "p1"), ("EXAM ← MED1", "p2")}
    methods = {(name, "") for name in wanted}
    assert shown(1) == people | methods
    out = greffe("show", "1", "--course", "MED1")[1]
    assert ("MED1 ← L1" in out, "MED1 ← L2" in out, "EXAM" in out) == (True, True, False)
    for words in (("release", "--course", "MED1"), ("release", "--all")):
        given = document(greffe, *words, "--dry-run")
        assert {c["name"] for c in given["courses"]} == {
            w for w in wanted if words[1] == "--all" or "MED1 ←" in w
        }
    assert {c["name"] for c in document(greffe, "undo", "1", "--dry-run")["courses"]} == wanted
    assert greffe("undo", "1", "--yes")[0] == Exit.DONE
    assert campus.nights.site.fetch("SELECT id FROM {enrol} WHERE enrol IN ('cohort', 'meta')") == []
    assert shown(1) == people | methods
    assert methods <= shown(2)


def test_an_approved_new_year_is_begun_by_the_same_command(campus: Campus, greffe: Commands) -> None:
    campus.course("MED1")
    extract = campus.nights.directory / "ia.csv"
    configure(
        campus,
        f"[feed.ia]\ncsv = '{extract}'\nperson = 'who'\nyear_column = 'an'\nyears = 'all'\n"
        "[[cohort]]\nfeed = 'ia'\nidnumber = 'L1-{{ an }}'\nname = 'L1 {{ an }}'\ngone = 'keep'\n"
        "[[link]]\nmethod = 'cohort'\ncourses = 'MED.'\ncohort = 'L1-2025'\n",
    )
    people = "".join(f"p{n};2025\n" for n in range(30))
    extract.write_text(f"who;an\n{people}", encoding="utf-8")
    assert greffe("nightly")[0] == Exit.DONE
    extract.write_text(f"who;an\n{people}p31;2026\n", encoding="utf-8")
    path = campus.nights.directory / "greffe.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("L1-2025", "L1-2026"), encoding="utf-8")
    held = document(greffe, "rollover", "--from", "2025", "--to", "2026", "--yes")
    assert held["exit"] == Exit.HELD
    out = greffe("approve", held["digest"], "--by", "A. Martin")[1]
    assert f"The same `greffe -c {path} rollover --from … --to …` makes it" in out


def test_grades_that_go_are_told_before(campus: Campus, greffe: Commands) -> None:
    course = campus.course("C1")
    campus.instance("cohort", course, campus.cohort("L1", "p1", "p2", "p3"))
    configure(campus)
    greffe("methods", "sync")
    item = campus.nights.site.insert("grade_items", courseid=course, itemtype="mod")
    campus.nights.site.insert("grade_grades", itemid=item, userid=campus.users["p1"], rawgrade=12)
    campus.cohort("L1", "p2", "p3")
    shown = document(greffe, "methods", "sync", "--dry-run")
    assert shown["notes"] == [
        "1 of those whom a method unenrols have grades in the course, which go with that: so says Moodle's setting (unenrolaction)."
    ]


def test_statements_do_not_grow_with_instances(campus: Campus, settings: Settings) -> None:
    def statements() -> int:
        db = connect(settings)
        following = Following(db, Catalogue(db), ["cohort", "meta"])
        with db.transaction(snapshot=True):
            following.read()
            assert following.parts(1, frozenset())
        count = db.statements
        db.close()
        return count

    def add(numbers: range) -> None:
        for n in numbers:
            course = campus.course(f"C{n}")
            group = campus.nights.site.insert("groups", courseid=course, name="G")
            campus.instance("cohort", course, campus.cohort(f"L{n}", f"p{n}"), customint2=group)
            campus.instance("meta", campus.course(f"K{n}"), course)

    add(range(2))
    few = statements()
    add(range(2, 30))
    assert statements() == few
