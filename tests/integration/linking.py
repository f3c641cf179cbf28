"""Rules for methods on a test campus: written, changed, and what came of them."""

from __future__ import annotations

from typing import Any

from greffe.commands.plan import plan
from tests.integration.following import Campus


def link(campus: Campus, *rows: str, **options: Any) -> None:
    """One rule whose table holds these rows: ``course cohort``, or ``course parent``."""
    method = options.setdefault("method", "cohort")
    key = "cohort" if method == "cohort" else "parent"
    table = [dict(zip(("course", key), r.split(), strict=True)) for r in rows]
    campus.nights.more.setdefault("link", []).append({"table": table} | options)


def relink(campus: Campus, *rows: str, **options: Any) -> None:
    """The same rule with other rows."""
    campus.nights.more["link"] = []
    link(campus, *rows, **options)


def instances(campus: Campus, method: str = "cohort") -> list[dict[str, Any]]:
    return campus.nights.site.fetch(
        "SELECT e.id, c.shortname AS course, e.status, e.roleid, e.customint1, e.customint2 FROM {enrol} e"
        " JOIN {course} c ON c.id = e.courseid WHERE e.enrol = %s ORDER BY e.id",
        method,
    )


def only(campus: Campus, method: str = "cohort") -> dict[str, Any]:
    (found,) = instances(campus, method)
    return found


def in_step(campus: Campus) -> None:
    again = plan(campus.nights.config())
    assert again.plan.size == 0
    assert again.refused == []


def only_in(campus: Campus, course: str) -> int:
    (found,) = [i["id"] for i in instances(campus) if i["course"] == course]
    return int(found)
