"""``greffe grants``: what to grant to Greffe's database accounts, as statements for whoever administers the server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import msgspec

from greffe.config import Config
from greffe.moodle import statements
from greffe.moodle.database import Settings
from greffe.moodle.grants import Rights, reading, writing
from greffe.moodle.owntables import tables
from greffe.moodle.settings import locks_of, settings_of

_USE = ("SELECT", "INSERT", "UPDATE", "DELETE")


class Section(msgspec.Struct, frozen=True):
    """Statements that belong together."""

    account: str
    about: str
    """Whose rights they are, and when and by whom they are to be run."""
    statements: list[str]


def grants(config: Config, writer: str, reader: str, host: str) -> list[Section]:
    """The rights of an account that runs nights and of one that only looks. No connection is made. ``host``: from where they
    connect (MariaDB)."""
    settings = settings_of(config.moodle)
    lock_rows = locks_of(config.moodle).factory == "db_record"
    make = _maria if settings.engine == "mariadb" else _postgres
    return make(settings, writing(settings.engine, lock_rows=lock_rows), writer, reader, host)


def _maria(s: Settings, writes: list[Rights], writer: str, reader: str, host: str) -> list[Section]:
    own = tables("mariadb")

    def of(user: str) -> _Grant:
        return _grant(s, "`", {"database": s.name, "user": user, "host": host})

    write, read = of(writer), of(reader)
    # the name is a pattern there
    whole = {"database": re.sub(r"([_%\\])", r"\\\1", s.name)}
    return [
        Section(
            writer,
            "It runs nights. CREATE is for the first one, which makes Greffe's own tables; it can be revoked afterwards.",
            [
                write("grant_on_database", ("CREATE",), **whole),
                *(write("grant_on_table", r.rights, r.table) for r in writes),
                *(write("grant_on_table", ("CREATE", *_USE), t) for t in own),
            ],
        ),
        Section(
            reader,
            "It only looks: audit, plan, why, history, participants, list, doctor, runs, show, health; on a replica as well.",
            [read("grant_on_table", r.rights, r.table) for r in reading("mariadb")],
        ),
        Section(
            reader,
            "The same, once the first night has made Greffe's own tables.",
            [read("grant_on_table", ("SELECT",), t) for t in own],
        ),
    ]


def _postgres(s: Settings, writes: list[Rights], writer: str, reader: str, _host: str) -> list[Section]:
    own, schema = tables("postgresql"), s.schema or "public"

    def of(user: str) -> _Grant:
        return _grant(s, '"', {"database": s.name, "schema": schema, "user": user})

    def sequences(grant: _Grant, names: Iterable[str]) -> list[str]:
        return [grant("grant_on_sequence", ("USAGE",), sequence=f"{s.prefix}{t}_id_seq") for t in names]

    write, read = of(writer), of(reader)
    return [
        Section(
            writer,
            "It runs nights; to be run as the owner of Moodle's tables. CREATE is for the first night: Greffe's own tables are then "
            "its own, and it can be revoked.",
            [
                write("grant_on_database", ("CONNECT",)),
                write("grant_on_schema", ("USAGE", "CREATE")),
                *(write("grant_on_table", r.rights, r.table) for r in writes),
                *sequences(write, (r.table for r in writes if r.numbers)),
            ],
        ),
        Section(
            writer,
            "Only where Moodle's plugin made Greffe's own tables, so that they are Moodle's: to be run as Moodle's account.",
            [*(write("grant_on_table", _USE, t) for t in own), *sequences(write, own)],
        ),
        Section(
            reader,
            "It only looks: audit, plan, why, history, participants, list, doctor, runs, show, health; on a replica as well. To be run as the owner of Moodle's tables.",
            [
                read("grant_on_database", ("CONNECT",)),
                read("grant_on_schema", ("USAGE",)),
                *(read("grant_on_table", r.rights, r.table) for r in reading("postgresql")),
            ],
        ),
        Section(
            reader,
            "The same, once Greffe's own tables are there: to be run as their owner, who made them.",
            [read("grant_on_table", ("SELECT",), t) for t in own],
        ),
    ]


_Grant = Callable[..., str]


def _grant(s: Settings, mark: str, usual: dict[str, str]) -> _Grant:
    """Makes statements of one account; its words are quoted, and rights come from lists of ours."""

    def quote(name: str) -> str:
        return mark + name.replace(mark, mark + mark) + mark

    def statement(name: str, rights: tuple[str, ...], table: str = "", **words: str) -> str:
        text = statements.find(s.engine, name).text.replace("{rights}", ", ".join(rights))
        text = text.replace("{table}", quote(s.prefix + table))
        return re.sub(r"\{whole:(\w+)\}", lambda m: quote((usual | words)[m[1]]), text) + ";"

    return statement
