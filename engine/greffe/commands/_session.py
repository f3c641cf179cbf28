"""A site opened for a command: its connection, its catalogue, its locks; closed again whatever happens."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import FrameType
from typing import Protocol

import msgspec

from greffe import logs
from greffe.apply.owned import Owned
from greffe.apply.schema import has_tables, stored_version
from greffe.apply.transaction import Refused
from greffe.commands._following import METHODS, Following
from greffe.commands._links import LinkPlanner
from greffe.commands._planning import Night, Planner
from greffe.commands._reading import Feeds, read_feeds
from greffe.config import Config
from greffe.config.amounts import seconds
from greffe.config.moodle import Moodle
from greffe.errors import DatabaseError, SiteNotReadyError, TransientDatabaseError
from greffe.methods.database import METHOD
from greffe.methods.following import Instance
from greffe.moodle.ahead import ScopesAhead
from greffe.moodle.catalogue import Catalogue
from greffe.moodle.database import Database, connect
from greffe.moodle.locks import SiteLocks
from greffe.moodle.owntables import refuse_elsewhere
from greffe.moodle.patience import persist
from greffe.moodle.preflight import preflight
from greffe.moodle.presence import refuse_without_moodle
from greffe.moodle.settings import settings_of
from greffe.plan.calendar import Season, restrict, season_of, to_follow
from greffe.plan.cohort_guards import NO_COHORTS, CohortExtent
from greffe.plan.cohorts import CohortPlan
from greffe.plan.guards import Judgement, held_back, hold, judge
from greffe.plan.plan import Place, Plan, digest


class Watcher(Protocol):
    """Who wants to see a command work: the terminal's progress bars."""

    def step(self, text: str, total: int = 0) -> None:
        """A step begins; ``total`` changes are to come (0: unknown)."""

    def advance(self, done: int) -> None:
        """So many more are done."""


class Silent:
    """Nobody watches; the log has the steps."""

    def step(self, text: str, total: int = 0) -> None:
        """A line for who looks later."""
        logs.event("step", text, **({"changes": total} if total else {}))

    def advance(self, done: int) -> None:
        """Say nothing."""


