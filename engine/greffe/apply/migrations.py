"""The way of Greffe's own tables from one schema to the next: numbered steps, each whole or marked as unfinished.

A step is a file of ``sql/own/ENGINE/migrations``, ``NNNN_name.sql``, that leads from schema NNNN - 1 to NNNN. Its blocks are
named ``migrate_NNNN_…``, run in their order, and each can run twice: MariaDB ends its transaction at every change of a table,
so a step that was killed there is run again from its first statement. On PostgreSQL it is one transaction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from greffe.errors import ArgumentError
from greffe.moodle import statements
from greffe.moodle.database import Database
from greffe.moodle.statements import Statement
from greffe.sqlroot import sql_root

_FILE = re.compile(r"(\d{4})_\w+\.sql")


@dataclass(frozen=True, slots=True)
class Step:
    """From one schema to the next."""

    leads_to: int
    statements: Sequence[Statement]

    def texts(self, db: Database) -> list[str]:
        """Its statements as they run, between what says that it has begun and that it has ended."""
        changes = [
            statements.render(s, db.quote, db.membership, words=db.words, along=db.along)
            for s in self.statements
        ]
        begun, ended = f"{self.leads_to - 1}>{self.leads_to}", str(self.leads_to)
        return [_version(db, begun), *changes, _version(db, ended)]


def steps(room: Path) -> list[Step]:
    """The steps of a directory, in order."""
    files = sorted(room.glob("*.sql"))
    return [Step(int(m[1]), statements.parse(f)) for f in files if (m := _FILE.fullmatch(f.name))]


def own_steps(engine: str) -> list[Step]:
    """Those of this Greffe."""
    return steps(sql_root() / "own" / engine / "migrations")


def ahead(known: Sequence[Step], version: str) -> list[Step]:
    """The steps from a version on; one that has begun and not ended comes again. ArgumentError where they do not lead on
    from there."""
    at = int(version.partition(">")[0])
    rest = [s for s in known if s.leads_to > at]
    if [s.leads_to for s in rest] != list(range(at + 1, at + 1 + len(rest))):
        raise ArgumentError(
            f"this Greffe has no step that leads on from schema {at}",
            todo="Install a Greffe of between, and go on from there.",
        )
    return rest


def take(db: Database, step: Step) -> None:
    """Change the tables. Raises DatabaseError; the version then says how far it came."""
    with db.transaction():
        for text in step.texts(db):
            db.run_text(text)


def _version(db: Database, version: str) -> str:
    # digits and > alone, so that whoever runs the statements by hand can run this one as it stands
    return db.text("change_schema_version").replace("%(version)s", f"'{version}'")
