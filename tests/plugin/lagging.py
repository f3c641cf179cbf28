"""A replica that lags behind, from which Moodle reads where its configuration says so. It is a schema of the same database, with
all tables as they were, which is all that an account for reading sees: so tests with one are ``on_postgresql``."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.moodle.site import Site

PASSWORD = "secret"
on_postgresql = pytest.mark.parametrize(
    "server", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True, scope="session"
)


@contextmanager
def replica(site: Site) -> Iterator[dict[str, str]]:
    """From here on nothing new comes to the replica; the environment in which Moodle reads there."""
    name = f"replica_{secrets.token_hex(3)}"
    config = json.loads(site.environment["GREFFE_MOODLE"])
    config["dboptions"]["readonly"] = {
        "instance": [{"dbhost": config["dbhost"], "dbuser": name, "dbpass": PASSWORD}]
    }
    with site.database() as database:
        database.run(f"CREATE SCHEMA {name}")
        for (table,) in database.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            database.run(f"CREATE TABLE {name}.{table} (LIKE public.{table} INCLUDING ALL)")
            database.run(f"INSERT INTO {name}.{table} SELECT * FROM public.{table}")
        database.run(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
        database.run(f"ALTER ROLE {name} SET search_path = {name}")
        database.run(f"GRANT USAGE ON SCHEMA {name} TO {name}")
        database.run(f"GRANT SELECT ON ALL TABLES IN SCHEMA {name} TO {name}")
        try:
            yield site.environment | {"GREFFE_MOODLE": json.dumps(config)}
        finally:
            for (table,) in database.query("SELECT tablename FROM pg_tables WHERE schemaname = %s", name):
                database.run(f"DROP TABLE {name}.{table}")  # all at once are too many locks
            database.run(f"DROP OWNED BY {name}")
            database.run(f"DROP ROLE {name}")
            database.run(f"DROP SCHEMA {name}")
