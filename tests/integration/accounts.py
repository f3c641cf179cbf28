"""Database accounts with the rights that ``greffe grants`` prints, and no others."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from greffe.commands.grants import grants
from greffe.config import Config
from tests.lab.site import MoodleSite

SECRET = "secret"


@contextmanager
def account(site: MoodleSite) -> Iterator[str]:
    """An account that may do nothing; gone at the end."""
    name = "greffe_" + secrets.token_hex(4)
    if site.engine == "mariadb":
        site.execute(f"CREATE USER {name}@'%' IDENTIFIED BY '{SECRET}'")
    else:
        site.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{SECRET}'")
    try:
        yield name
    finally:
        if site.engine == "mariadb":
            site.execute(f"DROP USER {name}@'%'")
        else:
            site.execute(f"DROP OWNED BY {name}")
            site.execute(f"DROP ROLE {name}")


def statements(config: Config, writer: str, reader: str) -> dict[str, list[list[str]]]:
    """Account → its sections of statements, in order."""
    found: dict[str, list[list[str]]] = {}
    for section in grants(config, writer, reader, "%"):
        found.setdefault(section.account, []).append(section.statements)
    return found


def there(site: MoodleSite, wanted: list[str]) -> list[str]:
    """Without those about tables that a lab's site has not; a real Moodle has all of them."""
    schema = "DATABASE()" if site.engine == "mariadb" else "'public'"
    rows = site.fetch(
        f"SELECT table_name AS found FROM information_schema.tables WHERE table_schema = {schema}"
    )
    tables = {str(row["found"]) for row in rows}

    def stands(statement: str) -> bool:
        named = re.search(rf"\W({site.prefix}\w+?)(?:_id_seq)?\W", statement)
        own = "local_greffe" in statement and "CREATE" in statement
        return named is None or own or named[1] in tables

    return [s for s in wanted if stands(s)]
