"""Lines that cannot be done: refused with the reason, a line whole or not at all."""

from __future__ import annotations

from greffe.commands._file.batch import Asked
from greffe.commands.cohorts_file import cohorts_file
from greffe.intake.opening import open_batchfile
from greffe.intake.wants import Wants
from tests.integration.batches import Batches, fates
from tests.integration.classes import whole_site


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
