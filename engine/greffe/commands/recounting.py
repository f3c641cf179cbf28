"""A run of the past told in names: its record and a page of its changes."""

from __future__ import annotations

from itertools import islice

from greffe.apply.journal import ChangeRecord
from greffe.commands._lookup import course_id, person_id
from greffe.commands._session import Session
from greffe.commands.runs import show
from greffe.config import Config
from greffe.report.account import Account
from greffe.report.document import ChangeLine


def recount(
    config: Config,
    run: int,
    *,
    course: str | None = None,
    person: str | None = None,
    limit: int = 20,
    first: int = 1,
) -> Account:
    """Run ``run`` and its changes number ``first`` to ``first + limit - 1`` of those that concern course and person."""
    with show(config, run) as (session, record, changes):
        only_course = course_id(session.catalogue, course) if course is not None else None
        only_person = person_id(session.catalogue, person) if person is not None else None
        wanted = (c for c in changes if only_course in (None, c.course) and only_person in (None, c.user))
        page = list(islice(wanted, first - 1, first + limit))
        lines = _named(session, page[:limit])
        return Account(run=record, changes=lines, first=first, more=len(page) > limit)


def _named(session: Session, changes: list[ChangeRecord]) -> list[ChangeLine]:
    if not changes:
        return []
    courses, roles = session.catalogue.courses, {i: n for n, i in session.catalogue.roles.items()}
    fields = [f.who.match for f in session.config.feed.values() if f.who is not None]
    ids = session.catalogue.people(fields[0] if fields else "username")
    people = {i: text for text, i in ids.items()}
    groups = {
        g: name for (_, name), g in session.catalogue.groups(c.course for c in changes if c.group).items()
    }
    return [
        ChangeLine(
            id=c.id,
            course=courses[c.course].name if c.course in courses else f"id {c.course}",
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
