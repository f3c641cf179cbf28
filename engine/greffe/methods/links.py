"""Instances of ``cohort`` and ``meta`` as rules want them, held against those that are there.

What is made, changed, disabled or deleted here is only the instance's own row (moodle-writes §1.1, §1.3); who is enrolled
by it then follows from its sync, which is planned from the instances as they will be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from greffe.methods.following import Instance
from greffe.methods.relinking import (
    DISABLED,
    ENABLED,
    WORDS,
    Relinking,
    children,
    circle,
    create,
    delete,
    differing,
    disable,
    rewrite,
)
from greffe.model import Action, Reason, Surplus
from greffe.rules.links import Key, LinkSpec, WantedLink


@dataclass(frozen=True, slots=True)
class LinkTerms:
    """What is decided elsewhere, for the links of one method."""

    method: str
    wanted: Mapping[Key, WantedLink]
    owned: Mapping[int, str]
    """Instance of Greffe's → who asked for it."""
    cohorts: Mapping[str, Sequence[int]]
    """What tells idnumbers apart → cohorts, those that the plan creates below 0."""
    new_cohorts: Mapping[int, str]
    """Of those below 0: the idnumber."""
    groups: Mapping[tuple[int, str], int]
    """(course, name) → group."""
    contexts: Mapping[int, int]
    """Course → its context."""
    surplus: Mapping[str, Surplus]
    """Who asked → what becomes of instances that nobody asks for any more."""
    names: Mapping[int, str]
    """Course → what people call it."""


def relink(terms: LinkTerms, found: Sequence[Instance], into: Relinking) -> list[Instance]:
    """The method's instances as they will be; what makes them so is added to ``into``."""
    return _Relink(terms, list(found), into).run()


