"""Rows become links: which course has which cohort or parent, with what role and group, and who says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from greffe.config.links import LinkRule
from greffe.errors import ConfigError, FeedError
from greffe.rules.templates import Template, condition
from greffe.rules.text import RefusedValueError, clean, holds, shown

_GROUP = 254
"""Characters of a group's name (``groups``)."""

Row = tuple[str, Mapping[str, str]]
"""(where it stands, for people; column → text)."""
Key = tuple[str, int, str]
"""(method, course, what it follows): what tells one link from another."""


@dataclass(frozen=True, slots=True)
class LinkSpec:
    """A method instance as the rules want it."""

    method: str
    course: int
    follows: str
    """The cohort by what tells idnumbers apart on this site, or the id of the parent course."""
    label: str
    """What people call that."""
    role: int
    """0: none."""
    group: str | None
    """'': none; None: as it is."""
    creates: bool
    """Whether the group is made where it is missing."""
    enabled: bool

    @property
    def key(self) -> Key:
        """What tells it from any other."""
        return (self.method, self.course, self.follows)


@dataclass(frozen=True, slots=True)
class LinkClaim:
    """Who says that a link is so."""

    spec: LinkSpec
    where: str


@dataclass(slots=True)
class WantedLink:
    """One instance that rows ask for."""

    claims: list[LinkClaim] = field(default_factory=list)
    """One of each kind: more than one is a contradiction."""
    source: str = ""
    """Who speaks first: a feed, or '' for the configuration."""
    adopt: bool = False


@dataclass(slots=True)
class Links:
    """Everything that the rules ask for tonight."""

    wanted: dict[Key, WantedLink] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)
    """(where, why) of the rows that lead nowhere."""
    doubtful: set[str] = field(default_factory=set)
    """Sources of which a row was refused: what they no longer name may have been meant by that."""

    def add(self, claim: LinkClaim, source: str, *, adopt: bool) -> None:
        """Note what one row says."""
        wanted = self.wanted.setdefault(claim.spec.key, WantedLink(source=source))
        if all(c.spec != claim.spec for c in wanted.claims):
            wanted.claims.append(claim)
        wanted.adopt = wanted.adopt or adopt

    def merge(self, other: Links) -> None:
        """Take over what another source says."""
        for wanted in other.wanted.values():
            for claim in wanted.claims:
                self.add(claim, wanted.source, adopt=wanted.adopt)
        self.refused += other.refused
        self.doubtful |= other.doubtful

    def refuse(self, where: str, why: str, source: str) -> None:
        """Note a row that leads nowhere."""
        self.refused.append((where, why))
        self.doubtful.add(source)


@dataclass(frozen=True, slots=True)
class LinkSite:
    """What the rules must know of the site."""

    courses: Callable[[str], tuple[Mapping[str, int], Collection[str]]]
    """For a course field: (text → id, texts that several courses share)."""
    roles: Mapping[str, int]
    same: Callable[[str], str] = lambda text: text
    """Idnumbers of cohorts of which this is equal are equal to the database."""


def read_links(
    rule: LinkRule,
    number: int,
    columns: Sequence[str],
    rows: Iterable[Row],
    site: LinkSite,
    into: Links,
) -> tuple[int, int]:
    """Add what a rule makes of its rows; (rows that count, of these: those that name no course of the site).

    Raises ConfigError for a template that is none, FeedError for a column that there is not.
    """
    if not columns:  # a table without rows: nothing is wanted
        return 0, 0
    compiled = _Compiled(rule, number, columns)
    if unused := sorted(set(columns) - compiled.columns) if rule.table is not None else []:
        raise ConfigError(
            f"[[link]] number {number}: no template uses {', '.join(unused)} of the table",
            todo=f"A typing error? The templates use {', '.join(sorted(compiled.columns))}.",
        )
    kept = strangers = 0
    for where, values in rows:
        try:
            if not compiled.concerns(values):
                continue
            kept += 1
            spec = compiled.spec(values, site)
        except _NoCourseError as e:
            strangers += 1
            into.refuse(where, str(e), rule.source)
        except RefusedValueError as e:
            into.refuse(where, str(e), rule.source)
        else:
            if spec is not None:
                into.add(LinkClaim(spec, where), rule.source, adopt=rule.adopt)
    return kept, strangers


