"""SIGTERM ends a night between two transactions; two nights at once are one; a killed one can be taken back."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from greffe.commands.undo import undo
from greffe.errors import Exit
from tests.faults.child import night
from tests.faults.raced import Raced
from tests.lab.toml import moodle_table


def test_sigterm_ends_a_run_between_two_transactions(nights: Raced) -> None:
    with night(nights) as child:
        nights.wait_for(2, child)
        child.terminate()
        assert child.wait() == Exit.INTERRUPTED
    assert nights.site.fetch("SELECT state FROM {local_greffe_run}")[0]["state"] == "interrupted"
    nights.assert_told()
    assert nights.night().exit is Exit.DONE
    nights.assert_complete()


def test_two_nights_at_once_are_one_night(nights: Raced) -> None:
    with night(nights) as one, night(nights) as other:
        codes = {one.wait(), other.wait()}
    assert codes <= {Exit.DONE, Exit.NOT_READY}
    assert Exit.DONE in codes
    nights.assert_complete()


def test_a_killed_run_can_be_taken_back_at_once(nights: Raced) -> None:
    with night(nights) as child:
        nights.wait_for(4, child)
        assert child.kill()
    run = nights.site.fetch("SELECT id, state FROM {local_greffe_run}")[0]
    assert run["state"] == "running"
    done = undo(nights.config(), run["id"])
    assert done.refused == []
    assert nights.state() == ({}, [], [])


def test_sigterm_before_the_first_write_is_an_interruption_too(nights: Raced, tmp_path: Path) -> None:
    nights.config()  # the password stands in the environment from here on
    file = tmp_path / "greffe.toml"
    file.write_text(
        moodle_table(nights.site.server, nights.site.dbname)
        + '[feed.ip]\ndsn = "postgresql://x@127.0.0.1:1/x"\nsql = "x"\npassword = { command = "sleep 15" }\nperson = "who"\n[[course]]\nfeed = "ip"\ncourse = "{{ course }}"\n'
    )
    with subprocess.Popen(
        [sys.executable, "-m", "greffe", "-c", str(file), "nightly"], stderr=subprocess.PIPE, text=True
    ) as process:
        until = time.monotonic() + 20
        while time.monotonic() < until and not _running(nights):
            time.sleep(0.05)
        time.sleep(0.3)
        process.terminate()
        try:
            assert process.wait(20) == Exit.INTERRUPTED
        finally:
            process.kill()
    assert nights.site.fetch("SELECT state FROM {local_greffe_run}")[0]["state"] == "interrupted"


def _running(nights: Raced) -> bool:
    try:
        return bool(nights.site.fetch("SELECT id FROM {local_greffe_run}"))
    except Exception:  # the tables are not there yet
        return False