@dataclass(slots=True)
class Session:
    """An open site."""

    config: Config
    db: Database
    catalogue: Catalogue

    @property
    def site(self) -> str:
        """Names the database in plans and reports, without secrets."""
        s = self.db.settings
        return f"{s.engine}://{s.socket or s.host}/{s.name}/{s.prefix}"

    def now(self) -> int:
        """The database's clock."""
        return int(self.db.value("clock"))

    def season(self, now: int) -> Season | None:
        """The window of the calendar that is open now, by this machine's time zone."""
        return season_of(self.config.calendar, datetime.fromtimestamp(now, UTC).astimezone().date())

    def plan_night(self, watcher: Watcher) -> Night:
        """Read feeds and state, make the plan, let the guards judge it; one snapshot, no write."""
        owned = Owned(self.db, tables=has_tables(self.db))
        now = self.now()
        season = self.season(now)
        watcher.step("Reading the feeds")

        def compare() -> tuple[Feeds, Planner, Plan, Following | None, dict[str, int]]:
            with self.ahead(owned) as ahead:
                feeds = read_feeds(self.config, self.catalogue, owned.last_good, now)
                with self.db.transaction(snapshot=True):
                    watcher.step("Comparing with Moodle")
                    planner = Planner(self.config, self.db, self.catalogue, feeds, owned, ahead)
                    whole = planner.plan(self.site, now)
                    plan, later = restrict(whole, season) if season else (whole, {})
                    if not (methods := self.methods_to_sync()):
                        return feeds, planner, plan, None, later
                    following = self.following(methods, feeds, owned, to_follow(whole, season))
                    following.gains_only = season is not None and season.kind == "add-only"
                    following.read()
                    plan = self.with_methods(
                        plan,
                        following,
                        dict(planner.active),
                        planner.answering.courses_of_feed(),
                        planner.cohorts.extent,
                    )
                    plan, more = restrict(plan, season) if season else (plan, {})
                    return feeds, planner, plan, following, dict(Counter(later) + Counter(more))

        feeds, planner, plan, following, later = persist(compare, away=self.db.patience)
        active, courses = dict(planner.active), planner.answering.courses_of_feed()
        cohorts, refused = planner.cohorts, planner.refused
        named_methods: list[tuple[int, str]] = []
        if following is not None:
            active |= following.active_of_feeds()
            courses |= following.count_of_feeds()
            refused += _refused(following)
            if isinstance(following.relinker, LinkPlanner):
                named_methods = following.relinker.relinking.named
        judgement = self.judge(plan, active, courses, now, cohorts.extent)
        graded = planner.departing.graded
        night = Night(
            self.config, self.catalogue, feeds, plan, judgement, active, courses, graded,
            cohorts.extent, cohorts.named, refused, season, later, named_methods=named_methods,
        )  # fmt: skip
        night.notes = [*feeds.notes, *planner.told()]
        if following is not None:
            night.notes += following.told()
        night.allowed = hold(plan, judgement)
        return night

    def methods_to_sync(self) -> list[str]:
        """Those of ``[run] sync`` and of ``[[link]]`` rules, in the order in which one can follow from the other."""
        wanted = {*self.config.run.sync, *(rule.method for rule in self.config.link)}
        return [m for m in METHODS if m in wanted]

    def following(
        self, methods: list[str], feeds: Feeds, owned: Owned, cohorts: Sequence[CohortPlan]
    ) -> Following:
        """The layer of methods: all instances of those in ``[run] sync``, of others only what rules ask for."""
        if not self.config.link:
            return Following(self.db, self.catalogue, methods)
        links = LinkPlanner(self.config, self.db, self.catalogue, feeds, owned.methods)
        links.expect(cohorts)
        everything = set(self.config.run.sync)

        def chosen(instance: Instance) -> bool:
            return instance.method in everything or instance.enrol in links.relinking.mine

        return Following(self.db, self.catalogue, methods, only=chosen, relinker=links)

    def obstacles(self, feeds: Feeds, owned: Owned, cohorts: Sequence[CohortPlan], now: int) -> list[Refused]:
        """What stands in the way of methods that follow something, asked for without the plan. ``cohorts``: the layer before."""
        before = Plan(site=self.site, made=now, feeds=[], cohorts=list(cohorts), courses=[])
        seen = to_follow(before, self.season(now))
        following = self.following(self.methods_to_sync(), feeds, owned, seen)
        following.look()
        return _refused(following)

    def written(self) -> list[str]:
        """All methods that a night writes."""
        return [METHOD, *self.methods_to_sync()]

    def with_methods(
        self,
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
            return judge(found, all_active, all_courses, self.config.guards, extent)

        found = joined(frozenset())
        reached = judged(found)
        if not (reached.reached_places or reached.reached_cohorts):
            return found
        without = joined(reached.reached_places, reached.reached_cohorts)
        # where the whole run waits for an approval, that must be one of everything: nothing is made before it, and
        # children would else follow only on the next night, after a second one
        return joined(frozenset()) if judged(without).stops else without

    def ahead(self, owned: Owned) -> ScopesAhead:
        """Begin with the scopes of which it is known before the feeds are read that they are wanted."""
        places = {place for feed in self.config.feed for place in owned.of(feed)}
        courses = [self.catalogue.courses.get(c) for c in sorted({course for course, _ in places})]
        known = [(c.id, c.enrol, c.context) for c in courses if c is not None and c.enrol]
        cohorts = list(owned.cohorts) if self.config.cohort else []
        return ScopesAhead(self.db.settings, {role for _, role in places}, known, cohorts)

    def judge(
        self,
        plan: Plan,
        active: dict[str, int],
        courses: dict[str, int],
        now: int,
        cohorts: CohortExtent = NO_COHORTS,
    ) -> Judgement:
        """The guards' word, and whether an operator has approved exactly what they hold back."""
        judgement = judge(plan, active, courses, self.config.guards, cohorts)
        if not judgement.verdicts:
            return judgement
        held = held_back(plan, judgement).digest
        approved = self.db.value("approved", digest=held, now=now) if has_tables(self.db) else None
        return Judgement(judgement.verdicts, str(approved or ""), held)

    @contextmanager
    def locked(self, methods: Sequence[str] = (METHOD,)) -> Iterator[SiteLocks]:
        """Moodle's own tasks of these methods and any other Greffe are kept out while the block runs."""
        locks = SiteLocks(self.db, self.config.moodle, self.db.settings, methods)
        locks.acquire(seconds(self.config.moodle.lock_wait))
        try:
            yield locks
        finally:
            locks.release()

    def refuse_if_not_ready(self, methods: Sequence[str] = (METHOD,)) -> None:
        """Raise SiteNotReadyError with everything that stops a run that writes these methods."""
        found = preflight(self.db, self.catalogue, self.config, methods)
        stops = [f for f in found if f.severity == "stop"]
        if len(stops) == 1:
            raise SiteNotReadyError(stops[0].what, todo=stops[0].todo)
        if stops:
            each = [f.what for f in stops]
            rights = "; where rights are missing, `greffe grants` prints all of them"
            raise SiteNotReadyError(
                "; ".join(each),
                todo="`greffe doctor` says what to do about each"
                + (rights if any(f.todo.startswith("Grant ") for f in stops) else "")
                + ".",
                each=each,
            )


def _refused(following: Following) -> list[Refused]:
    """Circles, and rows of rules that cannot have their way."""
    links = following.relinker
    return following.refused + (links.refused if isinstance(links, LinkPlanner) else [])


def reach(moodle: Moodle) -> Database:
    """Connect to the site's database. Raises ConfigError, and DatabaseError that says what to look at."""
    try:
        return connect(settings_of(moodle))
    except DatabaseError as e:
        message = str(e)
        if " 1193:" in message:
            todo = "This server lacks what Greffe needs of MariaDB (it may be MySQL): Moodle must run on MariaDB 10.6 or later."
        else:
            todo = "Check host, port, name, user and password in [moodle] with the database's own client; see that the server runs."
        raise DatabaseError(f"the site's database cannot be reached: {message}", todo=todo) from e


@contextmanager
def open_site(config: Config) -> Iterator[Session]:
    """Connect to a site. Raises ConfigError (also where what failed is that there is no Moodle), DatabaseError."""
    db = reach(config.moodle)
    try:
        yield Session(config, db, Catalogue(db))
    except TransientDatabaseError:
        raise
    except DatabaseError:
        with suppress(DatabaseError), db.impatient():
            refuse_without_moodle(db)
            if stored_version(db) is None:  # they may have been set aside since this command looked
                refuse_elsewhere(db)
        raise
    finally:
        db.close()


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """While the block runs, SIGTERM and SIGINT ask for a stop instead of ending the process.

    Yields a function that tells whether somebody asked. Outside the main thread signals stay as they are.
    """
    asked = False

    def ask(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked = True

    try:
        before = {s: signal.signal(s, ask) for s in (signal.SIGTERM, signal.SIGINT)}
    except ValueError:
        before = {}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
