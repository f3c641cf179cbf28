"""All feeds of a site read for one night: what they want, and which of them cannot be trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from greffe.commands._night.terms import Required, Terms
from greffe.config import Config
from greffe.config.feeds import Feed, FromFeed
from greffe.config.links import LinkRule
from greffe.errors import FeedError, GreffeError, MissingPackageError
from greffe.feed import filters
from greffe.feed.opening import note_delivery, open_feed
from greffe.feed.trust import distrust, remarks
from greffe.feed.years import open_years
from greffe.model import FeedCounts, Table
from greffe.moodle.catalogue import Catalogue
from greffe.rules.cohorts import CohortSite
from greffe.rules.desired import Desired
from greffe.rules.links import Links, LinkSite, own_rows, read_links
from greffe.rules.reading import Reading
from greffe.rules.site import Site
from greffe.rules.text import clean, shown

_A = {"idnumber": "an idnumber", "shortname": "a shortname"}

LastGood = Callable[[str], FeedCounts | None]


@dataclass(slots=True)
class Feeds:
    """The night's registrations."""

    desired: Desired = field(default_factory=Desired)
    """Of the good feeds only."""
    readings: dict[str, Reading] = field(default_factory=dict)
    links: Links = field(default_factory=Links)
    """Of the configuration and of the good feeds."""
    notes: list[str] = field(default_factory=list)
    """What a person should know of rules that read no feed."""
    bad: dict[str, list[str]] = field(default_factory=dict)
    """Feed → why nothing that it can reach is touched tonight."""
    uninstalled: dict[str, str] = field(default_factory=dict)
    """Feed → what to install before it can be read; only where that is asked for (``read_feeds``)."""
    needs: dict[str, str] = field(default_factory=dict)
    """Bad feed → the one that it needs, which was not to be used; it is bad itself, unless it serves for its own rules."""

    @property
    def counts(self) -> list[FeedCounts]:
        """What was seen of each feed, good or bad."""
        return [r.counts for r in self.readings.values()]

    def spared(self) -> set[int]:
        """Whom lines may mean of which nobody can say whom: they lose nothing tonight."""
        return set[int]().union(*(r.ambiguous_ids | r.doubtful_ids for r in self.readings.values()))


def terms_of(config: Config, catalogue: Catalogue, last_good: LastGood, now: int, name: str) -> Terms:
    """How a feed is read now. Raises FeedError where one that it needs cannot be trusted."""
    return _Reader(config, catalogue, last_good, now).terms(name, config.feed[name])


def read_feeds(
    config: Config, catalogue: Catalogue, last_good: LastGood, now: int, *, list_packages: bool = False
) -> Feeds:
    """Read every feed that rules use. A FeedError makes that feed bad and no other; ConfigError ends the night.
    ``list_packages``: where a package is missing that a feed needs, go on with the others, for a list of all that is wrong."""
    reader = _Reader(config, catalogue, last_good, now)
    if list_packages:
        reader.one_feeds_fault = (FeedError, MissingPackageError)
    used = {rule.feed for rule in config.course} | {rule.feed for rule in config.cohort}
    for name, feed in config.feed.items():
        if name in used:
            reader.read(name, feed)
    reader.read_links()
    return reader.feeds


