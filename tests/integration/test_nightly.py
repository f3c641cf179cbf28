"""Nights on real databases: what registrations become, and what stays untouched."""

from __future__ import annotations

from pathlib import Path

import pytest

from greffe.commands.plan import plan
from greffe.commands.undo import undo
from greffe.errors import Exit
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite


@pytest.fixture
def nights(moodle_site: MoodleSite, tmp_path: Path) -> Nights:
    for n in range(1, 31):
        moodle_site.add_user(f"u{n}", idnumber=f"{n:08}")
    for n in range(1, 4):
        moodle_site.add_course(f"C{n}", idnumber=f"ELP{n}")
    found = Nights(moodle_site, tmp_path)
    found.rule("ip")
    return found


def students(*people: int, course: str = "ELP1") -> list[str]:
    return [f"{n};{course}" for n in people]


def deliver(nights: Nights, rows: list[str], **options: object) -> None:
    nights.feed("ip", "who;course", rows, person={"column": "who", "pad": 8}, **options)


def test_first_load_then_nothing(nights: Nights) -> None:
    deliver(
        nights, [*students(1, 2, 3), *students(2, course="ELP2"), "00000003;ELP1", "404;ELP1", "1;NOWHERE"]
    )
    result = nights.night()
    assert result.exit is Exit.DONE
    assert result.night is not None
    seen = result.night.feeds.readings["ip"].counts
    assert (seen.rows, seen.kept, seen.people, seen.unknown_people) == (7, 6, 4, 1)
    assert (seen.duplicates, seen.unknown_codes, seen.places) == (1, 1, 2)
    assert nights.enrolments() == {
        ("C1", "u1"): (0, 0, 0),
        ("C1", "u2"): (0, 0, 0),
        ("C1", "u3"): (0, 0, 0),
        ("C2", "u2"): (0, 0, 0),
    }
    assert nights.roles() == [(c, u, "student") for c, u in sorted(nights.enrolments())]
    assert result.counts == {"assign-role": 4, "create-method": 2, "enrol": 4}
    assert plan(nights.config()).plan.size == 0
    assert nights.night().counts == {}


def test_leaver_is_suspended_and_comes_back(nights: Nights) -> None:
    deliver(nights, students(*range(1, 13)))
    nights.night()
    deliver(nights, students(*range(1, 12)))
    result = nights.night()
    assert result.counts == {"suspend": 1}
    assert nights.enrolments()["C1", "u12"] == (1, 0, 0)
    assert ("C1", "u12", "student") in nights.roles()
    assert plan(nights.config()).plan.size == 0
    deliver(nights, students(*range(1, 13)))
    assert nights.night().counts == {"reactivate": 1}
    assert nights.enrolments()["C1", "u12"] == (0, 0, 0)


def test_undo_takes_a_night_back(nights: Nights) -> None:
    deliver(nights, students(*range(1, 13)))
    nights.night()
    before = nights.enrolments(), nights.roles()
    deliver(nights, students(*range(1, 12), 20))
    run = nights.night().run
    assert before != (nights.enrolments(), nights.roles())
    done = undo(nights.config(), run)
    assert done.result is not None
    assert done.result.exit is Exit.DONE
    assert (nights.enrolments(), nights.roles()) == before
    again = undo(nights.config(), run)
    assert again.plan.size == 0


def test_empty_course_is_held(nights: Nights) -> None:
    deliver(nights, students(*range(1, 13)) + students(*range(1, 30), course="ELP2"))
    nights.night()
    deliver(nights, students(*range(1, 30), course="ELP2"))
    result = nights.night()
    assert result.exit is Exit.HELD
    assert all(nights.enrolments()["C1", f"u{n}"] == (0, 0, 0) for n in range(1, 13))


def test_groups_and_times(nights: Nights) -> None:
    nights.rules[0] |= {"group": "{{ td }}", "start": "{{ start }}"}
    nights.feed("ip", "who;course;td;start", ["00000001;ELP1;TD1;2026-09-01", "00000002;ELP1;TD2;"])
    nights.night()
    assert nights.members() == [("C1", "TD1", "u1", "enrol_database"), ("C1", "TD2", "u2", "enrol_database")]
    assert nights.enrolments()["C1", "u1"][1] > 0
    assert nights.enrolments()["C1", "u2"] == (0, 0, 0)
    assert plan(nights.config()).plan.size == 0
    nights.feed("ip", "who;course;td;start", ["00000001;ELP1;TD2;2026-09-01", "00000002;ELP1;TD2;"])
    run = nights.night()
    assert run.counts == {"join-group": 1, "leave-group": 1}
    assert nights.members() == [("C1", "TD2", "u1", "enrol_database"), ("C1", "TD2", "u2", "enrol_database")]
    undo(nights.config(), run.run)
    assert nights.members() == [("C1", "TD1", "u1", "enrol_database"), ("C1", "TD2", "u2", "enrol_database")]


