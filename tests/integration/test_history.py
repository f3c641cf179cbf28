"""What changed for a course, a person or a cohort: told after nights, an undo, cohorts and methods, on real databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from greffe.commands.history import history
from greffe.commands.recounting import recount
from greffe.commands.undo import undo
from greffe.errors import ArgumentError, Exit
from greffe.moodle.database import connect
from greffe.report.past import PastLine
from tests.integration.commandline import Site
from tests.integration.explaining import ANN, Shared, World, line
from tests.integration.linking import link, relink
from tests.lab.site import MoodleSite


def told(lines: list[PastLine]) -> list[tuple[int, str, str, str, str]]:
    """(run, action, where, was, now)."""
    return [(c.run, c.action, c.cohort or c.course, c.was, c.now) for c in lines]


def test_a_person_through_nights_and_an_undo(world: World) -> None:
    world.deliver(line(td="TD1"))
    first = world.nights.night().run
    world.deliver(line(td="TD2", end="2099-06-30"))
    second = world.nights.night().run
    world.deliver()
    third = world.nights.night().run
    taken = undo(world.nights.config(), third).result
    assert taken is not None

    past = history(world.nights.config(), "ann")

    assert (past.of, past.more) == ("person ann", False)
    changes = sorted(told(past.changes), key=lambda c: (-c[0], c[1]))
    assert changes == [
        (taken.run, "reactivate", "DRT", "suspended", "active"),
        (third, "suspend", "DRT", "active", "suspended"),
        (second, "join-group", "DRT", "", "TD2"),
        (second, "leave-group", "DRT", "TD1", ""),
        (second, "set-times", "DRT", "until any time", "until 2099-06-30 00:00:00"),
        (first, "assign-role", "DRT", "", "student"),
        (first, "enrol", "DRT", "not enrolled", "enrolled"),
        (first, "join-group", "DRT", "", "TD1"),
    ]
    assert [c.id for c in past.changes] == sorted((c.id for c in past.changes), reverse=True)
    assert {c.run: c.undone for c in past.changes if c.undone} == {third: taken.run}
    assert {c.run: c.kind for c in past.changes}[taken.run] == "undo"
    enrolled = next(c for c in past.changes if c.action == "enrol")
    assert (enrolled.feed, enrolled.line, enrolled.person) == ("ip", 14, "ann")


def test_people_are_called_by_whatever_field_of_a_feed_they_have(world: World) -> None:
    world.deliver()
    world.nights.feed("teachers", "who;course", ["ann;DRT"], person={"column": "who", "match": "username"})
    world.nights.rule("teachers", role="teacher")
    world.set("user", world.campus.users["ann"], idnumber="")
    run = world.nights.night().run
    config = world.nights.config()
    people = {c.person for c in recount(config, run, limit=100).changes}
    assert {"ann", "o1"} <= people
    assert not [p for p in people if p.startswith("id ")]
    assert {c.person for c in history(config, person="ann").changes} == {"ann"}


def test_a_course_page_by_page(world: World) -> None:
    world.deliver(ANN, line(course="ECO"))
    world.night()
    config = world.nights.config()
    everything = history(config, course="DRT", limit=1000).changes
    assert len(everything) == 2 * 13 + 1
    assert {c.course for c in everything} == {"DRT"}
    found, before = [], 0
    while True:
        page = history(config, "DRT", limit=5, before=before)
        found += page.changes
        before = page.before
        if not page.more:
            break
    assert found == everything
    both = history(config, course="DRT", person="ann").changes
    assert {(c.course, c.person) for c in both} == {("DRT", "ann")}
    assert both == [c for c in everything if c.person == "ann"]


def test_cohorts_and_methods(world: World) -> None:
    world.deliver(line(course="", cohort="L1"), line("o1", "", cohort="L1"))
    link(world.campus, "MED L1")
    first = world.nights.night().run
    world.nights.cohorts[0]["name"] = "First year"
    relink(world.campus, "MED L1", role="teacher")
    second = world.nights.night().run
    config = world.nights.config()

    of_cohort = told(history(config, "L1").changes)
    assert of_cohort[0] == (second, "update-cohort", "L1", "name Cohort L1", "name First year")
    assert of_cohort[1:] == [
        (first, "join-cohort", "L1", "not a member", "member"),
        (first, "join-cohort", "L1", "not a member", "member"),
        (first, "create-cohort", "L1", "", ""),
    ]
    of_course = told(history(config, "MED", limit=100).changes)
    assert (second, "update-method", "MED ← L1", "role student", "role teacher") in of_course
    assert (first, "create-method", "MED ← L1", "", "") in of_course
    assert not any(c[1] == "join-cohort" for c in of_course)


def test_a_name_of_two_things_is_asked_about(world: World) -> None:
    world.nights.site.add_course("ann")
    world.deliver(ANN, line("o1"))
    world.night()
    config = world.nights.config()
    with pytest.raises(ArgumentError, match="'ann' is the name of a course and of a person") as e:
        history(config, "ann")
    assert e.value.todo == "Say which: --course 'ann' or --person 'ann'."
    assert history(config, person="ann").changes
    assert history(config, course="ann").changes == []


def test_ids_are_asked_about_and_what_is_gone_is_found_by_its_own(world: World) -> None:
    course = world.nights.site.add_course("GEO", idnumber="GEO")
    world.deliver(ANN, line(course="GEO"))
    world.night()
    config = world.nights.config()
    with pytest.raises(ArgumentError, match="is the name of a course and of a person"):
        history(config, str(course))
    world.nights.site.execute("DELETE FROM {course} WHERE id = %s", course)
    found = history(config, course=str(course))
    assert {c.course for c in found.changes} == {f"id {course}"}
    with pytest.raises(ArgumentError):
        history(config, course="987654")
    with pytest.raises(ArgumentError):
        history(config, "nothing")


def test_before_any_run(moodle_site: MoodleSite, tmp_path: Path) -> None:
    world = Shared(moodle_site).world(tmp_path)
    world.deliver()
    with pytest.raises(ArgumentError, match="has not run"):
        history(world.nights.config(), "ann")


def test_a_long_journal_is_read_along_an_index(world: World) -> None:
    """What the database plans, with a journal in which the course and the person are few and old: it never walks it all."""
    world.deliver(ANN)
    world.night()
    db = connect(world.nights.site.settings)
    journal = db.quote("local_greffe_change")
    columns = "runid, action, courseid, enrolid, userid, objectid, timecreated"
    many = " UNION ALL ".join(["SELECT 1 AS n"] * 10)
    cross = ", ".join(f"({many}) AS t{n}" for n in range(4))
    db.run_text(f"INSERT INTO {journal} ({columns}) SELECT 1, 'enrol', 99, 9, 999, 1, 1 FROM {cross}")
    db.run_text(f"ANALYZE TABLE {journal}" if db.engine == "mariadb" else f"ANALYZE {journal}")
    page = {"below": (1 << 63) - 1, "limit": 20}
    asked = [
        ("history_of_person", {"user": world.campus.users["ann"]}, "use"),
        ("history_of_place", {"course": world.course_id("DRT"), "cohort": 0}, "cou"),
    ]
    for statement, keys, index in asked:
        plan = " ".join(map(str, db.run_text(f"EXPLAIN {db.text(statement)}", **keys, **page)))
        assert index in plan
        assert "filesort" not in plan
        assert "Sort" not in plan
        assert "Seq Scan" not in plan
    db.close()


def test_on_the_command_line(site: Site) -> None:
    code, document = site.json("history", "s7")
    assert (code, "has not run" in document["error"]) == (Exit.USAGE, True)
    assert site("nightly")[0] == Exit.DONE
    code, out = site("history", "s7")
    assert code == Exit.DONE
    assert "not enrolled → enrolled" in out
    assert "– → student" in out
    assert "1 nightly" in out
    code, out = site("history", "--course", "C1", "--limit", "5")
    assert (code, "… older ones: --before" in out) == (Exit.DONE, True)
    code, document = site.json("history", "--person", "s7", "--course", "C1")
    assert (code, [c["action"] for c in document["changes"]], document["more"]) == (
        Exit.DONE, ["assign-role", "enrol"], False,
    )  # fmt: skip
    code, out = site("history", "Two")
    assert (code, out.strip()) == (Exit.DONE, "No run changed anything for course Two.")
    for wrong in ((), ("--course", "C1", "--cohort", "X"), ("s7", "--person", "s8"), ("nobody",)):
        assert site("history", *wrong)[0] == Exit.USAGE
        assert "Traceback" not in site.err
