"""The audits as their files give them: what each finds, why that matters, how to mend it, what it costs."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from typing import Literal, get_args

import msgspec

from greffe.errors import ArgumentError
from greffe.moodle import statements
from greffe.moodle.statements import Statement

Severity = Literal["critical", "error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""The gravest first; the words that the plugin's health page and ``greffe health`` know."""

_FIELD = re.compile(r"(why|severity|mend|cost|needs): (.*)")


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    """One audit. Its statement gives a row for each finding, with ids, and a name only where ids would not do."""

    name: str
    """Of its file, and of its statement (``greffe sql NAME``)."""
    severity: Severity
    about: str
    """What it finds."""
    why: str
    mend: str
    cost: str
    """On a large site."""
    own: bool = False
    """Whether it reads Greffe's own tables."""


@cache
def audits(engine: str) -> tuple[Audit, ...]:
    """All audits that the engine can run: the gravest first, then by name. ValueError where a file's header lacks a field."""
    found = [_audit(s) for s in statements.audits(engine)]
    return tuple(sorted(found, key=lambda a: (SEVERITIES.index(a.severity), a.name)))


def chosen(engine: str, only: Collection[str] = (), least: Severity = "info") -> list[Audit]:
    """Those of the given names (none: all) that are at least so grave. Raises ArgumentError for a name that there is not."""
    known = {a.name for a in audits(engine)}
    if strange := [name for name in only if name not in known]:
        raise ArgumentError(
            f"there is no audit {strange[0]!r}",
            todo=f"`greffe audit --list` names them: {', '.join(sorted(known))}.",
        )
    grave = SEVERITIES[: SEVERITIES.index(least) + 1]
    return [a for a in audits(engine) if a.severity in grave and (not only or a.name in only)]


def _audit(statement: Statement) -> Audit:
    fields, key = {"about": ""}, "about"
    for line in statement.about.splitlines():
        if found := _FIELD.fullmatch(line):
            key, line = found[1], found[2]  # noqa: PLW2901 - the rest of the line is the field's first
        fields[key] = f"{fields.get(key, '')} {line}".strip()
    severity = fields.get("severity")
    lacking = [name for name in ("about", "why", "mend", "cost") if not fields.get(name)]
    if lacking or severity not in SEVERITIES:
        raise ValueError(f"{statement.file}: the header lacks {', '.join(lacking) or 'a severity'}")
    return Audit(
        name=statement.name,
        severity=severity,
        about=fields["about"],
        why=fields["why"],
        mend=fields["mend"],
        cost=fields["cost"],
        own="needs" in fields,
    )
