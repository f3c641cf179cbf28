"""Registrations become places: the one loop that sees every row of a feed.

Everything that can be decided from a combination of codes (filters, academic year, templates, course, role, group)
is decided once per distinct combination (``targets``); everything about a person once per person (``people``). A row then
costs two look-ups and one append to the packed array of its place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from operator import itemgetter
from typing import NamedTuple

from greffe.config.cohorts import CohortRule
from greffe.config.courses import CourseRule
from greffe.config.feeds import Feed
from greffe.errors import ConfigError, FeedError
from greffe.model import FEED_SHIFT, MAX_LINE, USER_SHIFT, FeedCounts, Table
from greffe.rules.desired import Desired, Waiting
from greffe.rules.people import EMPTY, UNKNOWN, Pending, People
from greffe.rules.reading import Reading
from greffe.rules.site import Site
from greffe.rules.targets import Key, Target, Targets
from greffe.rules.text import lost_zeros


class Joined(NamedTuple):
    """A semi-join with another feed."""

    key_of: Callable[[Sequence[str]], Key]
    """The key of a row."""
    keys: Collection[Key]
    """Those that the other feed has."""
    doubted: Collection[str] = ()
    """People, as in a key, of lines that the other feed's reader refused: what is missing may have stood there."""
    person: int = 0
    """The place of the person in a key, where any are doubted."""


def expand(
    table: Table,
    name: str,
    number: int,
    feed: Feed,
    rules: Sequence[tuple[int, CourseRule]],
    site: Site,
    *,
    cohorts: Sequence[tuple[int, CohortRule]] = (),
    years: Collection[str] | None = None,
    required: Joined | None = None,
    timed: bool = False,
) -> tuple[Desired, Reading]:
    """Read one feed: what its rules make of it, and what it turned out to hold.

    ``number`` is the feed's number in marks; ``rules`` and ``cohorts`` come with their numbers in the configuration;
    ``years`` None means all; ``required``: the semi-join; ``timed``: whether any rule of the site gives
    times, so that who has them must be noted. Raises FeedError and ConfigError.
    """
    who = feed.who
    if who is None:
        raise ConfigError(f"[feed.{name}] has no person column")
    reading = Reading(FeedCounts(feed=name, source=table.source))
    targets = Targets(name, feed, table.columns, rules, cohorts, years, site, reading)
    if missing := sorted((targets.filtering | {who.column}) - set(table.columns)):
        raise FeedError(
            f"[feed.{name}]: {table.source} has no column {', '.join(missing)}; it has {', '.join(table.columns)}"
        )
    people = People(who, number << FEED_SHIFT, site, reading)
    walk = _Walk(table, table.columns.index(who.column), targets, people, reading, required, timed=timed)
    lines = walk.rows()
    walk.refused_lines(who.column)
    if lines > MAX_LINE:
        raise FeedError(f"[feed.{name}]: more than {MAX_LINE} lines")
    found, waiting = people.resolve(walk.pending)
    _count(reading, targets, site)
    if timed:
        for user, target in (*walk.found, *found):
            for course, limits in target.limits:
                targets.desired.limit(course, user, limits)
    _settle(name, targets, reading, waiting)
    return targets.desired, reading


