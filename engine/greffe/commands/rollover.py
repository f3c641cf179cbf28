"""A new academic year: this year's cohorts beside last year's, and the methods that used last year's follow this year's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from greffe.apply import journal
from greffe.apply.owned import Owned
from greffe.apply.schema import ensure_tables, has_tables
from greffe.commands._following.plan import METHODS, Following
from greffe.commands._judging import judge, season_at
from greffe.commands._newyear import NewYear, YearRule, rules_by_year
from greffe.commands._night.cohorts import CohortPlanner
from greffe.commands._night.feeds import Feeds, read_feeds
from greffe.commands._night.layers import methods_to_sync, with_methods
from greffe.commands._night.whole import ahead_of
from greffe.commands._session import Session, Silent, Watcher, open_site
from greffe.commands.methods import Synced, carry_out
from greffe.commands.nightly import closing_run
from greffe.commands.plan import write_file
from greffe.config import Config
from greffe.errors import ArgumentError
from greffe.methods import cohort as cohort_method
from greffe.moodle.cohorts import CohortReader
from greffe.moodle.patience import persist
from greffe.plan.calendar import restrict
from greffe.plan.cohort_guards import CohortExtent
from greffe.plan.guards import hold
from greffe.plan.plan import Plan

_EMPTY = (
    "No registration of {year} counts yet: this year's cohorts are made empty, and everybody leaves the courses that follow"
    " them. Open the year in the feeds (years, [calendar] open_years) first, or wait for the extract."
)


def rollover(
    config: Config,
    old: str,
    new: str,
    *,
    dry_run: bool = False,
    out: Path | None = None,
    watcher: Watcher | None = None,
) -> Synced:
    """Plan, judge, write. ``old`` and ``new`` as the feed's year column has them (2025, 2026).

    Members of the new cohorts come from the feeds in the same plan. ``dry_run``: only the plan; ``out``: that too, and a
    plan file for ``greffe apply``. Raises ArgumentError where no rule makes cohorts by year, or no cohort is of the old one.
    """
    watcher = watcher or Silent()
    rules = rules_by_year(config, old, new)
    with open_site(config) as session:
        watcher.step("Opening the site")
        methods = [m for m in METHODS if m == cohort_method.METHOD or m in methods_to_sync(session.config)]
        if dry_run or out is not None:
            session.refuse_if_not_ready(methods)
            found, _ = _plan(session, rules, methods, watcher)
            if out is not None:
                write_file(found.allowed, found.judgement, out)
            return found
        ensure_tables(session.db)
        with session.locked(methods) as locks:
            session.refuse_if_not_ready(methods)
            run = journal.open_run(session.db, "rollover")
            with closing_run(session, run):
                found, named = _plan(session, rules, methods, watcher)
                if not found.judgement.stops:
                    owned = Owned(session.db, tables=True)
                    owned.remember_cohorts(named, run, session.now())
                found.result = carry_out(session, run, found, locks, watcher)
                return found


def _plan(
    session: Session, rules: Sequence[YearRule], methods: list[str], watcher: Watcher
) -> tuple[Synced, list[tuple[str, int, str]]]:
    """What a rollover would do, and the cohorts of Greffe's that feeds name."""
    config = msgspec.structs.replace(session.config, course=[])  # enrolments by rules are a night's business
    owned = Owned(session.db, tables=has_tables(session.db))
    now = session.now()
    season = season_at(session, now)
    watcher.step("Reading the feeds")

    def compare() -> tuple[Feeds, CohortPlanner, NewYear, Following, Plan, dict[str, int]]:
        with ahead_of(session, owned) as ahead:
            feeds = read_feeds(config, session.catalogue, owned.last_good, now)
            with session.db.transaction(snapshot=True):
                watcher.step("Comparing with Moodle")
                planner = CohortPlanner(config, session.db, session.catalogue, feeds, owned, ahead)
                year = NewYear(session.db, session.catalogue, config, rules, owned.cohorts, feeds)
                cohorts = year.add_to(planner.plan(), CohortReader(session.db).component())
                if not year.found:
                    raise ArgumentError(
                        f"none of Greffe's cohorts is of the year {rules[0].old}",
                        todo="Give --from as the idnumbers of last year's cohorts have it; `greffe plan` shows cohorts.",
                    )
                following = Following(
                    session.db,
                    session.catalogue,
                    methods,
                    only=lambda i: i.method != cohort_method.METHOD or i.enrol in year.relinking.changes,
                    relinker=year,
                )
                following.gains_only = season is not None and season.kind == "add-only"
                following.read()
                base = Plan(
                    site=session.site, made=now, feeds=list(config.feed), cohorts=cohorts, courses=[],
                    frozen=feeds.bad,
                )  # fmt: skip
                base, later = restrict(base, season) if season else (base, {})
                plan = with_methods(session, base, following, {}, {}, planner.extent)
                plan, more = restrict(plan, season) if season else (plan, {})
                return feeds, planner, year, following, plan, dict(Counter(later) + Counter(more))

    feeds, planner, year, following, plan, later = persist(compare, away=session.db.patience)
    extent: CohortExtent = planner.extent
    judgement = judge(session, plan, following.active_of_feeds(), following.count_of_feeds(), now, extent)
    bad = [f"The feed {name} is bad tonight: {' '.join(why)}" for name, why in feeds.bad.items()]
    found = Synced(
        plan,
        judgement,
        hold(plan, judgement),
        following.graded,
        [
            *bad,
            *([_EMPTY.format(year=rules[0].new)] if not year.delivered and not bad else []),
            *following.told(),
        ],
        [*planner.refused, *year.refused, *following.refused],
        season,
        later,
        kind="rollover",
    )
    return found, planner.named
