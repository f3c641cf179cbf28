"""The method ``database`` (Moodle's "External database"): desired minus actual, one course at a time.

The rules are Moodle's own (enrol_database sync_enrolments, moodle-writes §3.2), in particular:

* Only people who hold a role through the instance are known to it; a leaver is one of these.
* Someone known who is suspended and comes back is activated with his times kept; someone who is not known but has a
  row is activated with his times set to none.
* A known person's roles that are no longer asked for are taken away, whatever the leaver action.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

from greffe.methods.scope import Scope, Times, component, join_ids, parse_ids
from greffe.model import USER_SHIFT, Action, Batch, Leavers, Reason

METHOD = "database"
"""Its name in ``enrol.enrol``."""
COMPONENT = component(METHOD)

_SOURCE = (1 << USER_SHIFT) - 1
_MILD = frozenset({Leavers.KEEP, Leavers.SUSPEND})
"""What takes nothing from somebody who is suspended."""


@dataclass(slots=True)
class Wanted:
    """What the registrations want of one course. Marks may repeat and come unsorted."""

    roles: dict[int, Sequence[int]] = field(default_factory=dict)
    """Role → marks."""
    others: dict[int, Sequence[int]] = field(default_factory=dict)
    """Role → marks of those who get it without being enrolled."""
    groups: dict[str, Sequence[int]] = field(default_factory=dict)
    """Group name → marks."""
    named: bool = False
    """Whether some registration names the course, be it nobody's that Moodle knows: then it has the method."""
    times: Mapping[int, Times | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Purge:
    """When leavers are unenrolled, and whether their grades may go with that."""

    after: int | None = None
    """Seconds that they have been suspended before; None: never."""
    with_grades: bool = False

    def gentler(self, other: Purge) -> Purge:
        """What both allow."""
        known = None if self.after is None or other.after is None else max(self.after, other.after)
        return Purge(known, self.with_grades and other.with_grades)


NEVER = Purge()


@dataclass(slots=True)
class Terms:
    """How leavers of one course are treated, and what must not be touched tonight."""

    leavers: Mapping[int, Leavers]
    """Role → what happens to those who held it; a role that no rule gives any more is as the gentlest of all."""
    purge: Mapping[int, Purge] = field(default_factory=dict)
    """Role → when those who held it are unenrolled; a role that is not named here: never."""
    frozen: frozenset[int] = frozenset()
    """Roles whose feed is bad tonight: nobody gets them, nobody loses them."""
    spared: Collection[int] = ()
    """People of whom it is not sure tonight that they left."""
    feeds: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    """Role → numbers of the feeds that answer for it."""
    group_ids: Mapping[str, int] = field(default_factory=dict)
    """Group name → id, of the groups that are there."""

    @property
    def purges(self) -> bool:
        """Whether somebody who is suspended may be unenrolled one day."""
        return any(
            p.after is not None and self.leavers.get(r) is not Leavers.UNENROL for r, p in self.purge.items()
        )


@dataclass(slots=True)
class CourseDiff:
    """The changes of one course, and the figures that the guards judge by."""

    batches: list[Batch] = field(default_factory=list)
    active: dict[int, int] = field(default_factory=dict)
    """Role → how many hold it and are active now."""
    people: int = 0
    """How many people that is: some hold several roles."""
    due: list[tuple[int, Batch]] = field(default_factory=list)
    """(seconds, unenrolments of suspended leavers): of those who have been suspended for that long."""


def unique(marks: Sequence[int]) -> dict[int, int]:
    """Person → source (feed and line) of the first registration that names him, ascending by person."""
    first = {m >> USER_SHIFT: m & _SOURCE for m in sorted(marks, reverse=True)}
    return dict(reversed(first.items()))


def diff_course(wanted: Wanted, scope: Scope, terms: Terms) -> CourseDiff:
    """Compare one course's registrations with what Moodle holds for it."""
    if not terms.frozen and (same := _same(wanted, scope, terms)) is not None:
        return same
    return _Opened(wanted, scope, terms).diff()


def _same(wanted: Wanted, scope: Scope, terms: Terms) -> CourseDiff | None:
    """The figures of a course in which there is nothing to do, as far as that is seen without opening it."""
    if scope.timed or wanted.times or wanted.groups or scope.groups or wanted.others:
        return None
    if wanted.named and not scope.enrol:
        return None
    roles = {r: {m >> USER_SHIFT for m in marks} for r, marks in wanted.roles.items() if marks}
    everybody = set().union(*roles.values())
    if join_ids(sorted(everybody)) != scope.active:
        return None
    leavers: set[int] = set()
    if scope.suspended:
        if terms.purges or not _MILD.issuperset(terms.leavers.values()):
            return None
        leavers = set(parse_ids(scope.suspended))  # who left in earlier years and kept his roles
    if any(not _held(text, roles.get(r, set()), leavers) for r, text in scope.roles.items()):
        return None
    if roles.keys() - scope.roles.keys():
        return None
    return CourseDiff(active={r: len(people) for r, people in roles.items()}, people=len(everybody))


def _held(text: str, people: set[int], leavers: set[int]) -> bool:
    """Whether these people hold the role, each once, and else only leavers do."""
    if not leavers:
        return text == join_ids(sorted(people))
    held = parse_ids(text)
    holders = set(held)
    return len(held) == len(holders) and holders - leavers == people


class _Opened:
    """One course whose strings differ, compared by sets."""

    def __init__(self, wanted: Wanted, scope: Scope, terms: Terms) -> None:
        self.wanted, self.scope, self.terms = wanted, scope, terms
        self.roles = {r: unique(m) for r, m in wanted.roles.items() if r not in terms.frozen}
        self.others = {r: unique(m) for r, m in wanted.others.items() if r not in terms.frozen}
        self.alone = {u for people in self.others.values() for u in people}
        """Who is wanted with a role, enrolled or not."""
        self.batches: list[Batch] = []
        self.due: list[tuple[int, Batch]] = []
        self.source: dict[int, int] = {}
        for people in reversed(list(self.roles.values())):
            self.source.update(people)
        self.desired = self.source.keys()
        self.timed = {u: t for t, text in scope.timed.items() for u in parse_ids(text)}
        self.active = set(parse_ids(scope.active)) | self.timed.keys()
        self.suspended = set(parse_ids(scope.suspended))
        rows = {r: parse_ids(text) for r, text in scope.roles.items()}
        self.holders = {r: set(users) for r, users in rows.items()}
        self.doubles = {r: _doubles(users) for r, users in rows.items() if len(users) != len(self.holders[r])}
        self.known = set().union(*self.holders.values()) if self.holders else set[int]()
        frozen = [self.holders[r] for r in terms.frozen if r in self.holders]
        self.spared = set(terms.spared).union(*frozen)
        self.feeds_all = tuple(
            sorted({f for r in {*self.roles, *self.others, *self.holders} for f in terms.feeds.get(r, ())})
        )

    def diff(self) -> CourseDiff:
        if not self.scope.enrol and (self.desired or self.alone or self.wanted.named):
            self._add(Action.CREATE_METHOD, Reason.REGISTERED, [], feeds=self.feeds_all)
        self._enrolments()
        self._roles()
        if self.wanted.groups or self.scope.groups:
            self._groups()
        self._leavers()
        if self.terms.purges:
            self._purge()
        active = {r: len(h & self.active) for r, h in self.holders.items()}
        return CourseDiff(self.batches, active, len(self.known & self.active), self.due)

    # -- people who are wanted -----------------------------------------------------------------------------
    def _enrolments(self) -> None:
        there = self.active | self.suspended
        new = [u for u in sorted(self.desired) if u not in there]
        for times, users in self._by_times(new):
            self._add(Action.ENROL, Reason.REGISTERED, users, times=times or (0, 0))
        back = sorted(self.desired & self.suspended)
        for times, users in self._by_times(back):
            known = [u for u in users if u in self.known]
            strangers = [u for u in users if u not in self.known]
            self._add(Action.REACTIVATE, Reason.REGISTERED, known, times=times)
            self._add(Action.REACTIVATE, Reason.REGISTERED, strangers, times=times or (0, 0))
        here = sorted(self.desired & self.active) if self.timed or self.wanted.times else []
        moved: dict[Times, list[int]] = {}
        for user in here:
            now = self.timed.get(user, (0, 0))
            want = self.wanted.times.get(user)
            if want is None and user not in self.known:
                want = (0, 0)
            if want is not None and want != now:
                moved.setdefault(want, []).append(user)
        for want, users in sorted(moved.items()):
            self._add(Action.SET_TIMES, Reason.TIMES_CHANGED, users, times=want)

    def _by_times(self, users: list[int]) -> Iterable[tuple[Times | None, list[int]]]:
        if not self.wanted.times:
            return [(None, users)]
        parts: dict[Times | None, list[int]] = {}
        for user in users:
            parts.setdefault(self.wanted.times.get(user), []).append(user)
        return sorted(parts.items(), key=lambda item: item[0] or (-1, -1))

    def _roles(self) -> None:
        for role in sorted({*self.roles, *self.others, *self.holders} - self.terms.frozen):
            want, have = self.others.get(role, {}) | self.roles.get(role, {}), self.holders.get(role, set())
            missing = [u for u in want if u not in have]
            self._add(Action.ASSIGN_ROLE, Reason.REGISTERED, missing, role=role, source=want)
            stay = have & (self.desired | self.alone | self.spared)
            if self._gentlest(role) is Leavers.KEEP:
                stay &= self.desired | self.alone
            surplus = sorted(u for u in stay if u not in want and u not in self.terms.spared)
            self._add(Action.REMOVE_ROLE, Reason.ROLE_CHANGED, surplus, role=role)
            self._add(Action.REMOVE_ROLE, Reason.DUPLICATE, self.doubles.get(role, []), role=role)

    def _groups(self) -> None:
        mine = {g: set(parse_ids(m.get(True, ""))) for g, m in self.scope.groups.items()}
        anyhow = {g: mine[g] | set(parse_ids(m.get(False, ""))) for g, m in self.scope.groups.items()}
        wanted: dict[int, dict[int, int]] = {}
        frozen = bool(self.terms.frozen)
        for name, marks in sorted(self.wanted.groups.items()):
            people = {u: s for u, s in unique(marks).items() if u in self.desired}
            if not people:
                continue
            group = self.terms.group_ids.get(name, 0)
            if not group:
                self._add(Action.CREATE_GROUP, Reason.REGISTERED, [], group_name=name)
            else:
                wanted[group] = people
            joining = [u for u in people if u not in anyhow.get(group, set())]
            self._add(
                Action.JOIN_GROUP, Reason.REGISTERED, joining, group=group, group_name=name, source=people
            )
        names = {i: n for n, i in self.terms.group_ids.items()}
        for group, members in sorted(mine.items()):
            gone = sorted(u for u in members & self.desired if u not in wanted.get(group, {}))
            if gone and not (frozen and self.spared.issuperset(gone)):
                gone = [u for u in gone if u not in self.spared]
                self._add(
                    Action.LEAVE_GROUP,
                    Reason.GROUP_CHANGED,
                    gone,
                    group=group,
                    group_name=names.get(group, ""),
                )

    # -- people who are not --------------------------------------------------------------------------------
    def _leavers(self) -> None:
        left: dict[tuple[Leavers, tuple[int, ...]], list[int]] = {}
        gone = self.known - self.desired - self.spared
        if _MILD.issuperset(self.terms.leavers.values()):
            gone &= self.active  # leavers of earlier years pile up, and have nothing left to lose
        for user in sorted(gone):
            held = tuple(sorted(r for r, h in self.holders.items() if user in h))
            action = min((self._gentlest(r) for r in held), key=lambda a: a.harshness)
            left.setdefault((action, held), []).append(user)
        for (action, held), users in sorted(
            left.items(), key=lambda item: (item[0][0].harshness, item[0][1])
        ):
            feeds = tuple(sorted({f for r in held for f in self.terms.feeds.get(r, ())}))
            enrolled = [u for u in users if u in self.active or u in self.suspended]
            if action is Leavers.UNENROL:
                grades = self._purge_of(held).with_grades
                self._add(
                    Action.UNENROL, Reason.LEFT_FEED, enrolled, feeds=feeds, held=held, with_grades=grades
                )
                # a role without enrolment stays behind for ever in Moodle (§3.3); here it goes
                bare = [u for u in users if u not in self.active and u not in self.suspended]
                self._strip(held, [u for u in bare if u not in self.alone], feeds)
            elif action is not Leavers.KEEP:
                leaving = [u for u in users if u in self.active]
                self._add(Action.SUSPEND, Reason.LEFT_FEED, leaving, feeds=feeds, held=held)
                if action is Leavers.SUSPEND_NO_ROLES:
                    self._strip(held, [u for u in users if u not in self.alone], feeds)

    def _purge(self) -> None:
        """Leavers who are suspended already: they are unenrolled once that has lasted."""
        due: dict[tuple[int, ...], list[int]] = {}
        for user in sorted(self.suspended - self.desired - self.alone - self.spared):
            due.setdefault(tuple(sorted(r for r, h in self.holders.items() if user in h)), []).append(user)
        for held, users in sorted(due.items()):
            if not held and self.terms.frozen:
                continue  # without a role nobody knows which feed he came from
            purge = self._purge_of(held)
            actions = [self._gentlest(r) for r in held]
            if purge.after is None or Leavers.UNENROL in actions:
                continue
            feeds = tuple(sorted({f for r in held for f in self.terms.feeds.get(r, ())})) or self.feeds_all
            self.due.append(
                (
                    purge.after,
                    Batch(
                        action=Action.UNENROL,
                        course=self.scope.course,
                        reason=Reason.PURGED,
                        users=users,
                        sources=[0] * len(users),
                        enrol=self.scope.enrol,
                        feeds=feeds,
                        held=held,
                        with_grades=purge.with_grades,
                    ),
                )
            )

    def _purge_of(self, held: tuple[int, ...]) -> Purge:
        """The gentlest that these roles allow; of all roles of the course for somebody who holds none any more."""
        found = [self.terms.purge.get(r, NEVER) for r in held or sorted(self.terms.leavers)]
        return reduce(Purge.gentler, found) if found else NEVER

    def _strip(self, held: tuple[int, ...], users: list[int], feeds: tuple[int, ...]) -> None:
        for role in held:
            self._add(Action.REMOVE_ROLE, Reason.LEFT_FEED, users, role=role, feeds=feeds)

    def _gentlest(self, role: int) -> Leavers:
        if role in self.terms.leavers:
            return self.terms.leavers[role]
        return min(self.terms.leavers.values(), key=lambda a: a.harshness, default=Leavers.KEEP)

    def _add(
        self,
        action: Action,
        reason: Reason,
        users: list[int],
        *,
        role: int = 0,
        group: int = 0,
        group_name: str = "",
        times: Times | None = None,
        source: Mapping[int, int] | None = None,
        feeds: tuple[int, ...] | None = None,
        held: tuple[int, ...] = (),
        with_grades: bool = False,
    ) -> None:
        if not users and action not in (Action.CREATE_METHOD, Action.CREATE_GROUP):
            return
        lines = source if source is not None else self.source
        self.batches.append(
            Batch(
                action=action,
                course=self.scope.course,
                reason=reason,
                users=users,
                sources=[lines.get(u, 0) for u in users],
                enrol=self.scope.enrol,
                role=role,
                group=group,
                group_name=group_name,
                times=times,
                feeds=feeds if feeds is not None else self._feeds_of(role),
                held=held,
                with_grades=with_grades,
            )
        )

    def _feeds_of(self, role: int) -> tuple[int, ...]:
        return self.terms.feeds.get(role, ()) if role else self.feeds_all


def _doubles(users: list[int]) -> list[int]:
    seen: set[int] = set()
    twice: set[int] = set()
    for user in users:
        (twice if user in seen else seen).add(user)
    return sorted(twice)
