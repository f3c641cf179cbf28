"""Another node writes to the rows of an open transaction: whichever statement learns of it, all of it is done again."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from contextlib import suppress

import pymysql
import pytest

from greffe.errors import DatabaseError, DeadlockError, Exit
from greffe.moodle.database import connect
from greffe.moodle.settings import settings_of
from tests.galera.seasons import Lab, Seasons
from tests.lab.galera import Node
from tests.lab.site import MoodleSite

#: changes every enrolment and every flag, and nothing that anybody compares
REWRITE = "UPDATE {user_enrolments} ue JOIN {cache_flags} f SET ue.modifierid = ue.modifierid + 1, f.expiry = f.expiry + 1"
#: done on all nodes at the same place of the order; what is open on the table has to go
DDL = "ALTER TABLE {user_enrolments} COMMENT = '%s'"
_MIDDLE = 2
_FIRST = 0
"""The transaction before which everybody's flag is raised."""


def write(lab: Lab, node: Node, sql: str) -> Callable[[], None]:
    """An event: another node writes, and the first node has it when the event is over."""
    database = lab.nights.site.dbname

    def event() -> None:
        MoodleSite(node.server, database).execute(sql)
        connection = lab.nodes[0].server.connect(database)
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION wsrep_sync_wait = 1")
            cursor.execute("SELECT COUNT(*) FROM mdl_config WHERE id = 0")
        connection.close()

    return event


def statements(lab: Lab) -> list[list[str]]:
    """The statements of an undisturbed night, by transaction."""
    lab.nights.turn()
    lab.wire.set(0, 0, None)
    assert lab.nights.night().exit is Exit.DONE
    lab.same()
    assert len(lab.wire.seen) > _MIDDLE + 1
    return lab.wire.seen


def test_a_conflict_is_learned_at_any_statement_and_the_whole_transaction_done_again(lab: Lab) -> None:
    texts = statements(lab)[_FIRST]
    for number, text in enumerate(texts):
        if text not in texts[:number] or number == len(texts) - 1:
            retries = _conflict(lab, _FIRST, number)
            assert retries == _at_stake(lab.wire.seen[_FIRST][:number])


def test_a_conflict_at_the_statements_of_an_unenrolment(lab: Lab) -> None:
    first, *_, last = seen = statements(lab)
    numbers = [n for n, text in enumerate(last) if text not in first and text not in last[:n]]
    retries = [_conflict(lab, len(seen) - 1, number) for number in numbers]
    assert set(retries) == {0, 1}


@pytest.mark.long
def test_a_conflict_at_every_statement_of_a_night(lab: Lab) -> None:
    night, other = statements(lab), statements(lab)  # winter's and summer's
    retries = [
        _conflict(lab, transaction, number)
        for transaction, both in enumerate(zip(night, other, strict=False))
        for number in range(min(map(len, both)))
    ]
    assert sum(retries) > len(retries) / 4


def _conflict(lab: Lab, transaction: int, number: int) -> int:
    """One disturbed night; how often it began a transaction again."""
    result = lab.disturbed("conflict", transaction, number, write(lab, lab.nodes[1], REWRITE))
    assert result.exit is Exit.DONE
    lab.same()
    return result.applied.retries


def _at_stake(before: list[str]) -> bool:
    """Whether a transaction that has come so far holds a row that the other node changes: then whatever comes next learns
    of it, COMMIT included."""
    held = False
    for text in before:
        locks = "FOR UPDATE" in text or text.startswith(("UPDATE", "DELETE"))
        held = text != "COMMIT" and (held or (locks and ("user_enrolments" in text or "cache_flags" in text)))
    return held


@pytest.mark.parametrize("number", [-1, -2, 4])
def test_a_change_of_the_tables_on_another_node(lab: Lab, number: int) -> None:
    texts = statements(lab)[_MIDDLE]
    at = len(texts) + number if number < 0 else number
    result = lab.disturbed("DDL elsewhere", _MIDDLE, at, write(lab, lab.nodes[2], DDL % f"at {number}"))
    assert result.exit is Exit.DONE
    lab.same()


