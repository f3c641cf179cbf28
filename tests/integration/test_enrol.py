"""People into courses by files: planned, judged, written, told line by line; on real databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from greffe.commands._batch import Asked
from greffe.commands._telling import outcomes
from greffe.commands.apply import apply
from greffe.commands.approve import approve
from greffe.commands.cohorts_file import cohorts_file
from greffe.commands.reporting import of_batch
from greffe.commands.undo import undo
from greffe.errors import ArgumentError, Exit, SiteNotReadyError, StalePlanError
from greffe.intake.opening import open_batchfile
from greffe.intake.wants import Wants
from greffe.report.texts import headline
from tests.integration.batches import Batches, fates
from tests.integration.classes import add_classes, leave_traces, whole_site
from tests.integration.nights import Nights
from tests.integration.test_undo import exact
from tests.lab.site import MoodleSite


@pytest.fixture
def batches(moodle_site: MoodleSite, tmp_path: Path) -> Batches:
    return Batches(Nights(moodle_site, tmp_path))


def taken_back(batches: Batches, run: int) -> None:
    found = undo(batches.nights.config(), run)
    assert (found.refused, found.result and found.result.exit) == ([], Exit.DONE)


# -- into one course -------------------------------------------------------------------------------------------
def test_a_list_of_one_course(batches: Batches) -> None:
    batches.people("a", "b", "c")
    batches.nights.site.add_course("C1")
    before = whole_site(batches.nights)
    text = "person;role;group;end\na;;TD1;2030-01-01\nNb;editingteacher;;\nc@example.org;;TD1;\n"
    look = batches.enrol(text, course="C1", look=True)
    assert look.plan.counts() == {"create-group": 1, "enrol": 3, "assign-role": 3, "join-group": 2}
    assert whole_site(batches.nights) == before

    done = batches.enrol(text, course="C1")
    assert done.result is not None
    assert (done.result.exit, done.result.counts) == (Exit.DONE, look.plan.counts())
    end = batches.enrolments()["C1", "a"][2]
    assert end > 1_890_000_000
    assert batches.enrolments() == {("C1", "a"): (0, 0, end), ("C1", "b"): (0, 0, 0), ("C1", "c"): (0, 0, 0)}
    assert batches.roles() == {
        ("C1", "a", "student", 0),
        ("C1", "b", "editingteacher", 0),
        ("C1", "c", "student", 0),
    }
    assert batches.nights.members() == [("C1", "TD1", "a", ""), ("C1", "TD1", "c", "")]
    assert fates(done) == dict.fromkeys((2, 3, 4), "done")
    assert batches.runs() == ["batch"]

    again = batches.enrol(text, course="C1", look=True)
    assert again.plan.size == 0
    assert fates(again) == dict.fromkeys((2, 3, 4), "already")

    taken_back(batches, done.result.run)
    after = whole_site(batches.nights)
    for table in before:
        if table not in ("cache_flags", "groups"):  # a group stays: empty it does no harm
            assert after[table] == before[table], table


def test_the_journal_names_file_and_line(batches: Batches) -> None:
    batches.people("a")
    batches.nights.site.add_course("C1")
    batches.enrol("person\n\na\n", course="C1")
    rows = batches.nights.site.fetch(
        "SELECT action, reason, feed, line FROM {local_greffe_change} ORDER BY id"
    )
    assert [(r["action"], r["reason"], r["feed"], r["line"]) for r in rows] == [
        ("enrol", "asked", "people.csv", 3),
        ("assign-role", "asked", "people.csv", 3),
    ]
    # no registration leads there: no night may take them for its own
    assert batches.nights.site.fetch("SELECT * FROM {local_greffe_scope}") == []


def test_what_is_there_is_kept_where_columns_are_absent(batches: Batches) -> None:
    ids = batches.people("a", "b")
    course = batches.nights.site.add_course("C1")
    (manual,) = batches.nights.site.fetch("SELECT id FROM {enrol} WHERE courseid = %s", course)
    for user, status in ((ids["a"], 0), (ids["b"], 1)):
        batches.nights.site.insert(
            "user_enrolments", enrolid=manual["id"], userid=user, status=status, timestart=7, timeend=0
        )
    before = exact(batches.nights)
    done = batches.enrol("person\na\nb\n", course="C1")
    assert done.result is not None
    assert batches.enrolments() == {("C1", "a"): (0, 7, 0), ("C1", "b"): (0, 7, 0)}
    assert batches.roles() == {("C1", "b", "student", 0)}  # who comes back without any role
    taken_back(batches, done.result.run)
    assert exact(batches.nights) == before


def test_status_and_times(batches: Batches) -> None:
    batches.people("a", "b")
    batches.nights.site.add_course("C1")
    batches.enrol("person;suspended\na;1\nb;0\n", course="C1", start=100)
    assert batches.enrolments() == {("C1", "a"): (1, 100, 0), ("C1", "b"): (0, 100, 0)}
    done = batches.enrol("person;suspended\na;0\nb;1\n", course="C1", end=4_000_000_000)
    assert batches.enrolments() == {
        ("C1", "a"): (0, 100, 4_000_000_000),
        ("C1", "b"): (1, 100, 4_000_000_000),
    }
    assert done.result is not None
    taken_back(batches, done.result.run)
    assert batches.enrolments() == {("C1", "a"): (1, 100, 0), ("C1", "b"): (0, 100, 0)}


# -- into many courses -----------------------------------------------------------------------------------------
def test_many_courses(batches: Batches) -> None:
    batches.people(*"abcd")
    for name in ("C1", "C2", "C3"):
        batches.nights.site.add_course(name, idnumber=f"i{name}")
    text = "person,course,role,group\na,C1,student,TD1\na,iC2,teacher,\nb,C2,,\nc,C3,,TD1\nd,C3,,TD2\n"
    done = batches.enrol(text)
    assert done.result is not None
    assert done.result.exit is Exit.DONE
    assert set(batches.enrolments()) == {("C1", "a"), ("C2", "a"), ("C2", "b"), ("C3", "c"), ("C3", "d")}
    assert ("C2", "a", "teacher", 0) in batches.roles()
    assert batches.nights.members() == [
        ("C1", "TD1", "a", ""),
        ("C3", "TD1", "c", ""),
        ("C3", "TD2", "d", ""),
    ]
    assert batches.enrol(text, look=True).plan.size == 0


def test_a_flat_file_adds_and_deletes(batches: Batches) -> None:
    batches.people("a", "b")
    batches.nights.site.add_course("C1", idnumber="I1")
    batches.enrol("add,student,Na,I1\nadd,teacher,Na,I1\nadd,student,Nb,I1,1000000000,4000000000\n")
    assert batches.enrolments() == {("C1", "a"): (0, 0, 0), ("C1", "b"): (0, 1_000_000_000, 4_000_000_000)}
    done = batches.enrol("del,student,Na,I1\ndel,student,Nb,I1\n")
    assert batches.enrolments() == {("C1", "a"): (0, 0, 0)}  # he is a teacher there still
    assert batches.roles() == {("C1", "a", "teacher", 0)}
    assert fates(done) == {1: "done", 2: "done"}


# -- lines that cannot be done ---------------------------------------------------------------------------------
def test_nothing_is_done_where_lines_are_refused(batches: Batches) -> None:
    site = batches.nights.site
    batches.people("a")
    batches.people("gone", deleted=1)
    batches.people("away", suspended=1)
    site.add_user("x1", idnumber="same", email="x1@example.org")
    site.add_user("x2", idnumber="other", email="same")
    for name in ("C1", "C2"):
        site.add_course(name)
    text = (
        "person;course;role\na;C1;\nnobody;C1;\nsame;C1;\nNgone;C1;\naway;C1;\nguest;C1;\na;nowhere;\na;greffe;\n"
        "a;C1;emperor\na;C1;frontpage\na;C2;user\n"
    )
    before = whole_site(batches.nights)
    found = batches.enrol(text)
    assert found.stopped
    assert found.result is None
    assert batches.runs() == []
    after = whole_site(batches.nights)
    assert {t: r for t, r in after.items() if t in before} == before
    told = fates(found)
    assert {line for line, fate in told.items() if fate.startswith("refused")} == {
        3,
        4,
        5,
        7,
        8,
        9,
        10,
        11,
        12,
    }
    assert "nobody has this" in told[3]
    assert "2 accounts have it" in told[4]
    assert "no course" in told[8]
    assert "no course" in told[9]  # the front page
    assert "editingteacher" in told[10]
    assert "cannot be given in a course" in told[11]

    done = batches.enrol(text, skip=True)
    assert done.result is not None
    assert set(batches.enrolments()) == {("C1", "a"), ("C1", "away")}
    assert batches.enrol(text, skip=True, look=True).plan.size == 0


def test_lines_that_contradict_each_other_are_refused_all_of_them(batches: Batches) -> None:
    batches.people(*"abcd")
    batches.nights.site.add_course("C1", idnumber="I1")
    text = (
        "person;course;action;start\na;C1;add;2026-01-01\nNa;C1;add;2026-02-01\nb;C1;add;\nb@example.org;C1;del;\n"
        "c;C1;add;2026-01-01\nc;I1;add;2026-02-01\nNc;C1;add;2026-01-01\nc@example.org;C1;add;\nd;C1;add;\n"
    )
    found = batches.enrol(text)
    assert found.stopped
    told = fates(found)
    why = "refused: line {} says otherwise of the same person in the same course"
    against = {2: 3, 3: 2, 4: 5, 5: 4, 6: 7, 7: 6, 8: 6}
    assert told == {n: why.format(other) for n, other in against.items()} | {9: "done", 10: "done"}
    assert found.plan.counts() == {"enrol": 2, "assign-role": 2}
    batches.enrol(text, skip=True)
    assert batches.enrolments() == {("C1", "c"): (0, 0, 0), ("C1", "d"): (0, 0, 0)}


def test_a_line_is_done_whole_or_not_at_all(batches: Batches) -> None:
    batches.people("a", "b", "c")
    for name in ("C1", "C2"):
        batches.nights.site.add_course(name)
    text = "username,course1,course2\na,C1,C2\nb,C1,nowhere\nc,nowhere,C1\n"
    stopped = batches.enrol(text)
    assert stopped.plan.counts() == {"enrol": 2, "assign-role": 2}
    done = batches.enrol(text, skip=True)
    why = "refused: there is no course with this shortname"
    assert fates(done) == {2: "done", 3: why, 4: why}
    assert set(batches.enrolments()) == {("C1", "a"), ("C2", "a")}


def test_a_plan_file_is_made_for_everybody_or_for_nobody(batches: Batches, tmp_path: Path) -> None:
    """An account that is deleted between the plan and its making is named, and nothing is done."""
    people = batches.people("a", "b")
    batches.nights.site.add_course("C1")
    plan = tmp_path / "people.plan"
    batches.enrol("person\na\nb\n", course="C1", out=plan)
    batches.nights.site.execute("UPDATE {user} SET deleted = 1 WHERE id = %s", people["b"])
    with pytest.raises(StalePlanError, match=f"account {people['b']} is gone"):
        apply(batches.nights.config(), plan)
    assert batches.enrolments() == {}


def test_a_file_of_accounts_is_for_two_commands(batches: Batches) -> None:
    """Its courses for one, its cohorts for the other; each says what it passed over."""
    batches.people("a", "b")
    batches.nights.site.add_course("C1")
    cohort = batches.nights.site.add_cohort("L1")
    text = "username,course1,cohort1\na,C1,L1\nb,,L1\n"
    done = batches.enrol(text)
    assert set(batches.enrolments()) == {("C1", "a")}
    assert (
        "2 times the file names members of cohorts, which `greffe cohorts` does: give it the same file."
        in done.notes
    )

    file = open_batchfile(batches.nights.directory / "people.csv", wants={Wants.COHORTS, Wants.MEMBERS})
    joined = cohorts_file(batches.nights.config(), file, Asked())
    assert any("people in courses, which `greffe enrol` does" in note for note in joined.notes)
    members = batches.nights.site.fetch("SELECT userid FROM {cohort_members} WHERE cohortid = %s", cohort)
    assert len(members) == 2


def test_a_line_that_only_the_site_refuses_is_dropped_whole(batches: Batches) -> None:
    site = batches.nights.site
    batches.people("a", "b")
    for name in ("C1", "C2"):
        site.add_course(name)
    course = site.fetch("SELECT id FROM {course} WHERE shortname = %s", "C1")[0]["id"]
    site.insert("enrol", enrol="self", courseid=course, status=0, roleid=5)
    done = batches.enrol("username,course1,course2\na,C1,C2\nb,C1,\n", skip=True, method="self")
    assert fates(done)[2].startswith("refused: the course has no self enrolment")
    assert set(batches.enrolments("self")) == {("C1", "b")}


def test_names_are_as_the_database_compares_them(batches: Batches) -> None:
    batches.people("élodie")
    course = batches.nights.site.add_course("Été 1")
    batches.nights.site.insert("groups", courseid=course, name="Promo L1")
    blind = batches.nights.site.engine == "mariadb"
    found = batches.enrol("person;group\nÉLODIE;promo l1\n", course="Été 1")
    assert not found.stopped  # usernames are in small letters
    names = {r["name"] for r in batches.nights.site.fetch("SELECT name FROM {groups}")}
    assert names == ({"Promo L1"} if blind else {"Promo L1", "promo l1"})


# -- the calendar ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("window", ["blackout", "add_only"])
def test_what_the_calendar_leaves_out_has_to_be_given_again(batches: Batches, window: str) -> None:
    batches.people("a", "b")
    batches.nights.site.add_course("C1")
    batches.enrol("person\na\n", course="C1")
    batches.nights.more = {"calendar": {window: [{"from": "2020-01-01", "to": "2099-12-31"}]}}
    add_only = window == "add_only"
    for look in (True, False):
        found = batches.enrol("person\nb\n", course="C1", replace=True, look=look)
        document = of_batch(found)
        assert document.exit == Exit.HELD
        assert "not done; give the file again after 2099-12-31" in headline(document)
        assert fates(found) == {2: "done" if add_only else "later"}
    told = next(
        iter(outcomes(open_batchfile(batches.deliver("person\nb\n"), wants={Wants.ONE_COURSE}), found))
    )
    assert told.why == (
        "" if add_only else "not done: the calendar leaves it; give the file again after 2099-12-31"
    )
    assert {who for _, who in batches.enrolments()} == ({"a", "b"} if add_only else {"a"})


# -- out of courses --------------------------------------------------------------------------------------------
def test_only_the_methods_own_enrolment_is_removed(batches: Batches) -> None:
    nights = batches.nights
    ids = batches.people("a", "b")
    (one,) = add_classes(nights, ["C1"])
    nights.more = {"guards": {"scope": {"everybody_above": 10}}}
    nights.rule("ip")
    nights.feed("ip", "who;course", ["Na;C1"], shrink="none")
    nights.night()
    batches.enrol("person;role\na;teacher\nb;student\n", course="C1")
    leave_traces(nights, [one], [ids["b"]], grades=False)
    before = exact(nights)
    done = batches.enrol("person\na\nb\n", course="C1", remove=True)
    assert done.result is not None
    assert done.result.exit is Exit.DONE
    assert batches.enrolments() == {}
    assert nights.enrolments() == {("C1", "a"): (0, 0, 0)}
    # of somebody who stays by another method what was given by hand stays too, as in Moodle; of others nothing
    assert {r[:3] for r in batches.roles()} == {("C1", "a", "teacher")}
    assert nights.site.fetch("SELECT * FROM {user_lastaccess}") == []
    taken_back(batches, done.result.run)
    assert exact(nights) == before


@pytest.mark.parametrize("with_grades", [False, True])
def test_grades_are_not_lost_by_default(batches: Batches, with_grades: bool) -> None:
    nights = batches.nights
    ids = batches.people("a")
    (one,) = add_classes(nights, ["C1"])
    batches.enrol("person\na\n", course="C1")
    leave_traces(nights, [one], [ids["a"]], grades=True)
    before = exact(nights)
    done = batches.enrol("person\na\n", course="C1", remove=True, with_grades=with_grades)
    assert done.result is not None
    if with_grades:
        assert batches.enrolments() == {}
        assert nights.site.fetch("SELECT * FROM {grade_grades}") == []
    else:
        assert batches.enrolments() == {("C1", "a"): (1, 0, 0)}
        assert done.graded == 1
        assert fates(done) == {2: "spared"}
        assert batches.enrol("person\na\n", course="C1", remove=True, look=True).plan.size == 0
    taken_back(batches, done.result.run)
    assert exact(nights) == before


def test_the_whole_list_of_a_course(batches: Batches) -> None:
    everybody = [f"u{n}" for n in range(20)]
    batches.people(*everybody, "new")
    batches.nights.site.add_course("C1")
    batches.enrol("person\n" + "\n".join(everybody), course="C1")
    text = "person\n" + "\n".join([*everybody[2:], "new"])
    done = batches.enrol(text, course="C1", replace=True)
    assert done.result is not None
    assert {u for _, u in batches.enrolments()} == {*everybody[2:], "new"}
    assert done.plan.counts() == {"assign-role": 1, "enrol": 1, "unenrol": 2}
    assert batches.enrol(text, course="C1", replace=True, look=True).plan.size == 0

    with pytest.raises(ArgumentError, match="names nobody"):
        batches.enrol("person\n", course="C1", replace=True)
    with pytest.raises(ArgumentError, match="every line must be understood"):
        batches.enrol(text, course="C1", replace=True, skip=True)


# -- guards, plan files ----------------------------------------------------------------------------------------
def test_a_guard_holds_what_a_course_would_lose_until_it_is_approved(batches: Batches) -> None:
    everybody = [f"u{n}" for n in range(30)]
    batches.people(*everybody, "new")
    batches.nights.site.add_course("C1")
    batches.enrol("person\n" + "\n".join(everybody), course="C1")
    text = "person\n" + "\n".join([*everybody[15:], "new"])
    held = batches.enrol(text, course="C1", replace=True)
    assert held.result is not None
    assert held.result.exit is Exit.HELD
    assert len(batches.enrolments()) == 31
    assert fates(held)[17] == "done"
    approve(batches.nights.config(), held.judgement.digest, by="A. Martin")
    done = batches.enrol(text, course="C1", replace=True)
    assert done.result is not None
    assert done.result.exit is Exit.DONE
    assert {u for _, u in batches.enrolments()} == {*everybody[15:], "new"}


def test_lines_held_by_a_guard_say_so(batches: Batches) -> None:
    everybody = [f"u{n}" for n in range(30)]
    batches.people(*everybody)
    batches.nights.site.add_course("C1")
    text = "person\n" + "\n".join(everybody)
    batches.enrol(text, course="C1")
    held = batches.enrol(text, course="C1", remove=True)
    assert set(fates(held).values()) == {"held"}


def test_a_plan_file_makes_exactly_that(batches: Batches) -> None:
    batches.people(*"abc")
    site = batches.nights.site
    course = site.add_course("C1")
    bare = site.add_course("C2")
    site.execute("DELETE FROM {enrol} WHERE courseid = %s", bare)
    file = batches.nights.directory / "people.plan"
    text = "person;course;group\na;C1;TD1\nb;C2;\n"
    batches.enrol(text, out=file)
    assert batches.enrolments() == {}
    result = apply(batches.nights.config(), file)
    assert result.exit is Exit.DONE
    assert set(batches.enrolments()) == {("C1", "a"), ("C2", "b")}
    assert site.fetch("SELECT * FROM {local_greffe_scope}") == []

    batches.enrol("person\nc\n", course="C1", group="TD1", out=file)
    group = site.fetch("SELECT id FROM {groups} WHERE courseid = %s", course)[0]["id"]
    outsider = site.add_user("z")
    site.insert("groups_members", groupid=group, userid=outsider)
    with pytest.raises(StalePlanError, match="C1 has changed"):
        apply(batches.nights.config(), file)
    site.execute("DELETE FROM {groups_members} WHERE userid = %s", outsider)
    assert apply(batches.nights.config(), file).exit is Exit.DONE


# -- methods ---------------------------------------------------------------------------------------------------
def test_a_missing_method_is_made_as_its_settings_say(batches: Batches) -> None:
    batches.people("a")
    site = batches.nights.site
    course = site.add_course("C1")
    site.execute("DELETE FROM {enrol} WHERE courseid = %s", course)
    for name, value in (("enrolperiod", "86400"), ("expirynotify", "2"), ("roleid", "4")):
        site.execute(
            "UPDATE {config_plugins} SET value = %s WHERE plugin = 'enrol_manual' AND name = %s", value, name
        )
    before = whole_site(batches.nights)
    done = batches.enrol("person\na\n", course="C1", start=1_000)
    (made,) = site.fetch("SELECT * FROM {enrol} WHERE courseid = %s", course)
    assert (made["enrol"], made["status"], made["roleid"], made["enrolperiod"]) == ("manual", 0, 4, 86400)
    assert (made["expirynotify"], made["notifyall"], made["expirythreshold"], made["customint1"]) == (
        2,
        1,
        86400,
        1,
    )
    assert made["customint2"] is None
    assert batches.enrolments() == {("C1", "a"): (0, 1_000, 87_400)}
    assert batches.roles() == {("C1", "a", "teacher", 0)}
    assert done.result is not None
    taken_back(batches, done.result.run)
    after = whole_site(batches.nights)
    for table in before:
        if table != "cache_flags":
            assert after[table] == before[table], table


def test_self_enrolments(batches: Batches) -> None:
    batches.people("a", "b")
    site = batches.nights.site
    course = site.add_course("C1")
    refused = batches.enrol("person\na\n", course="C1", method="self")
    assert "no self enrolment" in fates(refused)[2]
    enrol = site.insert("enrol", enrol="self", courseid=course, roleid=5, status=0)
    batches.enrol("person\na\n", course="C1", method="self")
    assert batches.enrolments("self") == {("C1", "a"): (0, 0, 0)}
    assert batches.enrolments() == {}
    assert batches.roles() == {("C1", "a", "student", 0)}
    site.insert("enrol", enrol="self", courseid=course, roleid=5, status=0, sortorder=1)
    assert "several instances" in fates(batches.enrol("person\nb\n", course="C1", method="self"))[2]
    assert enrol


def test_a_method_that_is_switched_off_in_moodle(batches: Batches) -> None:
    batches.people("a")
    batches.nights.site.add_course("C1")
    batches.nights.site.execute("UPDATE {config} SET value = 'guest' WHERE name = 'enrol_plugins_enabled'")
    with pytest.raises(SiteNotReadyError, match="method manual"):
        batches.enrol("person\na\n", course="C1")


def test_a_role_is_also_known_by_what_people_call_it(batches: Batches) -> None:
    batches.people("a", "b", "c", "d", "e", "f")
    batches.nights.site.add_course("C1")
    batches.nights.site.execute("UPDATE {role} SET name = 'Tuteur de stage' WHERE shortname = 'teacher'")
    text = "person;role\na;Étudiant\nb;ENSEIGNANT\nc;tuteur de stage\nd;5\ne;Student\nf;Professeur\n"
    found = batches.enrol(text, course="C1")
    assert "no role with this shortname" in fates(found)[7]
    batches.enrol(text, course="C1", skip=True)
    assert {(person, role) for _, person, role, _ in batches.roles()} == {
        ("a", "student"), ("b", "editingteacher"), ("c", "teacher"), ("d", "student"), ("e", "student"),
    }  # fmt: skip
    # "Teacher" is what Moodle calls the editing teacher, and nearly the shortname of the other
    batches.nights.site.execute("UPDATE {role} SET name = ''")
    assert (
        "several roles are called so; write the shortname: editingteacher, teacher"
        in (fates(batches.enrol("person;role\nf;Teacher\n", course="C1"))[2])
    )
    assert fates(batches.enrol("person;role\nf;Non-editing teacher\n", course="C1"))[2] == "done"


def test_nobody_is_enrolled_without_a_role(batches: Batches) -> None:
    batches.people("a", "b")
    batches.nights.site.add_course("C1")
    batches.nights.site.execute("UPDATE {enrol} SET roleid = 0")
    text = "person;role\na;\nb;teacher\n"
    found = batches.enrol(text, course="C1")
    assert "no role by default" in fates(found)[2]
    batches.enrol(text, course="C1", skip=True)
    assert set(batches.enrolments()) == {("C1", "b")}
    batches.enrol(text, course="C1", role="student")
    assert ("C1", "a", "student", 0) in batches.roles()


# -- groupings -------------------------------------------------------------------------------------------------
def test_groupings_are_made_and_an_undo_empties_them(batches: Batches) -> None:
    batches.people("a", "b")
    course = batches.nights.site.add_course("C1")
    batches.nights.site.insert("groupings", courseid=course, name="TDs")
    text = "person;group;grouping\na;TD1;TDs\nb;TD2;TDs\nb;Lab;Labs\n"
    done = batches.enrol(text, course="C1")
    assert batches.groupings() == {("TDs", "TD1"), ("TDs", "TD2"), ("Labs", "Lab")}
    (made,) = batches.nights.site.fetch("SELECT * FROM {groupings} WHERE name = 'Labs'")
    assert (made["courseid"], made["idnumber"], made["descriptionformat"]) == (course, "", 0)
    assert (made["description"], made["configdata"]) == (None, None)
    assert done.result is not None
    assert done.result.counts["join-grouping"] == 3
    assert batches.enrol(text, course="C1", look=True).plan.size == 0

    rows = batches.nights.site.fetch("SELECT * FROM {groupings_groups} ORDER BY id")
    first = undo(batches.nights.config(), done.result.run)
    assert (first.refused, batches.groupings()) == ([], set())
    assert first.result is not None
    second = undo(batches.nights.config(), first.result.run)
    assert second.refused == []
    assert batches.nights.site.fetch("SELECT * FROM {groupings_groups} ORDER BY id") == rows


def test_groupings_changed_since_are_refused_by_the_undo(batches: Batches) -> None:
    batches.people("a")
    batches.nights.site.add_course("C1")
    done = batches.enrol("person;group;grouping\na;TD1;TDs\n", course="C1")
    batches.nights.site.execute("UPDATE {groupings_groups} SET timeadded = 5")
    assert done.result is not None
    (refused,) = undo(batches.nights.config(), done.result.run).refused
    assert refused.action == "join-grouping"
