"""MariaDB: its driver, its session, its errors."""

from __future__ import annotations

import re
import warnings
from array import array
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar

import pymysql
from pymysql.constants import CLIENT

from greffe.errors import (
    BusyDatabaseError,
    DatabaseError,
    DeadlockError,
    ServerAwayError,
    TransactionTooLargeError,
    TransientDatabaseError,
)
from greffe.moodle.database import BETWEEN_WORDS, Database, Row

#: deadlock (Galera reports a lost certification as one), lock wait timeout, record changed since last read, unique key
_TRANSIENT: dict[int, type[TransientDatabaseError]] = {
    1213: DeadlockError,
    1205: BusyDatabaseError,
    1020: TransientDatabaseError,
    1062: TransientDatabaseError,
}
#: what a Galera node says of a transaction beyond its limits, and the limit's name
_TOO_LARGE = {
    (1105, "Maximum writeset size exceeded"): "wsrep_max_ws_size",
    (1180, "wsrep_max_ws_rows exceeded"): "wsrep_max_ws_rows",
}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
#: room for what stands around the rows of an insert
_HEAD = 2048
_ROWS = re.compile(r"\{rows\}(.*?)\{/rows\}", re.DOTALL)
_NAMED = re.compile(r"%\((\w+)\)s")


def translate(error: Exception) -> DatabaseError:
    """A driver's error as one of ours.

    A unique key violation counts as transient: the row was born between our look and our write, and a second look
    will see it (moodle-writes §11).
    """
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    message = str(error.args[1]) if len(error.args) > 1 else str(error)
    text = f"MariaDB error {code}: {message}"
    # 1180 at a COMMIT whose node lost its cluster meanwhile, 1047 at everything that follows; the transaction is undone
    if code == 1047 or (code == 1180 and "provider status" in message):
        return ServerAwayError(f"this Galera node is outside its cluster ({text})")
    if code == 1153:
        return DatabaseError(
            f"a row of Moodle's or of a feed is longer than the server takes in one statement ({text})",
            todo="Raise max_allowed_packet on the server, then run the same command: it finishes the work.",
        )
    if (code, message) in _TOO_LARGE:
        return TransactionTooLargeError(
            f"a transaction of this run is larger than {_TOO_LARGE[code, message]} ({text})"
        )
    return _TRANSIENT.get(code, DatabaseError)(text)


