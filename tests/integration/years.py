"""The end of a year and the beginning of the next: cohorts, and the methods that use them."""

from __future__ import annotations

from typing import Any

from greffe.commands.methods import Synced
from greffe.commands.rollover import rollover
from tests.integration.following import Campus


def deliver(campus: Campus, *rows: str) -> None:
    campus.nights.feed("ia", "who;dip;an", list(rows), shrink="none", year_column="an", years="all")


def links(campus: Campus, *rows: tuple[str, str]) -> None:
    table = [{"course": course, "cohort": cohort} for course, cohort in rows]
    campus.nights.more["link"] = [{"method": "cohort", "table": table}]


def turn(campus: Campus, **options: Any) -> Synced:
    return rollover(campus.nights.config(), "2025", "2026", **options)


def followed(campus: Campus) -> dict[str, str]:
    rows = campus.nights.site.fetch(
        "SELECT c.shortname, k.idnumber FROM {enrol} e JOIN {course} c ON c.id = e.courseid"
        " JOIN {cohort} k ON k.id = e.customint1 WHERE e.enrol = 'cohort' ORDER BY e.id"
    )
    return {r["shortname"]: r["idnumber"] for r in rows}


def people(campus: Campus, course: str) -> set[str]:
    rows = campus.nights.site.fetch(
        "SELECT u.username FROM {user_enrolments} ue JOIN {enrol} e ON e.id = ue.enrolid JOIN {course} c ON c.id = e.courseid"
        " JOIN {user} u ON u.id = ue.userid WHERE c.shortname = %s AND e.enrol = 'cohort' AND ue.status = 0",
        course,
    )
    return {r["username"] for r in rows}
