"""The physical limit: the rows of a first load, journal included, copied by the database itself."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from tests.moodle.database import Database

TABLES = {
    "enrol": "id",
    "user_enrolments": "enrolid, userid",
    "role_assignments": "itemid, userid",
    "cache_flags": "id",
    "local_greffe_change": "id",
    "local_greffe_scope": "id",
}
"""What a first load writes, each with the order in which Greffe writes it."""
FIRST_LOAD = {"enrol": "enrol = 'database'"}
"""Which rows of a table are meant, where not all of them are."""


JOURNAL = "local_greffe_change"


@dataclass(frozen=True, slots=True)
class Limit:
    """What the database itself takes for the rows of a first load."""

    seconds: float
    """All of them."""
    journal: float
    """Those of the journal alone."""


def limit(db: Database, rounds: int, only: Mapping[str, str] = FIRST_LOAD) -> Limit:
    """The best time of so many for INSERT … SELECT of these rows, in one transaction, from ready tables in key order into
    tables with the same columns and indexes, which hold what else was there. The database is the one that Greffe has just
    filled; ``only``: table → the condition of the rows that are meant.
    """
    for table, order in TABLES.items():
        where = only.get(table, "1 = 1")
        db.run(f"CREATE TABLE ready_{table} AS SELECT * FROM mdl_{table} WHERE {where} ORDER BY {order}")
    if db.server.engine == "postgresql":
        db.run("ANALYZE")
    else:
        db.run("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")  # as Greffe's own transactions
    best = min((_copy(db, only) for _ in range(rounds)), key=lambda found: found.seconds)
    for table in TABLES:
        db.run(f"DROP TABLE ready_{table}")
    return best


def _copy(db: Database, only: Mapping[str, str]) -> Limit:
    kind = "{0} LIKE {1}" if db.server.engine == "mariadb" else "{0} (LIKE {1} INCLUDING ALL)"
    for table in TABLES:
        db.run("CREATE TABLE " + kind.format(f"limit_{table}", f"mdl_{table}"))
        if table in only:
            db.run(f"INSERT INTO limit_{table} SELECT * FROM mdl_{table} WHERE NOT ({only[table]})")
    if db.server.engine == "postgresql":
        db.run("CHECKPOINT")
    columns = {table: _columns(db, table) for table in TABLES}
    journal = 0.0
    start = time.perf_counter()
    with db.transaction():
        for table, order in TABLES.items():
            listed, began = columns[table], time.perf_counter()
            db.run(
                f"INSERT INTO limit_{table} ({listed}) SELECT {listed} FROM ready_{table} ORDER BY {order}"
            )
            if table == JOURNAL:
                journal = time.perf_counter() - began
    seconds = time.perf_counter() - start
    for table in TABLES:
        db.run(f"DROP TABLE limit_{table}")
    return Limit(seconds, journal)


def _columns(db: Database, table: str) -> str:
    """All columns but the id, which the database gives here as it gives it to Greffe."""
    with db.raw.cursor() as cursor:
        cursor.execute(f"SELECT * FROM mdl_{table} WHERE 1 = 0")
        return ", ".join(column[0] for column in cursor.description if column[0] != "id")