class _Reader:
    def __init__(self, config: Config, catalogue: Catalogue, last_good: LastGood, now: int) -> None:
        self.config, self.catalogue, self.last_good, self.now = config, catalogue, last_good, now
        self.feeds = Feeds()
        self.one_feeds_fault: tuple[type[GreffeError], ...] = (FeedError,)
        self.today = datetime.fromtimestamp(now, UTC).astimezone().date()
        self.ruled: set[str | None] = {rule.feed for rule in config.course}
        self.ruled.update(rule.feed for rule in config.cohort)
        self.ruled.update(rule.feed for rule in config.link)

    def read(self, name: str, feed: Feed) -> None:
        desired, reading = Desired(), Reading(FeedCounts(feed=name, source=feed.source))
        self.feeds.readings[name] = reading
        try:
            terms = self.terms(name, feed)
            with closing(open_feed(name, feed)) as table:
                desired, reading = terms.expand(table)
            self.feeds.readings[name] = reading
            note_delivery(table, reading.counts)
        except self.one_feeds_fault as e:
            self._note(reading.counts, e)
        if self._good(feed, reading.counts):
            self.feeds.desired.add(desired)

    def terms(self, name: str, feed: Feed) -> Terms:
        """How the feed is read. Raises FeedError, also for a feed that it needs."""
        who = feed.who
        assert who is not None  # noqa: S101 - the configuration was checked
        site = Site(
            people=self.catalogue.people(who.match),
            ambiguous=self.catalogue.ambiguous(who.match),
            alike=lambda keys: self.catalogue.people_alike(who.match, keys),
            courses=self.catalogue.courses_by,
            hidden={c.id for c in self.catalogue.courses.values() if not c.visible},
            roles=self.catalogue.roles,
            cohorts=self.cohort_site,
        )
        years = open_years(feed, self.config.calendar, self.today, lambda source: self._years(source, name))
        return Terms(
            name=name,
            number=self.config.feed_number(name),
            feed=feed,
            rules=[(n, rule) for n, rule in enumerate(self.config.course, 1) if rule.feed == name],
            cohorts=[(n, rule) for n, rule in enumerate(self.config.cohort, 1) if rule.feed == name],
            site=site,
            years=years,
            required=self._required(feed, name),
            timed=any(rule.start or rule.end for rule in self.config.course),
        )

    def _note(self, counts: FeedCounts, error: GreffeError) -> None:
        counts.problems.append(str(error))
        if isinstance(error, MissingPackageError):
            self.feeds.uninstalled[counts.feed] = error.todo

    def _good(self, feed: Feed, counts: FeedCounts) -> bool:
        """Whether a feed that was read can be trusted; noted where it cannot."""
        if not counts.problems:
            last = self.last_good(counts.feed)
            roles = self.feeds.readings[counts.feed].unknown_roles
            counts.problems += distrust(feed, counts, last, self.now, roles)
            counts.notes += remarks(feed, counts, last, self.now)
        if counts.problems:
            self.feeds.bad[counts.feed] = counts.problems
        return not counts.problems

    # -- links ---------------------------------------------------------------------------------------------
    def read_links(self) -> None:
        """What ``[[link]]`` rules ask for: of their own rows, then of each of their feeds."""
        site = LinkSite(self.catalogue.courses_by, self.catalogue.roles, self.catalogue.same)
        numbered = list(enumerate(self.config.link, 1))
        for number, rule in numbered:
            if rule.feed is None:
                columns, found = own_rows(rule, number, site)
                rows = list(found)
                if rule.courses is not None and not rows:
                    self.feeds.notes.append(
                        f"[[link]] number {number}: no course has {_A[rule.match]} that fits courses = {shown(rule.courses)}."
                    )
                read_links(rule, number, columns, rows, site, self.feeds.links)
        for name in dict.fromkeys(rule.feed for rule in self.config.link if rule.feed is not None):
            mine = [(n, rule) for n, rule in numbered if rule.feed == name]
            self._links_of(name, mine, site)

    def _links_of(self, name: str, rules: list[tuple[int, LinkRule]], site: LinkSite) -> None:
        feed = self.config.feed[name]
        counts = FeedCounts(feed=name, source=feed.source)
        self.feeds.readings[name] = Reading(counts)
        links = Links()
        try:
            years = open_years(
                feed, self.config.calendar, self.today, lambda source: self._years(source, name)
            )
            with closing(open_feed(name, feed)) as table:
                columns = table.columns
                rows = [
                    (f"{name}:{line}", dict(zip(columns, map(clean, cells), strict=True)))
                    for line, cells in filters.selected(table, feed, years, counts)
                ]
            note_delivery(table, counts)
            for line in table.refused:
                links.refuse(f"{name}:{line.line}", line.why, name)
            for number, rule in rules:
                codes, unknown = read_links(rule, number, columns, rows, site, links)
                counts.codes += codes
                counts.unknown_codes += unknown
        except self.one_feeds_fault as e:
            self._note(counts, e)
        if self._good(feed, counts):
            self.feeds.links.merge(links)

    @property
    def cohort_site(self) -> CohortSite:
        """What cohort rules must know; nothing is asked where there are none."""
        if not self.config.cohort:
            return CohortSite()
        return CohortSite(self.catalogue.system, self.catalogue.categories, self.catalogue.same)

    def _years(self, source: FromFeed, needed_by: str) -> set[str]:
        other = self.config.feed[source.feed]
        with self._answering(source.feed, needed_by):
            counts = FeedCounts(feed=source.feed)
            with closing(open_feed(source.feed, other)) as table:
                found = filters.values(table, other, source.column, counts)
            self._trust(source.feed, table, counts)
        if table.refused:
            raise FeedError(f"[feed.{source.feed}]: {filters.told(table.refused)}, which may be an open year")
        filters.refuse_empty(found, source.feed, needed_by, "open academic year")
        return found

    def _required(self, feed: Feed, name: str) -> Required | None:
        if feed.requires is None:
            return None
        other_name = feed.requires.feed
        other = self.config.feed[other_name]
        join = filters.join(feed, other)
        with self._answering(other_name, name):
            years = open_years(
                other, self.config.calendar, self.today, lambda source: self._years(source, other_name)
            )
            counts = FeedCounts(feed=other_name)
            with closing(open_feed(other_name, other)) as table:
                keys = filters.required_keys(
                    table, other, join.there, join.widths, years=years, counts=counts
                )
            self._trust(other_name, table, counts)
        filters.refuse_empty(keys, other_name, name, "registration")
        return Required(join, keys, *filters.doubted(table, feed, join))

    def _trust(self, name: str, table: Table, counts: FeedCounts) -> None:
        """A feed that others rely on is judged like any other; its fault is theirs."""
        note_delivery(table, counts)
        counts.problems = distrust(self.config.feed[name], counts, self.last_good(name), self.now)
        self.feeds.readings.setdefault(name, Reading(counts))
        if counts.problems:
            raise FeedError(" ".join(counts.problems))

    @contextmanager
    def _answering(self, name: str, needed_by: str) -> Iterator[None]:
        """What stops a feed that another one needs is said of that feed, whose fault it is; the other one says that it needs it.
        A feed with rules of its own is judged where these are read."""
        try:
            yield
        except self.one_feeds_fault as e:
            self.feeds.needs[needed_by] = name
            if name not in self.ruled:
                empty = Reading(FeedCounts(feed=name, source=self.config.feed[name].source))
                counts = self.feeds.readings.setdefault(name, empty).counts
                if not counts.problems:
                    self._note(counts, e)
                self.feeds.bad[name] = counts.problems
            raise FeedError(f"[feed.{name}], which it needs, cannot be trusted: {e}") from e
