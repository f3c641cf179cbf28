"""Cohorts and their members by a file, on real databases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from greffe.commands._file.batch import Asked, Batched
from greffe.commands.apply import apply
from greffe.commands.cohorts_file import cohorts_file
from greffe.commands.undo import undo
from greffe.errors import ArgumentError, Exit, StalePlanError
from greffe.intake.lines import CohortLine, MemberLine
from greffe.plan.plan import digest, read, save
from tests.integration.classes import exact, whole_site
from tests.integration.following import Campus
from tests.integration.methodlines import ADD, REMOVE, File, fates, whys
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite

OF_COHORTS = ("cohort", "cohort_members")


@pytest.fixture
def campus(moodle_site: MoodleSite, tmp_path: Path) -> Campus:
    found = Campus(Nights(moodle_site, tmp_path))
    found.people(*"abcdefgh")
    return found


def itself(idnumber: str, name: str = "", **more: Any) -> CohortLine:
    return CohortLine(0, idnumber, name or f"Cohort {idnumber}", **more)


def joins(cohort: str, *people: str) -> list[MemberLine]:
    return [MemberLine(0, ADD, cohort, p) for p in people]


def leaves(cohort: str, *people: str) -> list[MemberLine]:
    return [MemberLine(0, REMOVE, cohort, p) for p in people]


def do(campus: Campus, *lines: CohortLine | MemberLine, **asked: Any) -> Batched:
    numbered = tuple(replace(one, line=n) for n, one in enumerate(lines, 2))
    return cohorts_file(campus.nights.config(), File(numbered, source="cohorts.csv"), Asked(**asked))


def rows(campus: Campus) -> dict[str, tuple[str, str, int, str, int]]:
    found = campus.nights.site.fetch("SELECT * FROM {cohort} ORDER BY id")
    return {r["idnumber"]: (r["name"], r["description"] or "", r["visible"], r["component"], r["contextid"]) for r in found}  # fmt: skip


def test_cohorts_are_made_changed_and_taken_back(campus: Campus) -> None:
    _, context = campus.category("Santé", idnumber="SANTE")
    before = whole_site(campus.nights)
    file = (
        itself("L1", "Première année", description="<p>a</p>", visible=False),
        itself("L2", context="SANTE", context_kind="idnumber"),
    )
    made = do(campus, *file)
    assert made.result is not None
    assert rows(campus) == {
        "L1": ("Première année", "<p>a</p>", 0, "", 1),
        "L2": ("Cohort L2", "", 1, "", context),
    }
    assert set(fates(do(campus, *file, dry_run=True))) == {"already"}
    assert campus.nights.site.fetch("SELECT * FROM {local_greffe_cohort}") == []

    changed = do(campus, itself("L1", "L1 droit"), itself("L2", visible=False))
    assert rows(campus)["L1"] == ("L1 droit", "<p>a</p>", 0, "", 1)  # what the line does not say stays
    assert rows(campus)["L2"] == ("Cohort L2", "", 0, "", context)  # where it is, too
    for run in (changed, made):
        assert run.result is not None
        assert undo(campus.nights.config(), run.result.run).refused == []
    after = whole_site(campus.nights)
    for table in OF_COHORTS:
        assert after[table] == before[table], table


@pytest.mark.parametrize("kind", ["id", "idnumber", "path", "name"])
def test_categories_as_people_write_them(campus: Campus, kind: str) -> None:
    number, context = campus.category("Santé", idnumber="SANTE")
    (top,) = campus.nights.site.fetch("SELECT name FROM {course_categories} WHERE id = 1")
    text = {"id": str(number), "idnumber": "SANTE", "path": f"{top['name']} / Santé", "name": "Santé"}[kind]
    do(campus, itself("L1", context=text, context_kind=kind))
    assert rows(campus)["L1"][4] == context


def test_members_join_and_leave(campus: Campus) -> None:
    campus.cohort("L1", "a", "b")
    before = exact(campus.nights)
    file = [*joins("L1", "b", "c", "d"), *leaves("L1", "a", "e")]
    done = do(campus, *file)
    assert fates(done) == ["already", "done", "done", "done", "already"]
    assert campus.nights.cohort_members()["L1"] == ["b", "c", "d"]
    again = do(campus, *file, dry_run=True)
    assert (again.plan.size, set(fates(again))) == (0, {"already"})
    assert done.result is not None
    undo(campus.nights.config(), done.result.run)
    after = exact(campus.nights)
    assert after.get("cohort_members") == before.get("cohort_members")


def test_a_cohort_and_its_members_in_one_file_whatever_the_order(campus: Campus) -> None:
    do(campus, *joins("NEW", "a"), itself("NEW"), *joins("NEW", "b"))
    assert campus.nights.cohort_members() == {"NEW": ["a", "b"]}


def test_refused_lines(campus: Campus) -> None:
    campus.cohort("L1", "a")
    site = campus.nights.site
    other = {"contextid": 1, "descriptionformat": 1, "timecreated": 1, "timemodified": 1}
    site.insert("cohort", name="x", idnumber="SYNC", component="tool_cohortdatabase", **other)
    site.insert("cohort", name="y", idnumber="TWICE", component="", **other)
    site.insert("cohort", name="z", idnumber="TWICE", component="", **other)
    before = exact(campus.nights)
    file: list[CohortLine | MemberLine] = [
        *joins("L1", "nobody", "b"),
        *joins("NOWHERE", "a"),
        *joins("SYNC", "a"),
        *joins("TWICE", "a"),
        itself("L2", "n" * 255),
        itself("L2", context="NOWHERE", context_kind="name"),
        *joins("L1", "c"), *leaves("L1", "c"),
        itself("L3", "one"), itself("L3", "two"), itself("L3", "one"),
    ]  # fmt: skip
    stopped = do(campus, *file)
    assert stopped.result is None
    assert exact(campus.nights) == before
    assert fates(stopped) == ["refused", "done", *["refused"] * 10]
    assert {"NOWHERE", "SYNC", "TWICE"} <= {one.value for one in stopped.lines.told()}
    said = whys(stopped)
    assert "belongs to tool_cohortdatabase" in said[2]
    assert "several cohorts" in said[3]
    assert "no course category" in said[5]
    assert "want the same person" in said[6]
    assert "want the same cohort" in said[8]
    do(campus, *file, skip_refused=True)
    assert campus.nights.cohort_members()["L1"] == ["a", "b"]
    assert "L3" not in rows(campus)


def test_greffes_own_cohorts_are_refused_by_their_feed(campus: Campus) -> None:
    campus.nights.cohort("ia")
    campus.nights.feed("ia", "who;cohort", ["a;L1"], shrink="none")
    campus.nights.night()
    refused = do(campus, *joins("L1", "b"))
    assert "the feed ia" in whys(refused)[0]


@pytest.mark.parametrize("nightly", [True, False])
def test_methods_are_brought_along_as_a_night_would(campus: Campus, nightly: bool) -> None:
    if nightly:
        campus.nights.more["run"] = {"sync": ["cohort", "meta"]}
    course, child = campus.course("MED1"), campus.course("TUTO")
    enrol = campus.instance("cohort", course, campus.cohort("L1", "a"))
    meta = campus.instance("meta", child, course)
    other = campus.instance("cohort", campus.course("X"), campus.cohort("L2", "h"))
    done = do(campus, *joins("L1", "b"))
    expected = set("ab") if nightly else set()
    assert (campus.active(enrol), campus.active(meta)) == (expected, expected)
    assert campus.active(other) == set()  # not this file's business
    assert campus.nights.cohort_members()["L1"] == ["a", "b"]
    assert fates(done) == ["done"]


def test_the_guards_hold_a_file_that_empties_a_cohort(campus: Campus) -> None:
    campus.nights.more["guards"] = {"scope": {"everybody_above": 3}, "feed": {"emptied": "none"}}
    campus.cohort("L1", *"abcdef")
    done = do(campus, *leaves("L1", *"abcdef"), *joins("L1", "g"))
    assert done.result is not None
    assert (done.result.exit, fates(done)) == (Exit.HELD, [*["held"] * 6, "done"])
    assert len(campus.nights.cohort_members()["L1"]) == 7


def test_a_plan_file_makes_exactly_that_or_nothing(campus: Campus, tmp_path: Path) -> None:
    campus.cohort("L1", "a")
    plan = tmp_path / "cohorts.plan"
    do(campus, itself("NEW"), *joins("NEW", "b"), *joins("L1", "b"), out=plan)
    assert apply(campus.nights.config(), plan).exit is Exit.DONE
    assert campus.nights.cohort_members() == {"L1": ["a", "b"], "NEW": ["b"]}
    do(campus, *joins("L1", "c"), out=plan)
    campus.member(campus.cohorts["L1"], ["d"])
    with pytest.raises(StalePlanError):
        apply(campus.nights.config(), plan)
    of_another = msgspec.structs.replace(read(plan), site="elsewhere")
    save(msgspec.structs.replace(of_another, digest=digest(of_another)), plan)
    with pytest.raises(ArgumentError, match="was made for elsewhere, not") as error:
        apply(campus.nights.config(), plan)
    assert "(-c)" in error.value.todo
