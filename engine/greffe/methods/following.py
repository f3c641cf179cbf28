"""Methods whose people follow from somewhere else: what an instance holds, what its own sync would make of it, and the
changes between the two.

The rules of ``cohort`` and ``meta`` are steps, as in Moodle's own syncs; they are taken on sets, and only the difference
between the first and the last state becomes a plan.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from greffe.methods.scope import Scope, Times, count_ids, join_ids, parse_ids
from greffe.model import Action, Batch, Leavers, Reason

NO_TIMES: Times = (0, 0)


@dataclass(frozen=True, slots=True)
class Instance:
    """One row of ``enrol`` of a method that follows something (moodle-writes §1.3)."""

    enrol: int
    course: int
    context: int
    """Of its course."""
    method: str
    enabled: bool
    source: int
    """What it follows (customint1): a cohort, or the parent course."""
    group: int | None = None
    """The group that everybody joins (customint2); 0: none; None: never set, and then Moodle takes nobody out of any."""
    role: int = 0
    """What a cohort's members become; 0: nothing, or a role that is gone."""
    fillable: bool = False
    """Whether the group is there, in the method's own course."""
    former_role: int = 0
    """What members became until this plan: with the instance's role Moodle takes the old one away (update_instance)."""
    leaving: bool = False
    """Whether it is about to be deleted, and its people with it."""

    @property
    def awaits_group(self) -> bool:
        """Whether its group is only made by the plan (a number below 0): then everybody has to join it."""
        return self.group is not None and self.group < 0


@dataclass(slots=True)
class State:
    """Who stands how in one instance."""

    active: set[int] = field(default_factory=set)
    suspended: set[int] = field(default_factory=set)
    times: dict[int, Times] = field(default_factory=dict)
    """Of those whose enrolment has any."""
    roles: dict[int, set[int]] = field(default_factory=dict)
    mine: dict[int, set[int]] = field(default_factory=dict)
    """Group → members through this instance."""
    anyhow: dict[int, set[int]] = field(default_factory=dict)
    """Group → all members; only of the group that everybody joins."""

    @classmethod
    def of(cls, scope: Scope) -> Self:
        """The state that a scope tells."""
        times = {
            u: t
            for found in (scope.timed, scope.gone_timed)
            for t, text in found.items()
            for u in parse_ids(text)
        }
        limited = {u for text in scope.timed.values() for u in parse_ids(text)}
        mine = {g: set(parse_ids(m.get(True, ""))) for g, m in scope.groups.items()}
        return cls(
            active=set(parse_ids(scope.active)) | limited,
            suspended=set(parse_ids(scope.suspended)),
            times=times,
            roles={r: set(parse_ids(text)) for r, text in scope.roles.items()},
            mine=mine,
            anyhow={g: mine[g] | set(parse_ids(m.get(False, ""))) for g, m in scope.groups.items()},
        )

    def copy(self) -> State:
        """The same, to be changed."""
        return State(
            set(self.active),
            set(self.suspended),
            dict(self.times),
            {r: set(h) for r, h in self.roles.items()},
            {g: set(m) for g, m in self.mine.items()},
            {g: set(m) for g, m in self.anyhow.items()},
        )

    @property
    def enrolled(self) -> set[int]:
        """Everybody with an enrolment."""
        return self.active | self.suspended

    def suspend(self, people: Iterable[int]) -> None:
        """These are suspended; times stay."""
        self.active.difference_update(people)
        self.suspended.update(people)

    def unenrol(self, people: Iterable[int]) -> None:
        """These are gone, and so is all that they held through the instance."""
        gone = set(people)
        self.active -= gone
        self.suspended -= gone
        for holders in self.roles.values():
            holders.difference_update(gone)

    def follow_group(self, instance: Instance) -> None:
        """groups_sync_with_enrolment: out of other groups that the instance put them into, into its own."""
        if instance.group is None:
            return
        everybody = self.enrolled
        for group, members in self.mine.items():
            if group != instance.group:
                members.difference_update(everybody)
        if instance.fillable:
            here = self.anyhow.setdefault(instance.group, set())
            self.mine.setdefault(instance.group, set()).update(everybody - here)
            here |= everybody


