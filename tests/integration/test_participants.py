"""`greffe participants` on real databases: who is listed, in which order, with what."""

from __future__ import annotations

import csv
import json
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from greffe.commands.participants import participants
from greffe.commands.undo import undo
from greffe.errors import ArgumentError, Exit
from greffe.view.asked import SORTS, STATUSES, Asked
from tests.integration.commandline import Site
from tests.integration.commandline import site as command_line
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite

__all__ = ["command_line"]

ACTIVE, SUSPENDED = 0, 1
LONGEST = 60
"""Seconds that a test may take from its first row to its list."""
STUDENT, TEACHER, EDITING, MANAGER = 5, 4, 3, 1
NAMES = (
    "Abc 1", "Aerts", "Æsir", "Çapek", "Capet", "Côté", "Cotillard", "D’Alembert", "d'Artagnan", "Dalle", "de Gaulle",
    "De La Tour", "Debré", "des Prés", "Dès-Vosges", "Desnos", "Du Bellay", "Dubois", "Édouard", "Eluard", "ÉTIENNE",
    "Fe\u0301val", "Fevre", "L'Hôpital", "La Fontaine", "Lafontaine", "Le Goff", "Legoff", "Łukasz", "Müller", "N’Diaye", "Ndiaye",
    "Nguyễn", "O'Brien", "Obrien", "Œuvrard", "Ofman", "Ørsted", "Saint Jean", "Saint-Just", "Saintonge", "Straße", "Strate",
    "van der Meer", "Van Gogh", "Vandermeer", "von Braun", "Zoë", "Zola",
)  # fmt: skip
"""Family names in the order in which a French reader looks for them (docs/decisions/0020)."""


@dataclass
class Class:
    """Courses and people that grow as a test says."""

    nights: Nights
    people: dict[str, int] = field(default_factory=dict)
    courses: dict[str, int] = field(default_factory=dict)
    contexts: dict[str, int] = field(default_factory=dict)

    @property
    def site(self) -> MoodleSite:
        return self.nights.site

    def course(self, name: str, **columns: object) -> int:
        """A course with its manual method; the method's id."""
        self.courses[name] = self.site.add_course(name, idnumber=name, **columns)
        where = self.courses[name]
        (context,) = self.site.fetch(
            "SELECT id FROM {context} WHERE contextlevel = 50 AND instanceid = %s", where
        )
        self.contexts[name] = context["id"]
        (manual,) = self.site.fetch("SELECT id FROM {enrol} WHERE courseid = %s", where)
        return int(manual["id"])

    def method(self, course: str, plugin: str, **columns: object) -> int:
        return self.site.insert("enrol", enrol=plugin, courseid=self.courses[course], sortorder=9, **columns)

    def person(self, name: str, **columns: object) -> int:
        """Family name ``name``; his e-mail address is that with an @."""
        self.people[name] = self.site.add_user(
            name.lower(),
            **{"lastname": name, "firstname": "F", "email": f"{name}@x", "idnumber": f"n{name}"} | columns,
        )
        return self.people[name]

    def enrol(self, name: str, method: int, **columns: object) -> int:
        """Somebody (made where he is not there yet) into a method."""
        who = self.people.get(name) or self.person(name)
        usual = {"status": ACTIVE, "timestart": 0, "timeend": 0, "timecreated": 1_700_000_000}
        return self.site.insert("user_enrolments", **usual | {"enrolid": method, "userid": who} | columns)

    def role(self, name: str, role: int, context: int) -> None:
        self.site.insert("role_assignments", roleid=role, contextid=context, userid=self.people[name])

    def access(self, name: str, course: str, ago: int) -> None:
        now = int(self.site.fetch("SELECT MAX(timecreated) AS t FROM {user}")[0]["t"])
        self.site.insert(
            "user_lastaccess", userid=self.people[name], courseid=self.courses[course], timeaccess=now - ago
        )

    def rows(self, *courses: str, category: str = "", **asked: Any) -> list[dict[str, Any]]:
        with participants(
            self.nights.config(), courses, [category] if category else [], Asked(**asked)
        ) as found:
            keys = [c.key for c in found.columns]
            return [dict(zip(keys, row, strict=True)) | {"made": found.made} for row in found.rows]

    def names(self, *courses: str, **asked: Any) -> list[str]:
        return [r["lastname"] for r in self.rows(*(courses or ("C1",)), **asked)]


