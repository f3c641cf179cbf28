"""The lists that people ask for, on a site where everything that they tell apart occurs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from greffe.errors import Exit
from tests.integration.commandline import Site
from tests.lab.site import MoodleSite

DAY = 86400


@dataclass
class Campus:
    """A faculty with a cohort, and courses of each kind."""

    greffe: Site
    now: int
    courses: dict[str, int]
    people: dict[str, int]
    cohort: int

    @property
    def site(self) -> MoodleSite:
        return self.greffe.site

    def method(self, course: str, plugin: str, *, on: bool = True, **values: object) -> int:
        """An enrolment method of a course."""
        return self.site.insert(
            "enrol", enrol=plugin, courseid=self.courses[course], status=0 if on else 1, sortorder=9, **values
        )

    def enrol(self, method: int, *people: str, **values: object) -> None:
        """People by that method."""
        with self.site.rows() as rows:
            rows.insert(
                "user_enrolments",
                [
                    {"enrolid": method, "userid": self.people[p], "status": 0, "timestart": 0, "timeend": 0,
                     "modifierid": 2, "timecreated": 1, "timemodified": 1} | values
                    for p in people
                ],
            )  # fmt: skip

    def context(self, course: str) -> int:
        """A course's context."""
        (row,) = self.site.fetch(
            "SELECT id FROM {context} WHERE contextlevel = 50 AND instanceid = %s", self.courses[course]
        )
        return int(row["id"])

    def role(self, shortname: str, context: int, *people: str) -> None:
        """A role given by hand."""
        (row,) = self.site.fetch("SELECT id FROM {role} WHERE shortname = %s", shortname)
        with self.site.rows() as rows:
            rows.insert(
                "role_assignments",
                [
                    {"roleid": row["id"], "contextid": context, "userid": self.people[p], "component": "",
                     "itemid": 0, "timemodified": 1, "modifierid": 2, "sortorder": 0}
                    for p in people
                ],
            )  # fmt: skip

    def rows(self, *arguments: str) -> list[dict[str, object]]:
        """A list's rows as programs read them."""
        code, found = self.greffe.json("list", *arguments)
        assert code == Exit.DONE
        return list(found["rows"])

    def notes(self, *arguments: str) -> list[str]:
        """What is said below a list, in English."""
        return list(self.greffe.json("list", *arguments, "--language", "en")[1]["notes"])


@pytest.fixture
def campus(site: Site) -> Campus:
    """Four people of a cohort, a teacher and an outsider; seven courses."""
    moodle = site.site
    people = [("durand", "Durand", "Zoé"), ("evrard", "Évrard", "Ali"), ("martin", "Martin", "Ève"),
              ("zola", "Zola", "=Jo"), ("prof", "Prof", "Ana"), ("autre", "Autre", "Léo")]  # fmt: skip
    ids = moodle.add_users(
        [
            {
                "username": u,
                "lastname": last,
                "firstname": first,
                "idnumber": f"22{n:06}",
                "email": f"{u}@u.example",
            }
            for n, (u, last, first) in enumerate(people)
        ]
    )
    names = ["LAW1", "LAW2", "LAW3", "NONE", "OFF", "GONE", "HIDDEN"]
    courses = moodle.add_courses(
        [
            {"shortname": n, "fullname": f"Course {n}", "idnumber": f"i{n}", "sortorder": 10002 + at}
            for at, n in enumerate(names)
        ]
    )
    cohort = moodle.add_cohort("L1-2026", name="Licence 1 — Droit")
    found = Campus(
        site, int(time.time()), dict(zip(names, courses, strict=True)), dict(zip((p[0] for p in people), ids, strict=True)), cohort
    )  # fmt: skip
    with moodle.rows() as rows:
        rows.insert(
            "cohort_members",
            [
                {"cohortid": cohort, "userid": found.people[p], "timeadded": 1_700_000_000}
                for p in ("zola", "evrard", "durand", "martin")
            ],
        )
    moodle.execute(
        "UPDATE {config} SET value = %s WHERE name = %s", "manual,cohort,self", "enrol_plugins_enabled"
    )
    return found


