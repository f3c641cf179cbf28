"""The methods ``manual`` and ``self``: what lines of a file ask of one instance, minus what is there.

Their roles and groups are nobody's (component '', itemid 0; ``roles_protected()`` is false): a role that a teacher gave by
hand and one that a file gave are the same row. So nothing is ever taken away but what a line says, or, where the file is the
whole list, the enrolments of those whom it does not name (moodle-writes §1.3, §2.1–2.4).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from greffe.methods.following import InstanceDiff, State
from greffe.methods.scope import Scope, Times
from greffe.model import Action, Batch, Reason

MANUAL = "manual"
SELF = "self"

_DAY = 86400


def default_instance(settings: Mapping[str, str]) -> dict[str, Any]:
    """Columns of the instance that a course without the method ``manual`` gets, from the plugin's settings
    (``enrol_manual_plugin::add_default_instance``)."""
    notify = _number(settings.get("expirynotify")) or 0
    return {
        "status": _number(settings.get("status")) or 0,
        "roleid": _number(settings.get("roleid")) or 0,
        "enrolperiod": _number(settings.get("enrolperiod")) or 0,
        "expirynotify": notify,
        "notifyall": int(notify == 2),
        "expirythreshold": _DAY if (n := _number(settings.get("expirythreshold"))) is None else n,
        "customint1": _number(settings.get("sendcoursewelcomemessage")),
        "customint2": None,
    }


def _number(text: str | None) -> int | None:
    return int(text) if text and text.lstrip("-").isdigit() else None


@dataclass(slots=True)
class Wanted:
    """What lines ask of one instance. Each person with the line that says it."""

    people: dict[int, int] = field(default_factory=dict)
    """Who is to be enrolled."""
    leaving: dict[int, int] = field(default_factory=dict)
    """Who is to be taken out."""
    leaving_role: dict[int, int] = field(default_factory=dict)
    """Of those: the role that is to go; who holds another by hand keeps his enrolment."""
    start: dict[int, int] = field(default_factory=dict)
    end: dict[int, int] = field(default_factory=dict)
    """Limits, of those for whom lines say any."""
    suspended: dict[int, bool] = field(default_factory=dict)
    roles: dict[int, dict[int, int]] = field(default_factory=dict)
    """Role → who gets it."""
    groups: dict[str, dict[int, int]] = field(default_factory=dict)
    """Group's name → who joins it."""
    groupings: dict[str, dict[str, int]] = field(default_factory=dict)
    """Grouping's name → names of its groups."""
    whole: bool = False
    """Whether these are all who belong there: nobody else stays enrolled by the instance."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a course and its method say where lines do not."""

    role: int
    """What people become for whom no line names a role, when they are enrolled."""
    period: int = 0
    """Seconds that an enrolment lasts; 0: for ever."""
    today: int = 0
    """When today began, seconds since 1970: from then on a period counts."""
    with_grades: bool = False
    """Whether grades may go with a last enrolment."""
    group_ids: Mapping[str, int] = field(default_factory=dict)
    grouping_ids: Mapping[str, int] = field(default_factory=dict)
    grouped: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """Grouping → its groups."""
    reason: Reason = Reason.ASKED


def diff(wanted: Wanted, scope: Scope, terms: Terms) -> InstanceDiff:
    """Compare what lines ask for with what is there.

    ``scope.roles``: all roles that were given by hand in the course; ``scope.groups``: everybody in the groups that lines
    name.
    """
    return _Opened(wanted, scope, terms).diff()


def conversion(
    automatic: Iterable[Scope], chosen: Callable[[int, bool], bool], scope: Scope, groups: Mapping[int, str]
) -> Wanted:
    """What keeps people whom automatic methods brought into a course, as if lines said so: with the roles, times and groups
    that these gave. ``chosen``: of (person, whether he is suspended), whom it concerns; ``scope``: what is there by hand:
    who has an enrolment there already keeps its times; ``groups``: their names."""
    here = State.of(scope)
    wanted = Wanted()
    for one in automatic:
        state = State.of(one)
        people = {u for u in state.enrolled if chosen(u, u in state.suspended)}
        for user in people - wanted.people.keys():
            wanted.people[user] = 0
            if user not in here.enrolled:
                wanted.start[user], wanted.end[user] = state.times.get(user, (0, 0))
        for role, holders in state.roles.items():
            if mine := holders & people:
                wanted.roles.setdefault(role, {}).update(dict.fromkeys(mine, 0))
        for group, members in state.mine.items():
            if mine := members & people:
                wanted.groups.setdefault(groups[group], {}).update(dict.fromkeys(mine, 0))
    return wanted


