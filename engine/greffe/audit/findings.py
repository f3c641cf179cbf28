"""What audits found, kept in Greffe's own table: the plugin's health page and ``greffe health`` read the latest of each audit."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from greffe.audit.catalogue import SEVERITIES
from greffe.audit.running import Outcome
from greffe.moodle.database import Database

_DAY = 86400
_DAYS = 90
_MESSAGE = 2000


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """How the site stood after one run of the audits."""

    made: int
    """Seconds since 1970, by the database's clock."""
    counts: dict[str, int]
    """Severity → findings, each audit by its latest look."""


def record(db: Database, outcomes: Sequence[Outcome], now: int) -> None:
    """Keep these. Raises DatabaseError, also where this account may not write."""
    with db.transaction():
        for one in outcomes:
            db.execute(
                "note_finding",
                audit=one.audit.name,
                severity=one.audit.severity,
                amount=one.amount,
                examples=msgspec.json.encode(one.examples).decode(),
                error=one.error[:_MESSAGE] or None,
                now=now,
            )


def history(db: Database, now: int) -> list[Moment]:
    """The last three months, a moment for each run of audits. An audit that was left out counts as it last stood."""
    latest: dict[str, tuple[str, int]] = {}
    found: dict[int, Moment] = {}
    for audit, severity, amount, made in db.query("findings_since", since=now - _DAYS * _DAY):
        latest[str(audit)] = str(severity), int(amount)
        counts: dict[str, int] = dict.fromkeys(SEVERITIES, 0)
        for grave, many in latest.values():
            counts[grave] = counts.get(grave, 0) + many
        found[int(made)] = Moment(made=int(made), counts=counts)
    return [found[made] for made in sorted(found)]
