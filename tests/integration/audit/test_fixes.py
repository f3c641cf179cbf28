"""``greffe audit --fix-plan``: what it mends, what it leaves, and that it can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from greffe.errors import Exit
from greffe.moodle.database import Database
from tests.integration.audit.campus import Campus
from tests.integration.audit.plants import PLANTS
from tests.integration.commandline import Site

ROLES = "SELECT * FROM {role_assignments} ORDER BY id"


@pytest.fixture
def campus(site: Site, db: Database) -> Campus:
    """In order, and Greffe ran there."""
    made = Campus(site.site, db)
    made.greffe()
    return made


def test_copies_and_strays_go_and_come_back(site: Site, campus: Campus, tmp_path: Path) -> None:
    healthy = campus.site.fetch(ROLES)
    campus.role("enrol_cohort", campus.sync, "B", 3)
    campus.role("enrol_cohort", campus.sync, "B", 6)
    campus.role("enrol_meta", campus.meta, "C", 6, roleid=4)
    for _ in range(2):
        campus.role("enrol_database", campus.database, "A", 2)
    before, file = campus.site.fetch(ROLES), tmp_path / "fixes.plan"
    code, report = site.json("audit", "--fix-plan", str(file))
    assert code == Exit.FOUND_ERRORS
    assert (report["fixes"], report["fix_plan"]) == ({"remove-role": 4}, str(file))
    assert campus.site.fetch(ROLES) == before

    assert site("apply", str(file))[0] == Exit.DONE, site.err
    assert campus.site.fetch(ROLES) == healthy
    assert site("audit")[0] == Exit.DONE
    assert site("apply", str(file))[0] == Exit.STALE

    assert site("undo", "2", "--yes")[0] == Exit.DONE
    assert campus.site.fetch(ROLES) == before


def test_what_cannot_be_mended_leaves_no_plan(site: Site, campus: Campus, tmp_path: Path) -> None:
    PLANTS["roles_of_missing_role"](campus)
    file = tmp_path / "fixes.plan"
    code, out = site("audit", "--fix-plan", str(file))
    assert code == Exit.FOUND_ERRORS
    assert "can be mended by a plan" in out
    assert not file.exists()
