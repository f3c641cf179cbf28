"""The connection is lost: a clear word, everybody old or new, and the next night finishes exactly."""

from __future__ import annotations

import random
import time

import pytest

from greffe.errors import DatabaseError, Exit, SiteNotReadyError
from tests.faults.campus import Campus
from tests.faults.child import WRITING, night
from tests.faults.raced import Raced
from tests.faults.tally import Tally
from tests.faults.trial import Trial
from tests.lab.proxy import Wire, wire
from tests.lab.site import MoodleSite

CUTS, MANY = 10, 60
LOST = (Exit.DATABASE, Exit.NOT_READY)


def test_a_wire_cut_anywhere(campus: Campus, tally: Tally, long: bool) -> None:
    chance, count, cuts = random.Random(7), tally.of("wire cut", campus.site.engine), MANY if long else CUTS
    trial = Trial(campus, count)
    for n in range(cuts):
        campus.reset()
        moment = (n + chance.random()) / cuts * trial.writes
        with wire(campus.site.server) as cable:
            _through(campus, cable)
            with night(campus) as child:
                assert child.until(WRITING)
                time.sleep(moment)
                cable.cut()
                code = child.wait()
            _direct(campus)
        assert code in (*LOST, Exit.DONE), child.word
        assert code == Exit.DONE or "Error" in child.word
        count.hits["during the writes" if trial.told() < trial.size else "after the writes"] += 1
        trial.judge(f"cut {n} at {moment:.3f} s")


@pytest.mark.parametrize("commit", [1, 5, 17])
def test_the_answer_to_a_commit_is_lost(campus: Campus, tally: Tally, commit: int) -> None:
    """Nobody can know whether the transaction is there: the next night looks."""
    count = tally.of("answer to COMMIT lost", campus.site.engine)
    campus.more["moodle"]["writers"] = 1  # so that a COMMIT can be told by the statement before it
    trial = Trial(campus, count)
    campus.reset()
    written = 0

    def heard(data: bytes) -> bool:
        nonlocal written
        if b"INSERT" in data and b"local_greffe_change" in data:
            written += 1  # the last statement of each transaction
        return written == commit and b"COMMIT" in data

    with wire(campus.site.server) as cable:
        cable.heard = heard
        _through(campus, cable)
        with pytest.raises((DatabaseError, SiteNotReadyError)):
            campus.night()
        _direct(campus)
    assert 0 < trial.told() < trial.size
    trial.judge(f"commit {commit}")


def test_a_connection_that_the_server_ends(nights: Raced) -> None:
    nights.between(lambda: _end_others(nights.site), when=2)
    with pytest.raises((DatabaseError, SiteNotReadyError)):
        nights.night()
    nights.between(None)
    nights.assert_told()
    assert nights.night().exit is Exit.DONE
    nights.assert_complete()


def _through(campus: Campus, cable: Wire) -> None:
    campus.more["moodle"] |= {"host": "127.0.0.1", "port": cable.port}


def _direct(campus: Campus) -> None:
    for key in ("host", "port"):
        del campus.more["moodle"][key]


def _end_others(site: MoodleSite) -> None:
    if site.engine == "postgresql":
        site.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return
    for row in site.fetch(
        "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
    ):
        site.execute(f"KILL {row['id']}")
