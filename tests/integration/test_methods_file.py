"""Methods by a file: made, changed, switched, deleted with their people, in one plan; on real databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from greffe.commands._file.batch import Asked, Batched
from greffe.commands.apply import apply
from greffe.commands.methods import sync
from greffe.commands.methods_file import methods_file
from greffe.commands.reporting import of_batch
from greffe.commands.undo import undo
from greffe.errors import Exit, SiteNotReadyError, StalePlanError
from greffe.intake.lines import CourseKey, RefusedLine
from greffe.intake.opening import open_batchfile
from greffe.intake.wants import Wants
from greffe.report.texts import headline
from tests.integration.classes import add_classes, exact, leave_traces, whole_site
from tests.integration.following import Campus
from tests.integration.linking import instances, link, only
from tests.integration.methodlines import ADD, REMOVE, UPDATE, do, fates, line, whys
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite


@pytest.fixture
def campus(moodle_site: MoodleSite, tmp_path: Path) -> Campus:
    found = Campus(Nights(moodle_site, tmp_path))
    found.people(*"abcdefgh")
    return found


def nothing_left(campus: Campus, *lines: object) -> None:
    """The same file a second time plans nothing."""
    again = do(campus, *lines, dry_run=True)  # type: ignore[arg-type]
    assert again.plan.size == 0
    assert set(fates(again)) <= {"already"}


# -- made and undone -------------------------------------------------------------------------------------------
def test_a_file_makes_methods_with_their_people_and_an_undo_takes_all_of_it_back(campus: Campus) -> None:
    for name in ("MED1", "MED2", "TUTO"):
        campus.course(name)
    cohort = campus.cohort("L1", "a", "b")
    campus.cohort("L2", "c")
    file = (
        line(ADD, "MED1", "L1"),
        line(ADD, "MED1", "L2", role="teacher", group="Promo L2"),
        line(ADD, "MED2", "L1", enabled=False),
        line(ADD, "TUTO", "MED1", "meta"),
    )
    before = whole_site(campus.nights)
    done = do(campus, *file)
    assert done.result is not None
    assert (done.result.exit, done.lines.counts()) == (Exit.DONE, {"done": 4})
    first, second, off = instances(campus)
    assert (first["status"], first["roleid"], first["customint1"], first["customint2"]) == (0, 5, cohort, 0)
    assert campus.active(first["id"]) == set("ab")
    assert campus.roles(second["id"]) == {("c", 4)}
    assert campus.members(second["customint2"]) == {("c", "enrol_cohort", second["id"])}
    assert (off["status"], campus.enrolments(off["id"])) == (1, {})  # add with disabled=1 enrols nobody
    assert campus.active(only(campus, "meta")["id"]) == set("abc")
    nothing_left(campus, *file)
    assert sync(campus.nights.config(), dry_run=True).plan.size == 0

    undone = undo(campus.nights.config(), done.result.run)
    assert undone.refused == []
    after = whole_site(campus.nights)
    for table in before:
        if table not in ("cache_flags", "groups"):
            assert after[table] == before[table], table


def test_role_group_and_status_change_and_come_back(campus: Campus) -> None:
    course = campus.course("MED1")
    enrol = campus.instance("cohort", course, campus.cohort("L1", "a", "b"))
    campus.sync()
    before = exact(campus.nights)
    file = (line(UPDATE, "MED1", "L1", role="teacher", group="Neuf"),)
    done = do(campus, *file)
    assert campus.roles(enrol) == {("a", 4), ("b", 4)}
    assert {who for who, _, _ in campus.members(only(campus)["customint2"])} == {"a", "b"}
    nothing_left(campus, *file)

    off = do(campus, line(UPDATE, "MED1", "L1", enabled=False))
    assert (only(campus)["status"], campus.roles(enrol), campus.active(enrol)) == (1, set(), {"a", "b"})
    on = do(campus, line(ADD, "MED1", "L1", enabled=True, group=""))
    assert campus.roles(enrol) == {("a", 4), ("b", 4)}
    assert only(campus)["customint2"] == 0
    for run in (on, off, done):
        assert run.result is not None
        assert undo(campus.nights.config(), run.result.run).refused == []
    after = exact(campus.nights)
    for table in ("enrol", "user_enrolments", "role_assignments", "groups_members"):
        assert after.get(table) == before.get(table), table


def test_a_removal_unenrols_first_and_comes_back_whole(campus: Campus) -> None:
    course = campus.course("MED1")
    enrol = campus.instance("cohort", course, campus.cohort("L1", "a", "b"))
    campus.sync()
    before = exact(campus.nights)
    file = (line(REMOVE, "MED1", "L1"), line(REMOVE, "MED1", "L1", "cohort"))
    look = do(campus, *file, dry_run=True)
    assert look.plan.counts() == {"delete-method": 1, "unenrol": 2}
    done = do(campus, *file)
    assert (instances(campus), campus.enrolments(enrol), fates(done)) == ([], {}, ["done", "done"])
    nothing_left(campus, *file)
    assert done.result is not None
    undo(campus.nights.config(), done.result.run)
    after = exact(campus.nights)
    for table in ("enrol", "user_enrolments", "role_assignments"):
        assert after.get(table) == before.get(table), table


def test_nobodys_grades_go_with_a_method_unless_that_is_asked_for(campus: Campus) -> None:
    (one,) = add_classes(campus.nights, ["MED1"])
    enrol = campus.instance("cohort", one.course, campus.cohort("L1", "a", "b"))
    campus.sync()
    leave_traces(campus.nights, [one], [campus.users["a"]], grades=True)
    file = (line(REMOVE, "MED1", "L1"),)
    done = do(campus, *file)
    assert only(campus)["status"] == 1
    assert done.notes[0] == "1 method is switched off rather than deleted: grades would go with it."
    assert (fates(done), whys(done)) == (["spared"], ["switched off only: grades would go with the method"])
    nothing_left(campus, *file)
    do(campus, *file, with_grades=True)
    assert (instances(campus), campus.enrolments(enrol)) == ([], {})


def test_children_of_a_course_follow_in_the_same_plan(campus: Campus) -> None:
    parent, child = campus.course("MED1"), campus.course("TUTO")
    meta = campus.instance("meta", child, parent)
    other = campus.instance("meta", campus.course("X"), campus.course("Y"))
    campus.cohort("L1", "a")
    campus.enrol(campus.way(instances_course(campus, "Y")), "h")
    do(campus, line(ADD, "MED1", "L1"))
    assert campus.active(meta) == {"a"}
    assert campus.active(other) == set()  # not this file's business


def instances_course(campus: Campus, name: str) -> int:
    (row,) = campus.nights.site.fetch("SELECT id FROM {course} WHERE shortname = %s", name)
    return int(row["id"])


def test_courses_are_found_by_the_key_that_the_file_has(campus: Campus) -> None:
    site = campus.nights.site
    parent = site.add_course("Parent", idnumber="P-1")
    child = site.add_course("Child", idnumber="C-1")
    done = do(
        campus,
        line(ADD, "C-1", "P-1", "meta", course_key=CourseKey.IDNUMBER, source_key=CourseKey.IDNUMBER),
    )
    assert fates(done) == ["done"]
    made = only(campus, "meta")
    assert (made["course"], made["customint1"]) == ("Child", parent)
    assert child


# -- refused ---------------------------------------------------------------------------------------------------
def test_a_file_with_refused_lines_does_nothing_unless_the_rest_is_asked_for(campus: Campus) -> None:
    campus.course("MED1")
    campus.cohort("L1", "a")
    file = (
        line(ADD, "MED1", "L1"),
        line(ADD, "NOWHERE", "L1"),
        line(ADD, "MED1", "NONE"),
        line(ADD, "MED1", "L1", role="dean"),
        line(UPDATE, "MED1", "L1", group="g" * 255),
        line(ADD, "MED1", "NOWHERE", "meta"),
        RefusedLine(0, "method", "self", "no method that follows something"),
    )
    before = exact(campus.nights)
    stopped = do(campus, *file)
    assert stopped.stopped
    assert stopped.result is None
    assert exact(campus.nights) == before
    assert fates(stopped) == ["done", *["refused"] * 6]
    rest = do(campus, *file, skip_refused=True)
    assert campus.active(only(campus)["id"]) == {"a"}
    told = {t.line: (t.column, t.value) for t in rest.lines.told() if t.why}
    assert told[3] == ("course", "NOWHERE")
    assert told[4] == ("source", "NONE")
    assert told[5] == ("role", "dean")
    assert told[6][0] == "group"
    assert told[7] == ("source", "NOWHERE")
    assert told[8] == ("method", "self")


def test_a_line_is_done_whole_or_not_at_all(campus: Campus) -> None:
    campus.course("MED1")
    campus.course("MED2")
    campus.cohort("L1", "a")
    path = campus.nights.directory / "courses.csv"
    path.write_text(
        "shortname,enrolment_1,enrolment_1_cohortidnumber,enrolment_2,enrolment_2_cohortidnumber\n"
        "MED1,cohort,L1,cohort,NONE\nMED2,cohort,L1,,\n",
        encoding="utf-8",
    )
    file = open_batchfile(path, wants={Wants.METHODS})
    done = methods_file(campus.nights.config(), file, Asked(skip_refused=True))
    assert fates(done) == ["refused", "done"]
    assert whys(done) == ["no cohort has this idnumber"]
    assert [i["course"] for i in instances(campus)] == ["MED2"]


def test_circles_are_refused_and_a_link_of_an_old_one_can_be_deleted(campus: Campus) -> None:
    a, b, c = (campus.course(n) for n in "ABC")
    campus.instance("meta", b, a)
    campus.instance("meta", c, b)
    longer = do(campus, line(ADD, "A", "C", "meta"))
    assert "A → B → C → A" in whys(longer)[0]
    both = do(campus, line(ADD, "A", "D", "meta"), line(ADD, "D", "A", "meta"))
    assert fates(both) == ["refused", "refused"]

    campus.instance("meta", a, c)  # somebody did it by script
    switched = do(campus, line(UPDATE, "A", "C", "meta", enabled=False))
    assert "linked in a circle" in whys(switched)[0]
    deleted = do(campus, line(REMOVE, "A", "C", "meta"))
    assert fates(deleted) == ["done"]
    assert {i["course"] for i in instances(campus, "meta")} == {"B", "C"}


def test_what_a_rule_keeps_is_refused_by_its_name(campus: Campus) -> None:
    campus.course("MED1")
    campus.cohort("L1", "a")
    link(campus, "MED1 L1")
    campus.nights.night()
    refused = do(campus, line(UPDATE, "MED1", "L1", enabled=False))
    assert whys(refused)[0].startswith("[[link]] number 1 keeps this method")
    assert only(campus)["status"] == 0
    assert fates(do(campus, line(ADD, "MED1", "L1"))) == ["already"]


def test_what_a_file_makes_is_nobodys(campus: Campus) -> None:
    campus.course("MED1")
    campus.cohort("L1", "a")
    do(campus, line(ADD, "MED1", "L1", role="teacher"))
    assert campus.nights.site.fetch("SELECT * FROM {local_greffe_method}") == []
    link(campus, "MED1 L1")
    night = campus.nights.night()
    assert night.exit is Exit.REFUSED
    assert "made by hand" in night.refused[0].reason


def test_a_method_that_moodle_has_switched_off_stops_the_file(campus: Campus) -> None:
    campus.plugins("manual", "cohort")
    campus.course("MED1")
    campus.course("TUTO")
    campus.cohort("L1", "a")
    with pytest.raises(SiteNotReadyError, match="meta"):
        do(campus, line(ADD, "TUTO", "MED1", "meta"))
    assert fates(do(campus, line(ADD, "MED1", "L1"))) == ["done"]


# -- guards, calendar, plan files ------------------------------------------------------------------------------
def test_the_guards_hold_a_file_that_empties_a_course(campus: Campus) -> None:
    campus.nights.more["guards"] = {"scope": {"everybody_above": 3}, "feed": {"emptied": "none"}}
    course = campus.course("MED1")
    enrol = campus.instance("cohort", course, campus.cohort("L1", *"abcdef"))
    campus.sync()
    done = do(campus, line(REMOVE, "MED1", "L1"))
    assert done.result is not None
    assert (done.result.exit, fates(done)) == (Exit.HELD, ["held"])
    assert campus.active(enrol) == set("abcdef")


def test_in_an_add_only_window_nobody_is_shut_out(campus: Campus) -> None:
    campus.nights.more["calendar"] = {"add_only": [{"from": "2020-01-01", "to": "2099-12-31"}]}
    one = campus.course("MED1")
    campus.course("MED2")
    enrol = campus.instance("cohort", one, campus.cohort("L1", "a"))
    campus.sync()
    done = do(campus, line(UPDATE, "MED1", "L1", enabled=False), line(ADD, "MED2", "L1"))
    assert fates(done) == ["later", "done"]
    document = of_batch(done)
    assert document.exit == Exit.HELD
    assert "not done; give the file again after 2099-12-31" in headline(document)
    assert campus.roles(enrol) == {("a", 5)}


def test_a_plan_file_of_methods_that_are_switched_off(campus: Campus, tmp_path: Path) -> None:
    """Its group is changed, then it is switched on: as made at once."""
    campus.course("MED1")
    campus.cohort("L1", "a")
    do(campus, line(ADD, "MED1", "L1", group="Alt", enabled=False))
    plan = tmp_path / "methods.plan"
    for changed in (line(UPDATE, "MED1", "L1", group="Neu"), line(UPDATE, "MED1", "L1", enabled=True)):
        do(campus, changed, out=plan)
        assert apply(campus.nights.config(), plan).exit is Exit.DONE
        nothing_left(campus, changed)
    (made,) = instances(campus)
    assert (made["status"], campus.active(made["id"])) == (0, {"a"})


def test_a_plan_file_makes_exactly_that_or_nothing(campus: Campus, tmp_path: Path) -> None:
    course = campus.course("MED1")
    enrol = campus.instance("cohort", course, campus.cohort("L1", "a"))
    campus.sync()
    campus.course("MED2")
    plan = tmp_path / "methods.plan"
    file = (line(UPDATE, "MED1", "L1", role="teacher"), line(ADD, "MED2", "L1"))
    assert do(campus, *file, out=plan).result is None
    assert campus.roles(enrol) == {("a", 5)}
    assert apply(campus.nights.config(), plan).exit is Exit.DONE
    assert campus.roles(enrol) == {("a", 4)}
    nothing_left(campus, *file)

    do(campus, line(UPDATE, "MED1", "L1", role="student"), out=plan)
    campus.nights.site.execute("UPDATE {enrol} SET roleid = 3 WHERE id = %s", enrol)
    with pytest.raises(StalePlanError):
        apply(campus.nights.config(), plan)


# -- many ------------------------------------------------------------------------------------------------------
def test_two_thousand_methods_in_one_file(campus: Campus) -> None:
    site = campus.nights.site
    with site.rows() as rows:
        ids = rows.insert(
            "cohort",
            [
                {"contextid": 1, "name": f"C{n}", "idnumber": f"C{n}", "descriptionformat": 1, "timecreated": 1, "timemodified": 1}
                for n in range(20)
            ],
        )  # fmt: skip
        rows.insert(
            "cohort_members", [{"cohortid": c, "userid": u, "timeadded": 1} for c in ids for u in campus.users.values()]
        )  # fmt: skip
    for n in range(100):
        campus.course(f"K{n}")
    file = [line(ADD, f"K{n}", f"C{m}", group=f"Promo {m}") for n in range(100) for m in range(20)]
    done = do(campus, *file)
    assert done.result is not None
    assert done.result.counts["create-method"] == 2000
    assert done.result.counts["enrol"] == 2000 * len(campus.users)
    nothing_left(campus, *file)
    undone = undo(campus.nights.config(), done.result.run)
    assert undone.refused == []
    assert instances(campus) == []


# -- files of the tools that sites have ------------------------------------------------------------------------
def deliver(campus: Campus, tmp_path: Path, *lines: str) -> Batched:
    file = tmp_path / "methods.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return methods_file(campus.nights.config(), open_batchfile(file, wants=Wants.METHODS), Asked())


def test_a_file_of_upload_enrolment_methods(campus: Campus, tmp_path: Path) -> None:
    """A blank group is none, a link made by hand is found, an update
    changes role and group, what is added disabled enrols nobody."""
    for name in ("MED1", "MED2", "TUTO"):
        course = campus.course(name)
    campus.cohort("L1", "a", "b")
    campus.instance("meta", course, campus.course("PARENT"), roleid=0)
    head = "operation,method,shortname,metacohort,disabled,group,role"
    done = deliver(
        campus, tmp_path, head,
        "add,cohort,MED1,L1,0,Promo,student", "add,cohort,MED2,L1,1,,", "add,meta,TUTO,PARENT,0,,",
    )  # fmt: skip
    assert fates(done) == ["done", "done", "already"]
    one, two = instances(campus)
    assert one["customint2"] > 0
    assert (two["status"], two["customint2"], campus.enrolments(two["id"])) == (1, 0, {})
    deliver(campus, tmp_path, head, "upd,cohort,MED1,L1,0,Autre,teacher", "del,meta,TUTO,PARENT,0,,")
    assert campus.roles(one["id"]) == {("a", 4), ("b", 4)}
    assert instances(campus)[0]["customint2"] not in (0, one["customint2"])
    assert instances(campus, "meta") == []


def test_two_cohorts_in_one_row_of_upload_courses_are_two(campus: Campus, tmp_path: Path) -> None:
    campus.course("MED1")
    for cohort, who in (("L1", "a"), ("L2", "b")):
        campus.cohort(cohort, who)
    part = "enrolment_{0},enrolment_{0}_role,enrolment_{0}_cohortidnumber"
    header = f"shortname,{part.format(1)},{part.format(2)}"
    done = deliver(campus, tmp_path, header, "MED1,cohort,student,L1,cohort,student,L2")
    assert fates(done) == ["done"]
    assert [campus.active(i["id"]) for i in instances(campus)] == [{"a"}, {"b"}]


def test_meta_links_without_a_header(campus: Campus, tmp_path: Path) -> None:
    for name in ("PARENT", "CHILD"):
        campus.course(name)
    assert fates(deliver(campus, tmp_path, "add,PARENT,CHILD")) == ["done"]
    assert only(campus, "meta")["course"] == "CHILD"
    assert fates(deliver(campus, tmp_path, "del,PARENT,CHILD")) == ["done"]
    assert instances(campus, "meta") == []