@dataclass(slots=True)
class InstanceDiff:
    """The changes of one instance, and the figures that the guards judge by."""

    batches: list[Batch] = field(default_factory=list)
    active: dict[int, int] = field(default_factory=dict)
    """Role → how many hold it and are active now."""
    people: int = 0


def dissolve(instance: Instance, scope: Scope) -> InstanceDiff:
    """Everybody is unenrolled before the instance is deleted (delete_instance)."""
    before = State.of(scope)
    after = State(mine={g: set() for g in before.mine}, anyhow={g: set() for g in before.anyhow})
    return compare(before, after, instance, scope)


def counted(scope: Scope) -> InstanceDiff:
    """An instance in which there is nothing to do; nothing is parsed for its figures."""
    return InstanceDiff([], {r: count_ids(text) for r, text in scope.roles.items()}, scope.people)


def compare(before: State, after: State, instance: Instance, scope: Scope) -> InstanceDiff:
    """What leads from one state to the other."""
    changes = _Changes(before, after, instance)
    changes.enrolments()
    changes.roles(scope)
    changes.groups()
    active = {r: len(h & before.active) for r, h in before.roles.items()}
    return InstanceDiff(changes.batches, active, len(before.active))


@dataclass(slots=True)
class _Changes:
    before: State
    after: State
    instance: Instance
    batches: list[Batch] = field(default_factory=list)

    @property
    def leaving(self) -> set[int]:
        return self.before.enrolled - self.after.enrolled

    def enrolments(self) -> None:
        old, new = self.before, self.after
        come = new.enrolled - old.enrolled
        for suspended, people in ((False, come & new.active), (True, come & new.suspended)):
            for times, users in self._by_times(people):
                self._add(Action.ENROL, Reason.MEMBER, users, times=times, suspended=suspended)
        for moved, users in self._by_moved_times(old.suspended & new.active):
            self._add(Action.REACTIVATE, Reason.MEMBER, users, times=moved)
        stay = {u for u in old.times.keys() | new.times.keys() if self._moved(u)}
        for times, users in self._by_times(stay & old.active & new.active):
            self._add(Action.SET_TIMES, Reason.TIMES_CHANGED, users, times=times)
        for times, users in self._by_times(stay & old.suspended & new.suspended):
            self._add(Action.SET_TIMES, Reason.TIMES_CHANGED, users, times=times, suspended=True)
        for held, people in self._by_held(old.active & new.suspended):
            for moved, users in self._by_moved_times(people):
                self._add(Action.SUSPEND, Reason.NOT_MEMBER, users, times=moved, held=held)
        for held, people in self._by_held(self.leaving):
            # Moodle's own setting says so, and its own sync asks nobody about grades
            self._add(Action.UNENROL, Reason.NOT_MEMBER, people, held=held, with_grades=True)

    def roles(self, scope: Scope) -> None:
        leaving = self.leaving
        for role in sorted(self.before.roles.keys() | self.after.roles.keys()):
            had, has = self.before.roles.get(role, set()), self.after.roles.get(role, set())
            self._add(Action.ASSIGN_ROLE, Reason.MEMBER, has - had, role=role)
            self._add(Action.REMOVE_ROLE, Reason.NOT_MEMBER, had - has - leaving, role=role)
            text = scope.roles.get(role, "")
            if count_ids(text) != len(had):
                self._add(Action.REMOVE_ROLE, Reason.DUPLICATE, _doubles(text) & has, role=role)

    def groups(self) -> None:
        leaving = self.leaving
        for group in sorted(self.before.mine.keys() | self.after.mine.keys()):
            had, has = self.before.mine.get(group, set()), self.after.mine.get(group, set())
            self._add(Action.LEAVE_GROUP, Reason.GROUP_CHANGED, had - has - leaving, group=group)
            self._add(Action.JOIN_GROUP, Reason.MEMBER, has - had, group=group)

    def _moved(self, user: int) -> bool:
        return self.before.times.get(user, NO_TIMES) != self.after.times.get(user, NO_TIMES)

    def _by_times(self, people: set[int]) -> list[tuple[Times, set[int]]]:
        parts: dict[Times, set[int]] = {}
        for user in people & self.after.times.keys():
            parts.setdefault(self.after.times[user], set()).add(user)
        plain = people - self.after.times.keys()
        return sorted([*parts.items(), *([(NO_TIMES, plain)] if plain else [])])

    def _by_moved_times(self, people: set[int]) -> list[tuple[Times | None, set[int]]]:
        """By the times that change with the status; None: they stay."""
        moved = {u for u in people if self._moved(u)} if self.before.times or self.after.times else set()
        return [(None, people - moved), *self._by_times(moved)]

    def _by_held(self, people: set[int]) -> list[tuple[tuple[int, ...], set[int]]]:
        """By the roles that they hold, for the guards."""
        parts: dict[tuple[int, ...], set[int]] = {}
        for user in people:
            held = tuple(sorted(r for r, h in self.before.roles.items() if user in h))
            parts.setdefault(held, set()).add(user)
        return sorted(parts.items())

    def _add(
        self,
        action: Action,
        reason: Reason,
        people: set[int],
        *,
        role: int = 0,
        group: int = 0,
        times: Times | None = None,
        suspended: bool = False,
        held: tuple[int, ...] = (),
        with_grades: bool = False,
    ) -> None:
        if people:
            self.batches.append(
                Batch(
                    action=action,
                    course=self.instance.course,
                    reason=reason,
                    users=sorted(people),
                    sources=[0] * len(people),
                    enrol=self.instance.enrol,
                    role=role,
                    group=group,
                    times=times,
                    held=held,
                    with_grades=with_grades,
                    suspended=suspended,
                )
            )


