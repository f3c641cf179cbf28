"""Rules whose own words lead nowhere on this site, whatever a registration says.

A role or a category that the configuration itself names and that the site has not got is a typing error, or was
renamed. No registration can tell then what the rule wants, so what it did on earlier nights is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from greffe.config import Config
from greffe.config.courses import CourseRule
from greffe.rules.text import clean, shown


@dataclass(frozen=True, slots=True)
class Nowhere:
    """One rule that leads nowhere."""

    rule: str
    """``[[course]] number 2``."""
    feed: str
    what: str
    """The key and its value, as a sentence without its end."""
    todo: str
    of_cohorts: bool = False


def nowhere(
    config: Config, roles: Collection[str], categories: Callable[[str], Mapping[str, int]]
) -> list[Nowhere]:
    """Every rule that no registration can follow here. ``categories``: for a field, the texts that name one category."""
    return [*_courses(config, roles), *_cohorts(config, categories)]


def unused_roles(config: Config, roles: Collection[str]) -> list[str]:
    """Sentences on roles that rules name and that the site has not got, where the rule leads somewhere all the same."""
    found = []
    for number, rule in enumerate(config.course, 1):
        if not _astray(rule, roles):
            for key, text in (("role", rule.role), ("default_role", rule.default_role)):
                if text and _own(text) and clean(text) not in roles:
                    found.append(f"[[course]] number {number}: {key} {shown(text)} is no role of the site")
    return found


def _courses(config: Config, roles: Collection[str]) -> Iterator[Nowhere]:
    for number, rule in enumerate(config.course, 1):
        if _astray(rule, roles):
            named = [shown(text) for text in (rule.role, rule.default_role) if text]
            are = "are no roles" if named[1:] else "is no role"
            what = f"role {' and default_role '.join(named)} {are} of the site"
            todo = f"Use the shortname of one of the site's roles: {', '.join(sorted(roles))}."
            yield Nowhere(f"[[course]] number {number}", rule.feed, what, todo)


def _cohorts(config: Config, categories: Callable[[str], Mapping[str, int]]) -> Iterator[Nowhere]:
    for number, rule in enumerate(config.cohort, 1):
        text = rule.category
        if text is not None and _own(text) and clean(text) not in categories(rule.match):
            what = f"category {shown(text)} is the {rule.match} of no course category (or of several)"
            todo = f"Give the {rule.match} of one category; Site administration > Courses shows them."
            yield Nowhere(f"[[cohort]] number {number}", rule.feed, what, todo, of_cohorts=True)


def _astray(rule: CourseRule, roles: Collection[str]) -> bool:
    texts = [text for text in (rule.role, rule.default_role) if text]
    return all(_own(text) and clean(text) not in roles for text in texts)


def _own(text: str) -> bool:
    """Whether the rule itself says it, and no registration."""
    return "{" not in text
