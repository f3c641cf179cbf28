"""What people call a method of a course: the course, and what the method follows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from greffe.methods import cohort, meta
from greffe.model import Course
from greffe.moodle.catalogue import Catalogue
from greffe.moodle.database import Database
from greffe.moodle.instances import Followed, InstanceReader
from greffe.plan.plan import Place


def course_name(courses: Mapping[int, Course], course: int) -> str:
    """What people call a course, be it gone."""
    return courses[course].name if course in courses else f"course {course} (gone)"


def method_name(followed: Followed, courses: Mapping[int, Course], cohorts: Mapping[int, str]) -> str:
    """``MED1 ← L1``: the course, and the cohort or the parent; the course alone for methods that follow nothing."""
    name, source = course_name(courses, followed.course), followed.source
    if followed.method == meta.METHOD:
        return f"{name} ← {course_name(courses, source)}"
    if followed.method == cohort.METHOD:
        return f"{name} ← {cohorts.get(source, f'cohort {source} (gone)')}"
    return name


def method_names(db: Database, catalogue: Catalogue, methods: Mapping[int, Followed]) -> dict[int, str]:
    """Instance → what people call it."""
    sources = {f.source for f in methods.values() if f.method == cohort.METHOD}
    cohorts = InstanceReader(db, catalogue).cohort_names(sources)
    return {enrol: method_name(f, catalogue.courses, cohorts) for enrol, f in methods.items()}


def methods_at(
    db: Database, catalogue: Catalogue, places: Collection[Place], known: Mapping[int, Followed]
) -> dict[int, Followed]:
    """Instance → what it follows now, of those in these places; else as it is ``known``: its id may be another's by now."""
    there = InstanceReader(db, catalogue).followed(enrol for _, enrol in places if enrol)
    return {**known, **{enrol: f for enrol, f in there.items() if (f.course, enrol) in places}}


def remembered(images: Iterable[Mapping[str, Any] | None]) -> dict[int, Followed]:
    """Instances as the journal has them whole: those that a run made or deleted, for where they are gone."""
    return {
        int(row["id"]): Followed(int(row["courseid"]), str(row["enrol"]), int(row["customint1"] or 0))
        for row in images
        if row and row.keys() >= {"id", "courseid", "enrol", "customint1"}
    }