@pytest.fixture
def klass(moodle_site: MoodleSite, tmp_path: Path) -> Class:
    return Class(Nights(moodle_site, tmp_path))


def fill(klass: Class, method: int, people: Sequence[dict[str, object]]) -> range:
    """Many people into a method."""
    ids = klass.site.add_users([{"username": f"m{n}", **p} for n, p in enumerate(people)])
    with klass.site.rows() as rows:
        rows.insert("user_enrolments", [{"enrolid": method, "userid": u, "timeend": 0} for u in ids])
    return ids


def test_names_stand_where_a_french_reader_looks(klass: Class) -> None:
    manual = klass.course("C1")
    mixed = sorted(NAMES, key=lambda name: name[::-1])
    fill(klass, manual, [{"lastname": n, "firstname": "Zoé", "email": f"{i}@x"} for i, n in enumerate(mixed)])
    assert klass.names() == list(NAMES)
    assert klass.names(descending=True) == list(NAMES)[::-1]


def test_equal_names_are_told_apart_by_first_names(klass: Class) -> None:
    manual = klass.course("C1")
    pairs = [("Côté", "Anne-Marie"), ("COTE", "Anne"), ("cote", "Élise"), ("Coté", "Eloi"), ("Cote", "Anna")]
    fill(klass, manual, [{"lastname": a, "firstname": b, "email": b} for a, b in pairs])
    found = [r["firstname"] for r in klass.rows("C1")]
    assert found == ["Anna", "Anne", "Anne-Marie", "Élise", "Eloi"]
    assert [r["firstname"] for r in klass.rows("C1", sort="firstname", descending=True)] == found[::-1]


def test_the_databases_own_order_is_to_be_had(klass: Class) -> None:
    manual = klass.course("C1")
    fill(klass, manual, [{"lastname": n, "firstname": "", "email": n} for n in ("Zola", "Élie", "abel")])
    ours = [
        r["lastname"]
        for r in klass.site.fetch("SELECT lastname FROM {user} WHERE username LIKE 'm%%' ORDER BY lastname")
    ]
    assert klass.names(as_moodle=True) == ours
    assert klass.names() == ["abel", "Élie", "Zola"]


def test_status_is_moodles_to_the_second(klass: Class) -> None:
    manual = klass.course("C1")
    off = klass.method("C1", "self", status=1)
    klass.enrol("Clock", manual)
    (clock,) = klass.rows("C1")
    now = int(str(clock["made"]))
    rows, expected = list[dict[str, object]](), dict[str, Callable[[int], str]]()

    def add(name: str, word: Callable[[int], str], method: int = manual, **columns: int) -> None:
        rows.append({"status": ACTIVE, "timestart": 0, "timeend": 0, **columns, "enrolid": method})
        expected[name] = word

    for at in range(now - 2, now + LONGEST):
        add(f"from {at}", lambda made, at=at: "not-current" if at > made else "active", timestart=at)  # type: ignore[misc]
        add(f"until {at}", lambda made, at=at: "not-current" if at < made else "active", timeend=at)  # type: ignore[misc]
    add("plain", lambda _: "active")
    add("within", lambda _: "active", timestart=5, timeend=now + 9999)
    add("off", lambda _: "not-current", off)
    add("out", lambda _: "suspended", status=SUSPENDED)
    add("out, off", lambda _: "suspended", off, status=SUSPENDED)
    add("out, later", lambda _: "suspended", status=SUSPENDED, timestart=now + 9999)
    add("out, over", lambda _: "suspended", status=SUSPENDED, timeend=5)
    people = klass.site.add_users([{"username": n, "lastname": n, "email": n} for n in expected])
    with klass.site.rows() as table:
        table.insert("user_enrolments", [r | {"userid": u} for r, u in zip(rows, people, strict=True)])
    expected["Clock"] = lambda _: "active"
    for asked in ((), ("active",), ("not-current",), ("suspended",)):
        found = klass.rows("C1", statuses=asked, sort="status")
        made = found[0]["made"]
        assert now <= made < now + LONGEST - 1
        words = {name: of(made) for name, of in expected.items()}
        assert {r["lastname"]: r["status"] for r in found} == {
            n: (word,) for n, word in words.items() if not asked or word in asked
        }
        assert [r["status"][0] for r in found] == sorted((r["status"][0] for r in found), key=STATUSES.index)