@dataclass(slots=True)
class _Relink:
    terms: LinkTerms
    instances: list[Instance]
    into: Relinking
    meant: set[int] = field(default_factory=set)
    """Instances that a row asks for, whether it can have its way or not."""
    doubt: set[str] = field(default_factory=set)
    """Who asks for something that follows nothing known: one of the instances that he no longer names may be meant."""
    at: dict[tuple[int, int], list[int]] = field(default_factory=lambda: defaultdict(list))
    """(course, what is followed) → places among the instances."""

    children: Mapping[int, set[int]] = field(default_factory=dict)
    """Parent course → the courses that follow it, or are to: those of all links that are there and all that are wanted, so that
    of a circle that rows ask for no part is made, whatever their order."""

    def run(self) -> list[Instance]:
        if self.terms.method == "meta":
            there = ((i.source, i.course) for i in self.instances)
            asked = ((int(parent), course) for _, course, parent in self.terms.wanted)
            self.children = children(there, asked)
        for place, instance in enumerate(self.instances):
            self.at[instance.course, instance.source].append(place)
        for key, wanted in sorted(self.terms.wanted.items()):
            if key[0] == self.terms.method:
                self._settle(wanted)
        self._surplus()
        self.into.mine |= self.meant
        return self.instances

    # -- what is wanted ------------------------------------------------------------------------------------
    def _settle(self, wanted: WantedLink) -> None:
        spec, where = wanted.claims[0].spec, wanted.claims[0].where
        source, why = self._source(spec)
        if source and spec.method == "meta" and (spec.course, source) not in self.at:
            why = circle(self.children, source, spec.course, self.terms.names)
        places = self.at.get((spec.course, source), []) if source else []
        self.meant |= {self.instances[p].enrol for p in places}
        if not why and len(wanted.claims) > 1:
            why = "the rows disagree: " + "; ".join(_said(c.where, c.spec, wanted) for c in wanted.claims)
        group = 0
        if not why and spec.group:
            group, why = self._group(spec)
        if why:
            self.into.refused.append((where, why))
            if not source:
                self.doubt.add(wanted.source)
            return
        mine = [p for p in places if self.instances[p].enrol in self.terms.owned]
        if not places:
            self._create(spec, source, group, wanted.source)
            return
        place = min(
            mine or places, key=lambda p: (self._differs(self.instances[p], spec, group) != {}, self.instances[p].enrol)
        )  # fmt: skip
        for other in mine:  # a twin of Greffe's own is one too many
            if other != place:
                self.meant.discard(self.instances[other].enrol)
        self._change(place, spec, group, wanted, where)

    def _source(self, spec: LinkSpec) -> tuple[int, str]:
        """(what the instance follows, why not)."""
        if spec.method == "meta":
            return int(spec.follows), ""
        ids = self.terms.cohorts.get(spec.follows, ())
        if not ids:
            return 0, f"no cohort has the idnumber {spec.label}"
        if len(ids) > 1:
            several = ", ".join(f"id {i}" for i in sorted(ids))
            return 0, f"several cohorts have the idnumber {spec.label}: {several}"
        return ids[0], ""

    def _group(self, spec: LinkSpec) -> tuple[int, str]:
        """(the group, below 0 where it is yet to be made; why not)."""
        name = str(spec.group)
        known = self.terms.groups.get((spec.course, name))
        if known is not None:
            return known, ""
        if not spec.creates:
            course = self.terms.names.get(spec.course, str(spec.course))
            return 0, f"the course {course} has no group {name!r}; new_group would create it"
        return self.into.group(spec.course, name), ""

    def _create(self, spec: LinkSpec, source: int, group: int, owner: str) -> None:
        instance = Instance(
            enrol=self.into.number(),
            course=spec.course,
            context=self.terms.contexts[spec.course],
            method=spec.method,
            enabled=spec.enabled,
            source=source,
            group=group,
            role=spec.role,
            fillable=group != 0,
        )
        self.at[spec.course, source].append(len(self.instances))
        self.instances.append(instance)
        self.meant.add(instance.enrol)
        cohort = self.terms.new_cohorts.get(source, "") if spec.method == "cohort" else ""
        create(instance, Reason.RULE_CHANGED, self.into, cohort=cohort, owner=owner)

    def _change(self, place: int, spec: LinkSpec, group: int, wanted: WantedLink, where: str) -> None:
        instance = self.instances[place]
        own = instance.enrol in self.terms.owned
        differs = self._differs(instance, spec, group)
        if own:
            self.into.named.append((instance.enrol, wanted.source))
        if not differs and (own or not wanted.adopt):
            return
        if not own and not wanted.adopt:
            what = ", ".join(WORDS[c] for c in differs)
            self.into.refused.append((where, _BY_HAND.format(id=instance.enrol, what=what)))
            return
        shut = differs.get("status") == DISABLED
        action = Action.UPDATE_METHOD if own else Action.ADOPT_METHOD
        self.instances[place] = rewrite(
            instance,
            differs,
            Action.DISABLE_METHOD if shut and own else action,
            Reason.RULE_CHANGED,
            self.into,
            owner=wanted.source,
        )

    @staticmethod
    def _differs(instance: Instance, spec: LinkSpec, group: int) -> dict[str, int]:
        """Columns that are not as the rule wants them → what it wants."""
        wanted = {"status": ENABLED if spec.enabled else DISABLED}
        if spec.method == "cohort":
            wanted["roleid"] = spec.role
        if spec.group is not None:
            wanted["customint2"] = group
        return differing(instance, wanted)

    # -- what is not wanted any more -----------------------------------------------------------------------
    def _surplus(self) -> None:
        for place, instance in enumerate(self.instances):
            owner = self.terms.owned.get(instance.enrol)
            if owner is None or instance.enrol in self.meant:
                continue
            self.into.mine.add(instance.enrol)
            becomes = Surplus.KEEP if owner in self.doubt else self.terms.surplus.get(owner, Surplus.KEEP)
            if becomes is Surplus.DELETE:
                self.instances[place] = delete(instance, Reason.NOT_NAMED, self.into)
            elif becomes is Surplus.DISABLE and instance.enabled:
                self.instances[place] = disable(instance, Reason.NOT_NAMED, self.into)


_BY_HAND = (
    "the course has this method already, made by hand (id {id}), with another {what};"
    " `adopt = true` in its rule changes it and makes it Greffe's"
)


def _said(where: str, spec: LinkSpec, wanted: WantedLink) -> str:
    """What one of several rows says that others do not."""
    others: Iterable[LinkSpec] = [c.spec for c in wanted.claims]
    parts = []
    if len({o.role for o in others}) > 1:
        parts.append(f"role id {spec.role}" if spec.role else "no role")
    if len({o.group for o in others}) > 1:
        parts.append(f"group {spec.group!r}")
    if len({o.enabled for o in others}) > 1:
        parts.append("enabled" if spec.enabled else "disabled")
    return f"{where}: {', '.join(parts) or 'a group that is created, or must be there'}"
