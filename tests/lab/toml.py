"""The table [moodle] of a configuration file for a database of the tests; the password stands in the environment."""

from __future__ import annotations

from tests.lab.server import Server

PASSWORD = "GREFFE_MOODLE_PASSWORD"
"""Name of the environment's variable."""


def moodle_table(server: Server, name: str) -> str:
    """How Greffe reaches the database ``name`` of a server."""
    kind = "pgsql" if server.engine == "postgresql" else "mariadb"
    place = "socket" if server.host.startswith("/") else "host"
    return f"""[moodle]
type = "{kind}"
{place} = "{server.host}"
port = {server.port}
name = "{name}"
user = "{server.user}"
password = {{ env = "{PASSWORD}" }}
prefix = "mdl_"
"""