def handed_over(scope: Scope, people: Collection[int], groups: Mapping[int, str]) -> list[Batch]:
    """Memberships that an automatic method gave up, so that they can be by hand: a person is in a group once."""
    return [
        Batch(
            action=Action.LEAVE_GROUP, course=scope.course, reason=Reason.CONVERTED, users=users, sources=[0] * len(users),
            enrol=scope.enrol, group=group, group_name=groups[group], feeds=(0,),
        )
        for group, members in sorted(State.of(scope).mine.items())
        if (users := sorted(members.intersection(people)))
    ]  # fmt: skip


def renewal(scope: Scope, *, end: int | None, reactivate: bool, role: int = 0) -> Wanted:
    """Whose enrolment lasts longer, or is active again, as if lines said so. ``end``: until when, 0 for ever; nobody's time
    becomes shorter. ``role``: only of those who hold it by hand; 0: of all."""
    state = State.of(scope)
    who = state.enrolled & state.roles.get(role, set()) if role else state.enrolled
    wanted = Wanted()
    for user in who:
        until = state.times.get(user, (0, 0))[1]
        longer = end is not None and until != 0 and (end == 0 or until < end)
        if user in state.suspended and not reactivate:
            continue
        if longer and end is not None:
            wanted.end[user] = end
        if longer or user in state.suspended:
            wanted.people[user] = 0
    return wanted


def fingerprint(scope: Scope, batches: Iterable[Batch]) -> str:
    """Tells whether all is still as it was when these changes were planned; of groups only those that somebody joins."""
    joined = {b.group for b in batches if b.action is Action.JOIN_GROUP}
    return replace(scope, groups={g: m for g, m in scope.groups.items() if g in joined}).fingerprint()


