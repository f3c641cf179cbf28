"""Fresh Moodle databases: every test gets its own, with Moodle's tables and what a new site has in them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pymysql.cursors
from psycopg.rows import dict_row

from greffe.demo.moodle_tables import (
    Rows,
    add_courses,
    add_users,
    create_tables,
    minimal_site,
    quoting,
)
from greffe.moodle.database import Settings

from .server import Engine, Server


@dataclass(frozen=True, slots=True)
class MoodleSite:
    """One Moodle's database. In its SQL ``{enrol}`` stands for the table ``enrol`` with prefix and quotes."""

    server: Server
    dbname: str
    prefix: str = "mdl_"

    @property
    def engine(self) -> Engine:
        """mariadb or postgresql."""
        return self.server.engine

    @property
    def host(self) -> str:
        """Address, or the directory of a socket (PostgreSQL)."""
        return self.server.host

    @property
    def port(self) -> int:
        """TCP port."""
        return self.server.port

    @property
    def user(self) -> str:
        """A user with every right."""
        return self.server.user

    @property
    def password(self) -> str:
        """That user's password."""
        return self.server.password

    @property
    def settings(self) -> Settings:
        """How Greffe connects to this database."""
        return Settings(
            engine=self.engine,
            host=self.host,
            port=self.port,
            name=self.dbname,
            user=self.user,
            password=self.password,
            prefix=self.prefix,
        )

    def connect(self, *, autocommit: bool = True) -> Any:
        """A new DB-API connection to this database; the caller closes it."""
        return self.server.connect(self.dbname, autocommit=autocommit)

    @contextmanager
    def rows(self) -> Iterator[Rows]:
        """Bulk inserts into this database, in one transaction."""
        connection = self.connect(autocommit=False)
        try:
            yield Rows(connection, self.engine, self.prefix)
            connection.commit()
        finally:
            connection.close()

    def fetch(self, sql: str, *parameters: object) -> list[dict[str, Any]]:
        """Run one statement with ``%s`` parameters in a transaction of its own; the rows it returns."""
        connection = self.connect()
        try:
            with _dict_cursor(connection) as cursor:
                cursor.execute(self._named(sql), parameters or None)
                return [dict(row) for row in cursor.fetchall()] if cursor.description else []
        finally:
            connection.close()

    def execute(self, sql: str, *parameters: object) -> None:
        """Run one statement for its effect."""
        self.fetch(sql, *parameters)

    def insert(self, table: str, **values: object) -> int:
        """Insert one row into any table of Moodle's; its id."""
        with self.rows() as rows:
            return rows.insert(table, [values])[0]

    def add_user(self, username: str, **values: object) -> int:
        """Add an account; its id."""
        with self.rows() as rows:
            return add_users(rows, [{"username": username, **values}])[0]

    def add_course(self, shortname: str, **values: object) -> int:
        """Add a course with its context and its manual method; its id."""
        with self.rows() as rows:
            return add_courses(rows, [{"shortname": shortname, **values}])[0]

    def add_cohort(self, idnumber: str, **values: object) -> int:
        """Add a cohort of the whole site, made by hand unless ``component`` says otherwise; its id."""
        usual = {
            "contextid": 1,
            "name": "By hand",
            "descriptionformat": 1,
            "timecreated": 1,
            "timemodified": 1,
        }
        return self.insert("cohort", **usual | {"idnumber": idnumber} | values)

    def add_users(self, people: list[dict[str, object]]) -> range:
        """Add many accounts at once; each gives ``username``, and all the same further columns."""
        with self.rows() as rows:
            return add_users(rows, people)

    def add_courses(self, courses: list[dict[str, object]]) -> range:
        """Add many courses at once; each gives ``shortname``, and all the same further columns."""
        with self.rows() as rows:
            return add_courses(rows, courses)

    def _named(self, sql: str) -> str:
        quote = quoting(self.engine)
        return re.sub(r"\{(\w+)\}", lambda found: quote(self.prefix + found[1]), sql)


@contextmanager
def database(server: Server, *, template: str = "") -> Iterator[str]:
    """A database with a name of its own, gone at the end; a copy of ``template`` (PostgreSQL)."""
    name = f"greffe_test_{secrets.token_hex(4)}"
    if server.engine == "mariadb":
        create = f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"
        drop = f"DROP DATABASE IF EXISTS {name}"
    else:
        create = f"CREATE DATABASE {name} TEMPLATE {template or 'template0'}"
        drop = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
    _execute(server, create)
    try:
        yield name
    finally:
        _execute(server, drop)


@contextmanager
def template(server: Server) -> Iterator[str]:
    """What fresh sites are copied from: a filled database on PostgreSQL, nothing on MariaDB, which cannot copy."""
    if server.engine == "mariadb":
        yield ""
        return
    with database(server) as name:
        fill(MoodleSite(server, name))
        yield name


@contextmanager
def fresh_site(server: Server, template: str) -> Iterator[MoodleSite]:
    """A new site's database for as long as the block runs."""
    with database(server, template=template) as name:
        site = MoodleSite(server, name)
        if not template:
            fill(site)
        yield site


def fill(site: MoodleSite) -> None:
    """Create Moodle's tables in an empty database, and the rows that a new site has."""
    with site.rows() as rows:
        create_tables(rows.query, site.engine, site.prefix)
        minimal_site(rows)


def _execute(server: Server, sql: str) -> None:
    connection = server.connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
    finally:
        connection.close()


def _dict_cursor(connection: Any) -> Any:
    if isinstance(connection, psycopg.Connection):
        return connection.cursor(row_factory=dict_row)
    return connection.cursor(pymysql.cursors.DictCursor)
