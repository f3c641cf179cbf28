"""People into courses by files: planned, judged, written, told line by line; on real databases."""

from __future__ import annotations

from greffe.commands.undo import undo
from greffe.errors import Exit
from tests.integration.batches import Batches, fates
from tests.integration.classes import exact, whole_site


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

    batches.take_back(done.result.run)
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
    batches.take_back(done.result.run)
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
    batches.take_back(done.result.run)
    assert batches.enrolments() == {("C1", "a"): (1, 100, 0), ("C1", "b"): (0, 100, 0)}


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


def test_names_are_as_the_database_compares_them(batches: Batches) -> None:
    batches.people("élodie")
    course = batches.nights.site.add_course("Été 1")
    batches.nights.site.insert("groups", courseid=course, name="Promo L1")
    blind = batches.nights.site.engine == "mariadb"
    found = batches.enrol("person;group\nÉLODIE;promo l1\n", course="Été 1")
    assert not found.stopped  # usernames are in small letters
    names = {r["name"] for r in batches.nights.site.fetch("SELECT name FROM {groups}")}
    assert names == ({"Promo L1"} if blind else {"Promo L1", "promo l1"})


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