def test_a_row_that_another_node_makes_meanwhile_is_not_made_twice(lab: Lab) -> None:
    """Nothing is locked across nodes: both insert the same key, and the second COMMIT loses."""
    site = lab.nights.site
    user = site.add_user("late", idnumber="late")
    lab.nights.rules[0]["group"] = "{{ td }}"
    file = lab.nights.directory / "ip.csv"
    before = file.read_text()
    file.write_text(before + "late;C2;TD0\n")
    there = "SELECT e.id, x.id AS context FROM {enrol} e JOIN {course} c ON c.id = e.courseid JOIN {context} x ON x.contextlevel = 50 AND x.instanceid = c.id WHERE c.shortname = 'C2' AND e.enrol = 'database'"
    enrol = site.fetch(there)[0]["id"]
    sql = f"INSERT INTO {{user_enrolments}} (enrolid, userid, status, timeend) VALUES ({enrol}, {user}, 0, 0)"
    lab.wire.set(0, -1, write(lab, lab.nodes[1], sql))
    lab.tally.tried("same row born on another node")
    result = lab.nights.night()
    assert lab.wire.fired
    lab.wire.set(0, 0, None)
    assert result.exit is Exit.DONE
    assert result.applied.retries == 1
    assert result.counts == {"assign-role": 1, "join-group": 1}
    count = "SELECT COUNT(*) AS n FROM {user_enrolments} WHERE userid = %s"
    assert site.fetch(count, user) == [{"n": 1}]
    assert [r for r in lab.nights.roles() if r[1] == "late"] == [("C2", "late", "student")]
    site.execute("DELETE FROM {user_enrolments} WHERE userid = %s", user)
    site.execute("DELETE FROM {role_assignments} WHERE userid = %s", user)
    site.execute("DELETE FROM {groups_members} WHERE userid = %s", user)
    site.execute("DELETE FROM {cache_flags} WHERE name = %s", str(user))
    file.write_text(before)


def test_nodes_that_write_all_the_time(lab: Lab) -> None:
    _beside_writers(lab, 4)


@pytest.mark.long
def test_nodes_that_write_all_night(lab: Lab) -> None:
    _beside_writers(lab, 60)


def _beside_writers(lab: Lab, nights: int) -> None:
    ended = threading.Event()
    threads = [
        threading.Thread(target=_writer, args=(lab.nights, node, ended, seed))
        for seed, node in enumerate(lab.nodes[1:])
    ]
    for thread in threads:
        thread.start()
    retries = 0
    try:
        for number in range(nights):
            lab.nights.turn()
            lab.patch.setitem(lab.nights.more["moodle"], "writers", 1 + number % 2)
            lab.tally.tried("writers on two other nodes")
            result = lab.nights.night()
            assert result.exit is Exit.DONE
            retries += result.applied.retries
            lab.same()
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    assert retries, "the writers never met Greffe"


def _writer(nights: Seasons, node: Node, ended: threading.Event, seed: int) -> None:
    """Somebody who changes a few rows of Moodle's at a time, as pages do."""
    chance = random.Random(seed)
    connection = node.server.connect(nights.site.dbname)
    tables = {
        "user_enrolments": "modifierid = modifierid + 1",
        "role_assignments": "sortorder = sortorder + 1",
        "groups": "picture = 1 - picture",
        "cache_flags": "expiry = expiry + 1",
    }
    with connection.cursor() as cursor:
        while not ended.wait(0.02):
            table, change = chance.choice(list(tables.items()))
            with suppress(pymysql.Error):  # it is the one that gives way, now and then
                cursor.execute(f"UPDATE mdl_{table} SET {change} WHERE id %% 7 = %s", (chance.randrange(7),))
    connection.close()


def test_a_conflict_that_is_swallowed_fails_at_the_commit(lab: Lab) -> None:
    """The server would answer COMMIT with OK, having kept only what came after the conflict."""
    db = connect(settings_of(lab.nights.config().moodle))
    table, meta = db.quote("user_enrolments"), db.quote("local_greffe_meta")
    event = write(lab, lab.nodes[1], REWRITE)

    def swallow() -> None:
        with db.transaction():
            db.run_text(f"UPDATE {table} SET modifierid = modifierid + 100")
            event()
            with suppress(DatabaseError):
                db.run_text("SELECT 1")
            db.run_text(f"INSERT INTO {meta} (name, value) VALUES ('swallowed', 'x')")

    before = lab.nights.site.fetch("SELECT MAX(modifierid) AS n FROM {user_enrolments}")[0]["n"]
    with pytest.raises(DeadlockError, match="1213"):
        swallow()
    assert lab.nights.site.fetch("SELECT MAX(modifierid) AS n FROM {user_enrolments}") == [{"n": before + 1}]
    db.execute("advance_run", run=0, changes=0)  # the connection is as good as before
    db.close()
    lab.nights.site.execute("DELETE FROM {local_greffe_meta} WHERE name = 'swallowed'")
