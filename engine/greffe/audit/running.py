"""Running audits: each in a read-only transaction of its own, on a few connections at once, none for longer than it may."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event
from typing import Any

import msgspec

from greffe.audit.catalogue import Audit
from greffe.errors import DatabaseError
from greffe.moodle.database import Database, Settings, connect
from greffe.personal import Rows, Said

_STOPPED = (" 1969:", " 57014:")
"""What the servers say of a statement that took longer than it may."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What one audit came to."""

    audit: Audit
    amount: int = 0
    """Findings in all."""
    examples: Rows = []
    """The first of them, by their first columns."""
    seconds: float = 0
    error: Said = ""
    """Why it could not be told; '' where it could."""


def run(
    settings: Settings, wanted: Sequence[Audit], *, examples: int, seconds: int, at_once: int
) -> Iterator[Outcome]:
    """Each audit's outcome, as it comes. ``examples``: rows kept of each; ``seconds``: how long one may take; ``at_once``:
    connections. An audit that fails is an outcome too; a database that cannot be reached raises DatabaseError.

    Whoever stops listening stops the rest: audits that have begun end within ``seconds``.
    """
    waiting: SimpleQueue[Audit] = SimpleQueue()
    for audit in wanted:
        waiting.put(audit)
    over = Event()
    workers = max(1, min(at_once, len(wanted)))
    results: SimpleQueue[Outcome] = SimpleQueue()

    def work() -> None:
        db = _ready(settings, seconds)
        try:
            while not over.is_set():
                try:
                    audit = waiting.get_nowait()
                except Empty:
                    return
                outcome = _look(db, audit, examples, seconds)
                results.put(outcome)
                if outcome.error:  # the connection may be gone with it
                    db.close()
                    db = _ready(settings, seconds)
        finally:
            db.close()

    with ThreadPoolExecutor(workers, "audit") as pool:
        try:
            running = [pool.submit(work) for _ in range(workers)]
            for _ in wanted:
                yield _next(results, running)
        finally:
            over.set()


def _next(results: SimpleQueue[Outcome], running: Sequence[Future[None]]) -> Outcome:
    """The next outcome; what ended a worker is raised here, once nothing more can come."""
    while True:
        with suppress(Empty):
            return results.get(timeout=0.05)
        if all(worker.done() for worker in running):
            with suppress(Empty):
                return results.get_nowait()
            for worker in running:
                worker.result()


def _ready(settings: Settings, seconds: int) -> Database:
    db = connect(settings)
    try:
        db.patience = 0
        db.query("limit_statements", seconds=seconds)
    except BaseException:
        db.close()
        raise
    return db


def _look(db: Database, audit: Audit, examples: int, seconds: int) -> Outcome:
    began = time.monotonic()
    # one statement tells how many there are and shows the first: a defect of a million rows stays with the server
    text = (
        f"SELECT COUNT(*) OVER () AS found_in_all, f.* FROM ({db.text(audit.name)}) f"  # noqa: S608 - a file of sql/
        f" ORDER BY 2, 3 LIMIT {int(examples)}"
    )
    error, amount, shown = "", 0, list[dict[str, Any]]()
    try:
        with db.transaction(snapshot=True):
            rows = db.run_text(text)
            names = db.heads[1:]
        amount = int(rows[0][0]) if rows else 0
        shown = [dict(zip(names, map(_plain, row[1:]), strict=True)) for row in rows]
    except DatabaseError as e:
        late = any(code in str(e) for code in _STOPPED)
        error = f"it took longer than {seconds} s" if late else str(e)
    return Outcome(
        audit=audit, amount=amount, examples=shown, seconds=round(time.monotonic() - began, 3), error=error
    )


def _plain(value: Any) -> Any:
    """As JSON has it; the servers give counts and times in types of their own."""
    if value is None or isinstance(value, int | str):
        return value
    return int(value) if value == int(value) else str(value)
