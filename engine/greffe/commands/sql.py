"""Any statement of Greffe, as it will run on this site."""

from __future__ import annotations

import re

from greffe.config import Config
from greffe.feed.ready import Ready, ready_queries, ready_query
from greffe.moodle import statements
from greffe.moodle.settings import settings_of
from greffe.moodle.statements import Statement

_PARAMETER = re.compile(r"%[(](\w+)[)]s")


def names(config: Config) -> list[Statement | Ready]:
    """All statements of the site's engine, and the queries that feeds can be read with."""
    return [
        *(s for _, s in sorted(statements.library(settings_of(config.moodle).engine).items())),
        *ready_queries(),
    ]


def sql(config: Config, name: str) -> str:
    """The statement with the site's prefix; parameters appear as ``:name``. A feed's query (``apogee/ia``) as it is.

    No connection is made for it, so that it works where the database is down.
    """
    if "/" in name:
        query = ready_query(name)
        return f"{_commented(query.about)}\n{query.text};"
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
    readable: str = _PARAMETER.sub(r":\1", text).replace("%%", "%")
    return f"{_commented(statement.about)}\n{readable};"


def _commented(about: str) -> str:
    return "\n".join(f"-- {line}".rstrip() for line in about.splitlines())
