"""Any statement of Greffe, as it will run on this site."""

from __future__ import annotations

import re

from greffe.config import Config
from greffe.moodle import statements
from greffe.moodle.settings import settings_of
from greffe.moodle.statements import Statement

_PARAMETER = re.compile(r"%[(](\w+)[)]s")


def names(config: Config) -> list[Statement]:
    """All statements of the site's engine."""
    return [s for _, s in sorted(statements.library(settings_of(config.moodle).engine).items())]


def sql(config: Config, name: str) -> str:
    """The statement with the site's prefix; parameters appear as ``:name``.

    No connection is made for it, so that it works where the database is down.
    """
    from greffe.moodle.mariadb import MariaDB
    from greffe.moodle.postgresql import PostgreSQL

    settings = settings_of(config.moodle)
    engine = PostgreSQL if settings.engine == "postgresql" else MariaDB
    statement = statements.find(settings.engine, name)

    def quote(table: str) -> str:
        q = engine.quote_mark
        return q + (settings.prefix + table).replace(q, q + q) + q

    text = statements.render(
        statement,
        quote,
        engine.membership,
        spelling=engine.spelling,
        each=(5,),
        table="TABLE",
        columns=("columns",),
        words=engine.words,
    )
    text = re.sub(r"\{/?rows\}", "", text)
    text = re.sub(r"\{whole:(\w+)\}", lambda m: m[1].upper(), text)
    about = "\n".join(f"-- {line}" for line in statement.about.splitlines())
    readable: str = _PARAMETER.sub(r":\1", text).replace("%%", "%")
    return f"{about}\n{readable};"
