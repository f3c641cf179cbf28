"""What tonight would do; nothing is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from greffe.commands._named.lookup import cohort_name, course_id, person_id
from greffe.commands._night.planner import Night
from greffe.commands._night.whole import plan_night
from greffe.commands._session import Silent, Watcher, open_site
from greffe.config import Config
from greffe.errors import ArgumentError, HeldError
from greffe.plan.guards import Judgement
from greffe.plan.plan import Plan, digest, save


def plan(
    config: Config,
    *,
    course: str | None = None,
    cohort: str | None = None,
    person: str | None = None,
    out: Path | None = None,
    watcher: Watcher | None = None,
) -> Night:
    """Make tonight's plan. ``course``: shortname, idnumber or id; ``cohort``: idnumber; ``person``: idnumber, username or id.

    With ``out`` the plan (its part, where one was asked for) is written as a file for ``apply``; a plan that a guard
    stops is not written, since it could only be applied after approval.
    """
    with open_site(config) as session:
        night = plan_night(session, watcher or Silent())
        if (course, cohort, person) != (None, None, None):
            only: dict[str, Any] = {
                "course": course_id(session.catalogue, course) if course is not None else None,
                "cohort": cohort_name(session.db, night.plan, cohort) if cohort is not None else None,
                "person": person_id(session.db, session.catalogue, person) if person is not None else None,
            }
            part = night.plan.only(**only)
            night.plan = msgspec.structs.replace(part, digest=digest(part))
            night.allowed = (night.allowed or part).only(**only)
        if out is not None:
            write_file(night.allowed or night.plan, night.judgement, out)
        return night


def write_file(allowed: Plan, judgement: Judgement, out: Path) -> None:
    """Write what the guards let pass as a plan file. Raises HeldError where they stop the plan."""
    if judgement.stops:
        raise HeldError(
            "the guards hold this plan, so it is not written as a file",
            todo="Look at it without --out; the command without it records it, `greffe approve` lets it pass.",
        )
    try:
        save(msgspec.structs.replace(allowed, digest=digest(allowed)), out)
    except OSError as e:
        raise ArgumentError(
            f"{out}: cannot be written: {e.strerror}", todo="Name another file with --out."
        ) from e
