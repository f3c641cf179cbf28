"""What a new academic year makes of last year's cohorts, and of the methods that follow them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from greffe.apply.owned import OwnCohort
from greffe.apply.transaction import Refused
from greffe.commands._night.feeds import Feeds
from greffe.config import Config
from greffe.config.cohorts import CohortRule
from greffe.errors import ArgumentError
from greffe.methods import cohort as cohort_method
from greffe.methods.following import Instance
from greffe.methods.members import CohortRow
from greffe.methods.relinking import MethodChange, Relinking
from greffe.model import Action, Batch, Reason
from greffe.moodle.catalogue import Catalogue
from greffe.moodle.cohorts import CohortReader
from greffe.moodle.database import Database
from greffe.plan.cohorts import CohortPlan
from greffe.rules.rollover import Turned, turn


@dataclass(frozen=True, slots=True)
class YearRule:
    """A ``[[cohort]]`` rule that has the year in its idnumbers."""

    rule: CohortRule
    old: str
    new: str
    idnumber: Turned
    name: Turned
    description: Turned | None
    category: Turned | None


def rules_by_year(config: Config, old: str, new: str) -> list[YearRule]:
    """Those that a new year turns. Raises ArgumentError where none does."""
    if old == new:
        raise ArgumentError("--from and --to are the same year", todo="greffe rollover --from 2025 --to 2026")
    found = []
    for number, rule in enumerate(config.cohort, 1):
        column = config.feed[rule.feed].year_column

        def turned(text: str | None, key: str, number: int = number, column: str = column) -> Turned | None:
            at = f"[[cohort]] number {number}, {key}"
            return None if text is None else turn(text, column, old, new, at)

        idnumber = turned(rule.idnumber, "idnumber")
        if idnumber is not None and idnumber.yearly and (name := turned(rule.name, "name")) is not None:
            found.append(
                YearRule(
                    rule,
                    old,
                    new,
                    idnumber,
                    name,
                    turned(rule.description, "description"),
                    turned(rule.category, "category"),
                )
            )
    if not found:
        columns = ", ".join(sorted({config.feed[r.feed].year_column for r in config.cohort})) or "COD_ANU"
        raise ArgumentError(
            f"no [[cohort]] rule has the year ({columns}) in its idnumber, so there is nothing to turn",
            todo='Give a rule such as idnumber = "{{ COD_DIP }}-{{ COD_ANU }}", or change year_column of its feed.',
        )
    return found


@dataclass(slots=True)
class NewYear:
    """This year's equivalents, and the methods that follow them from now on."""

    db: Database
    catalogue: Catalogue
    config: Config
    rules: Sequence[YearRule]
    owned: Mapping[int, OwnCohort]
    feeds: Feeds
    relinking: Relinking = field(default_factory=Relinking)
    new_cohorts: dict[str, int] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    found: int = 0
    """Greffe's own cohorts of the old year."""
    delivered: int = 0
    """Of these: those whose equivalent a registration names."""
    _successor: dict[int, int] = field(default_factory=dict)
    """Last year's cohort → this year's; below 0: the plan creates it."""
    _idnumbers: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Last year's cohort → (its idnumber, this year's)."""

    # -- cohorts -------------------------------------------------------------------------------------------
    def add_to(self, cohorts: Sequence[CohortPlan], component: str) -> list[CohortPlan]:
        """The layer of cohorts with those of this year that no registration names yet."""
        same = self.catalogue.same
        there: dict[str, list[CohortRow]] = defaultdict(list)
        for row in CohortReader(self.db).all_named():
            there[same(row.idnumber)].append(row)
        planned = {same(c.idnumber): c for c in cohorts if not c.cohort}
        added: dict[str, CohortPlan] = {}
        for row in CohortReader(self.db).by_id(self.owned.keys()).values():
            found = self._equivalent(row)
            if found is None:
                continue
            rule, idnumber = found
            self.found += 1
            self.delivered += same(idnumber) in self.feeds.desired.cohorts
            if unsure := sorted(f for f in self.owned[row.id].feeds if self._unsure(f)):
                self._refuse(
                    row,
                    f"the feed {unsure[0]} cannot be trusted tonight, so this year's people are not known",
                )
                continue
            key = same(idnumber)
            others = there.get(key, [])
            if any(r.id not in self.owned for r in others) or len(others) > 1:
                ids = ", ".join(f"id {r.id}" for r in others)
                self._refuse(
                    row, f"there is a cohort {idnumber} already that is not Greffe's, or several: {ids}"
                )
                continue
            if others:
                self._successor[row.id] = others[0].id
            else:
                if key not in planned and key not in added:
                    part = self._create(rule, row, idnumber, component)
                    if part is None:
                        continue
                    added[key] = part
                idnumber = (planned | added)[key].idnumber  # in the feed's own writing
                self._successor[row.id] = self._number(idnumber)
            self._idnumbers[row.id] = row.idnumber, idnumber
        for part in planned.values():
            self._number(part.idnumber)
        return sorted([*cohorts, *added.values()], key=lambda p: p.idnumber)

    def _unsure(self, feed: str) -> bool:
        """Whether registrations of this year may be missing."""
        reading = self.feeds.readings.get(feed)
        return feed in self.feeds.bad or reading is None or reading.cohorts_in_doubt

    def _equivalent(self, row: CohortRow) -> tuple[YearRule, str] | None:
        """The rule that made a cohort in the old year, and its idnumber in the new one."""
        for rule in self.rules:
            if rule.rule.feed in self.owned[row.id].feeds and (idnumber := rule.idnumber(row.idnumber)):
                return rule, idnumber
        return None

    def _number(self, idnumber: str) -> int:
        if idnumber not in self.new_cohorts:
            self.new_cohorts[idnumber] = self.relinking.number()
        return self.new_cohorts[idnumber]

    def _create(self, rule: YearRule, row: CohortRow, idnumber: str, component: str) -> CohortPlan | None:
        name, context = rule.name(row.name), self._context(rule, row)
        if not name or len(idnumber) > 100 or len(name) > 254:
            self._refuse(
                row, f"its name {row.name!r} is not what the rule makes of one, so this year's is not known"
            )
            return None
        if context is None:
            self._refuse(row, f"no course category is this year's for {idnumber}")
            return None
        feed = list(self.config.feed).index(rule.rule.feed)
        columns: dict[str, Any] = {
            "contextid": context,
            "name": name,
            "idnumber": idnumber,
            "visible": int(rule.rule.visible),
            "component": component,
            "description": (rule.description(row.description) or "") if rule.description else "",
        }
        batch = Batch(action=Action.CREATE_COHORT, course=0, reason=Reason.NEW_YEAR, feeds=(feed,))
        return CohortPlan(
            idnumber=idnumber, name=name, cohort=0, fingerprint="", batches=[batch], columns=columns, feeds=(feed,)
        )  # fmt: skip

    def _context(self, rule: YearRule, row: CohortRow) -> int | None:
        """Where this year's cohort lives: where last year's does, or in the category that is its equivalent."""
        if rule.category is None or not rule.category.yearly:
            return row.contextid
        places = self.catalogue.categories(rule.rule.match)
        for text, context in places.items():
            if context == row.contextid and (turned := rule.category(text)) is not None:
                return places.get(turned)
        return None

    def _refuse(self, row: CohortRow, why: str) -> None:
        self.refused.append(Refused(f"cohort {row.idnumber}", "", why, []))

    # -- methods -------------------------------------------------------------------------------------------
    def expect(self, cohorts: Sequence[CohortPlan]) -> None:
        """Nothing more: ``add_to`` has seen them."""

    def settle(self, method: str, found: Sequence[Instance]) -> list[Instance]:
        """The instances that followed last year's cohorts follow this year's."""
        if method != cohort_method.METHOD:
            return list(found)
        taken = {(i.course, i.source) for i in found}
        turned = []
        for instance in found:
            successor = self._successor.get(instance.source)
            turned.append(
                instance if successor is None or not self._free(instance, successor, taken) else self._turn(instance, successor)
            )  # fmt: skip
        return turned

    def _free(self, instance: Instance, successor: int, taken: set[tuple[int, int]]) -> bool:
        """Whether nothing speaks against it: the course has this year's already, or a rule still asks for last year's."""
        old, new = self._idnumbers[instance.source]
        why = ""
        if (instance.course, successor) in taken:
            why = f"the course has the method for {new} already; last year's is left as it is"
        elif wanted := self.feeds.links.wanted.get(
            (cohort_method.METHOD, instance.course, self.catalogue.same(old))
        ):
            why = f"{wanted.claims[0].where} still asks for {old}: let it say {new} first"
        if why:
            known = self.catalogue.courses[instance.course]
            self.refused.append(Refused(f"{known.name} ← {old}", Action.UPDATE_METHOD.value, why, []))
        return not why

    def _turn(self, instance: Instance, successor: int) -> Instance:
        _, idnumber = self._idnumbers[instance.source]
        self.relinking.changes[instance.enrol] = MethodChange(
            Action.UPDATE_METHOD,
            Reason.NEW_YEAR,
            {"customint1": max(successor, 0)},
            {"customint1": instance.source},
            cohort=idnumber if successor < 0 else "",
        )
        return replace(instance, source=successor)