def test_a_students_courses_tell_how_and_since_when_and_whether_he_came(campus: Campus) -> None:
    first, second = campus.method("LAW1", "cohort"), campus.method("LAW2", "self")
    off = campus.method("LAW3", "manual", on=False)
    campus.enrol(first, "evrard", timestart=1000, timeend=campus.now + DAY)
    campus.enrol(second, "evrard", status=1)
    campus.enrol(off, "evrard", "durand")
    campus.role("student", campus.context("LAW1"), "evrard", "durand")
    campus.role("manager", 1, "evrard")
    campus.site.insert("role_names", roleid=5, contextid=campus.context("LAW1"), name="Auditeur")
    group = campus.site.insert("groups", courseid=campus.courses["LAW1"], name="TD 1", timemodified=1)
    other = campus.site.insert("groups", courseid=campus.courses["LAW2"], name="TD 9", timemodified=1)
    for each in (group, other):
        campus.site.insert("groups_members", groupid=each, userid=campus.people["evrard"], timeadded=1)
    campus.site.insert(
        "user_lastaccess",
        userid=campus.people["evrard"],
        courseid=campus.courses["LAW1"],
        timeaccess=1_700_000_000,
    )
    rows = campus.rows("courses", "22000001", "--language", "en")
    assert [(r["shortname"], r["method"], r["roles"], r["groups"], r["status"]) for r in rows] == [
        ("LAW1", ["Cohort sync"], ["Auditeur (Student)", "Manager"], ["TD 1"], ["active"]),
        ("LAW2", ["Self enrolment"], ["Manager"], ["TD 9"], ["suspended"]),
        ("LAW3", ["Manual enrolments"], ["Manager"], [], ["not-current"]),
    ]
    assert rows[0]["category"] == "Category 1"
    assert [r["last_access"] is None for r in rows] == [False, True, True]
    assert (str(rows[0]["start"])[:13], rows[1]["end"]) == ("['1970-01-01T", [None])
    code, told = campus.greffe("list", "courses", "evrard", "--language", "fr")
    assert code == Exit.DONE
    assert "Cours d’une personne : Ali Évrard (22000001)" in told
    assert all(word in told for word in ("Synchronisation", "jamais", "3 lignes"))
    assert campus.greffe("list", "courses", "nobody")[0] == Exit.USAGE


def test_a_courses_students_are_those_who_have_a_role_of_that_kind(campus: Campus) -> None:
    method = campus.method("LAW1", "manual")
    campus.enrol(method, "zola", "evrard", "prof", "durand")
    campus.role("student", campus.context("LAW1"), "zola", "evrard")
    campus.role("editingteacher", campus.context("LAW1"), "prof")
    auditor = campus.site.insert(
        "role", shortname="auditor", name="Auditeur", description="", archetype="student", sortorder=99
    )
    campus.site.insert(
        "role_assignments", roleid=auditor, contextid=campus.context("LAW1"), userid=campus.people["durand"], component="",
        itemid=0, timemodified=1, modifierid=2, sortorder=0,
    )  # fmt: skip
    rows = campus.rows("students", "LAW1")
    assert [(r["lastname"], r["status"], r["last_access"]) for r in rows] == [
        ("Durand", ["active"], None),
        ("Évrard", ["active"], None),
        ("Zola", ["active"], None),
    ]
    assert campus.greffe("list", "students", "nothing")[0] == Exit.USAGE