class _Walk:
    """Once through a feed: marks for whom it names, and those rows that a database must be asked about."""

    def __init__(
        self,
        table: Table,
        person: int,
        targets: Targets,
        people: People,
        reading: Reading,
        required: Joined | None,
        *,
        timed: bool,
    ) -> None:
        self._table, self._person, self._required, self._timed = table, person, required, timed
        self._targets, self._people, self._reading = targets, people, reading
        self._unsure = Target(targets.doubtful)
        self.pending: list[Pending] = []
        self.found: list[tuple[int, Target]] = []
        """(person, target) of each row, where times matter."""

    def rows(self) -> int:
        """All of them; the number of the last line."""
        columns = self._table.columns
        pick = itemgetter(*(columns.index(c) for c in self._targets.columns))
        at, timed, unsure = self._person, self._timed, self._unsure
        targets, evaluate = self._targets.known, self._targets.evaluate
        people, find = self._people.known, self._people.find
        key_of, keys, doubted, person_at = self._required or (None, (), (), 0)
        rows = line = empty = not_required = 0
        for line, cells in self._table.rows():
            rows += 1
            combination = pick(cells)
            target = targets.get(combination)
            if target is None:
                target = targets[combination] = evaluate(combination, line)
            if key_of is not None and target.arrays and (key := key_of(cells)) not in keys:
                not_required += 1
                if not doubted or key[person_at] not in doubted:
                    continue
                self._reading.cohorts_in_doubt |= bool(target.cohorts)
                target = unsure
            target.rows += 1
            if not target.arrays:
                continue
            cell = cells[at]
            person = people.get(cell)
            if person is None:
                person = people[cell] = find(cell)
            if person > 0:
                mark = person | line
                for marks in target.arrays:
                    marks.append(mark)
                if timed:
                    self.found.append((person >> USER_SHIFT, target))
            elif person == UNKNOWN:
                self.pending.append((cell, target, line))
            elif person == EMPTY:
                empty += 1
        counts = self._reading.counts
        counts.rows, counts.empty_people, counts.not_required = rows, empty, not_required
        return line

    def refused_lines(self, column: str) -> None:
        """Lines that the reader itself could not take: whom they name loses nothing by it."""
        for refused in self._table.refused:
            if column in refused.unread:
                raise FeedError(
                    f"[feed.{self._table.name}]: line {refused.line}: {refused.why}; whom it names cannot be told, so anybody may "
                    "be meant"
                )
            cell = refused.cells.get(column, "")
            person = self._people.find(cell)
            if person > 0:
                self._targets.doubtful.append(person | refused.line)
            elif person == UNKNOWN:
                self.pending.append((cell, self._unsure, refused.line))
            self._reading.refused_values[f"line {refused.line}: {refused.why}"] = None
            self._reading.cohorts_in_doubt |= self._targets.fill_cohorts


def _count(reading: Reading, targets: Targets, site: Site) -> None:
    counts, known = reading.counts, targets.known.values()
    counts.other_years = sum(t.rows for t in known if t.other_year)
    counts.kept = sum(t.rows for t in known if t.seats or t.cohorts)
    counts.codes = sum(1 for t in known if t.rows and not t.other_year)
    counts.ambiguous_people = len(reading.ambiguous_people)
    counts.unknown_people = len(reading.unknown_people)
    if reading.unknown_people:
        counts.padded_people, counts.pad_width = lost_zeros(reading.unknown_people, site.people)
    counts.unknown_codes = len(reading.unknown_codes)
    counts.duplicates = sum(
        len(marks) - len({mark >> USER_SHIFT for mark in marks}) for marks in targets.desired.roles.values()
    )


def _settle(name: str, targets: Targets, reading: Reading, waiting: list[Waiting]) -> None:
    """What is known only when every row was seen: what a row that counts has said, and what was refused."""
    desired = targets.desired
    reading.doubtful_ids = {mark >> USER_SHIFT for mark in targets.doubtful}
    for sentence, line in targets.refused_at.items():
        reading.refused_values[f"{sentence} (line {line})"] = None
    reading.note_refused()
    for target in targets.known.values():
        if target.rows:
            desired.named.update(target.named)
            for key, claim, adopt in target.cohorts:
                desired.cohorts[key].add(claim, adopt=adopt)
    desired.cohorts = {key: wanted for key, wanted in desired.cohorts.items() if wanted.claims}
    reached = [place for of in (desired.roles, desired.others) for place, marks in of.items() if marks]
    desired.places[name] = {*reached, *((w.course, w.role) for w in waiting if w.course)}
    desired.waiting[name] = waiting
    reading.counts.places = len(desired.places[name])
    reading.counts.cohorts = len(desired.cohorts)
