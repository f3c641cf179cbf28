"""``greffe methods FILE``, ``greffe methods export`` and ``greffe cohorts FILE`` as they are typed; on real databases."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from greffe.cli import run
from greffe.errors import Exit
from tests.integration.following import Campus
from tests.integration.linking import instances, only
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite
from tests.lab.toml import PASSWORD, moodle_table


class Typed:
    """A campus with its greffe.toml, and the command line for it."""

    def __init__(self, campus: Campus, directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.campus, self.directory, self._capsys = campus, directory, capsys
        site = campus.nights.site
        os.environ[PASSWORD] = site.password
        text = moodle_table(site.server, site.dbname)
        (directory / "greffe.toml").write_text(text, encoding="utf-8")
        self.err = ""

    def __call__(self, *words: str) -> tuple[int, str]:
        """Exit code and stdout."""
        self._capsys.readouterr()
        code = run(["-c", str(self.directory / "greffe.toml"), *words])
        out, self.err = self._capsys.readouterr()
        return code, out

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
    return Typed(campus, tmp_path, capsys)


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
