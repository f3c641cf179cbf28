"""Greffe's own tables on their way to Moodle's plugin: set aside, taken back, and dropped once their rows were taken over."""

from __future__ import annotations

from dataclasses import dataclass, field

from greffe.apply.schema import SCHEMA, refuse_beside_installer, stored_version, unfit
from greffe.commands._session import Session, open_site
from greffe.config import Config
from greffe.errors import ArgumentError, DatabaseError, SiteNotReadyError
from greffe.moodle.database import Database
from greffe.moodle.owntables import META, OwnTables, aside, installed, tables

UPGRADE = (
    "Copy moodle_plugin/local/greffe to local/greffe of Moodle's code (5.1: public/local/greffe), then run Moodle's "
    "admin/cli/upgrade.php: it takes every row over."
)
_RIGHT = (
    "Let the account that owns these tables do this (PostgreSQL: only the owner may rename or drop; MariaDB: ALTER, DROP, "
    "CREATE and INSERT on them); `--dry-run` prints the statements. Then run the same command again: it goes on."
)


@dataclass(slots=True)
class Handling:
    """What was done, or would be, to Greffe's own tables."""

    statements: list[str] = field(default_factory=list)
    """In the order in which they run; none: nothing is to be done."""
    done: bool = False
    next: str = ""
    """What is to be done now, by whom."""


def prepare(config: Config, *, back: bool = False, dry_run: bool = False) -> Handling:
    """Set Greffe's tables aside, so that Moodle's installer can make its own; ``back``: undo that. ``dry_run``: only say how.

    Raises ArgumentError where there is no way from here, SiteNotReadyError while another Greffe is at work.
    """
    with open_site(config) as session, session.locked(()):
        own = OwnTables.of(session.db)
        version = stored_version(session.db)
        if version not in (None, SCHEMA) and not back:
            raise unfit(session.db, version)  # the plugin would not take them over
        statements = _back(session.db, own) if back else _away(session.db, own)
        handling = Handling(statements)
        if not (dry_run or not statements):
            _run(session.db, statements)
            handling.done = True
        if back:
            handling.next = "Greffe works as before."
        elif statements or own.kept:
            handling.next = UPGRADE
        else:
            handling.next = "Moodle's installer is in nobody's way here."
        return handling


def finish(config: Config, *, dry_run: bool = False) -> Handling:
    """Drop the tables that were set aside, once Moodle's plugin has counted all their rows into its own."""
    with open_site(config) as session, session.locked(()):
        own = OwnTables.of(session.db)
        if own.kept:
            _refuse_not_adopted(session)
        drop = [
            session.db.text_of("drop_table", table=aside(session.db.prefix, t))
            for t in reversed(tables(session.db.engine))
            if t in own.kept
        ]
        handling = Handling(drop, next="Nothing is left to do." if drop else "")
        if drop and not dry_run:
            _run(session.db, drop)
            handling.done = True
        return handling


def _away(db: Database, own: OwnTables) -> list[str]:
    """Statements that set aside what is in its place; the table that says whether the others are in service goes first."""
    if installed(db):
        if own.kept and META in own.here:
            return []  # its installation is under way, or has ended
        raise ArgumentError(
            "Moodle's plugin is installed: Greffe's tables are its own already, and nothing is to be prepared",
            todo="`greffe doctor` tells whether all is well.",
        )
    refuse_beside_installer(
        db
    )  # what it has just made is empty, and looks like the leavings of one that was cut off
    made = _leavings(db, own)
    role = _moodles_role(db)
    for table in (t for t in tables(db.engine) if t in own.here and t not in own.kept):
        made += _renaming(db, db.prefix + table, aside(db.prefix, table))
        if role:
            made.append(db.text_of("let_read", table=aside(db.prefix, table), role=role))
    return made


def _back(db: Database, own: OwnTables) -> list[str]:
    """Statements that bring everything back; the table that says so comes last."""
    if not own.kept:
        return []
    if installed(db):
        raise ArgumentError(
            "Moodle's plugin is installed, and has its own tables in this place",
            todo="Uninstall it first (Moodle's admin/cli/uninstall_plugins.php --plugins=local_greffe --run), or let "
            "admin/cli/upgrade.php end what it began.",
        )
    made = _leavings(db, own)
    for table in reversed([t for t in tables(db.engine) if t in own.kept]):
        made += _renaming(db, aside(db.prefix, table), db.prefix + table)
    return made


def _leavings(db: Database, own: OwnTables) -> list[str]:
    """Empty tables of an installation that was cut off stand in the way of the next one, and of what comes back."""
    both = [t for t in own.here if t in own.kept]
    for table in both:
        if db.run_text(db.text_of("any_row", table=db.prefix + table)):
            raise ArgumentError(
                f"{db.prefix + table} holds rows, and so does {aside(db.prefix, table)}, which was set aside",
                todo="Look which of them is wanted, and rename or drop the other with the database's own client.",
            )
    return [db.text_of("drop_table", table=db.prefix + t) for t in both]


def _renaming(db: Database, was: str, becomes: str) -> list[str]:
    statements = [db.text_of("rename_table", was=was, becomes=becomes)]
    if db.engine == "postgresql":
        sequence = db.value("sequence_of", table=was)
        if sequence:
            statements.append(db.text_of("rename_sequence", was=str(sequence), becomes=f"{becomes}_id_seq"))
    return statements


def _moodles_role(db: Database) -> str:
    """The role of PostgreSQL that Moodle has, if it is another one: the owner of Moodle's own tables."""
    if db.engine != "postgresql":
        return ""
    owners = {str(owner) for _, owner in db.query("tables_there", tables=[db.prefix + "config"])}
    return "".join(owners - {str(db.value("current_role"))})


def _run(db: Database, statements: list[str]) -> None:
    try:
        # one step on PostgreSQL; MariaDB ends a transaction at each of them, which their order is made for
        with db.transaction():
            for statement in statements:
                db.run_text(statement)
    except DatabaseError as e:
        raise type(e)(str(e), todo=_RIGHT) from e


def _refuse_not_adopted(session: Session) -> None:
    try:
        adopted = session.db.value("adopted")
    except DatabaseError:
        adopted = None
    if not adopted:
        raise SiteNotReadyError(
            "Moodle's plugin has not taken over the tables that are set aside",
            todo=f"{UPGRADE} Or take them back with `greffe plugin prepare --back`.",
        )