def own_rows(rule: LinkRule, number: int, site: LinkSite) -> tuple[Sequence[str], Iterator[Row]]:
    """Columns and rows of a rule that has them itself: its table, or the courses that fit its pattern."""
    at = f"[[link]] number {number}"
    if rule.table is not None:
        columns = sorted({c for row in rule.table for c in row})
        return columns, ((f"{at}, row {n}", row) for n, row in enumerate(rule.table, 1))
    pattern = re.compile(str(rule.courses))
    return ["course", *pattern.groupindex], _fitting(pattern, rule, at, site)


def _fitting(pattern: re.Pattern[str], rule: LinkRule, at: str, site: LinkSite) -> Iterator[Row]:
    by_key, _ = site.courses(rule.match)
    for text in sorted(by_key):
        if found := pattern.fullmatch(text):
            groups = {k: v or "" for k, v in found.groupdict().items()}
            yield f"{at}, course {text}", {"course": text} | groups


class _NoCourseError(RefusedValueError):
    """A row names a course that the site has not got."""


class _Compiled:
    """A rule with its templates compiled against the columns of its rows."""

    def __init__(self, rule: LinkRule, number: int, columns: Sequence[str]) -> None:
        self._rule = rule
        self._owner = f"[[link]] number {number}"
        self._columns = columns
        try:
            self._course = self._template(rule.course or "{{ course }}", "course")
            follows = (rule.cohort or "{{ cohort }}") if rule.method == "cohort" else (rule.parent or "{{ parent }}")  # fmt: skip
            self._follows = self._template(follows, "cohort" if rule.method == "cohort" else "parent")
            self._role = self._template(rule.role, "role")
            group = rule.group if rule.new_group is None else rule.new_group
            self._group = None if group is None else self._template(group, "group")
            used: frozenset[str] = frozenset()
            self._when: Callable[[Mapping[str, str]], bool] | None = None
            if rule.when:
                used, self._when = condition(rule.when, columns, f"{self._owner}, when")
            parts = [self._course, self._follows, *([self._role] if rule.method == "cohort" else [])]
            self.columns = used.union(*(t.columns for t in (*parts, *([self._group] if self._group else []))))
            """What its templates use."""
        except FeedError as e:
            if rule.feed is not None:
                raise
            raise ConfigError(str(e).replace("which the feed does not have", "which it does not have")) from e

    def _template(self, text: str, key: str) -> Template:
        return Template(text, self._columns, f"{self._owner}, {key}")

    def concerns(self, values: Mapping[str, str]) -> bool:
        """Whether a row is for this rule. Raises RefusedValueError where it lacks what the templates need."""
        if missing := sorted(self.columns - values.keys()):
            raise RefusedValueError(f"the row has no {' and no '.join(missing)}")
        return self._when is None or self._when(values)

    def spec(self, values: Mapping[str, str], site: LinkSite) -> LinkSpec | None:
        """What a row asks for; None: nothing. Raises RefusedValueError that names rule and value."""
        rule = self._rule
        code, label = clean(self._course(values)), clean(self._follows(values))
        if not code or not label:
            return None
        course = self._find(code, "course", site)
        if rule.method == "meta":
            parent = self._find(label, "parent", site)
            if parent == course:
                raise RefusedValueError(
                    f"{self._owner}, parent: the course {shown(label)} cannot be its own parent"
                )
            follows = str(parent)
        else:
            follows = site.same(label)
        return LinkSpec(
            method=rule.method,
            course=course,
            follows=follows,
            label=label,
            role=self._role_id(values, site) if rule.method == "cohort" else 0,
            group=self._group_name(values),
            creates=rule.new_group is not None,
            enabled=rule.enabled,
        )

    def _find(self, code: str, key: str, site: LinkSite) -> int:
        by_code, shared = site.courses(self._rule.match)
        if code in shared:
            raise _NoCourseError(
                f"{self._owner}, {key}: several courses have the {self._rule.match} {shown(code)}"
            )
        if code not in by_code:
            raise _NoCourseError(f"{self._owner}, {key}: no course has the {self._rule.match} {shown(code)}")
        return by_code[code]

    def _role_id(self, values: Mapping[str, str], site: LinkSite) -> int:
        name = clean(self._role(values))
        if name and name not in site.roles:
            raise RefusedValueError(f"{self._owner}, role: {shown(name)} is no role of the site")
        return site.roles[name] if name else 0

    def _group_name(self, values: Mapping[str, str]) -> str | None:
        if self._group is None:
            return None
        name = clean(self._group(values))
        if not holds(_GROUP, name):
            raise RefusedValueError(
                f"{self._owner}, group: {shown(name)} is no name for a group, which has {_GROUP} characters at most"
            )
        return name
