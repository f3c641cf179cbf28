"""A replica that lags behind, from which Moodle reads where its configuration says so. On PostgreSQL alone: it is a schema of the
same database, with all tables as they were, which is all that an account for reading sees."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.moodle.site import Site

PASSWORD = "secret"


@contextmanager
def replica(site: Site) -> Iterator[dict[str, str]]:
    """From here on nothing new comes to the replica; the environment in which Moodle reads there."""
    if site.server.engine != "postgresql":
        pytest.skip("a replica of these tests is one of PostgreSQL")
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
