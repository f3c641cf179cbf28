"""``greffe methods FILE``, ``greffe methods export`` and ``greffe cohorts FILE`` as they are typed; on real databases."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from greffe.errors import Exit
from tests.integration.commandline import Commands
from tests.integration.following import Campus
from tests.integration.linking import instances, only
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite


@dataclass
class Typed(Commands):
    """The command line for a campus, and files for it."""

    campus: Campus = field(kw_only=True)

    def file(self, *lines: str) -> str:
        path = self.directory / "file.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return str(path)


@pytest.fixture
def typed(moodle_site: MoodleSite, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Typed:
    campus = Campus(Nights(moodle_site, tmp_path))
    campus.people("a", "b")
    campus.course("MED1")
    campus.cohort("L1", "a")
    campus.configure()
    return Typed(tmp_path, capsys, campus=campus)


@pytest.mark.parametrize("words", [["methods"], ["methods", "apply"]])
def test_a_file_by_either_spelling(typed: Typed, words: list[str]) -> None:
    file = typed.file("method;course;cohort", "cohort;MED1;L1")
    code, out = typed(*words, "--dry-run", file)
    assert code == Exit.CHANGES_PENDING
    assert "methods created" in out
    assert instances(typed.campus) == []
    code, out = typed(*words, file, "--yes")
    assert code == Exit.DONE
    assert typed.campus.active(only(typed.campus)["id"]) == {"a"}
    assert typed(*words, file, "--yes", "--json")[0] == Exit.DONE


def test_refused_lines_are_told_and_nothing_is_done(typed: Typed) -> None:
    file = typed.file("method;course;cohort", "cohort;MED1;L1", "cohort;NOWHERE;L1")
    code, out = typed("methods", file, "--yes", "--json")
    document = json.loads(out)
    assert code == document["exit"] == Exit.REFUSED
    assert [(r["line"], r["value"]) for r in document["refused_lines"]] == [(3, "NOWHERE")]
    assert instances(typed.campus) == []


def test_an_export_goes_to_the_terminal_or_into_a_file(typed: Typed) -> None:
    typed(*("methods", typed.file("method;course;cohort", "cohort;MED1;L1"), "--yes"))
    code, out = typed("methods", "export", "--all")
    assert code == Exit.DONE
    assert "add;cohort;MED1;L1;;student;;yes" in out
    assert "1 methods of 1 courses were written." in typed.err
    target = str(typed.directory / "methods.csv")
    code, out = typed("methods", "export", "--course", "MED1", "--out", target, "--json")
    assert (code, json.loads(out)["methods"]) == (Exit.DONE, 1)
    assert typed("methods", target, "--dry-run")[0] == Exit.DONE
    assert typed("methods", "export", "--all", "--json")[0] == Exit.USAGE
    assert typed("methods", "export")[0] == Exit.USAGE


def test_cohorts_and_their_members(typed: Typed) -> None:
    assert typed("cohorts", typed.file("name,idnumber", "Licence 2,L2"), "--yes")[0] == Exit.DONE
    assert typed("cohorts", typed.file("add,L2,b", "del,L1,a"), "--yes")[0] == Exit.DONE
    assert typed.campus.nights.cohort_members() == {"L1": [], "L2": ["b"]}
