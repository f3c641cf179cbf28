"""Cohorts and their members as the lines of a file want them."""

from __future__ import annotations

from collections.abc import Sequence

from greffe.apply.owned import Owned
from greffe.apply.schema import has_tables
from greffe.commands._file.batch import (
    Asked,
    Batched,
    Part,
    Proposal,
    carry_batch,
    feed_name,
    walk,
    weighed,
)
from greffe.commands._file.cohortlines import CohortFile, followed
from greffe.commands._file.lines import Lines
from greffe.commands._following.plan import Following
from greffe.commands._judging import season_at
from greffe.commands._night.layers import methods_to_sync, with_methods
from greffe.commands._session import Session, Watcher
from greffe.config import Config
from greffe.intake.lines import Batchfile, CohortLine, MemberLine
from greffe.methods import cohort
from greffe.methods.following import Instance
from greffe.moodle.patience import persist
from greffe.plan.calendar import to_follow
from greffe.plan.cohort_guards import CohortExtent
from greffe.plan.cohorts import CohortPlan
from greffe.plan.plan import Plan

_FEED = 0
"""The file's number among the feeds of its plan."""


def cohorts_file(config: Config, file: Batchfile, asked: Asked, *, watcher: Watcher | None = None) -> Batched:
    """Plan, judge, write. Cohorts of a component (Greffe's own among them) are refused, and it is said whose they are.

    Methods that follow these cohorts are brought along as a night would (``[run] sync``, instances of rules); others are left
    to Moodle's own task, within the hour.
    """

    def propose(session: Session, watcher: Watcher) -> Batched:
        return _propose(session, file, asked, watcher)

    return carry_batch(config, lambda s: methods_to_sync(s.config), propose, asked, watcher)


def _propose(session: Session, file: Batchfile, asked: Asked, watcher: Watcher) -> Batched:
    now, name = session.now(), feed_name(file)
    season = season_at(session, now)

    def compare(lines: Lines) -> tuple[CohortFile, Following, Plan, CohortExtent]:
        owned = Owned(session.db, tables=has_tables(session.db))
        cohorts = CohortFile(session.db, session.catalogue, owned.cohorts, lines, _FEED)
        watcher.step("Reading the file")
        walk(file, lines, cohorts.take, (CohortLine, MemberLine))
        with session.db.transaction(snapshot=True):
            watcher.step("Comparing with Moodle")
            plan = Plan(site=session.site, made=now, feeds=[name], cohorts=cohorts.plan(), courses=[])
            extent = CohortExtent({name: cohorts.members}, {name: cohorts.cohorts})
            following = _following(session, owned, to_follow(plan, season))
            following.gains_only = season is not None and season.kind == "add-only"
            following.read()
            whole = with_methods(session, plan, following, {}, {}, extent)
            return cohorts, following, whole, extent

    def attempt() -> tuple[Lines, tuple[CohortFile, Following, Plan, CohortExtent]]:
        lines = Lines()
        return lines, lines.wholly(lambda: compare(lines))

    lines, (cohorts, following, whole, extent) = persist(attempt, away=session.db.patience)

    def place(part: Part) -> int:
        return cohorts.place(part.idnumber) if isinstance(part, CohortPlan) else 0

    found = Proposal(notes=following.told(), graded=following.graded, extent=extent, place=place)
    active, places = following.active_of_feeds(), following.count_of_feeds()
    return weighed(session, file, asked, lines, found, whole, active, places)


def _following(session: Session, owned: Owned, parts: Sequence[CohortPlan]) -> Following:
    """The methods that a night would bring in step, as far as these cohorts concern them."""
    touched, given, everything = followed(parts), set[int](), set(session.config.run.sync)

    def concerns(instance: Instance) -> bool:
        if instance.method not in everything and instance.enrol not in owned.methods:
            return False
        if instance.method != cohort.METHOD:
            return instance.source in given
        if instance.source in touched:
            given.add(instance.course)
        return instance.source in touched

    return Following(session.db, session.catalogue, methods_to_sync(session.config), only=concerns)
