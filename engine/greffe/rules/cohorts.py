"""Registrations become cohorts: what one combination of codes says of one, and what all of them say together."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from greffe.config.cohorts import CohortRule
from greffe.rules.templates import Template, condition
from greffe.rules.text import RefusedValueError, clean, holds, shown

_IDNUMBER, _NAME = 100, 254
"""Characters that ``cohort`` holds (moodle-writes §10)."""


@dataclass(frozen=True, slots=True)
class CohortSpec:
    """A cohort as the rules want it."""

    idnumber: str
    name: str
    context: int
    description: str | None
    """None: as it is."""
    visible: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """Who says that a cohort is so."""

    spec: CohortSpec
    feed: str
    line: int
    """The first line of the feed that leads there with these codes."""
    rule: int


@dataclass(slots=True)
class WantedCohort:
    """One cohort that registrations lead to. Marks are unsorted and may repeat; see ``greffe.model``."""

    marks: array[int] = field(default_factory=lambda: array("Q"))
    claims: list[Claim] = field(default_factory=list)
    """One of each kind: more than one is a contradiction."""
    feeds: set[str] = field(default_factory=set)
    adopt: bool = False

    def add(self, claim: Claim, *, adopt: bool) -> None:
        """Note what one combination of codes says."""
        if all(c.spec != claim.spec for c in self.claims):
            self.claims.append(claim)
        self.feeds.add(claim.feed)
        self.adopt = self.adopt or adopt

    def merge(self, other: WantedCohort) -> None:
        """Take over what another feed says of it."""
        self.marks.extend(other.marks)
        for claim in other.claims:
            self.add(claim, adopt=other.adopt)


@dataclass(frozen=True, slots=True)
class CohortSite:
    """What cohort rules must know of the site."""

    system: int = 0
    """The context of the whole site."""
    categories: Callable[[str], Mapping[str, int]] = lambda _: {}
    """For a field of the course categories: text → context."""
    same: Callable[[str], str] = lambda text: text
    """Idnumbers of which this is equal are equal to the database, and so to Moodle."""


class CompiledCohort:
    """A cohort rule with its templates compiled against one feed's columns."""

    def __init__(self, rule: CohortRule, number: int, columns: Sequence[str]) -> None:
        self.rule, self.number = rule, number
        self.owner = f"[[cohort]] number {number}"
        self._idnumber = Template(rule.idnumber, columns, f"{self.owner}, idnumber")
        self._name = Template(rule.name, columns, f"{self.owner}, name")
        self._description = self._maybe(rule.description, columns, "description")
        self._category = self._maybe(rule.category, columns, "category")
        used, self.when = (
            condition(rule.when, columns, f"{self.owner}, when")
            if rule.when
            else (frozenset(), lambda _: True)
        )
        parts = (self._idnumber, self._name, self._description, self._category)
        self.columns = used.union(*(t.columns for t in parts if t))

    def _maybe(self, text: str | None, columns: Sequence[str], key: str) -> Template | None:
        return None if text is None else Template(text, columns, f"{self.owner}, {key}")

    def spec(self, values: Mapping[str, str], site: CohortSite) -> CohortSpec | None:
        """The cohort that these codes lead to; None: none. Raises RefusedValueError that names rule and value."""
        idnumber = clean(self._idnumber(values))
        if not idnumber:
            return None
        name = clean(self._name(values))
        if not holds(_IDNUMBER, idnumber):
            raise self._refused(
                "idnumber", idnumber, f"no idnumber, which has {_IDNUMBER} characters at most"
            )
        if not name or not holds(_NAME, name):
            raise self._refused("name", name, f"no name for a cohort, which has 1 to {_NAME} characters")
        description = self._description(values) if self._description else None
        if description and "\0" in description:
            raise self._refused("description", description, "no text that the database can hold")
        return CohortSpec(idnumber, name, self._context(values, site), description, self.rule.visible)

    def _context(self, values: Mapping[str, str], site: CohortSite) -> int:
        if self._category is None:
            return site.system
        text = clean(self._category(values))
        context = site.categories(self.rule.match).get(text)
        if context is None:
            raise self._refused(
                "category", text, f"the {self.rule.match} of no course category (or of several)"
            )
        return context

    def _refused(self, key: str, text: str, what: str) -> RefusedValueError:
        return RefusedValueError(f"{self.owner}, {key}: {shown(text)} is {what}")
