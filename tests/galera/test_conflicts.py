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


def statements(lab: Lab, transaction: int) -> list[str]:
    """The statements of one transaction of an undisturbed night."""
    lab.nights.turn()
    lab.wire.set(0, 0, None)
    assert lab.nights.night().exit is Exit.DONE
    lab.same()
    assert len(lab.wire.seen) > _MIDDLE + 1
    return lab.wire.seen[transaction]


def test_a_conflict_is_learned_at_any_statement_and_the_whole_transaction_done_again(lab: Lab) -> None:
    texts = statements(lab, _FIRST)
    _at_each(
        lab,
        _FIRST,
        texts,
        [n for n, text in enumerate(texts) if text not in texts[:n] or n == len(texts) - 1],
    )


@pytest.mark.long
def test_a_conflict_at_every_statement_of_a_night(lab: Lab) -> None:
    for transaction in (_FIRST, _MIDDLE):
        texts = statements(lab, transaction)
        _at_each(lab, transaction, texts, list(range(len(texts))))


def _at_each(lab: Lab, transaction: int, texts: list[str], numbers: list[int]) -> None:
    at_stake = _at_stake(texts)
    retries = {}
    for number in numbers:
        result = lab.disturbed("conflict", transaction, number, write(lab, lab.nodes[1], REWRITE))
        assert result.exit is Exit.DONE
        retries[number] = result.applied.retries
        lab.same()
    assert retries == {n: int(n in at_stake) for n in numbers}
    assert len(texts) - 1 in retries


def _at_stake(texts: list[str]) -> set[int]:
    """Statements before which a row is held that the other node changes: from then on each of them can be the one that
    learns of it, COMMIT included."""
    found, held = set(), False
    for number, text in enumerate(texts):
        if held:
            found.add(number)
        held = text != "COMMIT" and (held or "FOR UPDATE" in text or text.startswith("UPDATE"))
    return found


@pytest.mark.parametrize("number", [-1, -2, 4])
def test_a_change_of_the_tables_on_another_node(lab: Lab, number: int) -> None:
    texts = statements(lab, _MIDDLE)
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
    file.write_text(before + "late;C3;TD0\n")
    there = "SELECT e.id, x.id AS context FROM {enrol} e JOIN {course} c ON c.id = e.courseid JOIN {context} x ON x.contextlevel = 50 AND x.instanceid = c.id WHERE c.shortname = 'C3' AND e.enrol = 'database'"
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
    assert [r for r in lab.nights.roles() if r[1] == "late"] == [("C3", "late", "student")]
    site.execute("DELETE FROM {user_enrolments} WHERE userid = %s", user)
    site.execute("DELETE FROM {role_assignments} WHERE userid = %s", user)
    site.execute("DELETE FROM {groups_members} WHERE userid = %s", user)
    site.execute("DELETE FROM {cache_flags} WHERE name = %s", str(user))
    file.write_text(before)


def test_nodes_that_write_all_the_time(lab: Lab) -> None:
    _beside_writers(lab, 4)


@pytest.mark.long
def test_nodes_that_write_all_night(lab: Lab) -> None:
    _beside_writers(lab, 150)


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