def test_bad_teacher_feed_beside_a_good_student_feed(nights: Nights) -> None:
    nights.rule("ade", role="editingteacher")
    deliver(nights, students(*range(1, 13)))
    nights.feed("ade", "who;course", ["00000030;ELP1", "00000029;ELP1"])
    assert nights.night().exit is Exit.DONE
    assert ("C1", "u30", "editingteacher") in nights.roles()
    deliver(nights, students(*range(2, 14)))
    nights.feed("ade", "who;course", [])
    result = nights.night()
    assert result.exit is Exit.PARTIAL
    assert nights.enrolments()["C1", "u13"] == (0, 0, 0)
    assert nights.enrolments()["C1", "u1"] == (1, 0, 0)
    assert ("C1", "u30", "editingteacher") in nights.roles()
    assert nights.enrolments()["C1", "u30"] == (0, 0, 0)


def test_people_are_found_as_the_database_compares_text(nights: Nights) -> None:
    site = nights.site
    site.add_user("eva", idnumber="Éva1")
    nights.feed("ip", "who;course", ["EVA1;ELP1", *(f"{n:08};ELP1" for n in range(1, 12))])
    nights.night()
    blind = site.engine == "mariadb"
    assert (("C1", "eva") in nights.enrolments()) is blind
    waiting = site.fetch("SELECT person FROM {local_greffe_waiting}")
    assert [w["person"] for w in waiting] == ([] if blind else ["EVA1"])


def test_two_accounts_with_one_number_get_nothing_and_lose_nothing(nights: Nights) -> None:
    deliver(nights, students(*range(1, 13)))
    nights.night()
    nights.site.add_user("double", idnumber="00000003")
    result = nights.night()
    assert result.counts == {}
    assert nights.enrolments()["C1", "u3"] == (0, 0, 0)
    assert ("C1", "double") not in nights.enrolments()
    assert result.night is not None
    assert result.night.feeds.readings["ip"].ambiguous_people == {"00000003"}


def test_two_courses_with_one_key_are_left_alone(nights: Nights) -> None:
    deliver(nights, students(1, 2) + students(3, 4, course="ELP2"))
    nights.night()
    nights.site.add_course("COPY", idnumber="ELP1")
    deliver(nights, students(1, 5) + students(3, 4, course="ELP2"))
    assert nights.night().counts == {}
    assert nights.enrolments()["C1", "u2"] == (0, 0, 0)


def test_a_hidden_course_that_rules_skip_keeps_its_people(nights: Nights) -> None:
    nights.rules[0]["hidden_courses"] = "skip"
    deliver(nights, students(1, 2) + students(3, 4, course="ELP2"))
    nights.night()
    nights.site.execute("UPDATE {course} SET visible = 0 WHERE shortname = 'C1'")
    deliver(nights, students(1, 5) + students(3, 4, course="ELP2"))
    assert nights.night().counts == {}


def test_leavers_are_unenrolled_whether_it_is_the_last_or_not(nights: Nights) -> None:
    nights.rules[0]["leavers"] = "unenrol"
    deliver(nights, students(*range(1, 13)))
    nights.night()
    manual = nights.site.fetch(
        "SELECT e.id FROM {enrol} e JOIN {course} c ON c.id = e.courseid WHERE c.shortname = 'C1' AND e.enrol = 'manual'"
    )
    user = nights.site.fetch("SELECT id FROM {user} WHERE username = 'u1'")[0]["id"]
    nights.site.insert("user_enrolments", enrolid=manual[0]["id"], userid=user, timeend=0)
    deliver(nights, students(*range(3, 13)))
    result = nights.night()
    assert result.exit is Exit.DONE
    assert result.counts == {"remove-role": 2, "unenrol": 2}
    for person in ("u1", "u2"):
        assert ("C1", person) not in nights.enrolments()
        assert ("C1", person, "student") not in nights.roles()
    left = nights.site.fetch("SELECT userid FROM {user_enrolments} WHERE enrolid = %s", manual[0]["id"])
    assert [r["userid"] for r in left] == [user]


def test_a_night_without_a_rule_is_told(moodle_site: MoodleSite, tmp_path: Path) -> None:
    """It has read no course, and once it is over there is nobody left to ask."""
    from greffe.commands.reporting import of_result

    document = of_result(Nights(moodle_site, tmp_path).night())
    assert (document.exit, document.waiting) == (Exit.DONE, [])