def _doubles(text: str) -> set[int]:
    seen: set[int] = set()
    twice: set[int] = set()
    for user in parse_ids(text):
        (twice if user in seen else seen).add(user)
    return twice


def after(scope: Scope, batches: Iterable[Batch]) -> Scope:
    """The scope as it is when these changes are made: what stands on it in the same plan follows from that."""
    state = State.of(scope)
    for batch in batches:
        _make(state, batch)
    return scope_of(state, scope)


def _make(state: State, batch: Batch) -> None:
    people = set(batch.users)
    match batch.action:
        case Action.ENROL | Action.REACTIVATE | Action.SET_TIMES | Action.SUSPEND:
            gone = batch.suspended or batch.action is Action.SUSPEND
            (state.suspended if gone else state.active).update(people)
            (state.active if gone else state.suspended).difference_update(people)
            if batch.times is not None:
                state.times |= dict.fromkeys(people, batch.times)
        case Action.UNENROL:
            state.unenrol(people)
        case Action.ASSIGN_ROLE:
            state.roles.setdefault(batch.role, set()).update(people)
        case Action.REMOVE_ROLE if batch.reason is not Reason.DUPLICATE:
            state.roles.get(batch.role, set()).difference_update(people)
        case Action.JOIN_GROUP:
            state.mine.setdefault(batch.group, set()).update(people)
        case Action.LEAVE_GROUP:
            state.mine.get(batch.group, set()).difference_update(people)
        case _:
            pass


def scope_of(state: State, like: Scope) -> Scope:
    """A state as strings; groups are not among them."""
    scope = Scope(like.course, like.enrol)
    limited = {u: t for u, t in state.times.items() if t != NO_TIMES}
    scope.active = join_ids(sorted(state.active - limited.keys()))
    scope.suspended = join_ids(sorted(state.suspended))
    for times in sorted(set(limited.values())):
        people = {u for u, t in limited.items() if t == times}
        if here := sorted(people & state.active):
            scope.timed[times] = join_ids(here)
        if here := sorted(people & state.suspended):
            scope.gone_timed[times] = join_ids(here)
    scope.roles = {r: join_ids(sorted(h)) for r, h in sorted(state.roles.items()) if h}
    return scope


def leavers(value: str | None, missing: Leavers, other: Leavers) -> Leavers:
    """A plugin's ``unenrolaction`` (moodle-writes §0.3): ``missing`` where the setting is not there, ``other`` for a number
    that the plugin does not know."""
    if value is None:
        return missing
    known = {0: Leavers.UNENROL, 2: Leavers.SUSPEND, 3: Leavers.SUSPEND_NO_ROLES}
    return known.get(int(value), other) if value.strip().isdigit() else other
