"""Methods out of the site into a file, edited as a spreadsheet would, and back; on real databases."""

from __future__ import annotations

import csv
import io
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from greffe.commands._file.batch import Asked, Batched
from greffe.commands.methods_export import export_methods
from greffe.commands.methods_file import methods_file
from greffe.commands.nightly import nightly
from greffe.commands.release import release
from greffe.commands.undo import undo
from greffe.config import parse
from greffe.demo import campus as sample
from greffe.demo import moodle_tables
from greffe.demo.extracts import deliver_campus
from greffe.demo.sante import rules
from greffe.demo.stage import account
from greffe.errors import ArgumentError, Exit
from greffe.intake.opening import open_batchfile
from greffe.intake.wants import Wants
from tests.integration.classes import exact
from tests.integration.following import Campus
from tests.integration.linking import instances
from tests.integration.methodlines import fates, whys
from tests.integration.nights import NO_GUARDS, Nights
from tests.lab.site import MoodleSite

AWKWARD = ("00123", "=1+1", "2E10", "1-2", 'L1 « droit »; "soir"', "+33", "@moi", "-L1", "'=x", "été")


@pytest.fixture
def campus(moodle_site: MoodleSite, tmp_path: Path) -> Campus:
    found = Campus(Nights(moodle_site, tmp_path))
    found.people(*"abc")
    return found


def put_back(campus: Campus, file: Path, **asked: Any) -> Batched:
    return methods_file(campus.nights.config(), open_batchfile(file, wants=Wants.METHODS), Asked(**asked))


def rows_of(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig")), delimiter=";"))


def edit(file: Path, change: dict[str, str], **which: str) -> None:
    """What somebody does in a spreadsheet: the first row that is so gets other cells."""
    rows = rows_of(file)
    row = next(r for r in rows if all(r[k] == v for k, v in which.items()))
    row |= change
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys(), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)


def lay_out(campus: Campus) -> None:
    """A method of every kind, with whatever a spreadsheet would spoil."""
    for name in AWKWARD:
        course = campus.nights.site.add_course(f"{name} c", idnumber=f"I {name}")
        group = campus.nights.site.insert("groups", courseid=course, name=name, timemodified=1)
        campus.instance("cohort", course, campus.cohort(name, "a"), customint2=group, status=len(name) % 2)
    one = campus.course("ONE")
    campus.instance("cohort", one, campus.cohort("L1", "a"))
    campus.instance("cohort", one, campus.cohort("L1", "a"), roleid=4)  # the same cohort, another role
    campus.instance("cohort", one, campus.cohort("L2", "a"), customint2=999)  # a group that is gone
    campus.instance("cohort", one, campus.cohort("L3", "a"), roleid=0)
    for _ in range(2):
        twin = campus.nights.site.insert("groups", courseid=one, name="twin", timemodified=1)
    campus.instance("cohort", one, campus.cohort("L4", "a"), customint2=twin)
    campus.instance("meta", campus.course("CHILD"), one, roleid=0, customint2=None)


def test_what_nobody_edited_plans_nothing(campus: Campus, tmp_path: Path) -> None:
    lay_out(campus)
    file = tmp_path / "methods.csv"
    found = export_methods(campus.nights.config(), everything=True, out=file)
    assert (found.methods, found.left_out) == (len(instances(campus)) + 1, {})
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    again = put_back(campus, file, dry_run=True)
    assert whys(again) == []
    assert (again.plan.size, set(fates(again))) == (0, {"already"})


def test_an_edited_file_changes_what_was_edited(campus: Campus, tmp_path: Path) -> None:
    lay_out(campus)
    campus.sync()
    file = tmp_path / "methods.csv"
    export_methods(campus.nights.config(), courses=["ONE", "CHILD"], out=file)
    before = exact(campus.nights)
    edit(file, {"role": "teacher", "group": "Neuf"}, cohort="L2")
    edit(file, {"enabled": "non"}, cohort="L3")
    edit(file, {"action": "remove"}, cohort="L1", role="teacher")
    done = put_back(campus, file)
    assert done.result is not None
    assert (done.result.exit, done.lines.counts()) == (Exit.DONE, {"already": 3, "done": 3})
    assert done.result.counts["delete-method"] == 1
    now = {(i["customint1"], i["roleid"], i["status"]) for i in instances(campus) if i["course"] == "ONE"}
    cohorts = campus.cohorts
    assert now == {
        (cohorts["L1"], 5, 0), (cohorts["L2"], 4, 0), (cohorts["L3"], 0, 1), (cohorts["L4"], 5, 0)
    }  # fmt: skip
    assert put_back(campus, file, dry_run=True).plan.size == 0
    undo(campus.nights.config(), done.result.run)
    after = exact(campus.nights)
    for table in ("enrol", "user_enrolments", "role_assignments"):
        assert after.get(table) == before.get(table), table


