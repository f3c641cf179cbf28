"""Method instances as ``[[link]]`` rules want them, from what the night knows of the site."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from greffe.apply.transaction import Refused
from greffe.commands._night.feeds import Feeds
from greffe.config import Config
from greffe.methods.following import Instance
from greffe.methods.links import LinkTerms, relink
from greffe.methods.relinking import Relinking
from greffe.model import Action, Surplus
from greffe.moodle.catalogue import Catalogue
from greffe.moodle.cohorts import CohortReader
from greffe.moodle.database import Database
from greffe.plan.cohorts import CohortPlan


@dataclass(slots=True)
class LinkPlanner:
    """Says how instances will be. Reads only."""

    config: Config
    db: Database
    catalogue: Catalogue
    feeds: Feeds
    owned: Mapping[int, str]
    """Instance of Greffe's → who asked for it."""
    relinking: Relinking = field(default_factory=Relinking)
    new_cohorts: dict[str, int] = field(default_factory=dict)
    """Cohorts that the same plan creates: idnumber → a number below 0."""
    _cohorts: dict[str, list[int]] = field(default_factory=dict)

    @property
    def methods(self) -> set[str]:
        """Methods that rules make instances of."""
        return {rule.method for rule in self.config.link}

    def expect(self, cohorts: Sequence[CohortPlan]) -> None:
        """Cohorts as the layer before leaves them: new ones can be followed at once, deleted ones no more."""
        same = self.catalogue.same
        names = {row.id: row.idnumber for row in CohortReader(self.db).all_named()}
        for part in cohorts:
            if any(b.action is Action.DELETE_COHORT for b in part.batches):
                names.pop(part.cohort, None)
            elif part.cohort:
                names[part.cohort] = part.idnumber
            else:
                number = self.relinking.number()
                self.new_cohorts[part.idnumber] = number
                names[number] = part.idnumber
        found: dict[str, list[int]] = defaultdict(list)
        for cohort, idnumber in names.items():
            found[same(idnumber)].append(cohort)
        self._cohorts = dict(found)

    def settle(self, method: str, found: Sequence[Instance]) -> list[Instance]:
        """The method's instances as they will be."""
        if method not in self.methods:
            return list(found)
        wanted = {k: w for k, w in self.feeds.links.wanted.items() if k[0] == method}
        grouped = {c.spec.course for w in wanted.values() for c in w.claims if c.spec.group}
        courses = self.catalogue.courses
        terms = LinkTerms(
            method=method,
            wanted=wanted,
            owned=self.owned,
            cohorts=self._cohorts,
            new_cohorts={number: idnumber for idnumber, number in self.new_cohorts.items()},
            groups=self.catalogue.groups(grouped) if grouped else {},
            contexts={i: c.context for i, c in courses.items()},
            surplus=self._surplus(method),
            names={i: c.name for i, c in courses.items()},
        )
        return relink(terms, found, self.relinking)

    def _surplus(self, method: str) -> dict[str, Surplus]:
        """Who asked → the gentlest of what his rules say of instances that nobody asks for; nothing where it is not sure
        that nobody does."""
        found: dict[str, Surplus] = {}
        for rule in self.config.link:
            if rule.method == method:
                before = found.get(rule.source, rule.surplus)
                found[rule.source] = min(before, rule.surplus, key=lambda s: s.harshness)
        unsure = self.feeds.links.doubtful | self.feeds.bad.keys()
        return {source: Surplus.KEEP if source in unsure else s for source, s in found.items()}

    @property
    def refused(self) -> list[Refused]:
        """Rows that cannot have their way, each with where it stands."""
        return [
            Refused(where, "", why, []) for where, why in (*self.feeds.links.refused, *self.relinking.refused)
        ]