class MariaDB(Database):
    """MariaDB 10.6 and later (RETURNING, snapshots)."""

    engine: ClassVar[str] = "mariadb"
    membership: ClassVar[str] = "IN %({})s"
    spelling: ClassVar[str] = (
        f"TRIM(REGEXP_REPLACE(CONVERT({{}} USING utf8mb4), '[{BETWEEN_WORDS}]+', ' ')) COLLATE utf8mb4_unicode_520_ci"
    )
    quote_mark: ClassVar[str] = "`"
    blind_text: ClassVar[bool] = True
    default_port: ClassVar[int] = 3306
    words: ClassVar[Mapping[str, str]] = {"clock": "UNIX_TIMESTAMP()", "join": "STRAIGHT_JOIN", "fence": ""}

    def _open(self) -> None:
        s = self.settings
        where: dict[str, Any] = {"unix_socket": s.socket} if s.socket else {"host": s.host}
        try:
            self._c = pymysql.connect(
                **where,
                port=s.port or self.default_port,
                user=s.user,
                password=s.password,
                database=s.name,
                charset="utf8mb4",
                autocommit=True,
                connect_timeout=10,
                # loading the machine's certificates takes longer than a small night, and nobody listens on loopback
                ssl_disabled=bool(s.socket) or s.host in _LOOPBACK,
                client_flag=CLIENT.FOUND_ROWS,
            )
        except (pymysql.Error, OSError) as e:
            raise translate(e) from None
        self.packet = int(self.run_text("SELECT @@max_allowed_packet")[0][0])
        self._collation = self.run_text("SELECT @@collation_database")[0][0]
        # an aggregate is cut in silence at group_concat_max_len, and a whole row at the packet: half leaves room for both
        self.longest_aggregate = self.packet // 2
        # an id is 20 digits at most, and some statements list several rows for each change
        self.most_ids = max(1, self.packet // 128)
        self.query("session", longest=self.longest_aggregate)

    def fits(self, text: str) -> bool:
        # as it is sent, with room for the rest of the statement and for what brings it back
        return len(str(self._c.escape(text)).encode()) <= self.packet - 2 * _HEAD

    def close(self) -> None:
        with suppress(pymysql.Error):
            self._c.close()

    def _run(self, text: str, params: Mapping[str, Any] | None) -> tuple[list[Row], int]:
        try:
            with self._c.cursor() as cursor, warnings.catch_warnings():
                changed = cursor.execute(text, params)
                self.heads = tuple(column[0] for column in cursor.description or ())
                return (list(cursor.fetchall()) if cursor.description else []), changed
        except (pymysql.Error, OSError) as e:
            failure = translate(e)
        except BaseException:
            # who interrupts it (Ctrl-C, SIGTERM) may leave an answer unread, which the next statement would take for its own
            self.close()
            raise
        if " 1205:" in str(failure) and not self.in_transaction and self._cut_off():
            failure = ServerAwayError(f"this Galera node is outside its cluster ({failure})")
        raise failure

    def _cut_off(self) -> bool:
        """Whether it was the cluster that was waited for in vain: with wsrep_sync_wait, what reads no table (the clock)
        is refused on a node outside its cluster, but as if a lock were held."""
        try:
            with self._c.cursor() as cursor:
                cursor.execute("SET SESSION wsrep_sync_wait = 0")
                cursor.execute(self.text("galera_state"))
                state = dict(cursor.fetchall())
                cursor.execute("SET SESSION wsrep_sync_wait = 1")
        except (pymysql.Error, OSError):
            return False
        return bool(state) and state.get("wsrep_ready") != "ON"

    def _run_rows(
        self, text: str, columns: Mapping[str, Sequence[Any]], constants: Mapping[str, Any]
    ) -> list[Row]:
        template = _ROWS.search(text)
        if template is None:
            raise ValueError(f"no {{rows}} in: {text}")
        order: list[str] = []

        def place(m: re.Match[str]) -> str:
            if m[1] in constants:
                return str(self._c.escape(constants[m[1]])).replace("%", "%%")
            order.append(m[1])
            return "%s"

        row = _NAMED.sub(place, template[1])
        head, tail = (
            _NAMED.sub(lambda m: str(self._c.escape(constants[m[1]])), part)
            for part in (text[: template.start()], text[template.end() :])
        )
        rows = map(row.__mod__, zip(*(self._literals(columns[c]) for c in order), strict=True))
        out: list[Row] = []
        for chunk in self._chunks(rows):
            self.statements += 1
            out += self._send(head + chunk + tail, None)[0]
        return out

    def _literals(self, values: Sequence[Any]) -> Sequence[Any]:
        # whole numbers need no escaping, and millions of them pass here
        if isinstance(values, array | range):
            return values
        literals = {v: self._c.escape(v) for v in set(values)}  # mostly the same few words
        return [literals[v] for v in values]

    def _chunks(self, rows: Any) -> Any:
        # the server refuses a statement longer than its packet, and a character may be four bytes of it; long
        # statements gain nothing beyond some hundred kB
        limit = min(self.packet // 4 - _HEAD, 1 << 20)
        part: list[str] = []
        size = 0
        for row in rows:
            if part and size + len(row) * 4 > limit:
                yield ",".join(part)
                part, size = [], 0
            part.append(row)
            size += len(row) + 1
        if part:
            yield ",".join(part)

    def _begin(self, snapshot: bool) -> None:
        if snapshot:
            self._run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", None)
            self._run("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY", None)
        else:
            self._run("START TRANSACTION", None)
