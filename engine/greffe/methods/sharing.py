"""Groups that several instances of a course put people into.

A membership is one row per group and person, whichever instance it came through. Who leaves by one instance while another
still enrols him is out of the group, and Moodle's sync puts him in again through the other (groups_sync_with_enrolment comes
after the leavers; moodle-writes §4.1). So an instance has to know what the others of the same plan do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from greffe.methods.following import Instance
from greffe.methods.scope import Scope, join_ids, parse_ids
from greffe.model import Action, Batch


@dataclass(slots=True)
class SharedGroups:
    """What a plan does to memberships of groups that more than one instance fills."""

    groups: frozenset[int]
    left: dict[int, set[int]] = field(default_factory=dict)
    """Group → who leaves it by some instance; kept over the passes of a plan."""
    joined: dict[int, set[int]] = field(default_factory=dict)
    """Group → who joins it by an instance that was planned before, in the same pass."""

    @classmethod
    def of(cls, instances: Iterable[Instance], scopes: Mapping[int, Scope]) -> SharedGroups:
        """Of all instances of a plan: groups that more than one of them fills, or has filled until now."""
        users: dict[int, set[int]] = {}
        for instance in instances:
            filled = {g for g, members in scopes[instance.enrol].groups.items() if members.get(True)}
            if instance.fillable and instance.group:
                filled.add(instance.group)
            for group in filled:
                users.setdefault(group, set()).add(instance.enrol)
        return cls(frozenset(g for g, enrols in users.items() if len(enrols) > 1))

    def seen_by(self, instance: Instance, scope: Scope) -> Scope:
        """The scope with the group's members as the others leave them."""
        group = instance.group
        if group not in self.groups or group is None:
            return scope
        left, joined = self.left.get(group, set()), self.joined.get(group, set())
        if not left and not joined:
            return scope
        here = dict(scope.groups.get(group, {}))
        here[False] = join_ids(sorted((set(parse_ids(here.get(False, ""))) - left) | joined))
        seen = Scope(
            scope.course,
            scope.enrol,
            scope.active,
            scope.suspended,
            scope.gone_timed,
            scope.timed,
            scope.roles,
        )
        seen.groups = scope.groups | {group: here}
        return seen

    def note(self, scope: Scope, batches: Sequence[Batch]) -> bool:
        """What an instance does; whether somebody leaves of whom that was not known."""
        news = False
        for group in self.groups & scope.groups.keys():
            mine = set(parse_ids(scope.groups[group].get(True, "")))
            gone = {
                u
                for b in batches
                if (b.action is Action.LEAVE_GROUP and b.group == group) or b.action is Action.UNENROL
                for u in b.users
            } & mine
            known = self.left.setdefault(group, set())
            news = news or not gone <= known
            known |= gone
        for batch in batches:
            if batch.action is Action.JOIN_GROUP and batch.group in self.groups:
                self.joined.setdefault(batch.group, set()).update(batch.users)
        return news
