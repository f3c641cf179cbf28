"""Instances of ``cohort`` and ``meta`` as the lines of somebody's file ask for them, held against those that are there.

Unlike a rule a line says only what is to change: what it does not mention stays, what no line names is not looked at, and what
a file makes belongs to nobody afterwards. An instance that a rule keeps in step is not changed behind its back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from greffe.methods.following import Instance
from greffe.methods.relinking import (
    DISABLED,
    ENABLED,
    Relinking,
    children,
    circle,
    create,
    delete,
    differing,
    rewrite,
)
from greffe.model import Action, Reason

_CIRCLE = "{}; where this file deletes a link of that way, add this one with a second file"
_MISSING = "the course has no such method, so there is nothing to change: a line that adds makes it"
_SEVERAL = (
    "the course has this method more than once ({}): the line must say the role of the one that it means"
)
_RULED = "{} keeps this method as it is, and the next night would turn it back: change the rule, or `greffe release` it"


@dataclass(frozen=True, slots=True)
class AskedMethod:
    """One line, with what it names found on the site."""

    line: int
    method: str
    course: int
    source: int
    """What it follows: a cohort, or the parent course."""
    gone: bool = False
    """Whether it is to be deleted."""
    there: bool = False
    """Whether it must be there already."""
    role: int | None = None
    """Of a cohort's members, 0 for none; None: a new one gets the default, another keeps its own."""
    group: str | None = None
    """Name of the group that everybody joins, made where the course has none; '': none; None: it stays."""
    enabled: bool | None = None
    """None: a new one is, another stays as it is."""

    @property
    def key(self) -> tuple[int, int]:
        """What tells instances of a method apart, but for those that Moodle has twice with different roles."""
        return (self.course, self.source)


@dataclass(frozen=True, slots=True)
class FileTerms:
    """What is decided elsewhere, for the lines of one method."""

    method: str
    asked: Sequence[AskedMethod]
    ruled: Mapping[int, str]
    """Instance that a rule keeps in step → the rule."""
    groups: Mapping[tuple[int, str], int]
    """(course, name) → group."""
    group_names: Mapping[int, str]
    """Group that an instance fills → its name."""
    contexts: Mapping[int, int]
    """Course → its context."""
    names: Mapping[int, str]
    """Course → what people call it."""
    default_role: int
    """Of a new cohort method where the line says none."""


@dataclass(slots=True)
class Answers:
    """What becomes of each line."""

    refused: list[tuple[AskedMethod, str]] = field(default_factory=list)
    """With why."""
    already: list[AskedMethod] = field(default_factory=list)
    """Those that ask for what is so."""
    changes: dict[int, list[AskedMethod]] = field(default_factory=lambda: defaultdict(list))
    """Instance → the lines that ask for its change; new ones have numbers below 0."""


def settle(terms: FileTerms, found: Sequence[Instance], into: Relinking, answers: Answers) -> list[Instance]:
    """The method's instances as they will be; what makes them so is added to ``into``, what the lines get to ``answers``."""
    return _Settle(terms, list(found), into, answers).run()


