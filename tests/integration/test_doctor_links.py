"""What `greffe doctor` says of ``[[link]]`` rules: what the night would say, with its exit code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from greffe.commands.doctor import doctor
from greffe.commands.plan import plan
from greffe.errors import Exit
from tests.integration.commandline import Commands
from tests.integration.following import Campus
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite


@pytest.fixture
def campus(moodle_site: MoodleSite, tmp_path: Path) -> Campus:
    campus = Campus(Nights(moodle_site, tmp_path))
    campus.people("a", "b")
    for name in ("P", "K", "E"):
        campus.course(name)
    return campus


def link(campus: Campus, method: str, *rows: dict[str, str], **options: Any) -> None:
    campus.nights.more.setdefault("link", []).append({"method": method, "table": list(rows)} | options)


def refusals(campus: Campus) -> list[str]:
    """What doctor says is refused; the same as the night that follows."""
    found = doctor(campus.nights.config())
    assert [f.what for f in found if f.severity in ("stop", "bad")] == []
    said = [f.what for f in found if f.severity == "refused"]
    night = campus.nights.night()
    assert said == [f"{r.course} is left as it is: {r.reason}" for r in night.refused]
    assert (night.exit is Exit.REFUSED) == bool(said)
    return said


@pytest.mark.parametrize(
    ("row", "options", "words"),
    [
        ({"course": "NONE", "cohort": "L1"}, {}, "no course has the idnumber 'NONE'"),
        ({"course": "P", "cohort": "NONE"}, {}, "NONE"),
        ({"course": "P", "cohort": "L1"}, {"role": "rector"}, "'rector' is no role"),
        ({"course": "P", "cohort": "L1"}, {"group": "none"}, "none"),
    ],
)
def test_a_row_that_leads_nowhere_is_listed(
    campus: Campus, row: dict[str, str], options: dict[str, Any], words: str
) -> None:
    campus.cohort("L1", "a")
    link(campus, "cohort", row, {"course": "K", "cohort": "L1"}, **options)
    assert words in refusals(campus)[0]


def test_a_circle_is_listed(campus: Campus) -> None:
    link(campus, "meta", {"course": "P", "parent": "K"}, {"course": "K", "parent": "P"})
    first, second = refusals(campus)
    assert ("P → K → P" in first, "K → P → K" in second) == (True, True)


def test_a_circle_made_by_hand_is_listed_where_nights_sync(campus: Campus) -> None:
    courses = {
        r["shortname"]: r["id"] for r in campus.nights.site.fetch("SELECT id, shortname FROM {course}")
    }
    campus.instance("meta", courses["P"], courses["K"])
    campus.instance("meta", courses["K"], courses["P"])
    assert refusals(campus) == []
    campus.nights.more["run"] = {"sync": ["meta"]}
    assert len(refusals(campus)) == 1


def test_a_cohort_that_the_same_night_makes_is_no_obstacle(campus: Campus) -> None:
    campus.nights.cohort("ia")
    campus.nights.feed("ia", "who;cohort", ["a;L1"], shrink="none")
    link(campus, "cohort", {"course": "P", "cohort": "L1"}, {"course": "K", "cohort": "L2"})
    (found,) = refusals(campus)
    assert "L2" in found
    campus.nights.feed("ia", "who;cohort", ["a;L1", "b;L2"], shrink="none")
    assert refusals(campus) == []


def test_what_a_blackout_lets_nobody_make(campus: Campus) -> None:
    campus.nights.cohort("ia")
    campus.nights.feed("ia", "who;cohort", ["a;L1"], shrink="none")
    link(campus, "cohort", {"course": "P", "cohort": "L1"})
    campus.nights.more["calendar"] = {"blackout": [{"from": "2000-01-01", "to": "2999-12-31"}]}
    assert refusals(campus) == []


def test_a_method_that_is_switched_off_stops_a_night_with_links(campus: Campus) -> None:
    campus.plugins("manual", "database", "cohort")
    link(campus, "meta", {"course": "P", "parent": "K"})
    assert any("Course meta link" in f.what for f in doctor(campus.nights.config()) if f.severity == "stop")


@pytest.mark.parametrize("rule", ["group = '{{ cohort'", "when = 'cohort =='"])
def test_a_template_that_is_none_is_a_wrong_configuration(
    campus: Campus, greffe: Commands, rule: str
) -> None:
    campus.configure(f"[[link]]\nmethod = 'cohort'\ntable = [{{course = 'P', cohort = 'L1'}}]\n{rule}\n")
    for command in ("plan", "doctor"):
        assert greffe(command)[0] == Exit.USAGE
        assert "[[link]] number 1" in greffe.err


def test_a_pattern_that_fits_no_course_is_noted(campus: Campus, greffe: Commands) -> None:
    note = "[[link]] number 2: no course has an idnumber that fits courses = 'MED.*'."
    campus.cohort("L1", "a")
    campus.nights.more["link"] = [
        {"method": "cohort", "courses": "[PKE]", "cohort": "L1", "when": "course == 'none'"},
        {"method": "cohort", "courses": "MED.*", "cohort": "L1"},
    ]
    config = campus.nights.config()
    assert plan(config).notes == [note]
    assert [f.what for f in doctor(config) if f.severity == "warn" and "[[link]]" in f.what] == [note]
    campus.configure(
        "[[link]]\nmethod = 'cohort'\ncourses = 'P'\ncohort = 'L1'\n"
        "[[link]]\nmethod = 'cohort'\ncourses = 'MED.*'\ncohort = 'L1'\n",
    )
    for command in ("plan", "nightly"):
        assert f"• {note}" in greffe(command)[1]
