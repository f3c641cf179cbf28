"""``greffe doctor``: everything that would stop a night, or ought to be known before one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from greffe.apply.owned import Owned
from greffe.apply.schema import has_tables
from greffe.commands._night.cohorts import CohortPlanner
from greffe.commands._night.feeds import Feeds, read_feeds
from greffe.commands._night.layers import methods_written, obstacles
from greffe.commands._session import Session, reach
from greffe.config import Config
from greffe.errors import ConfigError, GreffeError, SiteNotReadyError
from greffe.moodle.ahead import ScopesAhead
from greffe.moodle.catalogue import Catalogue
from greffe.moodle.cohorts import CohortReader
from greffe.moodle.database import Database
from greffe.moodle.findings import Finding, bad, ok, refused, stop, warn
from greffe.moodle.locks import SiteLocks
from greffe.moodle.owntables import OwnTables
from greffe.moodle.preflight import preflight
from greffe.moodle.server_checks import own_tables
from greffe.plan.calendar import season_of
from greffe.rules.nowhere import nowhere, unused_roles
from greffe.rules.reading import REFUSED_VALUE
from greffe.rules.words import count, people


def doctor(config: Config) -> list[Finding]:
    """Look at the connection, the site, the locks, the rules and the feeds; writes nothing.

    Raises ConfigError where the configuration is wrong in what can only be seen beside the feeds: a template, a condition.
    A finding ``stop`` would end tonight's run before its first write; ``bad`` would make it end with exit code 5,
    ``refused`` with 10, as `greffe plan` does; ``warn`` would do neither, but somebody should look.
    """
    try:
        db = reach(config.moodle)
    except GreffeError as e:
        return [stop(str(e), e.todo)]
    db.patience = 0  # who looks wants to see what is, not what will be
    try:
        catalogue = Catalogue(db)
        found = preflight(db, catalogue, config, methods_written(config))
        if len(found) == 1:
            return found  # there is no Moodle to hold the rest against
        for check in (_locks, _own_tables, _rules, _cohort_rules, _calendar, _feeds, _reports):
            try:
                found += check(config, db, catalogue)
            except ConfigError:
                raise  # as for any other mistake in the file
            except GreffeError as e:
                found.append(stop(str(e), e.todo))
        return list(dict.fromkeys(found))  # several checks can stumble over the same thing
    finally:
        db.close()


def _locks(config: Config, db: Database, _catalogue: Catalogue) -> Iterator[Finding]:
    try:
        written = methods_written(config)
        with SiteLocks(db, config.moodle, db.settings, written) as locks:
            held = locks.still_held()
    except SiteNotReadyError as e:
        yield stop(str(e), e.todo)
        return
    if held:
        yield ok("Moodle's task lock and Greffe's own can be taken")
    else:
        yield stop("locks do not last on this connection", "Give Greffe a direct connection to the server.")


def _own_tables(_config: Config, db: Database, _catalogue: Catalogue) -> Iterator[Finding]:
    if not has_tables(db):
        return
    yield from own_tables(db)
    if not OwnTables.of(db).kept:
        return
    if db.value("adopted"):
        yield warn(
            "the tables that were set aside for Moodle's plugin are still there; it has taken every row over",
            "Look whether `greffe runs` shows the old runs, then drop what was set aside: `greffe plugin finish`.",
        )
    else:
        yield warn(
            "tables that were set aside for Moodle's plugin are there, and what is in service was not taken over from them",
            "Look whether `greffe runs` shows the old runs. Where it does not, they are in those tables alone: drop none of them, and "
            "take them back with `greffe plugin prepare --back`, which says what stands in its way.",
        )


def _rules(config: Config, _db: Database, catalogue: Catalogue) -> Iterator[Finding]:
    if not config.course and not config.cohort:
        yield warn("no rule: nothing would be done", "Write a [[course]] or [[cohort]] rule for each feed.")
    for one in nowhere(config, catalogue.roles, catalogue.categories):
        yield refused(f"{one.rule} leads nowhere: {one.what}", one.todo)
    for sentence in unused_roles(config, catalogue.roles):
        yield warn(
            sentence, f"Use the shortname of one of the site's roles: {', '.join(sorted(catalogue.roles))}."
        )


def _cohort_rules(config: Config, db: Database, _catalogue: Catalogue) -> Iterator[Finding]:
    if config.cohort and CohortReader(db).component():
        yield ok("cohorts are locked against edits by hand in Moodle: the plugin local_greffe is installed")


def _calendar(config: Config, db: Database, _catalogue: Catalogue) -> Iterator[Finding]:
    today = datetime.fromtimestamp(int(db.value("clock")), UTC).astimezone().date()
    season = season_of(config.calendar, today)
    if season is not None and season.kind == "blackout":
        yield warn(
            f"the calendar's blackout lasts until {season.until}: until then a night changes nothing",
            "If that is not wanted, correct [calendar] blackout.",
        )
    elif season is not None:
        yield ok(f"nobody loses anything until {season.until}, as the calendar says (add_only)")


def _feeds(config: Config, db: Database, catalogue: Catalogue) -> Iterator[Finding]:
    owned = Owned(db, tables=has_tables(db))
    now = int(db.value("clock"))
    feeds = read_feeds(config, catalogue, owned.last_good, now, list_packages=True)
    for counts in feeds.counts:
        problems = feeds.bad.get(counts.feed, [])
        if todo := feeds.uninstalled.get(counts.feed):
            yield stop(f"[feed.{counts.feed}] cannot be read: {' '.join(problems)}", todo)
        elif problems:
            severity = stop if config.run.on_bad_feed == "stop" else bad
            yield severity(
                f"[feed.{counts.feed}] cannot be trusted: {' '.join(problems)}", _remedy(feeds, counts.feed)
            )
        else:
            # a feed that only others require, or that makes methods, brings nobody itself
            told = people(counts.people) if counts.people else f"{counts.kept:,} of them count"
            yield ok(f"[feed.{counts.feed}]: {count(counts.rows, 'row')}, {told}")
        doubts = feeds.readings[counts.feed].refused_values
        for note in counts.notes:
            said = warn if problems or (doubts and note.startswith(REFUSED_VALUE)) else ok
            yield said(f"[feed.{counts.feed}]: {note}")
    for note in feeds.notes:
        yield warn(note, "Correct it, or take the rule out.")
    # whether a cohort is made or goes is seen without its members
    cohorts = CohortPlanner(config, db, catalogue, feeds, owned, ScopesAhead(db.settings, (), ()))
    methods = obstacles(Session(config, db, catalogue), feeds, owned, cohorts.plan(), now)
    for one in cohorts.refused + methods:
        yield refused(f"{one.course} is left as it is: {one.reason}")


def _remedy(feeds: Feeds, name: str) -> str:
    """Where the fault is: not in a feed that only waits for another one."""
    until = "Until then nothing that this feed can reach is touched."
    if feeds.needs.get(name) in feeds.bad:
        return f"Nothing is to be done here: [feed.{feeds.needs[name]}] comes first. {until}"
    roles = feeds.readings[name].unknown_roles
    named = "a file, an encoding, a column or a role" if roles else "a file, an encoding or a column"
    return f"Correct [feed.{name}] and its rules where {named} is misnamed; else have it delivered again. {until}"


def _reports(config: Config, _db: Database, _catalogue: Catalogue) -> Iterator[Finding]:
    if config.run.reports is None:
        return
    directory = Path(config.run.reports)
    if directory.is_dir() and os.access(directory, os.W_OK | os.X_OK):
        yield ok(f"reports can be written to {directory}")
    else:
        yield warn(
            f"no report can be written: {directory} is no directory that this account can write to",
            f"Make it, for the account that runs the night: install -d -o greffe -m 700 {directory}.",
        )
