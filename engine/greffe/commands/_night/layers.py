"""The layer of a plan that is about methods which follow something: cohort sync and course meta links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from greffe.apply.owned import Owned
from greffe.apply.transaction import Refused
from greffe.commands._following.plan import METHODS, Following
from greffe.commands._judging import season_at
from greffe.commands._night.feeds import Feeds
from greffe.commands._night.links import LinkPlanner
from greffe.commands._session import Session
from greffe.config import Config
from greffe.methods.database import METHOD
from greffe.methods.following import Instance
from greffe.plan.calendar import to_follow
from greffe.plan.cohort_guards import CohortExtent
from greffe.plan.cohorts import CohortPlan
from greffe.plan.guards import Judgement, judge
from greffe.plan.plan import Place, Plan, digest


def methods_to_sync(config: Config) -> list[str]:
    """Those of ``[run] sync`` and of ``[[link]]`` rules, in the order in which one can follow from the other."""
    wanted = {*config.run.sync, *(rule.method for rule in config.link)}
    return [m for m in METHODS if m in wanted]


def methods_written(config: Config) -> list[str]:
    """All methods that a night writes."""
    return [METHOD, *methods_to_sync(config)]


def following_of(
    session: Session, methods: list[str], feeds: Feeds, owned: Owned, cohorts: Sequence[CohortPlan]
) -> Following:
    """The layer of methods: all instances of those in ``[run] sync``, of others only what rules ask for."""
    if not session.config.link:
        return Following(session.db, session.catalogue, methods)
    links = LinkPlanner(session.config, session.db, session.catalogue, feeds, owned.methods)
    links.expect(cohorts)
    everything = set(session.config.run.sync)

    def chosen(instance: Instance) -> bool:
        return instance.method in everything or instance.enrol in links.relinking.mine

    return Following(session.db, session.catalogue, methods, only=chosen, relinker=links)


def obstacles(
    session: Session, feeds: Feeds, owned: Owned, cohorts: Sequence[CohortPlan], now: int
) -> list[Refused]:
    """What stands in the way of methods that follow something, asked for without the plan. ``cohorts``: the layer before."""
    before = Plan(site=session.site, made=now, feeds=[], cohorts=list(cohorts), courses=[])
    seen = to_follow(before, season_at(session, now))
    following = following_of(session, methods_to_sync(session.config), feeds, owned, seen)
    following.look()
    return refused_by(following)


def refused_by(following: Following) -> list[Refused]:
    """Circles, and rows of rules that cannot have their way."""
    links = following.relinker
    return following.refused + (links.refused if isinstance(links, LinkPlanner) else [])


def with_methods(
    session: Session,
    plan: Plan,
    following: Following,
    active: Mapping[str, int],
    courses: Mapping[str, int],
    extent: CohortExtent,
) -> Plan:
    """A plan with the methods that follow something, from what it makes of their cohorts and parents. What the guards
    hold nobody loses in a child either, so that is then planned once more. ``active``, ``courses``, ``extent``: what
    the plan's feeds answer for."""
    feeds = [*plan.feeds, *following.feeds]

    def joined(held: frozenset[Place], held_cohorts: frozenset[str] = frozenset()) -> Plan:
        following.expect(plan.cohorts, held_cohorts)
        parts = following.parts(plan.made, held, plan.courses, len(plan.feeds))
        both = sorted([*plan.courses, *parts], key=lambda p: p.course)
        whole = msgspec.structs.replace(plan, feeds=feeds, courses=both)
        return msgspec.structs.replace(whole, digest=digest(whole))

    def judged(found: Plan) -> Judgement:
        all_active = {**active, **following.active_of_feeds()}
        all_courses = {**courses, **following.count_of_feeds()}
        return judge(found, all_active, all_courses, session.config.guards, extent)

    found = joined(frozenset())
    reached = judged(found)
    if not (reached.reached_places or reached.reached_cohorts):
        return found
    without = joined(reached.reached_places, reached.reached_cohorts)
    # where the whole run waits for an approval, that must be one of everything: nothing is made before it, and
    # children would else follow only on the next night, after a second one
    return joined(frozenset()) if judged(without).stops else without
