"""A run of the past told in names: its record and a page of its changes."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from greffe.apply import journal
from greffe.apply.journal import ChangeRecord, RunRecord
from greffe.apply.rows import parts
from greffe.commands._named.lookup import cohort_id, course_id, person_id
from greffe.commands._named.naming import method_names, methods_at, remembered
from greffe.commands._session import Session
from greffe.commands.runs import show
from greffe.config import Config
from greffe.model import OF_METHOD, Course
from greffe.moodle.cohorts import CohortReader
from greffe.report.account import Account
from greffe.report.document import ChangeLine
from greffe.rules.text import shown
from greffe.view.account import accounts


def recount(
    config: Config,
    run: int,
    *,
    course: str | None = None,
    cohort: str | None = None,
    person: str | None = None,
    limit: int = 20,
    first: int = 1,
) -> Account:
    """Run ``run`` and its changes number ``first`` to ``first + limit - 1`` of those that concern course, cohort and
    person."""
    with show(config, run) as (session, record, changes):
        only_course = course_id(session.catalogue, course) if course is not None else None
        only_cohort = cohort_id(session.db, cohort) if cohort is not None else None
        only_person = person_id(session.db, session.catalogue, person) if person is not None else None
        wanted = (
            c
            for c in changes
            if only_course in (None, c.course)
            and only_cohort in (None, c.cohort)
            and only_person in (None, c.user)
        )
        page = list(islice(wanted, first - 1, first + limit))
        lines = named(session, page[:limit])
        asked = [
            f"{what} {text}" for what, text in (("course", course), ("cohort", cohort)) if text is not None
        ]
        if person is not None:
            asked.append(f"person {shown(person)}")
        more = len(page) > limit
        by, until, made = _let_pass(session, record)
        return Account(
            run=record,
            changes=lines,
            first=first,
            more=more,
            part=" and ".join(asked),
            let_pass_by=by,
            let_pass_until=until,
            made_by=made,
        )


def _let_pass(session: Session, record: RunRecord) -> tuple[str, int, int]:
    """Who let pass what a guard held of a run, until when, and the run that has made it."""
    if not record.waits_for_approval:
        return "", 0, 0
    if passes := session.db.query("approval_of", digest=record.digest, now=session.now()):
        by, until = passes[0]
        return str(by), int(until), 0
    for (run,) in session.db.query("made_since", digest=record.digest, run=record.id):
        if by := journal.run_by_id(session.db, run).approved_by:
            return by, 0, int(run)
    return "", 0, 0


def named(session: Session, changes: list[ChangeRecord]) -> list[ChangeLine]:
    """Rows of the journal with the names that things have now."""
    if not changes:
        return []
    courses, roles = session.catalogue.courses, {i: n for n, i in session.catalogue.roles.items()}
    people = _people(session, {c.user for c in changes if c.user})
    groups = {
        g: name for (_, name), g in session.catalogue.groups(c.course for c in changes if c.group).items()
    }
    cohorts = _cohorts(session, changes)
    methods = _methods(session, changes)
    return [
        ChangeLine(
            id=c.id,
            course=_course(courses, methods, c),
            cohort=cohorts.get(c.cohort, f"id {c.cohort}") if c.cohort else "",
            action=c.action,
            reason=c.reason,
            person=people.get(c.user, f"id {c.user}") if c.user else "",
            role=roles.get(c.role, f"id {c.role}") if c.role else "",
            group=groups.get(c.group, f"id {c.group}") if c.group else "",
            feed=c.feed,
            line=c.line,
            undone=c.undone,
        )
        for c in changes
    ]


def _people(session: Session, ids: set[int]) -> dict[int, str]:
    """Person → the first of the fields that feeds name people by that is filled, else the username: one feed may know by
    idnumber those who have one, another one by username those who have none."""
    fields = [
        *dict.fromkeys(f.who.match for f in session.config.feed.values() if f.who is not None),
        "username",
    ]
    found = (a for part in parts(sorted(ids)) for a in accounts(session.db, part) if not a.deleted)
    return {a.id: next(filter(None, map(a.field, fields)), f"id {a.id}") for a in found}


def _course(courses: Mapping[int, Course], methods: Mapping[int, str], change: ChangeRecord) -> str:
    if change.cohort:
        return ""
    if change.course in courses and change.enrol in methods:
        return methods[change.enrol]
    return courses[change.course].name if change.course in courses else f"id {change.course}"


def _methods(session: Session, changes: list[ChangeRecord]) -> dict[int, str]:
    """Instance → what people call it: as it is now, or as it was made or deleted here."""
    known = remembered(image for c in changes if c.action in OF_METHOD for image in (c.old, c.new))
    places = {(c.course, c.enrol) for c in changes}
    methods = methods_at(session.db, session.catalogue, places, known)
    return method_names(session.db, session.catalogue, methods)


def _cohorts(session: Session, changes: list[ChangeRecord]) -> dict[int, str]:
    """Cohort → its idnumber now."""
    rows = CohortReader(session.db).by_id({c.cohort for c in changes if c.cohort})
    return {i: row.idnumber for i, row in rows.items()}
