"""What Greffe answers for: places that a feed produced in an earlier good run, and what it saw on that night."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from greffe.apply.journal import decoded
from greffe.model import FeedCounts
from greffe.moodle.database import Database
from greffe.moodle.patience import persist
from greffe.rules.desired import CourseRole, Waiting


@dataclass(slots=True)
class OwnCohort:
    """A cohort that Greffe made or adopted."""

    idnumber: str
    """As Greffe last wrote it: whoever renames it in Moodle does not make another of it."""
    feeds: set[str] = field(default_factory=set)


class Owned:
    """The memory between two nights."""

    def __init__(self, db: Database, *, tables: bool) -> None:
        """``tables``: whether Greffe's own tables are there; without them nothing is remembered."""
        self._db = db
        self._tables = tables
        self._places: dict[str, set[CourseRole]] = {}
        for feed, course, role in db.query("owned_scopes") if tables else []:
            self._places.setdefault(feed, set()).add((course, role))
        self._cohorts: dict[int, OwnCohort] | None = None if tables else {}
        self._methods: dict[int, str] | None = None if tables else {}

    def of(self, feed: str) -> set[CourseRole]:
        """Places that the feed produced in an earlier good run."""
        return self._places.get(feed, set())

    @property
    def feeds(self) -> set[str]:
        """Feeds that produced a place in an earlier good run, in the configuration or not."""
        return set(self._places)

    @property
    def cohorts(self) -> dict[int, OwnCohort]:
        """Cohorts that are Greffe's, by id; asked for only where there are rules for cohorts."""
        if self._cohorts is None:
            self._cohorts = {}
            for cohort, feed, idnumber in self._db.query("owned_cohorts"):
                own = self._cohorts.setdefault(int(cohort), OwnCohort(str(idnumber)))
                own.feeds.add(str(feed))
        return self._cohorts

    @property
    def methods(self) -> dict[int, str]:
        """Method instances that are Greffe's → who asked for them; asked for only where there are rules for them."""
        if self._methods is None:
            self._methods = {int(e): str(feed) for e, feed in self._db.query("owned_methods")}
        return self._methods

    def remember_methods(self, named: Iterable[tuple[int, str]]) -> None:
        """(instance, who asks for it tonight): only what is new is written."""
        moved: dict[str, list[int]] = {}
        for enrol, feed in named:
            if self.methods.get(enrol) != feed:
                moved.setdefault(feed, []).append(enrol)
        for feed, enrols in sorted(moved.items()):
            self._db.execute("name_methods", feed=feed, enrols=sorted(enrols))

    def remember_cohorts(self, named: Iterable[tuple[str, int, str]], run: int, now: int) -> None:
        """(feed, cohort, idnumber): the feed answers for the cohort from now on; only what is new is written."""
        new = sorted({n for n in named if n[0] not in self.cohorts[n[1]].feeds})
        if new:
            feed, cohort, idnumber = map(list, zip(*new, strict=True))
            columns = {"feed": feed, "cohort": cohort, "idnumber": idnumber}
            self._db.insert("own_cohorts", columns, run=run, now=now)

    def last_good(self, feed: str) -> FeedCounts | None:
        """What the last night saw on which the feed was good. Raises DatabaseError where that is not what Greffe wrote."""
        for row, counts in self._db.query("last_good_feed", feed=feed) if self._tables else ():
            if counts:
                return decoded(counts, FeedCounts, "feed", row, "counts")
        return None

    def remember_places(self, places: dict[str, set[CourseRole]], run: int, now: int) -> None:
        """Add tonight's places; nothing is written where there is no new one."""
        new = sorted((f, c, r) for f, found in places.items() for c, r in found - self.of(f))
        if new:
            columns: dict[str, Sequence[Any]] = {
                "feed": [f for f, _, _ in new],
                "course": [c for _, c, _ in new],
                "role": [r for _, _, r in new],
            }
            self._db.insert("add_scopes", columns, run=run, now=now)

    def note_feed(self, counts: FeedCounts, run: int, now: int) -> None:
        """Keep what a night saw of one feed."""
        self._db.execute(
            "note_feed",
            run=run,
            feed=counts.feed,
            good=0 if counts.problems else 1,
            counts=msgspec.json.encode(counts).decode(),
            now=now,
        )

    def forget_waiting(self, feeds: Collection[str]) -> None:
        """Nobody waits for a feed that is none of these: its rules are gone from the configuration."""
        for (feed,) in self._db.query("feeds_waited_for"):
            if feed not in feeds:
                self._db.execute("clear_waiting", feed=feed)

    def refresh_waiting(self, feed: str, field: str, waiting: list[Waiting], run: int, now: int) -> None:
        """Make the waiting list of a good feed what it is tonight; an unchanged list is not written."""
        rows = sorted(
            (w.person, w.course, w.role, w.group, *w.times, w.cohort, int(w.alone), w.line) for w in waiting
        )
        if sorted(tuple(r) for r in self._db.query("waiting_now", feed=feed)) == rows:
            return

        def replace() -> None:
            with self._db.transaction():
                self._db.execute("clear_waiting", feed=feed)
                if rows:
                    person, course, role, group, start, end, cohort, alone, line = map(
                        list, zip(*rows, strict=True)
                    )
                    n = len(rows)
                    columns = {
                        "feed": [feed] * n, "line": line, "person": person, "field": [field] * n, "course": course,
                        "role": role, "groupname": group, "timestart": start, "timeend": end,
                        "cohort": cohort, "alone": alone,
                    }  # fmt: skip
                    self._db.insert("add_waiting", columns, run=run, now=now)

        persist(replace, away=self._db.patience)
