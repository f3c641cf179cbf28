"""Whether there is a Moodle behind the connection at all."""

from __future__ import annotations

from greffe.errors import ConfigError
from greffe.moodle.database import Database

ADVICE = (
    "Correct prefix, name or schema in [moodle] (they are $CFG->prefix, dbname and dboptions in Moodle's config.php), and "
    "see that Greffe's account may read Moodle's tables."
)


def nothing_here(db: Database) -> str:
    """The sentence for a database without a Moodle of this prefix."""
    return f"there are no tables of a Moodle with the prefix {db.prefix!r} in {db.settings.name!r}"


def refuse_without_moodle(db: Database) -> None:
    """Raise ConfigError that names the prefix where Moodle's table ``config`` is not there, or not for this account."""
    if not db.query("table_columns", tables=[db.prefix + "config"]):
        raise ConfigError(nothing_here(db), todo=ADVICE)
