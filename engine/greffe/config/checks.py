"""What no single table can tell: names that must be there, and that must differ."""

from __future__ import annotations

import re

from greffe.config.calendar import check_window
from greffe.config.courses import check_purge
from greffe.config.feeds import Feed, FromFeed, check_feed
from greffe.config.links import LinkRule, check_link
from greffe.config.site import Config
from greffe.config.telling import check_telling
from greffe.errors import ConfigError
from greffe.model import MAX_FEEDS

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What the journal's column for a feed's name can hold on both databases."""


def check(config: Config) -> None:
    """Raise ConfigError for the first thing that a night could not go by."""
    where = config.path
    _check_names(config)
    for name, feed in config.feed.items():
        at = f"{where}: [feed.{name}]"
        check_feed(at, feed)
        _check_needs(at, name, feed, config)
    for number, rule in enumerate(config.course, 1):
        at = f"{where}: [[course]] number {number}"
        _check_source(at, rule.feed, config, "nobody can be enrolled from it")
        check_purge(at, rule)
    for number, cohort in enumerate(config.cohort, 1):
        _check_source(
            f"{where}: [[cohort]] number {number}", cohort.feed, config, "no cohort can be filled from it"
        )
    for number, link in enumerate(config.link, 1):
        at = f"{where}: [[link]] number {number}"
        check_link(at, link)
        _check_link_source(at, link, config)
    for key, windows in (("blackout", config.calendar.blackout), ("add_only", config.calendar.add_only)):
        for window in windows:
            check_window(f"{where}: [calendar] {key}", window)
    check_telling(where, config.mail, config.webhook)


def _check_names(config: Config) -> None:
    where = config.path
    if len(config.feed) > MAX_FEEDS:
        raise ConfigError(f"{where}: {len(config.feed)} feeds; at most {MAX_FEEDS} are possible")
    seen: dict[str, str] = {}
    for name in config.feed:
        if not _NAME.fullmatch(name):
            raise ConfigError(
                f"{where}: {name!r} cannot be the name of a feed: up to 64 letters (without accents), digits, - and _"
            )
        if (other := seen.setdefault(name.lower(), name)) != name:
            raise ConfigError(
                f"{where}: the feeds {other} and {name} differ in case alone",
                todo="Give one of them another name: a database may take the two for one.",
            )


def _check_needs(at: str, name: str, feed: Feed, config: Config) -> None:
    """The feeds that a feed needs."""
    needs = [("requires", feed.requires.feed)] if feed.requires else []
    if isinstance(feed.years, FromFeed):
        needs.append(("years", feed.years.feed))
    for key, other in needs:
        if other not in config.feed:
            raise ConfigError(
                f"{at}: {key} names [feed.{other}], which is not there", todo=_those(config, other)
            )
        if other == name:
            raise ConfigError(f"{at}: {key} names the feed itself")


def _check_source(at: str, name: str, config: Config, otherwise: str) -> None:
    """The feed of a rule about people."""
    if _feed(at, name, config).who is None:
        raise ConfigError(
            f"{at}: [feed.{name}] has no person column, so {otherwise}",
            todo=f'Give [feed.{name}] the column that names people: person = "COD_ETU".',
        )


def _check_link_source(at: str, link: LinkRule, config: Config) -> None:
    if link.feed is not None and _feed(at, link.feed, config).who is not None:
        raise ConfigError(
            f"{at}: [feed.{link.feed}] names people; a link's feed has a row for each course",
            todo="Give the links a feed of their own, without `person`.",
        )


def _feed(at: str, name: str, config: Config) -> Feed:
    if name not in config.feed:
        raise ConfigError(f"{at}: there is no [feed.{name}]", todo=_those(config, name))
    return config.feed[name]


def _those(config: Config, name: str) -> str:
    if not config.feed:
        return f"Write the table [feed.{name}]: where registrations come from."
    return (
        f"Name one of the feeds that are there ({', '.join(config.feed)}), or write the table [feed.{name}]."
    )
