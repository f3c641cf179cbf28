"""One site's ``greffe.toml``: all its tables."""

from __future__ import annotations

from pathlib import Path

from greffe.config.calendar import Calendar
from greffe.config.cohorts import CohortRule
from greffe.config.courses import CourseRule
from greffe.config.feeds import Feed
from greffe.config.guards import Guards
from greffe.config.links import LinkRule
from greffe.config.moodle import Moodle
from greffe.config.retention import Retention
from greffe.config.run import Run
from greffe.config.strict import Strict
from greffe.config.telling import Log, Mail, Webhook


class Config(Strict, frozen=True, kw_only=True):
    """One site."""

    moodle: Moodle
    """The site's database."""
    feed: dict[str, Feed] = {}
    """Feeds, each by its name."""
    course: list[CourseRule] = []
    """Rules for enrolments in courses."""
    cohort: list[CohortRule] = []
    """Rules for cohorts and their members."""
    link: list[LinkRule] = []
    """Rules for cohort sync and course meta links."""
    guards: Guards = Guards()
    """How much may change in one night."""
    run: Run = Run()
    """How a night is run."""
    calendar: Calendar = Calendar()
    """The academic year."""
    mail: Mail | None = None
    """Who hears of a night by mail."""
    webhook: Webhook | None = None
    """A program that hears of a night."""
    log: Log | None = None
    """How what happens is logged."""
    retention: Retention = Retention()
    """For how long Greffe keeps what names people."""
    path: str = "greffe.toml"
    """The file itself; no key of it."""

    @property
    def name(self) -> str:
        """What the site is called in mail, metrics and logs: the name of its file."""
        return Path(self.path).stem

    def feed_number(self, name: str) -> int:
        """The feed's number in marks: its place among the feeds, in the order of the file."""
        return list(self.feed).index(name)
