"""Which rights Greffe's database accounts need, read off the statements themselves.

Whoever reads needs SELECT on every table that a statement names. Whoever writes needs what the ``may_…`` probes try (the same
list as ``greffe doctor``'s), and what single statements write beside them.
"""

from __future__ import annotations

import re

import msgspec

from greffe.moodle import statements
from greffe.moodle.server_checks import DELETED

OWN = "local_greffe_"
_RIGHTS = ("SELECT", "INSERT", "UPDATE", "UPDATE (id)", "DELETE")
#: where the rows hold more than Greffe may see (passwords): these columns and no others
_COLUMNS = {
    "user": "id, username, idnumber, email, firstname, lastname, firstnamephonetic, lastnamephonetic, middlename, alternatename, "
    "auth, mnethostid, confirmed, suspended, deleted, timecreated"
}
#: a word before it says when it is asked (server_checks.privileges)
PROBE = re.compile(r"(?:[a-z]+_)?may_(add|change|delete|hold|read)_(\w+)")
_VERBS = {"add": "INSERT", "change": "UPDATE", "delete": "DELETE", "hold": "UPDATE (id)", "read": "SELECT"}
_WRITES = ((re.compile(r"INSERT INTO \{(\w+)\}"), "INSERT"), (re.compile(r"UPDATE \{(\w+)\}"), "UPDATE"))
_LOCKS = "lock_db"


class Rights(msgspec.Struct, frozen=True):
    """What one account may do with one of Moodle's tables."""

    table: str
    """Without prefix."""
    rights: tuple[str, ...]
    """In SQL's words."""

    @property
    def numbers(self) -> bool:
        """Whether it adds rows that get new ids; what went with an enrolment comes back with its old ones."""
        return "INSERT" in self.rights and self.table not in DELETED


def reading(engine: str) -> list[Rights]:
    """Of an account that only looks: audit, plan, why, history, participants, list, doctor, runs, show, health."""
    return [Rights(table, (_read(table),)) for table in sorted(_named(engine)) if table != _LOCKS]


def writing(engine: str, *, lock_rows: bool) -> list[Rights]:
    """Of the account that runs nights. ``lock_rows``: whether Moodle locks its tasks by rows of a table."""
    found = {table: {"SELECT"} for table in _named(engine)}
    for name, statement in statements.library(engine).items():
        if probe := PROBE.fullmatch(name):
            found[probe[2]].add(_VERBS[probe[1]])
        for pattern, right in _WRITES:
            for table in pattern.findall(statement.text):
                if table in found:
                    found[table].add(right)
    if not lock_rows:
        del found[_LOCKS]
    for table in found.values():
        # a right on all columns holds for one of them; MariaDB asks for none to hold rows
        if "UPDATE" in table or engine == "mariadb":
            table.discard("UPDATE (id)")
    return [
        Rights(t, tuple(_read(t) if r == "SELECT" else r for r in _RIGHTS if r in rights))
        for t, rights in sorted(found.items())
    ]


def _read(table: str) -> str:
    return f"SELECT ({_COLUMNS[table]})" if table in _COLUMNS else "SELECT"


def _named(engine: str) -> set[str]:
    """Moodle's tables that any statement names."""
    return {
        table
        for name, statement in statements.library(engine).items()
        if not name.startswith("create_")
        for table in statements.tables_of(statement)
        if not table.startswith(OWN)
    }
