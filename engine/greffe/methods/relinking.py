"""What happens to method instances themselves when somebody changes them: rules, a new academic year, a file.

Only the instance's own row is made, changed, disabled or deleted here (moodle-writes §1.1, §1.3); who is enrolled by it then
follows from its sync, which is planned from the instances as they will be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from greffe.methods.following import Instance
from greffe.model import Action, Reason

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
    with_grades: bool = False
    """Whether what is deleted may take grades along."""
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


WORDS = {"status": "status", "roleid": "role", "customint2": "group"}
"""Columns of an instance that can be given to it anew, as people call them."""


def differing(instance: Instance, wanted: Mapping[str, int]) -> dict[str, int]:
    """Those of these columns that the instance has otherwise; no group and one that was never set are the same."""
    return {c: v for c, v in wanted.items() if v != (_now(instance, c) or 0)}


def create(
    instance: Instance, reason: Reason, into: Relinking, *, cohort: str = "", owner: str | None = None
) -> None:
    """Note a new instance (its number is below 0). ``cohort``: its idnumber, where the same plan makes it."""
    group = instance.group or 0
    columns = {
        "status": ENABLED if instance.enabled else DISABLED,
        "roleid": instance.role,
        "customint1": max(instance.source, 0),
        "customint2": max(group, 0),
    }
    into.changes[instance.enrol] = MethodChange(
        Action.CREATE_METHOD, reason, columns, cohort=cohort, group=into.groups.get(group, ""), owner=owner
    )


def rewrite(
    instance: Instance,
    differs: Mapping[str, int],
    action: Action,
    reason: Reason,
    into: Relinking,
    owner: str | None = None,
) -> Instance:
    """The instance with these columns changed; a group below 0 is one that may have to be created."""
    group = differs.get("customint2", 0)
    into.changes[instance.enrol] = MethodChange(
        action,
        reason,
        {c: max(v, 0) for c, v in differs.items()},
        # a role that is gone cannot be told from none
        {c: _now(instance, c) for c in differs if c != "roleid" or instance.role},
        group=into.groups.get(group, ""),
        owner=owner,
    )
    return replace(
        instance,
        enabled=differs["status"] == ENABLED if "status" in differs else instance.enabled,
        role=differs.get("roleid", instance.role),
        former_role=instance.role if "roleid" in differs else 0,
        group=group if "customint2" in differs else instance.group,
        fillable=group != 0 if "customint2" in differs else instance.fillable,
    )


def delete(instance: Instance, reason: Reason, into: Relinking) -> Instance:
    """The instance about to be deleted."""
    was = {c: _now(instance, c) for c in WORDS if c != "roleid" or instance.role}
    was["customint1"] = instance.source
    into.changes[instance.enrol] = MethodChange(Action.DELETE_METHOD, reason, was=was)
    return replace(instance, leaving=True)


def disable(instance: Instance, reason: Reason, into: Relinking) -> Instance:
    """The instance switched off."""
    into.changes[instance.enrol] = MethodChange(
        Action.DISABLE_METHOD, reason, {"status": DISABLED}, {"status": ENABLED}
    )
    return replace(instance, enabled=False, leaving=False)


def spare(instance: Instance, into: Relinking) -> Instance:
    """An instance that cannot be deleted is only switched off."""
    change = into.changes[instance.enrol]
    if instance.enabled:
        return disable(instance, change.reason, into)
    del into.changes[instance.enrol]
    return replace(instance, leaving=False)


def children(*links: Iterable[tuple[int, int]]) -> Mapping[int, set[int]]:
    """(parent, child) → parent and the courses that follow it."""
    found: dict[int, set[int]] = defaultdict(set)
    for parent, child in chain(*links):
        found[parent].add(child)
    return found


def circle(below: Mapping[int, set[int]], parent: int, child: int, names: Mapping[int, str]) -> str:
    """Why a new link would have the course follow itself, by the links ``below``; '': it would not."""
    came = {child: 0}
    frontier = [child]
    while frontier and parent not in came:
        nxt = [(d, c) for c in frontier for d in sorted(below.get(c, ())) if d not in came]
        came |= dict(nxt)
        frontier = [d for d, _ in nxt]
    if parent not in came:
        return ""
    path = [parent]
    while path[-1] != child:
        path.append(came[path[-1]])
    way = " → ".join(names.get(c, str(c)) for c in (*reversed(path), child))
    return f"the course would follow itself: {way}"


def _now(instance: Instance, column: str) -> int | None:
    if column == "status":
        return ENABLED if instance.enabled else DISABLED
    return instance.role if column == "roleid" else instance.group