def test_one_row_tells_all_enrolments_of_a_person(klass: Class) -> None:
    manual = klass.course("C1")
    klass.course("P1", fullname="Parent & co")
    cohort = klass.site.add_cohort("L1", name="Licence 1")
    synced = klass.method("C1", "cohort", customint1=cohort, roleid=STUDENT, status=1)
    klass.enrol("Abel", synced)
    klass.enrol("Abel", manual, status=SUSPENDED, timestart=1_600_000_000, timeend=1_650_000_000)
    klass.enrol("Abel", klass.method("C1", "meta", customint1=klass.courses["P1"]))
    (row,) = klass.rows("C1")
    assert row["status"] == ("active", "not-current", "suspended")
    assert row["method"] == (
        "Course meta link (Parent & co)",
        "Cohort sync (Licence 1 - Student)",
        "Manual enrolments",
    )
    assert [len(row[c]) for c in ("start", "end", "enrolled", "run")] == [3] * 4
    assert (row["start"], row["end"]) == ((0, 0, 1_600_000_000), (0, 0, 1_650_000_000))
    assert row["enrolled"] == (1_700_000_000,) * 3


def test_methods_are_called_as_moodle_calls_them(klass: Class) -> None:
    klass.course("C1")
    klass.site.insert("role_names", roleid=STUDENT, contextid=klass.contexts["C1"], name="Apprenant")
    methods = {
        klass.method("C1", "self", roleid=STUDENT): (
            "Self enrolment (Apprenant)",
            "Auto-inscription (Apprenant)",
        ),
        klass.method("C1", "self", name="Clé"): ("Clé", "Clé"),
        klass.method("C1", "cohort", customint1=987): ("Cohort sync", "Synchronisation des cohortes"),
        klass.method("C1", "meta", customint1=987): ("Course meta link (987)", "Méta-cours (987)"),
        klass.method("C1", "database"): ("External database", "Base de données externe"),
        klass.method("C1", "autoenrol"): ("autoenrol", "autoenrol"),
    }
    for n, method in enumerate(methods):
        klass.enrol(f"p{n}", method)
    for at, language in enumerate(("en", "fr")):
        found = [r["method"][0] for r in klass.rows("C1", language=language)]
        assert found == [names[at] for names in methods.values()]
    assert klass.names(methods=("self",)) == ["p0", "p1"]
    assert klass.names(methods=("clé", "meta")) == ["p1", "p3"]
    klass.site.insert("config", name="courselistshortnames", value="1")
    klass.site.execute("UPDATE {enrol} SET customint1 = %s WHERE enrol = 'meta'", klass.courses["C1"])
    assert klass.rows("C1", methods=("meta",))[0]["method"] == ("Course meta link (C1 C1)",)


def test_roles_have_the_courses_names_and_come_from_above_too(klass: Class) -> None:
    manual = klass.course("C1")
    klass.course("C2")
    for name in ("none", "student", "several", "above", "elsewhere", "below"):
        klass.enrol(name, manual)
    here = klass.contexts["C1"]
    klass.site.insert("role_names", roleid=STUDENT, contextid=here, name="Apprenant")
    klass.site.insert("role_names", roleid=TEACHER, contextid=klass.contexts["C2"], name="Elsewhere's name")
    klass.site.execute("UPDATE {role} SET name = 'Tuteur' WHERE id = %s", TEACHER)
    klass.role("student", STUDENT, here)
    for role in (TEACHER, STUDENT, EDITING, STUDENT):
        klass.role("several", role, here)
    klass.role("above", MANAGER, 1)
    klass.role("above", STUDENT, here)
    klass.role("above", STUDENT, 3)
    klass.role("elsewhere", STUDENT, klass.contexts["C2"])
    module = klass.site.insert("context", contextlevel=70, instanceid=1, depth=4, path=f"/1/3/{here}/999")
    klass.role("below", TEACHER, module)
    roles = {r["lastname"]: r["roles"] for r in klass.rows("C1")}
    assert roles == {
        "none": (), "elsewhere": (), "below": (), "student": ("Apprenant (Student)",),
        "several": ("Teacher", "Tuteur", "Apprenant (Student)"), "above": ("Apprenant (Student)", "Manager"),
    }  # fmt: skip
    assert klass.rows("C1", roles=("editingteacher",), language="fr")[0]["roles"][0] == "Enseignant"
    assert klass.names(roles=("student",)) == ["above", "several", "student"]
    assert klass.names(roles=("APPRENANT",)) == ["above", "several", "student"]
    assert klass.names(roles=("tuteur", "manager")) == ["above", "several"]
    assert klass.names(roles=("none",)) == ["below", "elsewhere", "none"]
    assert klass.names(roles=("none", "teacher")) == ["below", "elsewhere", "none", "several"]
    assert klass.names(sort="roles")[:3] == ["above", "several", "student"]
    with pytest.raises(ArgumentError, match="there is no role 'Professeur' here"):
        klass.rows("C1", roles=("Professeur",))


