"""Where Greffe's own tables are: in service, set aside for Moodle's plugin, or nowhere.

Moodle's installer refuses tables that exist. Greffe's are therefore set aside under other names before the plugin is
installed, and its db/install.php takes their rows over (classes/local/adoption.php, which knows the same names). In
service is what has its version in ``local_greffe_meta``: that table is the first to be set aside and the last to come
back, by whichever hand, so that whoever finds it without a version looks here before he makes anything new.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from greffe.errors import DatabaseError, SiteNotReadyError, TransientDatabaseError
from greffe.moodle import statements
from greffe.moodle.database import Database

PLUGIN = "local_greffe"
META = "local_greffe_meta"

SET_ASIDE = "Greffe's tables are set aside for Moodle's plugin, which has not taken them over yet"
ON_OR_BACK = (
    "Copy the plugin into Moodle and run Moodle's admin/cli/upgrade.php; or take the tables back with `greffe plugin prepare "
    "--back`."
)


@cache
def tables(engine: str) -> tuple[str, ...]:
    """Greffe's own tables, without prefix; the one that says whether they are in service comes first."""
    found = [
        made[1]
        for name, statement in statements.library(engine).items()
        if name.startswith("create_")
        and (made := re.match(r"CREATE TABLE IF NOT EXISTS \{(\w+)\}", statement.text))
    ]
    return (META, *(t for t in found if t != META))


def aside(prefix: str, table: str) -> str:
    """The whole name of a table that is set aside. It must not begin with the site's prefix: to Moodle's schema check a table
    that does is one of Moodle's, and one too many."""
    return ("kept_" if prefix.startswith("a") else "aside_") + prefix + table


@dataclass(frozen=True, slots=True)
class OwnTables:
    """Which of Greffe's tables are where, and whose they are (PostgreSQL; '' elsewhere)."""

    here: dict[str, str] = field(default_factory=dict)
    """In their place: table without prefix → owner."""
    kept: dict[str, str] = field(default_factory=dict)
    """Set aside."""

    @property
    def anywhere(self) -> bool:
        """Whether there are any."""
        return bool(self.here or self.kept)

    @classmethod
    def of(cls, db: Database) -> OwnTables:
        """As the database has it now."""
        # a server may keep names in lower case, whatever the prefix says (lower_case_table_names)
        whole = {(db.prefix + t).casefold(): t for t in tables(db.engine)}
        out = {aside(db.prefix, t).casefold(): t for t in tables(db.engine)}
        wanted = [name for t in tables(db.engine) for name in (db.prefix + t, aside(db.prefix, t))]
        found = db.query("tables_there", tables=wanted)
        names = [(str(name).casefold(), str(owner)) for name, owner in found]
        return cls(
            {whole[name]: owner for name, owner in names if name in whole},
            {out[name]: owner for name, owner in names if name in out},
        )


def refuse_elsewhere(db: Database) -> None:
    """For whoever finds no version of Greffe's tables: raise SiteNotReadyError where they are set aside, where this account
    may not read them, or where Moodle has not ended their installation."""
    own = OwnTables.of(db)
    if own.kept:
        raise SiteNotReadyError(SET_ASIDE, todo=ON_OR_BACK)
    if META not in own.here:
        return
    try:
        db.value("schema_version")
    except TransientDatabaseError:
        raise
    except DatabaseError as e:
        raise SiteNotReadyError(
            f"Greffe's tables are there, but its account may not read them: {e}",
            todo=f"Let their owner{_named(own.here[META])} grant SELECT, INSERT, UPDATE and DELETE on them, and on PostgreSQL "
            "USAGE on their sequences, to it; `greffe grants` prints the statements.",
        ) from e
    if installed(db):
        raise SiteNotReadyError(
            "Moodle has not ended the installation of its plugin local_greffe",
            todo="Run Moodle's admin/cli/upgrade.php (again): it goes on where it stopped.",
        )


def installed(db: Database) -> bool:
    """Whether Moodle knows its plugin, with an installation that has ended or not."""
    return "version" in dict(db.query("plugin_config", plugin=PLUGIN))


def _named(owner: str) -> str:
    return f" ({owner})" if owner else ""
