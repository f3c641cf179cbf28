"""Feeds and configurations that would slip past the guards, or hold a night that is ordinary."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from greffe.commands.approve import approve
from greffe.commands.doctor import doctor
from greffe.commands.nightly import Result
from greffe.commands.plan import plan
from greffe.commands.undo import undo
from greffe.errors import ConfigError, Exit
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite

PEOPLE = 40
COURSES = 12


@pytest.fixture
def nights(moodle_site: MoodleSite, tmp_path: Path) -> Nights:
    moodle_site.add_users([{"username": f"u{n}", "idnumber": f"u{n}"} for n in range(1, PEOPLE + 1)])
    moodle_site.add_courses([{"shortname": f"C{n}", "idnumber": f"C{n}"} for n in range(1, COURSES + 1)])
    return Nights(moodle_site, tmp_path)


def rows(courses: range, people: range, *more: str) -> list[str]:
    return [";".join((f"u{n}", f"C{c}", *more)) for c in courses for n in people]


def active(nights: Nights, course: str) -> int:
    return sum(1 for (c, _), row in nights.enrolments().items() if c == course and row[0] == 0)


def students_and_teachers(nights: Nights, courses: range = range(1, COURSES + 1)) -> Result:
    """Ten students and one teacher in each course, from two feeds."""
    nights.rule("ip")
    nights.rule("ade", role="editingteacher")
    nights.feed("ip", "who;course", rows(courses, range(1, 11)))
    nights.feed("ade", "who;course", rows(courses, range(40, 41)))
    return nights.night()


# -- the guards ----------------------------------------------------------------------------------------------
def test_all_students_of_a_small_class_are_everybody_although_its_teacher_stays(nights: Nights) -> None:
    assert students_and_teachers(nights).exit is Exit.DONE
    nights.feed("ip", "who;course", rows(range(2, COURSES + 1), range(1, 11)))
    result = nights.night()
    assert result.exit is Exit.HELD
    assert active(nights, "C1") == 11


def test_one_newcomer_does_not_hide_that_everybody_leaves(nights: Nights) -> None:
    students_and_teachers(nights)
    nights.feed("ip", "who;course", [*rows(range(2, COURSES + 1), range(1, 11)), "u20;C1"])
    result = nights.night()
    assert result.exit is Exit.HELD
    assert active(nights, "C1") == 12


def test_people_with_two_roles_are_counted_once(nights: Nights) -> None:
    nights.rule("ip", role="{{ role }}")
    both = [*rows(range(1, 13), range(1, 9), "student"), *rows(range(1, 13), range(1, 9), "teacher")]
    nights.feed("ip", "who;course;role", both)
    assert nights.night().exit is Exit.DONE
    nights.feed("ip", "who;course;role", [r for r in both if ";C1;" not in r], shrink="none")
    assert nights.night().exit is Exit.HELD
    assert active(nights, "C1") == 8


@pytest.mark.parametrize("courses", [3, COURSES])
@pytest.mark.parametrize("with_feed", [True, False])
def test_a_feed_that_is_gone_from_the_configuration_does_not_lose_its_people(
    nights: Nights, courses: int, with_feed: bool
) -> None:
    nights.rule("ip")
    nights.rule("ade", role="editingteacher")
    nights.feed("ip", "who;course", rows(range(1, courses + 1), range(1, 31)))
    nights.feed("ade", "who;course", rows(range(1, courses + 1), range(31, 36)), min_rows=0, shrink="none")
    nights.night()
    rule, feed = nights.rules.pop(), nights.feeds["ade"]
    if with_feed:
        del nights.feeds["ade"]
    result = nights.night()
    assert (result.exit, result.counts) == (Exit.DONE, {})
    assert active(nights, "C1") == 35
    assert result.night is not None
    (note,) = result.night.notes
    assert "[feed.ade]" in note
    assert f"{courses} courses" in note
    # who wants them to go says so, and is guarded like anybody
    nights.rules.append(rule)
    nights.feeds["ade"] = feed
    nights.feed("ade", "who;course", [])
    result = nights.night()
    assert result.night is not None
    assert result.night.notes == []
    if courses == COURSES:
        assert {v.name for v in result.night.judgement.verdicts if v.level == "feed"} == {"ade"}
        assert (result.exit, result.counts) == (Exit.HELD, {})
    else:
        assert (result.exit, result.counts) == (Exit.DONE, {"suspend": 15})


def test_rules_that_are_all_gone_take_nobody_out(nights: Nights) -> None:
    students_and_teachers(nights)
    nights.rules.clear()
    result = nights.night()
    assert result.counts == {}
    assert active(nights, "C1") == 11


def test_ends_in_the_past_are_losses(nights: Nights) -> None:
    nights.rule("ip", end="{{ end }}")
    nights.feed("ip", "who;course;end", rows(range(1, 13), range(1, 31), "2040-01-01"))
    assert nights.night().exit is Exit.DONE
    nights.feed("ip", "who;course;end", rows(range(1, 13), range(1, 31), "2020-01-01"))
    result = nights.night()
    assert result.exit is Exit.HELD
    assert result.counts == {}
    nights.feed("ip", "who;course;end", rows(range(1, 13), range(1, 31), "2041-01-01"))
    assert nights.night().counts == {"set-times": 360}


def test_a_group_reshuffled_is_an_ordinary_night_and_a_group_emptied_is_not(nights: Nights) -> None:
    nights.rule("ip", group="{{ td }}")
    nights.feed("ip", "who;course;td", rows(range(1, 3), range(1, 31), "TD1"))
    nights.night()
    nights.feed("ip", "who;course;td", rows(range(1, 3), range(1, 31), "TD2"))
    result = nights.night()
    assert result.exit is Exit.DONE
    assert result.counts == {"create-group": 2, "join-group": 60, "leave-group": 60}
    nights.feed("ip", "who;course;td", rows(range(1, 3), range(1, 31), ""))
    assert nights.night().exit is Exit.HELD
    assert len(nights.members()) == 60


def test_a_teacher_who_leaves_with_few_students_does_not_stop_the_run(nights: Nights) -> None:
    nights.rule("ip", role="{{ role }}")
    rest = rows(range(1, COURSES + 1), range(1, 31), "student")
    two = rows(range(1, COURSES + 1), range(31, 33), "editingteacher")
    nights.feed("ip", "who;course;role", [*rest, *two])
    nights.night()
    some = [
        r
        for r in rest
        if r.split(";")[0] not in {f"u{n}" for n in range(1, 7)} or r.split(";")[1] not in ("C1", "C2")
    ]
    nights.feed(
        "ip",
        "who;course;role",
        [*some, *(r for r in two if not r.startswith("u31;C1;") and not r.startswith("u31;C2;"))],
    )
    assert nights.night().counts == {"suspend": 14}


# -- approval ------------------------------------------------------------------------------------------------
def test_a_held_course_passes_once_its_digest_is_approved(nights: Nights) -> None:
    students_and_teachers(nights)
    nights.feed("ip", "who;course", [*rows(range(2, COURSES + 1), range(1, 11)), "u20;C2"])
    held = nights.night()
    assert held.exit is Exit.HELD
    assert held.counts == {"assign-role": 1, "enrol": 1}
    run = nights.site.fetch("SELECT digest FROM {local_greffe_run} WHERE id = %s", held.run)[0]
    approve(nights.config(), run["digest"][:12], by="A. Martin")
    # the next day brings changes of its own, which nobody had to approve
    nights.feed("ip", "who;course", [*rows(range(2, COURSES + 1), range(1, 11)), "u20;C2", "u21;C3"])
    result = nights.night()
    assert result.exit is Exit.DONE
    assert result.counts == {"assign-role": 1, "enrol": 1, "suspend": 10}
    assert active(nights, "C1") == 1


def test_an_approval_lets_nothing_else_pass(nights: Nights) -> None:
    students_and_teachers(nights)
    nights.feed("ip", "who;course", rows(range(2, COURSES + 1), range(1, 11)))
    held = nights.night()
    run = nights.site.fetch("SELECT digest FROM {local_greffe_run} WHERE id = %s", held.run)[0]
    approve(nights.config(), run["digest"], by="A. Martin")
    nights.feed("ip", "who;course", rows(range(3, COURSES + 1), range(1, 11)))
    assert nights.night().exit is Exit.HELD
    assert active(nights, "C1") == active(nights, "C2") == 11


def test_a_plan_that_nothing_holds_is_not_approved(nights: Nights) -> None:
    """Whoever took the digest of another line believes that the held one will pass."""
    students_and_teachers(nights)
    quiet = nights.night()
    assert quiet.exit is Exit.DONE
    run = nights.site.fetch("SELECT digest FROM {local_greffe_run} WHERE id = %s", quiet.run)[0]
    with pytest.raises(ConfigError, match=f"run {quiet.run} waits for no approval"):
        approve(nights.config(), run["digest"], by="A. Martin")
    assert nights.site.fetch("SELECT id FROM {local_greffe_approval}") == []


@pytest.mark.parametrize("digest", ["", "%" * 64, "________", "abc", "0" * 64, "'; DROP --", "é" * 10])
def test_a_digest_that_names_no_plan_approves_nothing(nights: Nights, digest: str) -> None:
    students_and_teachers(nights, range(1, 2))
    with pytest.raises(ConfigError):
        approve(nights.config(), digest, by="A. Martin")
    assert nights.site.fetch("SELECT id FROM {local_greffe_approval}") == []


# -- feeds and configurations that change --------------------------------------------------------------------
def test_two_feeds_of_one_place_and_one_of_them_bad(nights: Nights) -> None:
    nights.rule("ia")
    nights.rule("ip")
    nights.feed("ia", "who;course", rows(range(1, 3), range(1, 11)))
    nights.feed("ip", "who;course", rows(range(1, 4), range(11, 21)))
    nights.night()
    nights.feed("ia", "who;course", [])
    nights.feed("ip", "who;course", rows(range(1, 4), range(11, 22)))
    result = nights.night()
    assert result.exit is Exit.PARTIAL
    assert [active(nights, c) for c in ("C1", "C2", "C3")] == [20, 20, 11]
    nights.feed("ip", "who;course", [])
    result = nights.night()
    assert result.exit is Exit.PARTIAL
    assert result.counts == {}


def test_a_bad_feed_loses_nobody_of_a_plan_that_was_applied(nights: Nights) -> None:
    """What `apply` wrote is a feed's as much as what `nightly` wrote."""
    from greffe.commands.apply import apply

    students_and_teachers(nights, range(1, 3))
    nights.feed("ip", "who;course", rows(range(1, 4), range(1, 11)))
    nights.feed("ade", "who;course", rows(range(1, 4), range(40, 41)))
    file = nights.directory / "tonight.plan"
    plan(nights.config(), out=file)
    assert apply(nights.config(), file).exit is Exit.DONE
    nights.feed("ade", "who;course", [])
    result = nights.night()
    assert result.exit is Exit.PARTIAL
    assert nights.enrolments()["C3", "u40"] == (0, 0, 0)


