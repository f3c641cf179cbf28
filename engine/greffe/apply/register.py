"""The register at one moment, as monitoring asks for it: the last nights, their feeds, who waits, what Moodle was not told."""

from __future__ import annotations

from typing import Any

import msgspec

from greffe.apply import journal
from greffe.apply.journal import RunRecord
from greffe.apply.schema import has_tables
from greffe.model import FeedCounts
from greffe.moodle.cohorts import CohortReader
from greffe.moodle.database import Database

_DAY = 86400


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """What the plugin has still to tell Moodle."""

    pending: int
    oldest: int
    """Seconds since 1970; 0: none is pending."""
    failures: int
    """Changes of the last day whose relay failed."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What the latest run of one audit found."""

    audit: str
    severity: str
    amount: int
    error: str
    made: int


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in Greffe's tables. A *night* is a run of kind nightly or apply; a good one ended ``done``."""

    now: int
    """By the database's clock, seconds since 1970."""
    used: bool
    """Whether there are tables at all."""
    night: RunRecord | None = None
    good: RunRecord | None = None
    ended: RunRecord | None = None
    feeds: list[FeedCounts] = []
    """Of the last night that read any."""
    waiting: dict[str, int] = {}
    """Feed → people without an account; each feed of ``feeds`` is there."""
    approved_by: str = ""
    """Who let the held plan of the last night pass…"""
    approved_until: int = 0
    backlog: Backlog | None = None
    """None without the plugin: nobody relays."""
    findings: list[Found] = []


def read(db: Database) -> Register:
    """The register now. Raises SiteNotReadyError where its tables are of another version, DatabaseError."""
    now = int(db.value("clock"))
    if not has_tables(db):
        return Register(now=now, used=False)
    night, good = _run(db, "last_night"), _run(db, "last_good_night")
    reading = night if night is not None and night.feeds else _run(db, "last_reading_night")
    feeds = reading.feeds if reading else []
    waiting = {str(f): int(n) for f, n in db.query("waiting_people")}
    approval = db.query("approval_of", digest=night.digest, now=now) if night and night.digest else []
    return Register(
        now=now,
        used=True,
        night=night,
        good=good,
        ended=night if night and night.ended else _run(db, "last_ended_night"),
        feeds=feeds,
        waiting={f.feed: waiting.get(f.feed, 0) for f in feeds},
        approved_by=str(approval[0][0]) if approval else "",
        approved_until=int(approval[0][1]) if approval else 0,
        backlog=_backlog(db, now) if CohortReader(db).component() else None,
        findings=[_found(r) for r in db.query("latest_findings")],
    )


def nights_since(db: Database, since: int) -> list[RunRecord]:
    """Nights that began after a moment, in that order."""
    return [journal.record(db, row) for row in db.query("nights_since", since=since)]


def _run(db: Database, statement: str) -> RunRecord | None:
    rows = db.query(statement)
    return journal.record(db, rows[0]) if rows else None


def _backlog(db: Database, now: int) -> Backlog:
    ((pending, oldest),) = db.query("backlog")
    failures = db.query("relay_failures", since=now - _DAY)[0][0]
    return Backlog(pending=int(pending), oldest=int(oldest or 0), failures=int(failures))


def _found(row: tuple[Any, ...]) -> Found:
    audit, severity, amount, error, made = row
    return Found(audit=audit, severity=severity, amount=int(amount), error=error, made=int(made))
