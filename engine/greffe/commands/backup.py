"""``greffe backup`` and ``greffe restore``: Greffe's own tables as one file, and back."""

from __future__ import annotations

from pathlib import Path

import msgspec

from greffe.apply import backup as rows
from greffe.apply import backupfile
from greffe.apply.backupfile import Head
from greffe.apply.schema import RESTORING, SCHEMA, ensure_tables, has_tables, stored_version
from greffe.commands._session import Session, Silent, Watcher, open_site
from greffe.config import Config
from greffe.errors import ArgumentError, RefusedError, SiteNotReadyError
from greffe.moodle.locks import SiteLocks
from greffe.moodle.owntables import installed


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What was written to a file, or brought back from one."""

    file: str
    rows: int
    tables: dict[str, int]
    """Rows of each."""
    schema: str
    site: str
    made: int
    """When the backup was made: seconds since 1970, by the database's clock."""
    done: bool
    there: int = 0
    """Rows that stood there before a restore: they go."""


def backup(config: Config, file: Path, watcher: Watcher | None = None) -> Kept:
    """Write every row of Greffe's own tables to ``file``, as one moment between two runs saw them.

    The file is readable by its owner only, and there as a whole or not at all. Raises SiteNotReadyError while another Greffe is
    at work, ArgumentError where there is nothing to keep or no place to write to.
    """
    watcher = watcher or Silent()
    with open_site(config) as session, session.locked(()):
        db = session.db
        if not has_tables(db):
            raise ArgumentError(
                "Greffe has no tables here yet",
                todo="The first night makes them; nothing is to be kept before.",
            )
        with db.transaction(snapshot=True):
            head = rows.head(db, session.now())
            watcher.step("Writing the backup", head.rows)
            try:
                with backupfile.writing(file, head) as writer:
                    rows.dump(db, head, writer, watcher.advance)
            except OSError as e:
                raise ArgumentError(
                    f"{file}: cannot be written: {e.strerror or e}",
                    todo="Name a place with room that can be written.",
                ) from e
    return _told(file, head, done=True)


def restore(
    config: Config, file: Path, *, replace: bool = False, dry_run: bool = False, watcher: Watcher | None = None
) -> Kept:  # fmt: skip
    """Bring back what a backup holds; ``replace``: in place of what is there. ``dry_run``: check the file and the site only.

    Nothing is written before the whole file has been read and its checksum is right. From then on until all is back no other
    command works with these tables. Raises RefusedError for a file that is damaged, another site's or another schema's, and
    where tables hold rows and ``replace`` is not given.
    """
    watcher = watcher or Silent()
    watcher.step("Checking the backup")
    try:
        head = backupfile.check(file)
    except OSError as e:
        raise ArgumentError(f"{file}: cannot be read: {e.strerror or e}") from e
    with open_site(config) as session, session.locked(()) as locks:
        _refuse_foreign(session, file, head)
        half = stored_version(session.db) == RESTORING
        if not half and not dry_run:
            ensure_tables(session.db)
        if not half and (not dry_run or has_tables(session.db)):
            _refuse_occupied(session, replace=replace)
        there = rows.held(session.db) if half or has_tables(session.db) else 0
        if not dry_run:
            _bring_back(session, locks, file, watcher)
    return _told(file, head, done=not dry_run, there=there)


def _bring_back(session: Session, locks: SiteLocks, file: Path, watcher: Watcher) -> None:
    db = session.db

    def go_on() -> None:
        if not locks.still_held():
            raise SiteNotReadyError(
                "the lock of this site was lost with its connection",
                todo="Run the same `greffe restore FILE` again: it begins anew.",
            )

    _refuse_other_columns(session, file)
    db.execute("change_schema_version", version=RESTORING)
    watcher.step("Making room")
    rows.clear(db, go_on)
    settle = rows.for_the_plugin(session.now()) if installed(db) else rows.as_it_was
    with backupfile.reading(file) as (head, lines):
        watcher.step("Bringing the rows back", head.rows)
        rows.load(db, lines, settle, go_on, watcher.advance)
    go_on()
    db.execute("change_schema_version", version=SCHEMA)


def _refuse_foreign(session: Session, file: Path, head: Head) -> None:
    site = rows.site_identifier(session.db)
    if head.site != site:
        raise RefusedError(
            f"{file}: is of another Moodle ({head.site or 'one without an identifier'}; this one is {site or 'without one'})",
            todo="Ids of courses and people mean nothing elsewhere: name this site's own backup, or another configuration (-c).",
        )
    here = rows.place_of(session.db)
    if not site and head.place != here:
        # empty equals empty: any two sites without an identifier would pass for one
        raise RefusedError(
            f"{file}: nothing tells whether it is this site's: neither has an identifier, and it was made on "
            f"{head.place or 'another database'}, this is {here}",
            todo="Name this site's own backup, or another configuration (-c). A Moodle that has its identifier (`siteidentifier` "
            "in its table config) is known wherever its database moves.",
        )
    if head.schema != SCHEMA:
        older = head.schema.isdecimal() and int(head.schema) < int(SCHEMA)
        then = ", then run `greffe migrate` with this one." if older else ", or a newer one."
        raise RefusedError(
            f"{file}: is of schema {head.schema}; this Greffe knows schema {SCHEMA}",
            todo=f"Restore it with the Greffe that made it ({head.greffe}){then}",
        )


def _refuse_other_columns(session: Session, file: Path) -> None:
    with backupfile.reading(file) as (head, _):
        known = {t: sorted(rows.columns(session.db, t)) for t in rows.register_tables(session.db.engine)}
        if {t.name: t.columns for t in head.tables} != known:
            raise RefusedError(
                f"{file}: its tables have other columns than Greffe's have here",
                todo="`greffe doctor` tells whether these tables are as they should be.",
            )


def _refuse_occupied(session: Session, *, replace: bool) -> None:
    if not replace and (there := rows.occupied(session.db)):
        raise RefusedError(
            f"Greffe's tables hold rows already: {', '.join(there)}",
            todo="Keep them first (`greffe backup`), then give --replace: what is there goes, what the file holds comes.",
        )


def _told(file: Path, head: Head, *, done: bool, there: int = 0) -> Kept:
    counts = {t.name: t.rows for t in head.tables}
    return Kept(
        file=str(file), rows=head.rows, tables=counts, schema=head.schema, site=head.site, made=head.made, done=done,
        there=there,
    )  # fmt: skip
