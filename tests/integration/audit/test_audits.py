"""Each audit on a real database: it finds the defect that is planted, exactly, and nothing on a site in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from greffe.audit.catalogue import audits, chosen
from greffe.audit.running import Outcome, run
from greffe.demo.moodle_tables import TABLES
from greffe.moodle.database import Database, connect
from greffe.moodle.grants import reading
from greffe.moodle.owntables import tables
from tests.integration.audit.campus import Campus
from tests.integration.audit.plants import PLANTS
from tests.lab.server import Server
from tests.lab.site import MoodleSite, fresh_site

ALTERED = ("missing_indexes", "stale_statistics")
"""Audits whose defect is one of a table itself: not to be planted where other tests look on."""


@pytest.fixture
def campus(moodle_site: MoodleSite, db: Database) -> Campus:
    """In order, and Greffe ran there."""
    made = Campus(moodle_site, db)
    made.greffe()
    return made


@pytest.fixture(scope="module")
def ground(server: Server, site_template: str) -> Iterator[Campus]:
    """One for many plants, each of which is taken out again."""
    with fresh_site(server, site_template) as site:
        db = connect(site.settings)
        made = Campus(site, db)
        made.greffe()
        yield made
        db.close()


@pytest.fixture
def cleared(ground: Campus) -> Iterator[Campus]:
    """The ground, whose rows are afterwards as they were."""
    site = ground.site
    courses, manual = dict(ground.courses), dict(ground.manual)
    before = contents(site)
    yield ground
    ground.courses, ground.manual = courses, manual
    for table, rows in contents(site).items():
        if rows != before[table]:
            site.execute(f"DELETE FROM {{{table}}}")
            with site.rows() as into:
                into.insert(table, before[table])


def contents(site: MoodleSite) -> dict[str, list[dict[str, Any]]]:
    """Every row of the tables that audits read."""
    names = sorted(r.table for r in reading(site.engine))
    return {
        t: site.fetch(f"SELECT * FROM {{{t}}} ORDER BY id")
        for t in [*names, *tables(site.engine)]
        if t in KNOWN
    }


KNOWN = {t.name for t in TABLES} | set(tables("mariadb"))


def look(site: MoodleSite, *only: str, own: bool = True) -> list[Outcome]:
    wanted = [a for a in chosen(site.engine, only) if own or not a.own]
    return list(run(site.settings, wanted, examples=100, seconds=60, at_once=2))


def noisy(found: list[Outcome]) -> list[tuple[str, str, list[dict[str, Any]]]]:
    return [(o.audit.name, o.error, o.examples) for o in found if o.amount or o.error]


def test_every_audit_is_tested_here() -> None:
    for engine in ("mariadb", "postgresql"):
        assert sorted(a.name for a in audits(engine)) == sorted(PLANTS)
    assert len(PLANTS) >= 30


def test_nothing_on_a_new_site(moodle_site: MoodleSite) -> None:
    found = look(moodle_site, own=False)
    assert noisy(found) == []
    assert len(found) > len(PLANTS) - 10


def test_nothing_on_a_campus_in_order(ground: Campus) -> None:
    found = look(ground.site)
    assert noisy(found) == []
    assert len(found) == len(PLANTS)


@pytest.mark.parametrize("name", [n for n in PLANTS if n not in ALTERED])
def test_it_finds_exactly_what_is_planted(name: str, cleared: Campus) -> None:
    found_exactly(name, cleared)


@pytest.mark.parametrize("name", ALTERED)
def test_it_finds_the_table_that_is_not_as_it_should_be(name: str, campus: Campus) -> None:
    found_exactly(name, campus)


def found_exactly(name: str, campus: Campus) -> None:
    wanted = PLANTS[name](campus)
    (outcome,) = look(campus.site, name)
    assert outcome.error == ""
    assert outcome.amount == len(wanted), outcome.examples
    found = [{c: row[c] for c in wanted[0]} for row in outcome.examples]
    assert sorted(found, key=_order) == sorted(wanted, key=_order)


def _order(row: dict[str, Any]) -> str:
    return str(sorted(row.items()))