def test_a_cohorts_members_with_the_courses_that_let_them_in(campus: Campus) -> None:
    one = campus.method("LAW1", "cohort", customint1=campus.cohort)
    two = campus.method("LAW2", "cohort", customint1=campus.cohort)
    closed = campus.method("LAW3", "cohort", on=False, customint1=campus.cohort)
    campus.enrol(one, "durand", "evrard", "martin")
    campus.enrol(two, "durand")
    campus.enrol(two, "evrard", status=1)
    campus.enrol(closed, "zola")
    rows = campus.rows("cohort", "L1-2026")
    assert [(r["lastname"], r["courses"], r["missing"]) for r in rows] == [
        ("Durand", 2, []),
        ("Évrard", 1, ["LAW2"]),
        ("Martin", 1, ["LAW2"]),
        ("Zola", 0, ["LAW1", "LAW2"]),
    ]
    assert campus.notes("cohort", "L1-2026") == [
        "Courses that the cohort opens: 2 (LAW1, LAW2).",
        "Its cohort methods that are switched off and let nobody in: 1.",
    ]
    campus.site.execute("UPDATE {config} SET value = %s WHERE name = %s", "manual", "enrol_plugins_enabled")
    assert campus.notes("cohort", "L1-2026")[0] == "The cohort opens no course."
    assert campus.greffe("list", "cohort", "L9")[0] == Exit.USAGE


def test_courses_that_no_method_leads_into_and_why(campus: Campus) -> None:
    campus.site.execute("DELETE FROM {enrol} WHERE courseid = %s", campus.courses["NONE"])
    for name in ("OFF", "GONE", "HIDDEN"):
        campus.site.execute("UPDATE {enrol} SET status = 1 WHERE courseid = %s", campus.courses[name])
    campus.method("GONE", "paypal")
    campus.method("HIDDEN", "self", on=False)
    campus.site.execute("UPDATE {course} SET visible = 0 WHERE id = %s", campus.courses["HIDDEN"])
    (row,) = campus.site.fetch("SELECT id FROM {enrol} WHERE courseid = %s", campus.courses["OFF"])
    campus.enrol(int(row["id"]), "durand", "evrard")
    rows = campus.rows("no-method")
    assert [(r["shortname"], r["why"], r["methods"], r["visible"], r["people"]) for r in rows] == [
        ("NONE", "none", [], "yes", 0),
        ("OFF", "off", ["manual"], "yes", 2),
        ("GONE", "plugin-off", ["manual", "paypal"], "yes", 0),
        ("HIDDEN", "off", ["manual", "self"], "no", 0),
    ]
    campus.site.execute("UPDATE {config} SET value = %s WHERE name = %s", "", "enrol_plugins_enabled")
    assert {r["why"] for r in campus.rows("no-method")} == {"none", "off", "plugin-off"}


def test_promotions_side_by_side(campus: Campus) -> None:
    one = campus.method("LAW1", "cohort", customint1=campus.cohort)
    hand = campus.method("LAW1", "manual")
    other = campus.method("LAW2", "self")
    campus.enrol(one, "durand", "evrard")
    campus.enrol(hand, "evrard", "martin", status=1)
    campus.enrol(hand, "prof", "autre")
    campus.enrol(other, "autre", timeend=campus.now - DAY)
    campus.enrol(other, "zola", timeend=campus.now - DAY)
    campus.role("editingteacher", campus.context("LAW1"), "prof")
    in_law1 = [
        ("cohort-only", "Zola", [], []),
        ("not-active", "Martin", ["Inscription manuelle"], []),
        ("course-only", "Autre", ["Inscription manuelle"], []),
        ("course-only", "Prof", ["Inscription manuelle"], ["Enseignant"]),
    ]
    rows = campus.rows("promotion", "L1-2026", "--language", "fr")
    assert {r["course"] for r in rows} == {"Course LAW1 (LAW1)"}
    assert [(r["where"], r["lastname"], r["method"], r["roles"]) for r in rows] == in_law1
    rows = campus.rows("promotion", "L1-2026", "iLAW2", "LAW1", "--language", "fr")
    assert [(r["where"], r["lastname"]) for r in rows[:5]] == [
        ("cohort-only", "Durand"),
        ("cohort-only", "Évrard"),
        ("cohort-only", "Martin"),
        ("not-active", "Zola"),
        ("course-only", "Autre"),
    ]
    assert [(r["where"], r["lastname"], r["method"], r["roles"]) for r in rows[5:]] == in_law1
    code, refused = campus.greffe.json("list", "promotion", "L1-2026", "L1-2026")
    assert (code, "is a cohort" in refused["error"]) == (Exit.USAGE, True)
    campus.site.execute("UPDATE {enrol} SET customint1 = 0 WHERE id = %s", one)
    code, told = campus.greffe.json("list", "promotion", "L1-2026")
    assert (code, "Name the courses" in told["todo"]) == (Exit.USAGE, True)


