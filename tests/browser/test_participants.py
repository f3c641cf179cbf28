"""`greffe participants` beside Moodle's own page of participants, read in a browser by an administrator."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from greffe.commands.participants import participants
from greffe.demo.moodle_tables import add_users
from greffe.report.elapsed import elapsed
from greffe.report.lists.reader import Reader
from greffe.rules.text import fold
from greffe.view.asked import Asked
from tests.browser.conftest import Visit
from tests.browser.screen import Screen
from tests.browser.university import University

pytestmark = [pytest.mark.moodle, pytest.mark.browser]

MAKE = Path(__file__).parent / "php" / "participants.php"
DAY, ASCENDING, DESCENDING = 86_400, 4, 3
NOW = int(time.time())
NAMES = """
    Abélard Pierre|Adam Zoé|d'Alembert Jean|de Beauvoir Simone|Bérénice Ève|Berlioz Noël|Çelik Aïcha|Châtelet Émilie|Chopin Éric|
    Côté Léa|Cote Luc|de Gaulle Anne|De La Tour Maël|des Prés Josquin|du Bellay Joachim|Dubois Ñuño|Éluard Paul|Eluard Gala|
    Etienne Œdipe|Étienne Odile|Faÿ Ünal|Ibáñez Íñigo|La Fontaine Jean|L'Hôpital Michel|Le Goff Yann|Lefèvre Hélène|
    Łukasiewicz Jan|Müller Jürgen|N'Diaye Awa|Nguyễn Thị Ánh|O'Connor Sinéad|Ørsted Hans|Saint-Exupéry Antoine de|
    Saint John Perse Alexis|Straße Maß|van Gogh Vincent|von Staël Germaine|Zola Émile
"""
"""Family names with given names, in an order that is nobody's question here."""
READ = """() => [...document.querySelectorAll('#participants tbody tr:not(.emptyrow)')].map(row => {
    const text = cell => {
        const copy = cell.cloneNode(true);
        copy.querySelectorAll('.userinitials, .visibleifjs, .accesshide, .sr-only, .visually-hidden').forEach(e => e.remove());
        return copy.textContent.replace(/\\s+/g, ' ').trim();
    };
    const [, name, email, roles, groups, access] = row.querySelectorAll('td, th');
    const status = [...row.querySelectorAll('[data-enrolinstancename]')].map(one => [
        text(one.querySelector('.badge')), one.dataset.enrolinstancename,
        one.dataset.timestart, one.dataset.timeend, one.dataset.timeenrolled,
    ]);
    return [text(name), text(email), text(roles), text(groups), text(access), status];
})"""


def people() -> list[dict[str, object]]:
    """Who is in the courses: those of the names, and those who must not be seen."""
    named = [re.fullmatch(r"(.*?) (\S+|Thị Ánh|Antoine de|Œdipe)", n.strip()) for n in NAMES.split("|")]
    found: list[dict[str, object]] = [
        {"username": f"p{n:02}", "lastname": m[1], "firstname": m[2], "email": f"p{n:02}@example.org", "middlename": "",
         "alternatename": "Bibi" if n % 9 == 0 else "", "deleted": 0, "suspended": int(n == 7), "confirmed": int(n != 8)}
        for n, m in enumerate(named) if m
    ]  # fmt: skip
    assert len(found) == len(named)
    return [*found, found[0] | {"username": "gone", "email": "gone@example.org", "deleted": 1}]


def one(number: int, *by: tuple[str, int, int, int], **more: Any) -> dict[str, Any]:
    """A person of a course: by which methods (status, start, end), and what else there is of him."""
    return {"who": f"p{number:02}", "by": by or [("manual", 0, 0, 0)], **more}


