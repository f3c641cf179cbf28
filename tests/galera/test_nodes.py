"""Nodes that die or lose the others in the middle of a night."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from greffe.commands.undo import undo
from greffe.errors import DatabaseError, Exit, ServerAwayError, SiteNotReadyError
from greffe.moodle.database import Database, connect
from greffe.moodle.settings import settings_of
from tests.galera.seasons import Lab
from tests.lab.galera import Node

#: (writers, transaction, statement): in the middle, and at COMMIT
MOMENTS = [(1, 1, 5), (2, 2, -1)]
MORE_MOMENTS = [(w, t, s) for w in (1, 2) for t in (0, 3) for s in (2, 7, -1)]
LONG = [pytest.param(*m, marks=pytest.mark.long) for m in MORE_MOMENTS]
at_moments = pytest.mark.parametrize(("writers", "transaction", "statement"), [*MOMENTS, *LONG])


# -- another node than Greffe's ------------------------------------------------------------------------------
@pytest.mark.parametrize(("writers", "transaction", "statement"), [(2, 2, -1), *LONG])
def test_another_node_is_killed(lab: Lab, writers: int, transaction: int, statement: int) -> None:
    result = lab.disturbed("other node killed", transaction, statement, lab.nodes[2].kill, writers=writers)
    assert result.exit is Exit.DONE
    lab.same()
    lab.nights.cluster.heal()
    lab.nights.through(lab.nodes[2])
    lab.same()


def test_another_node_is_cut_off(lab: Lab) -> None:
    result = lab.disturbed("other node cut off", 1, 4, lab.nodes[1].isolate)
    assert result.exit is Exit.DONE
    lab.same()
    lab.nights.cluster.heal()
    lab.nights.through(lab.nodes[1])
    lab.same()


# -- the node that Greffe uses -------------------------------------------------------------------------------
@at_moments
def test_its_own_node_is_killed_and_the_next_night_finishes_through_another(
    lab: Lab, writers: int, transaction: int, statement: int
) -> None:
    with pytest.raises((DatabaseError, SiteNotReadyError)) as raised:
        lab.disturbed("own node killed", transaction, statement, lab.nodes[0].kill, writers=writers)
    assert raised.value.exit in (Exit.DATABASE, Exit.NOT_READY)
    assert raised.value.todo
    _finished_through(lab, lab.nodes[1])


@at_moments
def test_its_own_node_is_cut_off_for_seconds_and_the_night_goes_on(
    lab: Lab, writers: int, transaction: int, statement: int
) -> None:
    lab.patch.setattr(Database, "patience", 150.0)  # a busy machine takes its time to form the cluster anew
    with _cut_off_for_a_while(lab.nodes[0], wait=statement != -1) as event:
        result = lab.disturbed("own node cut off, and back", transaction, statement, event, writers=writers)
    assert result.exit is Exit.DONE
    assert result.applied.retries >= 1
    lab.same()


@pytest.mark.parametrize(("writers", "transaction", "statement"), [(1, 1, 8), *LONG])
def test_its_own_node_stays_cut_off_and_the_next_night_finishes_through_another(
    lab: Lab, writers: int, transaction: int, statement: int
) -> None:
    lab.patch.setattr(Database, "patience", 3.0)
    own = lab.nodes[0]

    def cut_off() -> None:
        own.isolate()
        if statement != -1:  # a COMMIT meets it on its way
            own.wait("non-Primary")

    with pytest.raises(ServerAwayError, match="this Galera node is outside its cluster") as raised:
        lab.disturbed("own node cut off", transaction, statement, cut_off, writers=writers)
    assert raised.value.exit is Exit.NOT_READY
    assert "host in [moodle]" in raised.value.todo
    _finished_through(lab, lab.nodes[1])
    lab.nights.cluster.heal()
    lab.nights.through(own)
    lab.same()


def test_two_of_three_nodes_die_and_come_back(lab: Lab) -> None:
    """The one that is left has no majority: it refuses, and Greffe waits."""
    threads: list[threading.Thread] = []

    def bring_back() -> None:
        lab.nodes[0].wait("non-Primary")
        # the majority is gone for good: whoever is left is told to go on alone, as an administrator would
        lab.nodes[0].run("SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'")

    def kill() -> None:
        lab.nodes[1].kill()
        lab.nodes[2].kill()
        threads.append(threading.Thread(target=bring_back))
        threads[0].start()

    result = lab.disturbed("two of three nodes killed", 2, 5, kill)
    threads[0].join()
    assert result.exit is Exit.DONE
    lab.same()


def _finished_through(lab: Lab, node: Node) -> None:
    """The next night through another node ends in the right state, the journal of the two nights together complete."""
    node.wait()
    lab.nights.through(node)
    assert lab.nights.night().exit is Exit.DONE
    lab.same()
    assert lab.nights.endings()[-2:] in (["killed", "done"], ["failed", "done"])


@contextmanager
def _cut_off_for_a_while(node: Node, *, wait: bool) -> Iterator[Callable[[], None]]:
    threads: list[threading.Thread] = []

    def back() -> None:
        node.wait("non-Primary")
        time.sleep(0.3)
        node.isolate(False)

    def event() -> None:
        node.isolate()
        if wait:
            node.wait("non-Primary")
        threads.append(threading.Thread(target=back))
        threads[0].start()

    try:
        yield event
    finally:
        for thread in threads:
            thread.join()


# -- what is left open, and what is locked on one node only --------------------------------------------------
def test_a_transaction_that_could_not_be_rolled_back_is_not_committed_by_the_next(lab: Lab) -> None:
    """A node outside its cluster refuses ROLLBACK too; once it is back, BEGIN would commit what is still open."""
    db = connect(settings_of(lab.nights.config().moodle))
    meta = db.quote("local_greffe_meta")

    def half() -> None:
        with db.transaction():
            db.run_text(f"INSERT INTO {meta} (name, value) VALUES ('half', 'x')")
            lab.nodes[0].isolate()
            lab.nodes[0].wait("non-Primary")
            db.run_text(f"INSERT INTO {meta} (name, value) VALUES ('other half', 'x')")

    lab.tally.tried("own node cut off in an open transaction")
    with pytest.raises(ServerAwayError):
        half()
    lab.nights.cluster.heal()
    with db.transaction():
        db.run_text(f"INSERT INTO {meta} (name, value) VALUES ('whole', 'x')")
    names = {r["name"] for r in lab.nights.site.fetch("SELECT name FROM {local_greffe_meta}")}
    db.run_text(f"DELETE FROM {meta} WHERE name = 'whole'")
    db.close()
    assert names == {"schema", "whole"}


def test_a_second_greffe_through_another_node_leaves_one_at_work(lab: Lab) -> None:
    """The lock of a session holds on one node; the run that began later is the one that goes on."""
    own = lab.nodes[0]
    register: list[Callable[[], object]] = []
    ended: list[Exit] = []

    def begin() -> None:
        lab.nights.through(lab.nodes[1])
        for newer in register:
            newer()
        ended.append(lab.nights.night().exit)
        lab.nights.through(own)

    def second() -> None:
        thread = threading.Thread(target=begin)
        thread.start()
        thread.join()
        assert ended.pop() is Exit.DONE

    for transaction, statement in ((0, 0), (2, 5), (3, -1)):
        # the same register: all is done when the first one looks again
        register.clear()
        assert (
            lab.disturbed("second night through another node", transaction, statement, second).exit
            is Exit.DONE
        )
        lab.same()
        # a newer register: the first one would turn it back
        register.append(lab.nights.turn)
        with pytest.raises(SiteNotReadyError, match="another greffe has begun on this site") as raised:
            lab.disturbed("second night through another node", transaction, statement, second)
        assert raised.value.exit is Exit.NOT_READY
        lab.same(journal=False)
        assert lab.nights.endings()[-2:] == ["failed", "done"]


def test_a_connection_that_is_killed_loses_its_lock_and_ends_the_night(lab: Lab) -> None:
    own = lab.nodes[0]

    def kill_connections() -> None:
        rows = own.run(f"SELECT id FROM information_schema.processlist WHERE db = '{lab.nights.site.dbname}'")
        for (number,) in rows:
            own.run(f"KILL {number}")

    for transaction, statement in ((0, 1), (2, 6)):
        with pytest.raises((DatabaseError, SiteNotReadyError)) as raised:
            lab.disturbed("connection killed", transaction, statement, kill_connections)
        assert raised.value.exit in (Exit.DATABASE, Exit.NOT_READY)
        assert raised.value.todo
        _finished_through(lab, own)


@pytest.mark.long
def test_an_undo_is_done_again_as_a_whole_too(lab: Lab) -> None:
    before = lab.nights.enrolments(), lab.nights.roles(), lab.nights.members()
    lab.nights.turn()
    done = lab.nights.night()
    with _cut_off_for_a_while(lab.nodes[0], wait=True) as event:
        lab.wire.set(1, 4, event)
        lab.tally.tried("own node cut off in an undo")
        taken_back = undo(lab.nights.config(), done.run)
    assert lab.wire.fired
    lab.wire.set(0, 0, None)
    assert taken_back.refused == []
    assert (lab.nights.enrolments(), lab.nights.roles(), lab.nights.members()) == before
    lab.nights.mark = lab.nights.last_change()
    assert lab.nights.night().exit is Exit.DONE
    lab.same()