def test_a_renamed_feed_that_is_bad_loses_nobody(nights: Nights) -> None:
    students_and_teachers(nights)
    nights.feeds["teachers"] = nights.feeds.pop("ade")
    nights.rules[1]["feed"] = "teachers"
    nights.feed("teachers", "who;course", [])
    result = nights.night()
    assert result.exit is Exit.PARTIAL
    assert result.counts == {}


def test_a_feed_of_ambiguous_people_changes_nothing(nights: Nights) -> None:
    students_and_teachers(nights)
    for n in range(1, 11):
        nights.site.add_user(f"twin{n}", idnumber=f"u{n}")
    assert nights.night().counts == {}


def test_a_feed_whose_requirement_is_bad_is_frozen(nights: Nights) -> None:
    students_and_teachers(nights)
    nights.feed("ok", "who", [f"u{n}" for n in range(1, 41)])
    nights.feeds["ip"]["requires"] = {"feed": "ok", "on": ["who"]}
    assert nights.night().counts == {}
    nights.feed("ok", "who", [])
    result = nights.night()
    assert result.exit is Exit.PARTIAL
    assert result.counts == {}
    (nights.directory / "ok.csv").unlink()
    result = nights.night()
    assert result.exit is Exit.PARTIAL
    assert result.counts == {}
    # the one at fault is listed, and it alone is to be corrected
    nights.feed("ok", "whom", ["u1"])
    assert nights.night().exit is Exit.PARTIAL
    found = {f.what.split()[0]: f.todo for f in doctor(nights.config()) if f.severity == "bad"}
    assert found["[feed.ok]"].startswith("Correct [feed.ok]")
    assert "[feed.ok] comes first" in found["[feed.ip]"]