def course(name: str, people: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A course to be made."""
    return {
        "shortname": name,
        "fullname": f"Cours « {name} »",
        "aliases": {},
        "methods": {},
        "groups": {},
        "people": people,
    } | more


ON, OFF = 0, 1
PAST, FUTURE = NOW - 40 * DAY, NOW + 40 * DAY
METHODS = {
    "self": {"enrol": "self", "role": "student"},
    "named": {"enrol": "self", "name": "Clé de la promotion", "role": "student"},
    "database": {"enrol": "database"},
    "cohort": {"enrol": "cohort", "cohort": "L1DRT-2026", "role": "student"},
    "unfollowed": {"enrol": "cohort", "customint1": 999999},
    "meta": {"enrol": "meta", "parent": "BIG"},
    "lost": {"enrol": "meta", "parent": "nowhere"},
    "off": {"enrol": "self", "name": "Fermée", "status": OFF},
}
COURSES = [
    course("BIG", [
        one(n, roles=["student"], groups=[f"TD {n % 3}"], access=0 if n % 5 == 0 else NOW - (n * n * 7 + n) * 3601 - 1800)
        for n in range(38)
    ], groups={f"TD {n}": 0 for n in range(3)}),
    course("MANY", [
        one(0, ("manual", ON, 0, 0), ("cohort", ON, 0, 0), ("database", OFF, 0, 0), ("off", ON, 0, 0), roles=["student"]),
        *(one(n, (key, ON, 0, 0), roles=["student"]) for n, key in enumerate(METHODS, 1)),
        one(11, ("named", OFF, PAST, FUTURE), ("meta", ON, 0, 0)),
    ], methods=METHODS),
    course("STATUS", [
        one(n, (key, status, start, end))
        for n, (key, status, start, end) in enumerate(
            (key, status, start, end)
            for key in ("manual", "off") for status in (ON, OFF) for start in (0, PAST, FUTURE) for end in (0, PAST + DAY, FUTURE + DAY)
        )
    ] + [{"who": who, "by": [("manual", ON, 0, 0)], "raw": True} for who in ("gone", "guest")], methods={"off": METHODS["off"]}),
    course("ROLES", [
        one(0, roles=["student"]), one(1, roles=["student", "teacher", "editingteacher"]), one(2), one(3, roles=["tutor"]),
        one(4, roles=["tutor", "manager"]), one(5), one(6, roles=["student"]), one(7, roles=["teacher"]), one(8),
    ], aliases={"student": "Apprenant", "editingteacher": "Responsable & co", "tutor": "Moniteur"}),
    course("GROUPS", [
        one(n, groups=groups, access=NOW - ago) for n, (groups, ago) in enumerate((
            (["été"], 400 * DAY + 7200), (["Zèbre", "abeille"], 365 * DAY + 60), ([], 57 * DAY + 4 * 3600 + 1800),
            (["Cachée", "à soi", "entre nous"], DAY + 3600 + 60), (["Cachée"], 2 * DAY + 30), (["B & C"], 3600 + 90), ([], 7260), ([], 3000),
        ))
    ], groups={"Zèbre": 0, "abeille": 0, "été": 0, "entre nous": 1, "à soi": 2, "Cachée": 3, "B & C": 0}),
]  # fmt: skip


@pytest.fixture(scope="module")
def prepared(campus: University) -> Iterator[University]:
    """The university with these courses; its own (nights of Greffe, 121 people in DRT101) and its story stay as they are."""
    campus.at("held")
    with campus.database.rows() as rows:
        add_users(rows, people())
    given = {
        "courses": COURSES,
        "roles": [{"shortname": "tutor", "name": "Tuteur"}],
        "held": [("p02", "manager", "category"), ("p05", "tutor", "system"), ("p06", "coursecreator", "category"), ("p06", "student", "category")],
    }  # fmt: skip
    made = json.loads(campus.site.php(MAKE, stdin=json.dumps(given)))
    assert len(made) == len(COURSES)
    yield campus
    # what no other page should meet: methods that follow nothing, people who are gone
    courses = ",".join(map(str, made.values()))
    run = campus.database.run
    run(
        f"DELETE FROM mdl_user_enrolments WHERE enrolid IN (SELECT id FROM mdl_enrol WHERE courseid IN ({courses}))"
    )
    run(f"DELETE FROM mdl_enrol WHERE courseid IN ({courses})")
    run(
        f"DELETE FROM mdl_groups_members WHERE groupid IN (SELECT id FROM mdl_groups WHERE courseid IN ({courses}))"
    )
    run(
        "DELETE FROM mdl_role_assignments WHERE userid IN (SELECT id FROM mdl_user WHERE email LIKE 'p%@example.org')"
    )


def people_of(name: str) -> list[dict[str, Any]]:
    return next(list(c["people"]) for c in COURSES if c["shortname"] == name)


def id_of(campus: University, name: str) -> int:
    (found,) = campus.database.query(
        "SELECT id FROM mdl_course WHERE shortname = %s OR idnumber = %s", name, name
    )
    return int(found[0])


def page(
    screen: Screen, course: int, sort: str = "", way: int = ASCENDING
) -> tuple[list[tuple[Any, ...]], range]:
    """What Moodle's page shows, and when it can have been made."""
    before = int(time.time())
    answer = screen.open(
        f"/user/index.php?id={course}&perpage=5000" + (f"&tsort={sort}&tdir={way}" if sort else "")
    )
    assert answer.status == 200
    after = int(time.time())
    rows = screen.page.evaluate(READ)
    return [tuple(row) for row in rows], range(before - 1, after + 2)


def listed(campus: University, course: int, **asked: Any) -> tuple[list[dict[str, Any]], Reader]:
    with participants(campus.nights.config(), [str(course)], asked=Asked(as_moodle=True, **asked)) as listing:
        keys = [c.key for c in listing.columns]
        return [dict(zip(keys, row, strict=True)) for row in listing.rows], Reader("en", listing.zone)


def when(text: str, zone: Any) -> str:
    """Moodle's "Tuesday, 1 September 2026, 8:00 AM" as a list has it; '' for none."""
    if not text:
        return ""
    return f"{datetime.strptime(text, '%A, %d %B %Y, %I:%M %p').replace(tzinfo=zone):%Y-%m-%d %H:%M}"


def same(shown: list[tuple[Any, ...]], at: range, rows: list[dict[str, Any]], reader: Reader) -> None:
    """Whether each person of the page is in the list with all that the page says of him, and nobody else."""
    mine = {row["email"]: row for row in rows}
    assert len(mine) == len(rows)
    assert sorted(email for _, email, *_ in shown) == sorted(mine)
    zone = reader.zone or ZoneInfo("localtime")
    for name, email, roles, groups, access, badges in shown:
        row = mine[email]
        assert name == row["fullname"]
        assert roles == (", ".join(row["roles"]) or "No roles")
        assert groups == (", ".join(row["groups"]) or "No groups")
        ago = {elapsed(t - row["last_access"], "en") for t in at} if row["last_access"] else {"Never"}
        assert access in ago
        assert sorted(
            (s, m, when(b, zone), when(e, zone), when(c, zone)) for s, m, b, e, c in badges
        ) == sorted(
            (reader.word("status", s), m, *(reader.moment(t) if t else "" for t in moments))
            for s, m, *moments in zip(
                row["status"], row["method"], row["start"], row["end"], row["enrolled"], strict=True
            )
        )


def order(campus: University, shown: list[tuple[Any, ...]], rows: list[dict[str, Any]], *by: str) -> None:
    """Whether page and list have people in one order, as far as these columns say: who is equal there comes in any order on
    the page."""
    alike = fold if campus.nights.site.engine == "mariadb" else str
    mine = [tuple(alike(row[c]) if isinstance(row[c], str) else row[c] for c in by) for row in rows]
    keys = {row["email"]: key for row, key in zip(rows, mine, strict=True)}
    assert [keys[email] for _, email, *_ in shown] == mine


@pytest.mark.parametrize("name", [*(c["shortname"] for c in COURSES), "DRT101"])
def test_the_list_says_what_the_page_shows(prepared: University, visit: Visit, name: str) -> None:
    course = id_of(prepared, name)
    shown, at = page(visit(prepared, "admin", script=False), course)
    rows, reader = listed(prepared, course)
    assert len(rows) == (
        121 if name == "DRT101" else len({p["who"] for p in people_of(name)} - {"gone", "guest"})
    )
    same(shown, at, rows, reader)
    order(prepared, shown, rows, "lastname")
    assert {r for row in rows for r in row["run"]} == ({"1"} if name == "DRT101" else {""})


@pytest.mark.parametrize(
    ("sort", "theirs", "way", "by"),
    [
        ("firstname", "firstname", ASCENDING, ("firstname", "lastname")),
        ("last-access", "lastaccess", DESCENDING, ("last_access",)),
        ("email", "email", DESCENDING, ("email",)),
    ],
)
def test_the_list_is_in_the_pages_order(
    prepared: University, visit: Visit, sort: str, theirs: str, way: int, by: tuple[str, ...]
) -> None:
    course = id_of(prepared, "BIG")
    shown, _ = page(visit(prepared, "admin", script=False), course, theirs, way)
    rows, _ = listed(prepared, course, sort=sort, descending=way == DESCENDING)
    assert len(rows) == 38
    order(prepared, shown, rows, *by)