@dataclass(slots=True)
class _Settle:
    terms: FileTerms
    instances: list[Instance]
    into: Relinking
    answers: Answers
    below: Mapping[int, set[int]] = field(default_factory=dict)
    """Parent course → its children, those that lines ask for among them: no part of a circle is made, whatever their order."""

    def run(self) -> list[Instance]:
        by_key: dict[tuple[int, int], list[AskedMethod]] = defaultdict(list)
        for asked in self.terms.asked:
            by_key[asked.key].append(asked)
        at: dict[tuple[int, int], list[int]] = defaultdict(list)
        for place, instance in enumerate(self.instances):
            at[instance.course, instance.source].append(place)
        if self.terms.method == "meta":
            wanted = ((a.source, a.course) for a in self.terms.asked if not a.gone)
            self.below = children(((i.source, i.course) for i in self.instances), wanted)
        for key, lines in by_key.items():
            self._settle(lines, at.get(key, []))
        return self.instances

    def _settle(self, lines: Sequence[AskedMethod], places: Sequence[int]) -> None:
        """Lines that name the same method of the same course."""
        alike: dict[AskedMethod, list[AskedMethod]] = defaultdict(list)
        for asked in lines:
            alike[replace(asked, line=0)].append(asked)
        of_role = {role: self._with_role(places, role) for a in alike if (role := a.role) is not None}
        apart = len(of_role) == len(alike) and all(a.gone or len(of_role[a.role or 0]) == 1 for a in alike)
        if len(alike) > 1 and not apart:
            said = ", ".join(str(a.line) for a in lines)
            self._refuse(lines, f"lines {said} want the same method of the same course differently")
            return
        for asked, same in alike.items():
            place, why = self._meant(
                asked, places, of_role.get(asked.role, ()) if asked.role is not None else ()
            )
            why = why or self._obstacle(asked, place)
            if why:
                self._refuse(same, why)
            else:
                self._make(asked, same, place)

    def _with_role(self, places: Sequence[int], role: int) -> list[int]:
        return [p for p in places if self.instances[p].role == role]

    def _meant(
        self, asked: AskedMethod, places: Sequence[int], of_role: Sequence[int]
    ) -> tuple[int | None, str]:
        """(the place of the instance that is meant, None: there is none; why that cannot be told)."""
        if len(of_role) == 1:
            return of_role[0], ""
        if asked.gone and asked.role is not None and not of_role:
            return None, ""  # the one with that role is gone
        if len(places) > 1:
            ids = ", ".join(f"id {self.instances[p].enrol}" for p in places)
            return None, _SEVERAL.format(ids)
        return (places[0] if places else None), ""

    def _obstacle(self, asked: AskedMethod, place: int | None) -> str:
        if place is None and asked.there:
            return _MISSING
        if place is not None or asked.gone or asked.method != "meta":
            return ""
        why = circle(self.below, asked.source, asked.course, self.terms.names)
        return _CIRCLE.format(why) if why else ""

    def _make(self, asked: AskedMethod, lines: Sequence[AskedMethod], place: int | None) -> None:
        if place is None:
            if asked.gone:
                self.answers.already += lines
            else:
                self.answers.changes[self._create(asked)] += lines
            return
        instance = self.instances[place]
        differs = {} if asked.gone else self._differs(asked, instance)
        if not asked.gone and not differs:
            self.answers.already += lines
        elif rule := self.terms.ruled.get(instance.enrol):
            self._refuse(lines, _RULED.format(rule))
        else:
            self.answers.changes[instance.enrol] += lines
            self.instances[place] = self._change(instance, differs)

    def _create(self, asked: AskedMethod) -> int:
        group = self._group(asked.course, asked.group) if asked.group else 0
        role = 0
        if asked.method == "cohort":
            role = self.terms.default_role if asked.role is None else asked.role
        instance = Instance(
            enrol=self.into.number(),
            course=asked.course,
            context=self.terms.contexts[asked.course],
            method=asked.method,
            enabled=asked.enabled is not False,
            source=asked.source,
            group=group,
            role=role,
            fillable=group != 0,
        )
        self.instances.append(instance)
        create(instance, Reason.ASKED, self.into)
        return instance.enrol

    def _change(self, instance: Instance, differs: Mapping[str, int]) -> Instance:
        if not differs:
            return delete(instance, Reason.ASKED, self.into)
        shut = differs.get("status") == DISABLED
        action = Action.DISABLE_METHOD if shut else Action.UPDATE_METHOD
        return rewrite(instance, differs, action, Reason.ASKED, self.into)

    def _differs(self, asked: AskedMethod, instance: Instance) -> dict[str, int]:
        """Columns that are not as the line wants them → what it wants."""
        wanted = {}
        if asked.enabled is not None:
            wanted["status"] = ENABLED if asked.enabled else DISABLED
        if asked.role is not None and asked.method == "cohort":
            wanted["roleid"] = asked.role
        if asked.group is not None and asked.group != self._group_name(instance):
            wanted["customint2"] = self._group(asked.course, asked.group) if asked.group else 0
        return differing(instance, wanted)

    def _group_name(self, instance: Instance) -> str:
        """The group that it fills; '' where that is gone, or another course's: that too is none."""
        return self.terms.group_names.get(instance.group or 0, "") if instance.fillable else ""

    def _group(self, course: int, name: str) -> int:
        return self.terms.groups.get((course, name)) or self.into.group(course, name)

    def _refuse(self, lines: Sequence[AskedMethod], why: str) -> None:
        self.answers.refused += [(a, why) for a in lines]
