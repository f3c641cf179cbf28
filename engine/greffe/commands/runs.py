"""What was run, and what one run did."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from greffe.apply import journal
from greffe.apply.schema import has_tables
from greffe.commands._session import Session, open_site
from greffe.config import Config
from greffe.errors import ArgumentError


def runs(config: Config, limit: int = 20) -> list[journal.RunRecord]:
    """The latest runs, newest first; none where Greffe never ran."""
    with open_site(config) as session:
        return journal.runs(session.db, limit) if has_tables(session.db) else []


@contextmanager
def show(
    config: Config, run: int
) -> Iterator[tuple[Session, journal.RunRecord, Iterator[journal.ChangeRecord]]]:
    """One run and its changes, which are read as they are walked."""
    with open_site(config) as session:
        if not has_tables(session.db):
            raise ArgumentError(
                "Greffe has not run on this site yet", todo="`greffe nightly` is its first run."
            )
        yield session, journal.run_by_id(session.db, run), journal.changes(session.db, run)
