"""Ten lists, each with what a course manager would be told to do with it; and that the commands which are given do it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from greffe.commands._file.batch import Asked
from greffe.commands.advise import Asking, advise
from greffe.commands.enrol import Wishes, enrol
from greffe.errors import ArgumentError, Exit
from greffe.intake.opening import open_batchfile
from greffe.intake.wants import Wants
from greffe.report.advice import Advice, Advised
from tests.integration.batches import Batches
from tests.integration.commandline import Site
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite

ONE, MANY = "one course", "many courses"
PROMOTIONS, OTHERS = "whole promotions", "other people"
FIRST = [f"a{n:02}" for n in range(40)]
"""The cohort L1."""
SECOND = [f"b{n:02}" for n in range(30)]
"""The cohort L2."""
STAFF = [f"t{n}" for n in range(8)]


@dataclass
class Campus:
    """Two promotions, some teachers, three courses; C2 follows L1 already."""

    batches: Batches
    ids: dict[str, int]

    @property
    def site(self) -> MoodleSite:
        return self.batches.nights.site

    def advise(self, *rows: str, courses: tuple[str, ...] = ("C1",), **more: Any) -> Advised:
        text = "\n".join(["person;course" if ";" in "".join(rows) else "person", *rows]) + "\n"
        wants = {Wants.PEOPLE, Wants.ONE_COURSE} if courses else {Wants.PEOPLE}
        file = open_batchfile(self.batches.deliver(text, "list.csv"), wants=wants)
        return advise(self.batches.nights.config(), file, Asking(courses=courses, **more))

    def one(self, *rows: str, **more: Any) -> Advice:
        (found,) = self.advise(*rows, **more).advice
        return found

    def by_hand(self, course: str, *people: str, **values: Any) -> None:
        enrol_id = self.site.fetch(
            "SELECT e.id FROM {enrol} e JOIN {course} c ON c.id = e.courseid WHERE e.enrol = 'manual' AND c.shortname = %s",
            course,
        )[0]["id"]
        with self.site.rows() as rows:
            usual = {
                "status": 0,
                "timestart": 0,
                "timeend": 0,
                "modifierid": 2,
                "timecreated": 1,
                "timemodified": 1,
            }
            rows.insert(
                "user_enrolments",
                [usual | {"enrolid": enrol_id, "userid": self.ids[p]} | values for p in people],
            )


@pytest.fixture
def campus(moodle_site: MoodleSite, tmp_path: Path) -> Campus:
    batches = Batches(Nights(moodle_site, tmp_path))
    ids = batches.people(*FIRST, *SECOND, *STAFF)
    courses = {name: moodle_site.add_course(name) for name in ("C1", "C2", "C3")}
    cohorts = {"L1": FIRST, "L2": SECOND, "EVERYBODY": [*FIRST, *SECOND, *STAFF]}
    with moodle_site.rows() as rows:
        for name, members in cohorts.items():
            cohort = moodle_site.add_cohort(name, name=f"Promotion {name}")
            rows.insert(
                "cohort_members", [{"cohortid": cohort, "userid": ids[m], "timeadded": 1} for m in members]
            )
            if name == "L1":
                rows.insert("enrol", [{
                    "enrol": "cohort", "status": 0, "courseid": courses["C2"], "customint1": cohort, "customint2": 0,
                    "roleid": 5, "sortorder": 3, "timecreated": 1, "timemodified": 1,
                }])  # fmt: skip
    return Campus(batches, ids)


def test_a_whole_promotion_into_one_course(campus: Campus) -> None:
    found = campus.one(*FIRST)
    assert (found.where, found.who, found.route) == (ONE, PROMOTIONS, "cohort-sync")
    assert [(c.idnumber, c.members) for c in found.cohorts] == [("L1", 40)]
    assert (found.missing, found.extra) == (0, 0)
    assert found.lines == ["action;method;course;cohort;role", "add;cohort;C1;L1;student"]
    assert found.commands == ["greffe methods methods.csv"]


def test_two_promotions_together(campus: Campus) -> None:
    found = campus.one(*FIRST, *SECOND)
    assert (found.where, found.who, found.route) == (ONE, PROMOTIONS, "cohort-sync")
    assert [c.idnumber for c in found.cohorts] == ["L1", "L2"]
    assert "exactly the 70 people" in found.why[0]


def test_a_promotion_but_for_a_few(campus: Campus) -> None:
    """Who has registered late, and who has left meanwhile, are named."""
    found = campus.one(*FIRST[2:], "t0")
    assert (found.who, found.route) == (PROMOTIONS, "cohort-sync")
    assert [c.idnumber for c in found.cohorts] == ["L1"]
    assert (found.missing_people, found.extra_people) == (["t0"], ["Na00", "Na01"])
    assert "look at these people first" in found.why[1]


def test_a_course_that_has_the_promotion_already(campus: Campus) -> None:
    found = campus.one(*FIRST, courses=("C2",))
    assert (found.who, found.route, found.commands) == (PROMOTIONS, "nothing", [])


def test_other_people_into_one_course(campus: Campus) -> None:
    found = campus.one(*FIRST[::4], *STAFF[:3], role="teacher")
    assert (found.where, found.who, found.route) == (ONE, OTHERS, "file")
    (command,) = found.commands
    assert command.startswith("greffe enrol /")
    assert command.endswith("list.csv --course C1 --role teacher")
    assert "no cohort is the list" in found.why[0]


def test_other_people_who_were_there_and_have_ended(campus: Campus) -> None:
    campus.by_hand("C1", *STAFF[:2], timeend=int(time.time()) - 60)
    campus.by_hand("C1", STAFF[2], status=1)
    campus.by_hand("C1", STAFF[3])
    found = campus.one(*STAFF[:4])
    assert (found.where, found.who, found.route) == (ONE, OTHERS, "renew")
    (command,) = found.commands
    assert command.startswith("greffe renew C1 --method manual --reactivate --end 20")
    # who else has ended there would come back with them
    campus.by_hand("C1", STAFF[4], status=1)
    assert campus.one(*STAFF[:4]).route == "file"


def test_other_people_who_are_there(campus: Campus) -> None:
    campus.by_hand("C1", *STAFF[:4])
    found = campus.one(*STAFF[:4])
    assert (found.who, found.route, found.commands) == (OTHERS, "nothing", [])


def test_whole_promotions_into_many_courses(campus: Campus) -> None:
    """What a course has already is not in the file."""
    into = campus.batches.nights.directory / "advice"
    advised = campus.advise(*FIRST, courses=("C1", "C2", "C3"), into=into)
    (found,) = advised.advice
    assert (found.where, found.who, found.route) == (MANY, PROMOTIONS, "methods")
    assert found.courses == ["C1", "C2", "C3"]
    (path,) = advised.files
    assert Path(path).read_text(encoding="utf-8-sig").splitlines() == [
        "action;method;course;cohort;role",
        "add;cohort;C1;L1;student",
        "add;cohort;C3;L1;student",
    ]
    assert found.commands == [f"greffe methods {path}"]


def test_other_people_into_many_courses(campus: Campus) -> None:
    into = campus.batches.nights.directory / "advice"
    advised = campus.advise(*STAFF[:3], courses=("C1", "C3"), into=into)
    (found,) = advised.advice
    assert (found.where, found.who, found.route) == (MANY, OTHERS, "file")
    (path,) = advised.files
    assert found.commands == [f"greffe enrol {path}"]
    done = enrol(campus.batches.nights.config(), open_batchfile(path, wants=Wants.PEOPLE), Wishes(), Asked())
    assert done.result is not None
    assert done.result.counts["enrol"] == 6


def test_a_file_that_names_its_courses(campus: Campus) -> None:
    """A promotion in one of them, teachers in the others: each course its own way."""
    rows = [f"{p};C3" for p in SECOND] + [f"{p};{c}" for p in STAFF[:2] for c in ("C1", "C2")]
    promotion, others = campus.advise(*rows, "nobody;C1", "t0;C9", courses=()).advice[::-1]
    assert (promotion.where, promotion.who, promotion.route) == (MANY, PROMOTIONS, "methods")
    assert (promotion.courses, [c.idnumber for c in promotion.cohorts]) == (["C3"], ["L2"])
    assert (others.where, others.who, others.route) == (MANY, OTHERS, "file")
    assert others.courses == ["C1", "C2"]
    # the file itself would take the promotion along
    assert others.commands == ["greffe enrol people.csv"]
    assert others.lines == [
        "person;course;role;group;start;end",
        *(f"{p};{c};;;;" for c in ("C1", "C2") for p in STAFF[:2]),
    ]
    (alone,) = campus.advise("t0;C1", "t0;C2", courses=()).advice
    assert alone.commands[0].endswith("list.csv")


def test_nobody(campus: Campus) -> None:
    with pytest.raises(ArgumentError, match="line 2: 'x': nobody has this"):
        campus.advise("x", "y")
    advised = campus.advise("x", *FIRST)
    assert advised.refused == 1
    assert "line 2: x: nobody has this" in advised.refusals[0]


def test_on_the_command_line(site: Site) -> None:
    """What is said, and that it can be read by machines."""
    cohort = site.site.add_cohort("L1", name="Promotion L1")
    rows = site.site.fetch("SELECT id, idnumber FROM {user} WHERE idnumber LIKE 's%%'")
    known = {r["idnumber"]: r["id"] for r in rows}
    members = sorted(known)
    for name in members:
        site.site.insert("cohort_members", cohortid=cohort, userid=known[name], timeadded=1)
    path = site.directory / "class.csv"
    path.write_text("\n".join(["person", *members, "zzz"]) + "\n", encoding="utf-8")
    code, out = site("advise", str(path), "--course", "C1")
    assert code == Exit.DONE
    for words in (
        "1 line left out",
        "One course, whole promotions: cohort sync with the administrative cohorts",
        f"{len(members)} people in ",
        ";L1;student",
        "$ greffe -c ",  # of this site, wherever it is typed
        ".toml methods methods.csv",
    ):
        assert words in out
    two = site.directory / "two.csv"
    two.write_text("identifiant;Tuteur\ns1;s2\ns3;s4\n", encoding="utf-8")
    code, out = site(
        "advise", str(two), "--course", "C2", "--column", "person=Tuteur", "--person-key", "idnumber"
    )
    assert "two.csv --course Two --person-key idnumber --column person=Tuteur" in out
    code, found = site.json("advise", str(path), "--course", "C1")
    assert (code, found["advice"][0]["route"]) == (Exit.DONE, "cohort-sync")
