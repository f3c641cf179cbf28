"""Who is listed: of one course or of several, of a small one or of a large one."""

from __future__ import annotations

import csv
import json
import tracemalloc

import pytest

from greffe.commands.participants import participants
from greffe.errors import ArgumentError, Exit
from tests.integration.commandline import Site
from tests.integration.participants.roster import Roster, fill


def test_who_has_not_come_for_long(roster: Roster) -> None:
    manual = roster.course("C1")
    for name, ago in {"today": 60, "month": 31 * 86400, "year": 400 * 86400}.items():
        roster.enrol(name, manual)
        roster.access(name, "C1", ago)
    roster.course("C2")
    roster.enrol("never", manual)
    roster.access("never", "C2", 5)
    assert roster.names(sort="last-access") == ["never", "year", "month", "today"]
    assert roster.names(inactive=30 * 86400) == ["month", "never", "year"]
    assert roster.names(inactive=0) == ["never"]


def test_who_is_nobody_is_not_listed(roster: Roster) -> None:
    manual = roster.course("C1")
    roster.enrol("here", manual)
    roster.person("gone", deleted=1)
    roster.enrol("gone", manual)
    roster.person("shut", suspended=1, confirmed=0)
    roster.enrol("shut", manual)
    roster.people["guest"] = 1
    roster.enrol("guest", manual)
    assert roster.names() == ["here", "shut"]


def test_several_courses_one_after_the_other(roster: Roster) -> None:
    for name in ("C2", "C1", "C3"):
        manual = roster.course(name)
        roster.enrol("Zoé", manual)
        roster.enrol(f"only{name}", manual)
    roster.course("C4")
    found = [(r["course"], r["lastname"]) for r in roster.rows("C3", "C1", "C4")]
    assert found == [("C1", "onlyC1"), ("C1", "Zoé"), ("C3", "onlyC3"), ("C3", "Zoé")]
    category = roster.site.insert("course_categories", name="Droit")
    roster.site.execute("UPDATE {course_categories} SET path = %s WHERE id = %s", f"/1/{category}", category)
    roster.site.insert("context", contextlevel=40, instanceid=category, depth=3, path="/1/77")
    roster.site.execute("UPDATE {course} SET category = %s WHERE id = %s", category, roster.courses["C2"])
    assert {r["course"] for r in roster.rows(category="Droit")} == {"C2"}
    assert {r["course"] for r in roster.rows("C4", "C1", category="Droit")} == {"C1", "C2"}
    with (
        participants(roster.nights.config(), ["C1"]) as one,
        participants(roster.nights.config(), list(roster.courses)) as four,
    ):
        assert (one.about, four.about) == ("C1", "C1, C2, C3 … (4)")
    with pytest.raises(ArgumentError, match="there is no course"):
        roster.rows("C9")


def test_a_large_course_is_never_held_whole(roster: Roster, long: bool) -> None:
    number = 50_000 if long else 3_000
    manual = roster.course("C1")
    fill(
        roster,
        manual,
        [{"lastname": f"Nom {n % 97}", "firstname": f"P{n}", "email": f"{n}@x"} for n in range(number)],
    )
    tracemalloc.start()
    try:
        with participants(roster.nights.config(), ["C1"]) as found:
            seen, last = 0, ""
            for row in found.rows:
                seen += 1
                assert str(row[1]) >= last[:4]
                last = str(row[1])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert seen == number
    # a page of people, and the ids of all while they become packed: their rows would be ten times that
    assert peak < 2 * 2**20 + number * 120


def test_on_the_command_line(site: Site) -> None:
    site.deliver(range(3))
    site("nightly")
    code, document = site.json(
        "participants", "C1", "--role", "student", "--sort", "idnumber", "--descending"
    )
    assert (code, document["list"]) == (Exit.DONE, "participants")
    assert [(r["idnumber"], r["run"], r["status"]) for r in document["rows"]] == [
        (f"s{n}", ["1"], ["active"]) for n in (2, 1, 0)
    ]
    code, out = site("participants", "C1", "--language", "fr")
    assert code == Exit.DONE
    assert "jamais" in out
    assert "Base de données externe" in out
    assert "3 lignes" in out
    file = site.directory / "list.csv"
    code, _ = site("participants", "C1", "C2", "--out", str(file), "--language", "fr")
    assert code == Exit.DONE
    lines = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
    assert [(r["Statut"], r["Dernier accès au cours"], r["Rôles"]) for r in lines] == [
        ("Actif", "jamais", "Étudiant")
    ] * 3
    code, told = site.json("participants", "C1", "--status", "actif", "--out", str(file))
    assert (code, told["rows"], told["asked"]) == (Exit.DONE, 3, {"sort": ["name"], "status": ["active"]})

    code, out = site("participants")
    assert (code, "no course is named" in site.err) == (Exit.USAGE, True)
    code, out = site("participants", "C1", "--group", "TD 1", "--json")
    assert (code, json.loads(out)["kind"]) == (Exit.USAGE, "ArgumentError")
    assert "Of groups, this course has: none at all." in site.err
    code, _ = site("participants", "C1", "--inactive-for", "soon")
    assert (code, "'soon' is no duration" in site.err) == (Exit.USAGE, True)
    code, out = site("participants", "C2")
    assert (code, "Nobody and nothing is in this list." in out) == (Exit.DONE, True)
