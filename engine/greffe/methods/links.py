"""Instances of ``cohort`` and ``meta`` as rules want them, held against those that are there.

What is made, changed, disabled or deleted here is only the instance's own row (moodle-writes §1.1, §1.3); who is enrolled
by it then follows from its sync, which is planned from the instances as they will be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from greffe.methods.following import Instance
from greffe.model import Action, Reason, Surplus
from greffe.rules.links import Key, LinkSpec, WantedLink

ENABLED, DISABLED = 0, 1
"""``enrol.status`` (moodle-writes §0.3)."""


@dataclass(frozen=True, slots=True)
class MethodChange:
    """What happens to the row of one instance."""

    action: Action
    reason: Reason
    columns: dict[str, Any] = field(default_factory=dict)
    """Columns that are written."""
    was: dict[str, Any] = field(default_factory=dict)
    """What they hold."""
    cohort: str = ""
    """Idnumber of the cohort that it follows, where the same plan creates that."""
    group: str = ""
    """Name of the group that its people join, where the same plan may have to create that."""
    owner: str | None = None
    """Who asks for it: a feed, or '' for the configuration."""

    @property
    def shuts(self) -> bool:
        """Whether its people are shut out by it."""
        return self.columns.get("status") == DISABLED and self.action is not Action.CREATE_METHOD


@dataclass(slots=True)
class Relinking:
    """Instances as they will be, and what makes them so."""

    changes: dict[int, MethodChange] = field(default_factory=dict)
    """By instance; new ones have numbers below 0."""
    groups: dict[int, str] = field(default_factory=dict)
    """Group that may have to be created (a number below 0) → its name."""
    refused: list[tuple[str, str]] = field(default_factory=list)
    """(where, why)."""
    named: list[tuple[int, str]] = field(default_factory=list)
    """(instance, who asks for it) of Greffe's own that are there already."""
    mine: set[int] = field(default_factory=set)
    """Instances that rules ask for or that are Greffe's: those that a night of rules brings in step."""
    _of_names: dict[tuple[int, str], int] = field(default_factory=dict)
    _last: int = 0

    def group(self, course: int, name: str) -> int:
        """The number of a group that may have to be created: one for all instances that ask for it."""
        if (course, name) not in self._of_names:
            self._of_names[course, name] = number = self.number()
            self.groups[number] = name
        return self._of_names[course, name]

    def number(self) -> int:
        """For something that is yet to be created."""
        self._last -= 1
        return self._last


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

    children: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Parent course → the courses that follow it, or are to."""

    def run(self) -> list[Instance]:
        if self.terms.method == "meta":
            for up, down in ((i.source, i.course) for i in self.instances):
                self.children[up].add(down)
            for _, course, parent in self.terms.wanted:
                self.children[int(parent)].add(course)
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
            why = self._circle(source, spec.course)
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

    def _circle(self, parent: int, child: int) -> str:
        """Why a new link would have the course follow itself, by links that are there and all that are wanted; '': it would
        not. So of a circle that rows ask for no part is made, whatever their order."""
        came = {child: 0}
        frontier = [child]
        while frontier and parent not in came:
            nxt = [(d, c) for c in frontier for d in sorted(self.children.get(c, ())) if d not in came]
            came |= dict(nxt)
            frontier = [d for d, _ in nxt]
        if parent not in came:
            return ""
        path = [parent]
        while path[-1] != child:
            path.append(came[path[-1]])
        names = [self.terms.names.get(c, str(c)) for c in (*reversed(path), child)]
        return f"the course would follow itself: {' → '.join(names)}"

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
        status = ENABLED if spec.enabled else DISABLED
        columns = {"status": status, "roleid": spec.role, "customint1": max(source, 0), "customint2": max(group, 0)}  # fmt: skip
        number = self.into.number()
        instance = Instance(
            enrol=number,
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
        self.meant.add(number)
        self.into.changes[number] = MethodChange(
            Action.CREATE_METHOD,
            Reason.RULE_CHANGED,
            columns,
            cohort=self.terms.new_cohorts.get(source, "") if spec.method == "cohort" else "",
            group=self.into.groups.get(group, ""),
            owner=owner,
        )

    def _change(self, place: int, spec: LinkSpec, group: int, wanted: WantedLink, where: str) -> None:
        instance = self.instances[place]
        own = instance.enrol in self.terms.owned
        differs = self._differs(instance, spec, group)
        if own:
            self.into.named.append((instance.enrol, wanted.source))
        if not differs and (own or not wanted.adopt):
            return
        if not own and not wanted.adopt:
            what = ", ".join(_WORDS[c] for c in differs)
            self.into.refused.append((where, _BY_HAND.format(id=instance.enrol, what=what)))
            return
        shut = differs.get("status") == DISABLED
        action = Action.UPDATE_METHOD if own else Action.ADOPT_METHOD
        self.into.changes[instance.enrol] = MethodChange(
            Action.DISABLE_METHOD if shut and own else action,
            Reason.RULE_CHANGED,
            {c: max(v, 0) for c, v in differs.items()},
            # a role that is gone cannot be told from none
            {c: _now(instance, c) for c in differs if c != "roleid" or instance.role},
            group=self.into.groups.get(group, ""),
            owner=wanted.source,
        )
        self.instances[place] = replace(
            instance,
            enabled=spec.enabled,
            role=spec.role,
            former_role=instance.role if "roleid" in differs else 0,
            group=group if "customint2" in differs else instance.group,
            fillable=group != 0 if "customint2" in differs else instance.fillable,
        )

    @staticmethod
    def _differs(instance: Instance, spec: LinkSpec, group: int) -> dict[str, int]:
        """Columns that are not as the rule wants them → what it wants."""
        wanted = {"status": ENABLED if spec.enabled else DISABLED}
        if spec.method == "cohort":
            wanted["roleid"] = spec.role
        if spec.group is not None:
            wanted["customint2"] = group
        return {c: v for c, v in wanted.items() if v != (_now(instance, c) or 0)}

    # -- what is not wanted any more -----------------------------------------------------------------------
    def _surplus(self) -> None:
        for place, instance in enumerate(self.instances):
            owner = self.terms.owned.get(instance.enrol)
            if owner is None or instance.enrol in self.meant:
                continue
            self.into.mine.add(instance.enrol)
            becomes = Surplus.KEEP if owner in self.doubt else self.terms.surplus.get(owner, Surplus.KEEP)
            if becomes is Surplus.DELETE:
                was = {c: _now(instance, c) for c in _WORDS if c != "roleid" or instance.role}
                was["customint1"] = instance.source
                self.into.changes[instance.enrol] = MethodChange(
                    Action.DELETE_METHOD, Reason.NOT_NAMED, was=was
                )
                self.instances[place] = replace(instance, leaving=True)
            elif becomes is Surplus.DISABLE and instance.enabled:
                self.instances[place] = self.disable(instance, self.into)

    @staticmethod
    def disable(instance: Instance, into: Relinking) -> Instance:
        """The instance switched off."""
        into.changes[instance.enrol] = MethodChange(
            Action.DISABLE_METHOD, Reason.NOT_NAMED, {"status": DISABLED}, {"status": ENABLED}
        )
        return replace(instance, enabled=False, leaving=False)


def spare(instance: Instance, into: Relinking) -> Instance:
    """An instance that cannot be deleted is only switched off."""
    if instance.enabled:
        return _Relink.disable(instance, into)
    del into.changes[instance.enrol]
    return replace(instance, leaving=False)


_BY_HAND = (
    "the course has this method already, made by hand (id {id}), with another {what};"
    " `adopt = true` in its rule changes it and makes it Greffe's"
)
_WORDS = {"status": "status", "roleid": "role", "customint2": "group"}


def _now(instance: Instance, column: str) -> int | None:
    if column == "status":
        return ENABLED if instance.enabled else DISABLED
    return instance.role if column == "roleid" else instance.group


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