def test_a_package_that_a_feed_lacks_is_one_of_all_that_stop_a_night(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    students_and_teachers(nights)
    nights.feeds["supann"] = {"ldap": {"url": "ldaps://h.example", "base": "dc=x"}, "person": "COD_ETU"}
    nights.rule("supann")
    (nights.directory / "ip.csv").unlink()
    monkeypatch.setitem(sys.modules, "ldap", None)
    monkeypatch.delitem(sys.modules, "greffe.feed.directory", raising=False)
    found = {f.what.split()[0]: f for f in doctor(nights.config()) if f.severity in ("stop", "bad")}
    assert found["[feed.supann]"].severity == "stop"
    assert "pipx inject greffe python-ldap" in found["[feed.supann]"].todo
    assert "[feed.ip]" in found
    with pytest.raises(ConfigError, match="python-ldap"):
        nights.night()


@pytest.mark.parametrize("name", ["x" * 65, "a;b", "%s", "é", "", "a b"])
def test_a_feed_s_name_is_a_plain_word(nights: Nights, name: str) -> None:
    nights.feeds[name] = {"csv": "x.csv", "person": "who"}
    with pytest.raises(ConfigError, match="feed"):
        nights.config()


def test_feeds_that_differ_in_case_alone_are_refused(nights: Nights) -> None:
    nights.feeds |= {n: {"csv": "x.csv", "person": "who"} for n in ("ip", "IP")}
    with pytest.raises(ConfigError, match="IP"):
        nights.config()


def test_people_who_waited_for_a_feed_that_is_gone_wait_no_more(nights: Nights) -> None:
    students_and_teachers(nights)
    nights.feed("ade", "who;course", [*rows(range(1, 13), range(40, 41)), "u99;C1"])
    nights.night()
    assert len(nights.site.fetch("SELECT id FROM {local_greffe_waiting}")) == 1
    nights.rules.pop()
    del nights.feeds["ade"]
    nights.night()
    assert nights.site.fetch("SELECT id FROM {local_greffe_waiting}") == []


# -- undo ----------------------------------------------------------------------------------------------------
def test_undo_of_undo_gives_the_night_back(nights: Nights) -> None:
    nights.rule("ip", leavers="unenrol", group="{{ td }}")
    nights.feed("ip", "who;course;td", rows(range(1, 13), range(1, 11), "TD1"))
    nights.night()
    manual = nights.site.fetch(
        "SELECT e.id FROM {enrol} e JOIN {course} c ON c.id = e.courseid WHERE c.shortname = 'C1' AND e.enrol = 'manual'"
    )[0]["id"]
    user = nights.site.fetch("SELECT id FROM {user} WHERE username = 'u1'")[0]["id"]
    nights.site.execute("UPDATE {user_enrolments} SET timemodified = timemodified - 100")
    nights.site.insert("user_enrolments", enrolid=manual, userid=user, timeend=0)
    nights.feed(
        "ip",
        "who;course;td",
        [*rows(range(1, 13), range(2, 11), "TD1"), *rows(range(2, 13), range(1, 2), "TD1"), "u12;C2;TD2"],
    )
    night = nights.night()
    after = nights.enrolments(), nights.roles(), nights.members()
    first = undo(nights.config(), night.run)
    assert first.result is not None
    assert first.refused == []
    assert nights.enrolments()["C1", "u1"] == (0, 0, 0)
    second = undo(nights.config(), first.result.run)
    assert second.refused == []
    assert (nights.enrolments(), nights.roles(), nights.members()) == after


def test_whoever_stays_enrolled_at_an_undo_keeps_role_and_group(nights: Nights) -> None:
    nights.rule("ip", group="{{ td }}")
    nights.feed("ip", "who;course;td", rows(range(1, 13), range(1, 11), "TD1"))
    nights.night()
    nights.feed("ip", "who;course;td", rows(range(1, 13), range(1, 12), "TD1"))
    night = nights.night()
    course = nights.site.fetch("SELECT id FROM {course} WHERE shortname = 'C1'")[0]["id"]
    user = nights.site.fetch("SELECT id FROM {user} WHERE username = 'u11'")[0]["id"]
    nights.site.insert("user_lastaccess", courseid=course, userid=user, timeaccess=1)
    done = undo(nights.config(), night.run)
    assert [(r.course, len(r.users)) for r in done.refused if r.action == "enrol"] == [("C1", 1)]
    assert nights.enrolments()["C1", "u11"] == (0, 0, 0)
    assert ("C1", "u11", "student") in nights.roles()
    assert ("C1", "TD1", "u11", "enrol_database") in nights.members()
    assert ("C2", "u11") not in nights.enrolments()
