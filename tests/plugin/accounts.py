"""Moodle and Greffe as two accounts of the database server, each with no more rights than the guide gives it."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace

from greffe.moodle.owntables import aside, tables
from tests.lab.server import Server
from tests.moodle.database import Database, connected

PREFIX = "mdl_"


@dataclass(frozen=True)
class Accounts:
    """Two accounts on one server; who made them is ``server``."""

    server: Server
    moodle: Server
    greffe: Server

    def look(self, name: str) -> contextlib.AbstractContextManager[Database]:
        """A connection to a database, as who made the accounts."""
        return connected(self.server, name)

    def admin(self, name: str, *statements: str) -> None:
        """Statements in a database, as who made the accounts."""
        with connected(self.server, name) as database:
            for statement in statements:
                database.run(statement)

    def let_write(self, name: str) -> None:
        """Greffe's rights on a Moodle's database before the plugin is there (docs/en/plugin.md)."""
        who = self.greffe.user
        if self.server.engine == "postgresql":
            self.admin(
                name,
                f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {who}",
                f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {who}",
                f"GRANT CREATE ON SCHEMA public TO {who}",
            )
            return
        with connected(self.server, name) as database:
            moodles = [str(table) for (table,) in database.query("SHOW TABLES")]
        own = [n for t in tables("mariadb") for n in (PREFIX + t, aside(PREFIX, t))]
        self.admin(
            name,
            *(f"GRANT SELECT, INSERT, UPDATE, DELETE ON `{name}`.`{t}` TO {who}@'%'" for t in moodles),
            *(
                f"GRANT CREATE, ALTER, DROP, SELECT, INSERT, UPDATE, DELETE ON `{name}`.`{t}` TO {who}@'%'"
                for t in own
            ),
        )

    def no_more_tables(self, name: str) -> None:
        """From here on Greffe may make, change and drop no table in Moodle's place."""
        who = self.greffe.user
        if self.server.engine == "postgresql":
            self.admin(name, f"REVOKE CREATE ON SCHEMA public FROM {who}")
        else:
            own = [PREFIX + t for t in tables("mariadb")]
            self.admin(name, *(f"REVOKE CREATE, ALTER, DROP ON `{name}`.`{t}` FROM {who}@'%'" for t in own))

    def without_one_right(self, name: str) -> None:
        """Greffe may no longer delete who waits."""
        host = "" if self.server.engine == "postgresql" else "@'%'"
        self.admin(name, f"REVOKE DELETE ON {PREFIX}local_greffe_waiting FROM {self.greffe.user}{host}")

    def let_write_own(self, name: str) -> None:
        """It may again."""
        host = "" if self.server.engine == "postgresql" else "@'%'"
        self.admin(name, f"GRANT DELETE ON {PREFIX}local_greffe_waiting TO {self.greffe.user}{host}")

    def cut_off(self, name: str, who: Server) -> None:
        """End the connections of an account to a database: those of a process that was killed."""
        with connected(self.server, name) as database:
            if self.server.engine == "postgresql":
                database.query(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = %s",
                    name, who.user,
                )  # fmt: skip
                return
            for (number,) in database.query(
                "SELECT id FROM information_schema.processlist WHERE db = %s AND user = %s", name, who.user
            ):
                with contextlib.suppress(Exception):  # it has ended by itself
                    database.run(f"KILL {number}")


@contextlib.contextmanager
def two_accounts(server: Server) -> Iterator[Accounts]:
    """They are gone at the end, and so must be what they own."""
    mark = secrets.token_hex(3)
    names = [f"moodle_{mark}", f"greffe_{mark}"]
    with connected(server, "") as database:
        for name in names:
            if server.engine == "postgresql":
                database.run(f"CREATE ROLE {name} LOGIN CREATEDB PASSWORD 'secret'")
            else:
                database.run(f"CREATE USER {name}@'%' IDENTIFIED BY 'secret'")
        if server.engine == "postgresql":
            database.run(f"ALTER ROLE {names[1]} NOCREATEDB")
            # it drops its database while the other's last connection, or the server's vacuum, may still be in it
            database.run(f"GRANT pg_signal_backend TO {names[0]}")
        else:
            database.run(f"GRANT ALL ON `{names[0]}\\_%`.* TO {names[0]}@'%'")
        try:
            moodle, greffe = (replace(server, user=name, password="secret") for name in names)
            yield Accounts(server, moodle, greffe)
        finally:
            for name in names:
                database.run(
                    f"DROP ROLE {name}" if server.engine == "postgresql" else f"DROP USER {name}@'%'"
                )
