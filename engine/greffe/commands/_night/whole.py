"""The plan of a night: feeds, state, comparison, judgement; one snapshot, no write."""

from __future__ import annotations

from collections import Counter

from greffe.apply.owned import Owned
from greffe.apply.schema import has_tables
from greffe.commands._following.plan import Following
from greffe.commands._judging import judge, season_at
from greffe.commands._night.feeds import Feeds, read_feeds
from greffe.commands._night.layers import following_of, methods_to_sync, refused_by, with_methods
from greffe.commands._night.links import LinkPlanner
from greffe.commands._night.planner import Night, Planner
from greffe.commands._session import Session, Watcher
from greffe.moodle.ahead import ScopesAhead
from greffe.moodle.patience import persist
from greffe.plan.calendar import restrict, to_follow
from greffe.plan.guards import hold
from greffe.plan.plan import Plan


def plan_night(session: Session, watcher: Watcher) -> Night:
    """Read feeds and state, make the plan, let the guards judge it; one snapshot, no write."""
    owned = Owned(session.db, tables=has_tables(session.db))
    now = session.now()
    season = season_at(session, now)
    watcher.step("Reading the feeds")

    def compare() -> tuple[Feeds, Planner, Plan, Following | None, dict[str, int]]:
        with ahead_of(session, owned) as ahead:
            feeds = read_feeds(session.config, session.catalogue, owned.last_good, now)
            with session.db.transaction(snapshot=True):
                watcher.step("Comparing with Moodle")
                planner = Planner(session.config, session.db, session.catalogue, feeds, owned, ahead)
                whole = planner.plan(session.site, now)
                plan, later = restrict(whole, season) if season else (whole, {})
                if not (methods := methods_to_sync(session.config)):
                    return feeds, planner, plan, None, later
                following = following_of(session, methods, feeds, owned, to_follow(whole, season))
                following.gains_only = season is not None and season.kind == "add-only"
                following.read()
                plan = with_methods(
                    session,
                    plan,
                    following,
                    dict(planner.active),
                    planner.answering.courses_of_feed(),
                    planner.cohorts.extent,
                )
                plan, more = restrict(plan, season) if season else (plan, {})
                return feeds, planner, plan, following, dict(Counter(later) + Counter(more))

    feeds, planner, plan, following, later = persist(compare, away=session.db.patience)
    active, courses = dict(planner.active), planner.answering.courses_of_feed()
    cohorts, refused = planner.cohorts, planner.refused
    named_methods: list[tuple[int, str]] = []
    if following is not None:
        active |= following.active_of_feeds()
        courses |= following.count_of_feeds()
        refused += refused_by(following)
        if isinstance(following.relinker, LinkPlanner):
            named_methods = following.relinker.relinking.named
    judgement = judge(session, plan, active, courses, now, cohorts.extent)
    graded = planner.departing.graded
    night = Night(
        session.config, session.catalogue, feeds, plan, judgement, active, courses, graded,
        cohorts.extent, cohorts.named, refused, season, later, named_methods=named_methods,
    )  # fmt: skip
    night.notes = [*feeds.notes, *planner.told()]
    if following is not None:
        night.notes += following.told()
    night.allowed = hold(plan, judgement)
    return night


def ahead_of(session: Session, owned: Owned) -> ScopesAhead:
    """Begin with the scopes of which it is known before the feeds are read that they are wanted."""
    places = {place for feed in session.config.feed for place in owned.of(feed)}
    courses = [session.catalogue.courses.get(c) for c in sorted({course for course, _ in places})]
    known = [(c.id, c.enrol, c.context) for c in courses if c is not None and c.enrol]
    cohorts = list(owned.cohorts) if session.config.cohort else []
    return ScopesAhead(session.db.settings, {role for _, role in places}, known, cohorts)
