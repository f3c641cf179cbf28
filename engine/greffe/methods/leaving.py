"""What ``[[course]]`` rules say of leavers, by their feed and by the roles that they can give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import TypeVar

from greffe.config import Config
from greffe.config.amounts import seconds
from greffe.config.courses import CourseRule
from greffe.methods.database import NEVER, Purge
from greffe.model import Leavers

ANY = 0
"""In place of a role: whichever a column gives."""
_Said = TypeVar("_Said")


def leavers_of(config: Config, roles: Mapping[str, int]) -> dict[str, dict[int, Leavers]]:
    """Feed → role → leaver action; ``ANY`` for rules whose role comes from a column."""
    found: dict[str, dict[int, Leavers]] = {name: {} for name in config.feed}
    for rule in config.course:
        mine = found[rule.feed]
        for role in _roles_of(rule, roles):
            mine[role] = min(mine.get(role, rule.leavers), rule.leavers, key=lambda a: a.harshness)
    return found


def purges_of(config: Config, roles: Mapping[str, int]) -> dict[str, dict[int, Purge]]:
    """Feed → role → when leavers are unenrolled; ``ANY`` for rules whose role comes from a column."""
    found: dict[str, dict[int, Purge]] = {name: {} for name in config.feed}
    for rule in config.course:
        mine, purge = found[rule.feed], _purge_of(rule)
        for role in _roles_of(rule, roles):
            mine[role] = mine.get(role, purge).gentler(purge)
    return found


def leavers_at(leavers: Mapping[str, Mapping[int, Leavers]], role: int, feeds: Iterable[str]) -> Leavers:
    """The gentlest of the rules of these feeds that can give the role; of all rules where none of them can."""
    known = _giving(leavers, role, feeds) or [a for rules in leavers.values() for a in rules.values()]
    return min(known, key=lambda a: a.harshness, default=Leavers.KEEP)


def purge_at(purges: Mapping[str, Mapping[int, Purge]], role: int, feeds: Iterable[str]) -> Purge:
    """What all rules of these feeds that can give the role allow; never where none of them can."""
    known = _giving(purges, role, feeds)
    return reduce(Purge.gentler, known) if known else NEVER


def _giving(said: Mapping[str, Mapping[int, _Said]], role: int, feeds: Iterable[str]) -> list[_Said]:
    found = [said[feed].get(role, said[feed].get(ANY)) for feed in feeds]
    return [one for one in found if one is not None]


def _purge_of(rule: CourseRule) -> Purge:
    given = rule.purge
    if rule.leavers is Leavers.UNENROL:
        return Purge(0, given is not None and given.with_grades)
    if given is None or given.after is None:
        return NEVER
    return Purge(seconds(given.after), given.with_grades)


def _roles_of(rule: CourseRule, roles: Mapping[str, int]) -> list[int]:
    if "{" in rule.role:
        return [ANY]
    return [roles[r] for r in (rule.role, rule.default_role) if r is not None and r in roles][:1]
