"""Each audit on a real database: it finds the defect that is planted, exactly, and nothing on a site in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from greffe.audit.catalogue import audits, chosen
from greffe.audit.running import Outcome, run
from greffe.moodle.database import Database, Settings
from tests.integration.audit.campus import Campus
from tests.integration.audit.plants import PLANTS
from tests.lab.site import MoodleSite

NEED_GREFFE = sorted(a.name for a in audits("mariadb") if a.own)


@pytest.fixture
def campus(moodle_site: MoodleSite, db: Database) -> Campus:
    """In order, and Greffe ran there."""
    made = Campus(moodle_site, db)
    made.greffe()
    return made


def look(settings: Settings, *only: str) -> Iterator[Outcome]:
    return run(settings, chosen(settings.engine, only), examples=100, seconds=60, at_once=2)


def picked(rows: list[dict[str, Any]], columns: list[str]) -> list[dict[str, Any]]:
    return [{c: row[c] for c in columns} for row in rows]


def test_every_audit_is_tested_here() -> None:
    for engine in ("mariadb", "postgresql"):
        assert sorted(a.name for a in audits(engine)) == sorted(PLANTS)
    assert len(PLANTS) >= 30


def test_nothing_on_a_new_site(moodle_site: MoodleSite, settings: Settings) -> None:
    found = list(
        run(settings, [a for a in chosen(settings.engine) if not a.own], examples=5, seconds=60, at_once=2)
    )
    assert [(o.audit.name, o.error, o.examples) for o in found if o.amount or o.error] == []
    assert len(found) + len(NEED_GREFFE) == len(PLANTS)


def test_nothing_on_a_campus_in_order(campus: Campus, settings: Settings) -> None:
    found = list(look(settings))
    assert [(o.audit.name, o.error, o.examples) for o in found if o.amount or o.error] == []
    assert len(found) == len(PLANTS)


@pytest.mark.parametrize("name", PLANTS)
def test_it_finds_exactly_what_is_planted(name: str, campus: Campus, settings: Settings) -> None:
    wanted = PLANTS[name](campus)
    (outcome,) = look(settings, name)
    assert outcome.error == ""
    assert outcome.amount == len(wanted), outcome.examples

    def order(row: dict[str, Any]) -> str:
        return str(sorted(row.items()))

    found = picked(outcome.examples, list(wanted[0]))
    assert sorted(found, key=order) == sorted(wanted, key=order)