def test_what_no_line_can_name_is_counted(campus: Campus, tmp_path: Path) -> None:
    site, one = campus.nights.site, campus.course("ONE")
    bare = {"contextid": 1, "name": "x", "descriptionformat": 1, "timecreated": 1, "timemodified": 1}
    campus.instance("cohort", one, site.insert("cohort", **bare))
    campus.instance("cohort", one, 9999)
    for _ in range(2):
        shared = site.insert("cohort", idnumber="TWICE", **bare)
    campus.instance("cohort", one, shared)
    site.add_course("A", idnumber="B")
    other = site.add_course("B", idnumber="A")
    campus.instance("meta", other, one)
    campus.instance("meta", one, other)
    found = export_methods(campus.nights.config(), everything=True, out=tmp_path / "m.csv")
    assert (found.methods, sorted(found.left_out.values())) == (0, [2, 3])
    assert any("3 methods are not in the file" in sentence for sentence in found.told)


def test_a_selection_of_courses(campus: Campus, tmp_path: Path) -> None:
    number, _ = campus.category("Santé", idnumber="SANTE")
    inside, outside = campus.course("IN"), campus.course("OUT")
    campus.nights.site.execute("UPDATE {course} SET category = %s WHERE id = %s", number, inside)
    for course in (inside, outside):
        campus.instance("cohort", course, campus.cohort("L1"))
    file = tmp_path / "m.csv"
    for options, courses in (
        ({"everything": True}, ["IN", "OUT"]),
        ({"category": "SANTE"}, ["IN"]),
        ({"category": "Santé"}, ["IN"]),
        ({"courses": ["OUT"]}, ["OUT"]),
    ):
        export_methods(campus.nights.config(), out=file, **options)
        assert [r["course"] for r in rows_of(file)] == courses
    for wrong in ({}, {"everything": True, "courses": ["IN"]}, {"category": "NONE"}, {"courses": ["NONE"]}):
        with pytest.raises(ArgumentError):
            export_methods(campus.nights.config(), out=file, **wrong)
    with pytest.raises(ArgumentError, match="cannot be written"):
        export_methods(campus.nights.config(), everything=True, out=tmp_path)
    with pytest.raises(ArgumentError, match="written as CSV"):
        export_methods(campus.nights.config(), everything=True, out=tmp_path / "m.xlsx")


def test_there_and_back_on_the_sample_university(moodle_site: MoodleSite, tmp_path: Path) -> None:
    nights = Nights(moodle_site, tmp_path)
    campus = Campus(nights)
    moodle_site.execute("UPDATE {course_categories} SET idnumber = 'SANTE'")
    for each in sample.courses():
        moodle_site.add_course(each.name, idnumber=each.code)
    now = sample.found("2025")
    with moodle_site.rows() as rows:
        people = [account(f"e{n}", n, *now.people[n]) for n in now.people if n not in now.no_account]
        moodle_tables.add_users(rows, people)
    deliver_campus(now, tmp_path)
    text, values = rules("2025", tmp_path)
    quoted = {k: msgspec.json.encode(str(v)).decode() for k, v in values.items()}
    raw = tomllib.loads(text.format(**quoted)) | {"moodle": nights.raw()["moodle"], "guards": NO_GUARDS}
    nights.config()  # the password's environment
    config = parse(raw, "sante.toml")
    assert nightly(config).exit is Exit.DONE

    file = tmp_path / "methods.csv"
    found = export_methods(config, everything=True, out=file)
    assert (found.methods, found.left_out) == (80, {})
    assert put_back(campus, file, dry_run=True).plan.size == 0

    edit(file, {"enabled": "no"}, method="cohort")
    edit(file, {"action": "remove"}, method="meta")
    held = methods_file(config, open_batchfile(file, wants=Wants.METHODS), Asked())
    assert len(whys(held)) == 2
    assert all(why.startswith("[[link]] number ") for why in whys(held))
    release(config, [], all_of_them=True)
    before = exact(nights)
    done = put_back(campus, file)
    assert done.result is not None
    assert done.result.counts["disable-method"] == done.result.counts["delete-method"] == 1
    assert put_back(campus, file, dry_run=True).plan.size == 0
    assert undo(nights.config(), done.result.run).refused == []
    after = exact(nights)
    for table in ("enrol", "user_enrolments", "role_assignments", "groups_members"):
        assert after.get(table) == before.get(table), table
