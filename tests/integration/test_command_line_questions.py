"""What is asked before anything is taken back or given back, and of whom."""

from __future__ import annotations

import io

import pytest

from greffe.errors import Exit
from tests.integration.commandline import Site, Terminal


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
