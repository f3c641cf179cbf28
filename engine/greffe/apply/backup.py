"""The rows of Greffe's own tables on their way into a file and back, in slices: memory stays bounded, transactions small."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from greffe import __version__
from greffe.apply.backupfile import FORMAT, Head, Table, Writer
from greffe.apply.schema import SCHEMA
from greffe.moodle.database import Database
from greffe.moodle.owntables import META, tables
from greffe.moodle.siteconfig import site_config

_ROWS = 500
"""That one statement reads or writes."""
_BYTES = 1 << 20
"""That one statement writes, about: far below any server's longest statement."""
_IDS = 50_000
"""That one statement clears."""

Settle = Callable[[Table, bytes], bytes]


def register_tables(engine: str) -> tuple[str, ...]:
    """What a backup holds: all but the table of versions, which says how the tables stand here and now."""
    return tuple(t for t in tables(engine) if t != META)


def site_identifier(db: Database) -> str:
    """Moodle's own name for the site, which a copy of its database shares."""
    return site_config(db, ["siteidentifier"]).get("siteidentifier", "")


def place_of(db: Database) -> str:
    """Where the site's tables are, by the database's address: tells sites apart that have no identifier (one that was never
    opened in a browser, or was brought in table by table)."""
    s = db.settings
    where = s.socket or f"{s.host}:{s.port or db.default_port}"
    schema = f"/{s.schema}" if s.schema else ""
    return f"{db.engine}://{where}/{s.name}{schema}, prefix {s.prefix!r}"


def head(db: Database, now: int) -> Head:
    """What a backup of this moment begins with; within a snapshot."""
    found = [
        Table(name=table, columns=sorted(columns(db, table)), rows=_count(db, table))
        for table in register_tables(db.engine)
    ]
    return Head(
        greffe_backup=FORMAT, schema=SCHEMA, site=site_identifier(db), place=place_of(db), engine=db.engine,
        greffe=__version__, made=now, tables=found,
    )  # fmt: skip


def _count(db: Database, table: str) -> int:
    (rows,) = db.run_text(db.text("count_own_rows", table=table))[0]
    return int(rows)


def held(db: Database) -> int:
    """Rows in Greffe's tables now, all of them together."""
    return sum(_count(db, table) for table in register_tables(db.engine))


def columns(db: Database, table: str) -> list[str]:
    """A table's columns as it stands."""
    return [str(c) for _, c in db.query("table_columns", tables=[db.prefix + table])]


def dump(db: Database, head: Head, writer: Writer, progress: Callable[[int], None]) -> None:
    """Write every row; within the snapshot that ``head`` was counted in."""
    encoder = msgspec.json.Encoder()
    for table in head.tables:
        for part in _slices(db, table.name):
            for row in part:
                writer.add(encoder.encode(row))
            progress(len(part))


def _slices(db: Database, table: str) -> Iterator[list[dict[str, Any]]]:
    text, above = db.text("own_rows", table=table), 0
    while rows := db.run_text(text, above=above, limit=_ROWS):
        names = db.heads
        yield [dict(zip(names, row, strict=True)) for row in rows]
        above = int(rows[-1][names.index("id")])


def occupied(db: Database) -> list[str]:
    """Those of Greffe's tables that hold anything."""
    whole = {t: db.text_of("any_row", table=db.prefix + t) for t in register_tables(db.engine)}
    return [t for t, text in whole.items() if db.run_text(text)]


def clear(db: Database, go_on: Callable[[], None]) -> None:
    """Empty Greffe's tables. ``go_on`` is asked before each statement, and raises where it must not go on."""
    for table in register_tables(db.engine):
        (last,) = db.run_text(db.text("highest_own_row", table=table))[0]
        text = db.text("clear_own_rows", table=table)
        for above in range(0, int(last), _IDS):
            go_on()
            db.run_text(text, above=above, upto=above + _IDS)


def load(
    db: Database, rows: Iterable[tuple[Table, bytes]], settle: Settle, go_on: Callable[[], None],
    progress: Callable[[int], None],
) -> None:  # fmt: skip
    """Put rows into empty tables, with their own ids."""
    part: list[bytes] = []
    size, at = 0, None

    def write() -> None:
        if part and at is not None:
            go_on()
            text = db.text("put_back", table=at.name, columns=tuple(at.columns))
            db.run_text(text, images=f"[{b','.join(part).decode()}]")
            progress(len(part))
            part.clear()

    for table, row in rows:
        if table is not at or len(part) >= _ROWS or size >= _BYTES:
            write()
            at, size = table, 0
        image = settle(table, row)
        part.append(image)
        size += len(image)
    write()
    for name in register_tables(db.engine):
        _count_on(db, name)


def _count_on(db: Database, table: str) -> None:
    """New rows get ids above those that came back. MariaDB sees to that by itself."""
    if db.engine != "postgresql":
        return
    (last,) = db.run_text(db.text("highest_own_row", table=table))[0]
    (at,) = db.run_text(db.text("next_number", table=table))[0] if last else (0,)
    if last > at:
        db.run_text(db.text("skip_numbers", table=table), amount=int(last) - int(at))


def as_it_was(_table: Table, row: bytes) -> bytes:
    """A row as it stands in the file."""
    return row


def for_the_plugin(now: int) -> Settle:
    """Rows for tables of Moodle's plugin: what it had not told Moodle, or not sent, when the backup was made, it is not to tell
    or to send again."""

    def settled(table: Table, row: bytes) -> bytes:
        if table.name == "local_greffe_change":
            change = msgspec.json.decode(row)
            if change["relayed"] == 0:
                return msgspec.json.encode(change | {"relayed": now, "outcome": "older"})
        elif table.name == "local_greffe_message":
            message = msgspec.json.decode(row)
            if message["state"] in ("queued", "sending"):
                ended = {"state": "refused", "error": "restored from a backup", "recipients": None}
                return msgspec.json.encode(message | ended | {"timeended": now})
        return row

    return settled
