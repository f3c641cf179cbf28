"""The members of a cohort, with the courses that it opens; and a cohort beside courses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from greffe.listing import Column, Kind, Listing
from greffe.methods.members import CohortRow
from greffe.moodle.database import Database
from greffe.view.named import PERSON, ROLES, Row, gathered, ids, people_rows, role_name
from greffe.view.site import site_name, site_zone

METHOD = "cohort"
MEMBERS = (
    *PERSON,
    Column("joined", Kind.MOMENT),
    Column("courses", Kind.TEXTS),
    Column("missing", Kind.TEXTS),
)
BESIDE = (
    Column("course"),
    Column("where", Kind.WORD),
    *PERSON,
    Column("methods", Kind.WORDS),
    ROLES,
)


def called(cohort: CohortRow) -> str:
    """What a list of it is about."""
    return f"{cohort.name} ({cohort.idnumber})" if cohort.idnumber else cohort.name


def members(db: Database, cohort: CohortRow, plugins: Sequence[str], now: int) -> Listing:
    """Everybody in it: since when, which of the courses that it opens let him in, and which do not."""
    listing = Listing("cohort", called(cohort), site_name(db), now, MEMBERS, iter(()), zone=site_zone(db))
    opened: dict[int, str] = {}
    closed = 0
    for enrol, status, _course, shortname in db.query("courses_of_cohort", cohort=cohort.id):
        if METHOD in plugins and status == 0:
            opened[int(enrol)] = str(shortname)
        else:
            closed += 1
    listing.notes.append(f"opens {len(set(opened.values()))}" if opened else "opens-none")
    if closed:
        listing.notes.append(f"switched-off {closed}")
    listing.rows = people_rows(
        db, ids(db, "cohort_people_in_order", cohort=cohort.id), _of_member(db, cohort.id, opened)
    )
    return listing


def _of_member(
    db: Database, cohort: int, opened: dict[int, str]
) -> Callable[[Sequence[int]], Callable[[int], Row]]:
    def page(people: Sequence[int]) -> Callable[[int], Row]:
        since = {
            int(person): int(added)
            for person, added in db.query("cohort_people_since", cohort=cohort, people=list(people))
        }
        there: dict[int, set[int]] = {}
        if opened:
            for person, enrol in db.query("people_of_methods", enrols=list(opened), people=list(people)):
                there.setdefault(int(person), set()).add(int(enrol))

        def row(person: int) -> Row:
            by = there.get(person, set())
            inside = dict.fromkeys(name for enrol, name in opened.items() if enrol in by)
            outside = dict.fromkeys(name for name in opened.values() if name not in inside)
            return since[person], tuple(inside), tuple(outside)

        return row

    return page


def beside(db: Database, cohort: CohortRow, courses: Sequence[int], now: int) -> Listing:
    """Who is in the cohort and not, or not actively, in each of the courses, and who is in them and not in the cohort."""
    rows = _beside(db, cohort.id, courses, now)
    return Listing("promotion", called(cohort), site_name(db), now, BESIDE, rows, zone=site_zone(db))


def _beside(db: Database, cohort: int, courses: Sequence[int], now: int) -> Iterator[Row]:
    places = (
        {int(row[0]): row[1:] for row in db.query("course_places", courses=list(courses))} if courses else {}
    )
    for course in courses:
        fullname, shortname, context, path = places[course]
        name = f"{fullname} ({shortname})"
        given = {
            int(role): str(name)
            for _, role, name in db.query("role_names_of_courses", contexts=[int(context)])
        }
        more = _in_course(db, course, [int(c) for c in str(path).split("/") if c], given)
        for where, found in (
            ("cohort-only", ids(db, "cohort_not_in_course", cohort=cohort, course=course)),
            ("not-active", ids(db, "cohort_idle_in_course", cohort=cohort, course=course, now=now)),
            ("course-only", ids(db, "course_not_in_cohort", cohort=cohort, course=course)),
        ):
            for row in people_rows(db, found, more):
                yield (name, where, *row)


def _in_course(
    db: Database, course: int, contexts: list[int], given: dict[int, str]
) -> Callable[[Sequence[int]], Callable[[int], Row]]:
    def page(people: Sequence[int]) -> Callable[[int], Row]:
        methods = gathered(db.query("people_by_methods", course=course, people=list(people)))
        roles = gathered(
            (int(person), role_name(given.get(int(role)), own, short))
            for person, role, short, own in db.query(
                "people_by_roles", people=list(people), contexts=contexts
            )
        )
        return lambda person: (methods.get(person, ()), roles.get(person, ()))

    return page
