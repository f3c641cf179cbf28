"""Everybody's names arrive as two long strings, and nobody is lost where that cannot be."""

from __future__ import annotations

import pytest

from greffe.moodle.catalogue import Catalogue
from greffe.moodle.database import Database
from greffe.moodle.mariadb import MariaDB
from tests.lab.site import MoodleSite

ODD = ["É 1", "a,b", "tab\there", "line\nend", "'; --", "%s", "🎓"]


@pytest.fixture
def everybody(moodle_site: MoodleSite) -> list[str]:
    """Idnumbers of an ordinary year, and odd ones; the deleted and the nameless count for nothing."""
    numbers = [f"{n:08}" for n in range(2500)] + ODD
    people: list[dict[str, object]] = [
        {"username": f"u{n}", "idnumber": number, "email": f"{n}@example.org", "deleted": 0}
        for n, number in enumerate(numbers)
    ]
    people += [
        {"username": "gone", "idnumber": "gone", "email": "gone@example.org", "deleted": 1},
        {"username": "nameless", "idnumber": "", "email": "", "deleted": 0},
    ]
    moodle_site.add_users(people)
    return numbers


@pytest.mark.parametrize("cut", [False, True], ids=["whole", "cut"])
@pytest.mark.parametrize("field", ["idnumber", "username", "email"])
def test_everybody_is_found(
    everybody: list[str], moodle_site: MoodleSite, db: Database, field: str, cut: bool
) -> None:
    if cut:
        db.longest_aggregate = 5000
        if isinstance(db, MariaDB):
            db.run_text("SET SESSION group_concat_max_len = 5000")
    expected = moodle_site.fetch(
        f"SELECT {field} AS name, id FROM {{user}} WHERE deleted = 0 AND {field} <> '' AND username <> 'guest'"
    )
    assert Catalogue(db).people(field) == {row["name"]: row["id"] for row in expected}
    assert len(expected) >= len(everybody)


def test_one_is_found_without_the_others(everybody: list[str], moodle_site: MoodleSite, db: Database) -> None:
    twins = moodle_site.add_users([{"username": n, "idnumber": "twin"} for n in ("castor", "pollux")])
    catalogue = Catalogue(db)
    known = catalogue.people("idnumber")
    for number in (everybody[7], *ODD):
        assert catalogue.called("idnumber", number) == [known[number]]
    assert catalogue.called("idnumber", "twin") == list(twins)
    for number in ("", "gone", "é 1", "nobody"):
        assert catalogue.called("idnumber", number) == []
    (gone,) = moodle_site.fetch("SELECT id FROM {user} WHERE username = 'gone'")
    ids = (known["twin"], gone["id"], catalogue.guest, 987654)
    assert [catalogue.is_person(i) for i in ids] == [True, False, False, False]
