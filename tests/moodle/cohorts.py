"""Nights of cohorts: what Moodle is asked to do, and what asks Greffe for the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from greffe.commands.nightly import nightly
from greffe.config import parse
from greffe.errors import Exit
from tests.integration.nights import NO_GUARDS
from tests.moodle.database import Database
from tests.moodle.scenario import User
from tests.moodle.site import Site
from tests.moodle.world import add_users

PHP = Path(__file__).parent / "php" / "cohorts.php"

PEOPLE = [f"2200{n}" for n in range(1, 8)]
RULE = {
    "feed": "ia",
    "idnumber": "{{ cohort }}",
    "name": "Année {{ cohort }}",
    "description": "<p>Inscrits en {{ cohort }}</p>",
    "category": "SANTE",
    "visible": False,
}

OWN = {"mdl_cohort", "mdl_cohort_members"}


#: each night: what Moodle is asked to do, and the feed and the rule that ask Greffe for the same
NIGHTS: list[tuple[list[dict[str, Any]], dict[str, list[str]], dict[str, Any]]] = [
    (
        [
            {"step": "create", "cohort": c, "name": f"Année {c}", "category": "SANTE", "visible": 0, "description": f"<p>Inscrits en {c}</p>"}
            for c in ("L1", "L2", "L3")
        ]
        + [{"step": "join", "cohort": "L1", "people": PEOPLE[:4]}, {"step": "join", "cohort": "L2", "people": PEOPLE[2:]},
           {"step": "join", "cohort": "L3", "people": PEOPLE[:1]}],
        {"L1": PEOPLE[:4], "L2": PEOPLE[2:], "L3": PEOPLE[:1]},
        {},
    ),
    (
        [{"step": "join", "cohort": "L1", "people": PEOPLE[5:6]}, {"step": "leave", "cohort": "L1", "people": PEOPLE[:2]}],
        {"L1": [*PEOPLE[2:4], PEOPLE[5]], "L2": PEOPLE[2:], "L3": PEOPLE[:1]},
        {},
    ),
    (
        [{"step": "update", "cohort": c, "name": f"Promotion {c}", "visible": 1} for c in ("L1", "L2", "L3")],
        {"L1": [*PEOPLE[2:4], PEOPLE[5]], "L2": PEOPLE[2:], "L3": PEOPLE[:1]},
        {"name": "Promotion {{ cohort }}", "visible": True, "category": None},
    ),
    (
        [{"step": "delete", "cohort": "L3"}],
        {"L1": [*PEOPLE[2:4], PEOPLE[5]], "L2": PEOPLE[2:]},
        {"name": "Promotion {{ cohort }}", "visible": True, "category": None, "gone": "delete"},
    ),
]  # fmt: skip


def prepare(site: Site, database: Database, *, plugin: bool) -> None:
    site.php(PHP, stdin=json.dumps([{"step": "category", "name": "SANTE"}]))
    add_users(database, [User(p) for p in PEOPLE])
    if plugin:
        database.insert("mdl_config_plugins", [{"plugin": "local_greffe", "name": "version", "value": "1"}])


def state(database: Database) -> dict[str, Any]:
    """Every column but ids of rows; of moments, how they stand to each other."""
    cohorts = database.dicts("SELECT * FROM mdl_cohort ORDER BY id")
    members = database.dicts(
        "SELECT c.idnumber AS cohort, u.idnumber AS person, m.timeadded >= c.timecreated AS after"
        " FROM mdl_cohort_members m JOIN mdl_cohort c ON c.id = m.cohortid JOIN mdl_user u ON u.id = m.userid"
        " ORDER BY m.id"
    )
    rows = []
    for row in cohorts:
        made, changed = row.pop("timecreated"), row.pop("timemodified")
        rows.append(row | {"made": made > 1_700_000_000, "changed": changed > made, "id": 0})
    return {"cohort": rows, "members": [{**m, "after": bool(m["after"])} for m in members]}


def night(database: Database, folder: Path, wanted: dict[str, list[str]], options: dict[str, Any]) -> None:
    feed = folder / "ia.csv"
    rows = [f"{who};{cohort}" for cohort, people in wanted.items() for who in people]
    feed.write_text("\n".join(["who;cohort", *rows]) + "\n", encoding="utf-8")
    moodle = database.configuration()
    rule = {k: v for k, v in (RULE | options).items() if v is not None}
    feeds = {"ia": {"csv": str(feed), "person": "who", "shrink": "none"}}
    result = nightly(
        parse({"moodle": moodle, "feed": feeds, "cohort": [rule], "guards": NO_GUARDS}, "test.toml")
    )
    assert result.exit is Exit.DONE