def test_whom_other_promotions_bring_into_a_shared_course_are_counted_not_listed(campus: Campus) -> None:
    other = campus.site.add_cohort("L2-2026", name="Licence 2")
    mine = campus.method("LAW1", "cohort", customint1=campus.cohort)
    theirs = campus.method("LAW1", "cohort", customint1=other)
    hand = campus.method("LAW1", "manual")
    campus.enrol(mine, "durand", "evrard", "martin", "zola")
    campus.enrol(theirs, "prof", "autre")
    code, found = campus.greffe.json("list", "promotion", "L1-2026", "--language", "en")
    assert (code, found["rows"], found["tally"]) == (Exit.DONE, [], [])
    assert found["notes"] == [
        "Everybody is where the cohort says; courses looked at: 1.",
        "People whom other cohorts bring into these courses, not listed: 2.",
    ]
    campus.site.execute("DELETE FROM {cohort_members} WHERE userid = %s", campus.people["zola"])
    added = campus.site.insert("user", username="seul", lastname="Seul", firstname="Max", email="m@u.example")
    campus.people["seul"] = added
    campus.enrol(hand, "seul")
    found = campus.greffe.json("list", "promotion", "L1-2026")[1]
    # his cohort's method still has Zola: that is no other cohort's doing
    assert [(r["where"], r["lastname"]) for r in found["rows"]] == [
        ("course-only", "Seul"),
        ("course-only", "Zola"),
    ]
    assert found["tally"] == [{"of": "Course LAW1 (LAW1)", "where": "course-only", "rows": 2}]
    named = campus.rows("promotion", "L1-2026", "LAW1")
    assert [r["lastname"] for r in named] == ["Autre", "Prof", "Seul", "Zola"]
    told = campus.greffe("list", "promotion", "L1-2026", "--language", "fr")[1]
    assert "• Course LAW1 (LAW1) : 2 dans le cours, pas dans la cohorte" in told


def test_a_list_as_a_file_is_told_of_and_private(campus: Campus, tmp_path: Path) -> None:
    file = tmp_path / "l1.csv"
    code, told = campus.greffe("list", "cohort", "L1-2026", "--out", str(file), "--language", "fr")
    assert code == Exit.DONE
    assert f"La liste est dans {file} : 4 lignes." in told
    assert file.stat().st_mode & 0o777 == 0o600
    assert "\nZola;'=Jo;" in file.read_text(encoding="utf-8-sig")
    code, found = campus.greffe.json("list", "cohort", "L1-2026", "--out", str(tmp_path / "l1.html"))
    assert (code, found["rows"], found["file"]) == (Exit.DONE, 4, str(tmp_path / "l1.html"))
    code, refused = campus.greffe.json("list", "cohort", "L1-2026", "--out", str(tmp_path / "l1.pdf"))
    assert (code, ".xlsx" in refused["todo"], "l1.pdf" in refused["error"]) == (Exit.USAGE, True, True)


def test_moments_are_told_by_the_sites_clock(campus: Campus) -> None:
    campus.enrol(campus.method("LAW1", "manual"), "durand", timestart=1_782_864_000)
    for zone, shown in (
        ("America/Martinique", "2026-06-30T20:00:00-04:00"),
        ("Indian/Reunion", "2026-07-01T04:00:00+04:00"),
    ):
        campus.site.execute("DELETE FROM {config} WHERE name = 'timezone'")
        campus.site.insert("config", name="timezone", value=zone)
        assert campus.rows("courses", "durand")[0]["start"] == [shown]
    campus.site.execute("DELETE FROM {config} WHERE name = 'forcetimezone'")
    campus.site.insert("config", name="forcetimezone", value="Europe/Paris")
    assert campus.rows("courses", "durand")[0]["start"] == ["2026-07-01T02:00:00+02:00"]
