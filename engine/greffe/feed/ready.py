"""Queries that come with Greffe, by name (``apogee/ia``), and those of a site's own files."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from greffe.config.feeds import Feed
from greffe.errors import ConfigError
from greffe.sqlroot import sql_root

SYSTEMS = ("apogee",)
"""The rooms of ``sql/`` that hold them: one for each student information system."""


class Ready(NamedTuple):
    """A query and what its file says of it."""

    name: str
    about: str
    text: str


def ready_queries() -> list[Ready]:
    """All that come with Greffe, by name."""
    return [
        _read(f"{system}/{file.stem}", file)
        for system in SYSTEMS
        for file in sorted((sql_root() / system).glob("*.sql"))
    ]


def ready_query(name: str) -> Ready:
    """The one of that name; ConfigError lists the names where there is none."""
    found = {query.name: query for query in ready_queries()}
    if name not in found:
        raise ConfigError(f"there is no query {name!r}", todo=f"Known names: {', '.join(found)}")
    return found[name]


def statement_of(owner: str, feed: Feed) -> str:
    """The statement of a feed: its ``sql``, or that of its ``query``, which is a name or a file ``….sql``."""
    if feed.query is None:
        return feed.sql or ""
    if not feed.query.endswith(".sql"):
        try:
            return ready_query(feed.query).text
        except ConfigError as e:
            raise ConfigError(
                f"{owner}: {e}", todo=f"{e.todo}; or give a file whose name ends with .sql."
            ) from None
    try:
        return _read(feed.query, Path(feed.query)).text
    except UnicodeDecodeError as e:
        raise ConfigError(f"{owner}: {feed.query} is not UTF-8 (byte {e.start})") from e
    except OSError as e:
        raise ConfigError(f"{owner}: {feed.query} cannot be read: {e.strerror}") from e


def _read(name: str, file: Path) -> Ready:
    lines = file.read_text(encoding="utf-8").strip().splitlines()
    begins = next((n for n, line in enumerate(lines) if not line.startswith("--")), len(lines))
    about = "\n".join(line.removeprefix("--").removeprefix(" ") for line in lines[:begins])
    return Ready(name, about, "\n".join(lines[begins:]).strip().removesuffix(";"))
