"""What goes wrong while somebody gets his places is neither his trouble nor the next one's."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from greffe.commands.runs import runs
from tests.moodle.site import PHP, Sites
from tests.moodle.tree import VERSIONS
from tests.plugin.arriving import (
    ARRIVE,
    CLOCK,
    HIS,
    NEW,
    PLACES,
    TASK,
    THERE,
    act,
    beside,
    by_sql,
    campus,
    locked,
    not_debugging,
    waiting,
    without_journal,
)

pytestmark = pytest.mark.moodle


@pytest.mark.parametrize("version", VERSIONS)
def test_our_trouble_is_not_the_visitors(version: str, plugged: Sites, tmp_path: Path) -> None:
    made = plugged(version)
    nights = campus(made, tmp_path, *THERE, *HIS)
    by_sql(made, idnumber=NEW)
    with not_debugging(made):
        with made.database() as database, without_journal(database):
            assert act(made, "login")["courses"] == {}
            made.task(TASK)
        failed = [r for r in runs(nights.config()) if r.state == "failed"]
        assert [(r.kind, r.error.startswith("dml_")) for r in failed] == [("arrivals", True)]
        assert NEW not in failed[0].error
        assert waiting(made) == 7
        assert act(made, "login")["courses"] == PLACES


@pytest.mark.parametrize("version", VERSIONS)
def test_one_persons_trouble_is_not_the_next_ones(version: str, plugged: Sites, tmp_path: Path) -> None:
    """Whatever an observer does for one of them, the others get their places, and nights are not lost among failures."""
    made = plugged(version)
    others = ("o1", "o2", "o3")
    with not_debugging(made):
        for way in ("exception", "left", "after", "exit"):
            (tmp_path / way).mkdir()
            lines = [f"LAW2;n-{name};student;;;" for name in ("new", *others)]
            nights = campus(made, tmp_path / way, *THERE, *lines)
            by_sql(made, idnumber="n-new")
            for name in others:
                by_sql(made, name, idnumber=f"n-{name}")
            said = beside(made, way)
            assert ("done" in said) == (way != "exit"), way
            beside(made, way)  # who was not reached before an exit; he himself is left alone for a day
            there = {u for _, u in nights.enrolments()} - {"u1"}
            # after a commit his own place stands: only what the observer began is gone
            assert there == {*others, *(["new"] if way == "after" else [])}, way
            failed = [r for r in runs(nights.config()) if r.state == "failed"]
            assert [r.kind for r in failed] == (["arrivals"] if way != "exit" else []), way
            if way in ("left", "after"):
                assert "transaction" in failed[0].error
            if way == "after":
                continue

            # a day later he is tried again; when he is here himself, at once
            before = failed[0].ended if failed else 0
            made.task(TASK)
            assert waiting(made) == 1, way
            with made.database() as database:
                database.run("UPDATE mdl_local_greffe_run SET timeended = 7 WHERE state = 'failed'")
                if way == "exception":
                    assert before
                    beside(made, way)
                    assert database.query(
                        "SELECT timeended FROM mdl_local_greffe_run WHERE state = 'failed'"
                    ) == [(7,)]
            assert "LAW2" in act(made, "login")["courses"], way


@pytest.mark.parametrize("version", VERSIONS)
def test_failures_of_a_day_are_one_run(version: str, plugged: Sites, tmp_path: Path) -> None:
    made = plugged(version)
    with not_debugging(made):
        nights = campus(made, tmp_path, *THERE, f"LAW2;{NEW};student;;;", "LAW2;n-o1;student;;;")
        by_sql(made, idnumber=NEW)
        by_sql(made, "o1", idnumber="n-o1")
        with made.database() as database:
            with without_journal(database):
                for _ in range(3):
                    made.task(TASK)
                    act(made, "login")
            assert [r.state for r in runs(nights.config())] == ["failed", "done"]
            database.run(
                "UPDATE mdl_local_greffe_run SET timestarted = timestarted - 86400 WHERE state = 'failed'"
            )
            beside(made, "exception")
        assert [r.state for r in runs(nights.config())] == ["failed", "failed", "done"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_login_does_not_wait_for_a_clock_that_jumped(version: str, plugged: Sites, tmp_path: Path) -> None:
    """Back an hour, while a night is at work."""
    made = plugged(version)
    campus(made, tmp_path, *THERE, *HIS)
    by_sql(made, idnumber=NEW)
    order = json.dumps({"what": "login", "username": "new", "fields": {}})
    with locked(made):
        done = subprocess.run(
            [*PHP, "-d", f"auto_prepend_file={CLOCK}", str(ARRIVE)], env=made.environment, input=order, text=True,
            capture_output=True, cwd=made.dataroot, check=True, timeout=120,
        )  # fmt: skip
    assert json.loads(done.stdout)["courses"] == {}