def test_groups_of_the_course_whoever_may_see_them(klass: Class) -> None:
    manual = klass.course("C1")
    klass.course("C2")
    groups = {
        name: klass.site.insert("groups", courseid=klass.courses[course], name=name, visibility=visibility)
        for name, course, visibility in (
            ("Zoo", "C1", 0),
            ("abeille", "C1", 1),
            ("Été", "C1", 3),
            ("Other", "C2", 0),
        )
    }
    for name, joined in {
        "one": ["Zoo"],
        "two": ["Zoo", "abeille"],
        "three": ["Été"],
        "other": ["Other"],
        "no": [],
    }.items():
        klass.enrol(name, manual)
        for group in joined:
            klass.site.insert("groups_members", groupid=groups[group], userid=klass.people[name])
    shown = {r["lastname"]: r["groups"] for r in klass.rows("C1")}
    assert set(shown.pop("two")) == {"Zoo", "abeille"}
    assert shown == {"one": ("Zoo",), "three": ("Été",), "other": (), "no": ()}
    assert klass.names(groups=("zoo",)) == ["one", "two"]
    assert klass.names(groups=("été", "none")) == ["no", "other", "three"]
    assert klass.names(sort="groups") == ["no", "other", "two", "three", "one"]
    with pytest.raises(ArgumentError, match="there is no group 'Other' here"):
        klass.rows("C1", groups=("Other",))
    assert klass.names("C1", "C2", groups=("Other",)) == []


def test_who_has_not_come_for_long(klass: Class) -> None:
    manual = klass.course("C1")
    for name, ago in {"today": 60, "month": 31 * 86400, "year": 400 * 86400}.items():
        klass.enrol(name, manual)
        klass.access(name, "C1", ago)
    klass.course("C2")
    klass.enrol("never", manual)
    klass.access("never", "C2", 5)
    assert klass.names(sort="last-access") == ["never", "year", "month", "today"]
    assert klass.names(inactive=30 * 86400) == ["month", "never", "year"]
    assert klass.names(inactive=0) == ["never"]


def test_a_status_and_a_method_are_of_one_enrolment(klass: Class) -> None:
    manual = klass.course("C1")
    cohort = klass.method("C1", "cohort")
    for name, by_hand, synced in (("a", ACTIVE, SUSPENDED), ("b", SUSPENDED, ACTIVE)):
        klass.enrol(name, manual, status=by_hand)
        klass.enrol(name, cohort, status=synced)
    assert klass.names(methods=("cohort",), statuses=("suspended",)) == ["a"]
    assert klass.names(methods=("cohort", "manual"), statuses=("suspended",)) == ["a", "b"]
    assert [len(r["status"]) for r in klass.rows("C1", methods=("cohort",), statuses=("suspended",))] == [2]
    with pytest.raises(ArgumentError, match="there is no method 'meta' here"):
        klass.rows("C1", methods=("meta",))


def test_who_is_nobody_is_not_listed(klass: Class) -> None:
    manual = klass.course("C1")
    klass.enrol("here", manual)
    klass.person("gone", deleted=1)
    klass.enrol("gone", manual)
    klass.person("shut", suspended=1, confirmed=0)
    klass.enrol("shut", manual)
    klass.people["guest"] = 1
    klass.enrol("guest", manual)
    assert klass.names() == ["here", "shut"]


