"""How one feed's rows are read tonight. Whoever explains a single row reads it by the same."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import msgspec

from greffe.config.cohorts import CohortRule
from greffe.config.courses import CourseRule
from greffe.config.feeds import Feed
from greffe.feed import filters
from greffe.model import Table
from greffe.rules.desired import Desired
from greffe.rules.expand import Joined, expand
from greffe.rules.reading import Reading
from greffe.rules.site import Site


@dataclass(frozen=True, slots=True)
class Required:
    """What the feed that another one requires has."""

    join: filters.Join
    keys: Collection[filters.Key]
    doubted: Collection[str]
    """People of its refused lines, as in a key."""
    person: int
    """The place of the person in a key."""

    def key_of(self, table: Table) -> Callable[[filters.Cells], filters.Key]:
        """What a row has of what is compared."""
        return filters.key_of(table, self.join.here, self.join.widths)

    def of(self, table: Table) -> Joined:
        """The semi-join for the rows of the feed that requires."""
        return Joined(self.key_of(table), self.keys, self.doubted, self.person)


@dataclass(frozen=True, slots=True)
class Terms:
    """What decides over each row."""

    name: str
    number: int
    """In marks."""
    feed: Feed
    rules: list[tuple[int, CourseRule]]
    """With their numbers in the configuration."""
    cohorts: list[tuple[int, CohortRule]]
    site: Site
    years: Collection[str] | None
    """Open academic years; None: all."""
    required: Required | None
    """What the feed of the semi-join has; None: there is none."""
    timed: bool
    """Whether any rule of the site gives times: then it matters for everybody whether his rules give him any."""

    def expand(self, table: Table) -> tuple[Desired, Reading]:
        """What the rules make of the table's rows. Raises FeedError, ConfigError."""
        required = None if self.required is None else self.required.of(table)
        return expand(
            table, self.name, self.number, self.feed, self.rules, self.site, cohorts=self.cohorts,
            years=self.years, required=required, timed=self.timed,
        )  # fmt: skip

    def unfiltered(self) -> Terms:
        """The same for any row, whether it counts or not."""
        feed = msgspec.structs.replace(self.feed, keep={})
        return replace(self, feed=feed, years=None, required=None)
