"""Promotions that cohorts are made of, and what Moodle's tables hold of them."""

from __future__ import annotations

from typing import Any

from tests.integration.nights import Nights

HEADER = "who;cohort;label"


def deliver(nights: Nights, cohorts: dict[str, Any], **options: Any) -> None:
    """Deliver who is in which cohort tonight."""
    rows = [f"u{n:02};{cohort};{cohort}" for cohort, people in cohorts.items() for n in people]
    nights.feed("ia", HEADER, rows, shrink="none", **options)


def cohort(nights: Nights, idnumber: str) -> dict[str, Any]:
    """The row of the only cohort with this idnumber."""
    (row,) = nights.site.fetch("SELECT * FROM {cohort} WHERE idnumber = %s", idnumber)
    return row


def people(*ranges: range) -> list[str]:
    """Their usernames."""
    return [f"u{n:02}" for one in ranges for n in one]


TABLES = ("cohort", "cohort_members")


def rows(nights: Nights) -> dict[str, Any]:
    """All of the tables of cohorts."""
    return {t: nights.site.fetch("SELECT * FROM {" + t + "} ORDER BY id") for t in TABLES}