def test_several_courses_one_after_the_other(klass: Class) -> None:
    for name in ("C2", "C1", "C3"):
        manual = klass.course(name)
        klass.enrol("Zoé", manual)
        klass.enrol(f"only{name}", manual)
    klass.course("C4")
    found = [(r["course"], r["lastname"]) for r in klass.rows("C3", "C1", "C4")]
    assert found == [("C1", "onlyC1"), ("C1", "Zoé"), ("C3", "onlyC3"), ("C3", "Zoé")]
    category = klass.site.insert("course_categories", name="Droit")
    klass.site.execute("UPDATE {course_categories} SET path = %s WHERE id = %s", f"/1/{category}", category)
    klass.site.insert("context", contextlevel=40, instanceid=category, depth=3, path="/1/77")
    klass.site.execute("UPDATE {course} SET category = %s WHERE id = %s", category, klass.courses["C2"])
    assert {r["course"] for r in klass.rows(category="Droit")} == {"C2"}
    assert {r["course"] for r in klass.rows("C4", "C1", category="Droit")} == {"C1", "C2"}
    with (
        participants(klass.nights.config(), ["C1"]) as one,
        participants(klass.nights.config(), list(klass.courses)) as four,
    ):
        assert (one.about, four.about) == ("C1", "C1, C2, C3 … (4)")
    with pytest.raises(ArgumentError, match="there is no course"):
        klass.rows("C9")


def test_every_column_sorts_both_ways(klass: Class) -> None:
    manual = klass.course("C1")
    for n in range(9):
        klass.enrol(f"p{n}", manual, timecreated=5 + n % 3)
    for sort in SORTS:
        rising = klass.names(sort=sort)
        falls = sort in ("name", "idnumber", "email", "enrolled")
        assert (klass.names(sort=sort, descending=True, as_moodle=True) == rising) is not falls, sort
    assert klass.names(sort="enrolled", descending=True) == [
        "p2",
        "p5",
        "p8",
        "p1",
        "p4",
        "p7",
        "p0",
        "p3",
        "p6",
    ]


def test_the_end_that_never_comes_is_the_last(klass: Class) -> None:
    manual = klass.course("C1")
    for name, start, end in (("a", 9, 0), ("b", 0, 50), ("c", 5, 20)):
        klass.enrol(name, manual, timestart=start, timeend=end)
    assert klass.names(sort="end") == ["c", "b", "a"]
    assert klass.names(sort="start") == ["b", "c", "a"]


def test_the_run_that_enrolled_somebody(klass: Class) -> None:
    klass.course("C1")
    for name in ("a", "b", "c"):
        klass.person(name)
    klass.nights.feed("ip", "who;course", ["na;C1", "nb;C1"])
    klass.nights.rule("ip")
    assert klass.nights.night().exit is Exit.DONE
    klass.nights.feed("ip", "who;course", ["na;C1", "nb;C1", "nc;C1"])
    assert klass.nights.night().exit is Exit.DONE
    (manual,) = klass.site.fetch("SELECT id FROM {enrol} WHERE enrol = 'manual'")
    klass.enrol("c", manual["id"])
    klass.enrol("hand", manual["id"])
    runs = {r["lastname"]: dict(zip(r["method"], r["run"], strict=True)) for r in klass.rows("C1")}
    database, by_hand = "External database", "Manual enrolments"
    assert runs == {
        "a": {database: "1"},
        "b": {database: "1"},
        "c": {by_hand: "", database: "2"},
        "hand": {by_hand: ""},
    }
    assert klass.names(sort="run", descending=True) == ["c", "a", "b", "hand"]

    # taken back and made again by hand: another enrolment, not that run's
    undo(klass.nights.config(), 2)
    (theirs,) = klass.site.fetch("SELECT id FROM {enrol} WHERE enrol = 'database'")
    klass.enrol("c", theirs["id"])
    assert {r["lastname"]: set(r["run"]) for r in klass.rows("C1")} == {
        "a": {"1"},
        "b": {"1"},
        "c": {""},
        "hand": {""},
    }


def test_names_take_the_sites_form(klass: Class) -> None:
    manual = klass.course("C1")
    klass.person("Curie", firstname="Marie", middlename="", alternatename="Manya")
    klass.enrol("Curie", manual)
    assert klass.rows("C1")[0]["fullname"] == "Marie Curie"
    klass.site.insert(
        "config", name="alternativefullnameformat", value="lastname firstname (alternatename) [middlename]"
    )
    assert klass.rows("C1")[0]["fullname"] == "Curie Marie (Manya)"


def test_a_large_course_is_never_held_whole(klass: Class, long: bool) -> None:
    number = 50_000 if long else 3_000
    manual = klass.course("C1")
    fill(
        klass,
        manual,
        [{"lastname": f"Nom {n % 97}", "firstname": f"P{n}", "email": f"{n}@x"} for n in range(number)],
    )
    tracemalloc.start()
    try:
        with participants(klass.nights.config(), ["C1"]) as found:
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


def test_on_the_command_line(command_line: Site) -> None:
    site = command_line
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