class _Opened:
    def __init__(self, wanted: Wanted, scope: Scope, terms: Terms) -> None:
        self.wanted, self.scope, self.terms = wanted, scope, terms
        self.state = State.of(scope)
        self.held: dict[int, set[int]] = defaultdict(set)
        """Person → what he holds by hand."""
        for role, holders in self.state.roles.items():
            for user in holders:
                self.held[user].add(role)
        self.batches: list[Batch] = []

    def diff(self) -> InstanceDiff:
        if not self.scope.enrol and self.wanted.people:
            self._one(Action.CREATE_METHOD)
        self._enrolments()
        self._roles()
        self._groups()
        self._groupings()
        if self.scope.enrol:
            self._leavers()
        active = self.state.active
        holders = {r: len(h & active) for r, h in self.state.roles.items() if h & active}
        return InstanceDiff(self.batches, holders, len(active))

    # -- who is named --------------------------------------------------------------------------------------
    def _enrolments(self) -> None:
        found: dict[tuple[Action, Times | None, bool], list[int]] = defaultdict(list)
        for user in sorted(self.wanted.people):
            if (change := self._enrolment(user)) is not None:
                found[change].append(user)
        for (action, times, suspended), users in sorted(
            found.items(), key=lambda c: (list(Action).index(c[0][0]), c[0][1] or (-1, -1), c[0][2])
        ):
            self._add(action, users, self.wanted.people, times=times, suspended=suspended)

    def _enrolment(self, user: int) -> tuple[Action, Times | None, bool] | None:
        """(what happens to his enrolment, its limits where they are written, whether it is suspended then)."""
        suspended = self.wanted.suspended.get(user, False)
        if user not in self.state.enrolled:
            return Action.ENROL, self._first_times(user), suspended
        now = self.state.times.get(user, (0, 0))
        want = (self.wanted.start.get(user, now[0]), self.wanted.end.get(user, now[1]))
        times = want if want != now else None
        if suspended != (user in self.state.suspended):
            # of a suspension the flag says only what it is anyway
            return (Action.SUSPEND, times, False) if suspended else (Action.REACTIVATE, times, False)
        return None if times is None else (Action.SET_TIMES, times, suspended)

    def _first_times(self, user: int) -> Times:
        """Limits of a new enrolment: an instance may say how long one lasts."""
        start = self.wanted.start.get(user, 0)
        end = self.wanted.end.get(user)
        if end is None:
            end = (start or self.terms.today) + self.terms.period if self.terms.period else 0
        return start, end

    def _roles(self) -> None:
        roles = {r: dict(people) for r, people in self.wanted.roles.items()}
        named = set[int]().union(*self.wanted.roles.values())
        for user, source in self.wanted.people.items():
            comes = user not in self.state.enrolled or (
                # whose roles went when he was suspended
                user in self.state.suspended and not self.held[user] and not self.wanted.suspended.get(user)
            )
            if comes and user not in named and self.terms.role:
                roles.setdefault(self.terms.role, {})[user] = source
        for role, people in sorted(roles.items()):
            missing = sorted(u for u in people if role not in self.held[u])
            self._add(Action.ASSIGN_ROLE, missing, people, role=role)

    def _groups(self) -> None:
        for name, people in sorted(self.wanted.groups.items()):
            group = self.terms.group_ids.get(name, 0)
            if not group:
                self._one(Action.CREATE_GROUP, group_name=name)
            there = self.state.anyhow.get(group, set())
            joining = sorted(u for u in people if u not in there)
            self._add(Action.JOIN_GROUP, joining, people, group=group, group_name=name)

    def _groupings(self) -> None:
        for name, groups in sorted(self.wanted.groupings.items()):
            grouping = self.terms.grouping_ids.get(name, 0)
            if not grouping:
                self._one(Action.CREATE_GROUPING, grouping=name)
            for group_name in sorted(groups):
                group = self.terms.group_ids.get(group_name, 0)
                if group not in self.terms.grouped.get(grouping, ()):
                    self._one(Action.JOIN_GROUPING, group=group, group_name=group_name, grouping=name)

    # -- who goes ------------------------------------------------------------------------------------------
    def _leavers(self) -> None:
        going = []
        stripped: dict[int, list[int]] = defaultdict(list)
        for user in sorted(self.wanted.leaving):
            role = self.wanted.leaving_role.get(user, 0)
            if role and role in self.held[user]:
                stripped[role].append(user)
            if user in self.state.enrolled and not (role and self.held[user] - {role}):
                going.append(user)
        for role, users in sorted(stripped.items()):
            self._add(Action.REMOVE_ROLE, users, self.wanted.leaving, role=role)
        self._unenrol(going, self.terms.reason)
        if self.wanted.whole:
            named = self.wanted.people.keys() | self.wanted.leaving.keys()
            self._unenrol(sorted(self.state.enrolled - named), Reason.NOT_IN_FILE)

    def _unenrol(self, users: list[int], reason: Reason) -> None:
        """By what they hold, so that the guards see when all teachers of a course would leave."""
        parts: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for user in users:
            parts[tuple(sorted(self.held[user]))].append(user)
        for held, alike in sorted(parts.items()):
            self._add(Action.UNENROL, alike, self.wanted.leaving, held=held, reason=reason)

    # -- batches -------------------------------------------------------------------------------------------
    def _one(self, action: Action, **more: Any) -> None:
        self.batches.append(self._batch(action, [], {}, **more))

    def _add(self, action: Action, users: list[int], lines: Mapping[int, int], **more: Any) -> None:
        if users:
            self.batches.append(self._batch(action, users, lines, **more))

    def _batch(self, action: Action, users: list[int], lines: Mapping[int, int], **more: Any) -> Batch:
        told: dict[str, Any] = {"reason": self.terms.reason} | more
        return Batch(
            action=action,
            course=self.scope.course,
            users=users,
            sources=[lines.get(u, 0) for u in users],
            enrol=max(self.scope.enrol, 0),
            feeds=(0,),
            with_grades=action is Action.UNENROL and self.terms.with_grades,
            **told,
        )
