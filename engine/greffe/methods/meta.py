"""The method ``meta`` (Moodle's "Course meta link"): its people are those of a parent course.

The steps are those of enrol_meta_sync (enrol/meta/locallib.php; moodle-writes §5.1), in their order. What counts of the
parent: enrolments by every method that is switched on but ``meta`` itself, in enabled and disabled instances; a person is
active there if one of them is active in an enabled instance, from the earliest of their starts to the latest of their
ends. A child of a child follows nothing of its grandparent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from greffe.methods.following import (  # fmt: skip
    NO_TIMES,
    Instance,
    InstanceDiff,
    State,
    compare,
    counted,
    dissolve,
    leavers,
)
from greffe.methods.scope import Scope, Times, component, join_ids, parse_ids
from greffe.model import Leavers

METHOD = "meta"

Holders = Mapping[tuple[str, int, int], str]
"""(component, item, role) → who holds it in the course's context."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The site's own settings of enrol_meta."""

    action: Leavers = Leavers.SUSPEND_NO_ROLES
    sync_all: bool = True
    """Whether people come along who hold no role that is copied (syncall)."""
    ignored: frozenset[int] = frozenset()
    """Roles that are not copied (nosyncroleids)."""


def rules(settings: Mapping[str, str]) -> Rules:
    """Rows of ``config_plugins``. Where unenrolaction is missing people are suspended without roles; a number that the
    plugin does not know does nothing to them."""
    ignored = settings.get("nosyncroleids", "")
    return Rules(
        leavers(settings.get("unenrolaction"), Leavers.SUSPEND_NO_ROLES, Leavers.KEEP),
        settings.get("syncall", "1") not in ("", "0"),
        frozenset(int(r) for r in ignored.split(",") if r.strip().isdigit())
        if ignored != "0"
        else frozenset(),
    )


@dataclass(frozen=True, slots=True)
class Way:
    """One method instance of a parent course."""

    method: str
    enabled: bool
    scope: Scope


@dataclass(slots=True)
class Parent:
    """What a parent course gives to its children: made once, however many they are."""

    active: set[int] = field(default_factory=set)
    suspended: set[int] = field(default_factory=set)
    times: dict[int, Times] = field(default_factory=dict)
    copied: dict[int, set[int]] = field(default_factory=dict)
    """Role → who passes it on."""
    held: dict[int, set[int]] = field(default_factory=dict)
    """Role → who holds it by any component but enrol_meta: these keep it in the child."""
    there: bool = True
    """Whether the course is there at all."""
    image: Scope = field(default_factory=lambda: Scope(0, 0))
    """A child that is in step, as strings."""

    @property
    def people(self) -> set[int]:
        """Everybody whose enrolment counts."""
        return self.active | self.suspended

    @property
    def qualified(self) -> set[int]:
        """Who holds any role that is not ignored."""
        return set().union(*self.held.values())


def parent(ways: Sequence[Way], holders: Holders, plugins: Collection[str], of: Rules) -> Parent:
    """What a course gives, from its methods and from who holds which role there. ``plugins``: methods that are on."""
    counting = [w for w in ways if w.method != METHOD and w.method in plugins]
    made = Parent()
    plain: set[int] = set()
    limits: dict[int, list[Times]] = {}
    for way in counting:
        active = set(parse_ids(way.scope.active))
        timed = {t: parse_ids(text) for t, text in way.scope.timed.items()}
        made.suspended.update(parse_ids(way.scope.suspended))
        if not way.enabled:
            made.suspended.update(active, *timed.values())
            continue
        plain |= active
        for times, people in timed.items():
            for user in people:
                limits.setdefault(user, []).append(times)
    made.active = plain | limits.keys()
    made.suspended -= made.active
    for user in limits.keys() - plain:
        start = min(s for s, _ in limits[user])
        ends = [e for _, e in limits[user]]
        if (times := (start, 0 if 0 in ends else max(ends))) != NO_TIMES:
            made.times[user] = times
    givers = {"", *(component(p) for p in plugins if p != METHOD)}
    for (giver, _, role), text in holders.items():
        if giver != component(METHOD) and role not in of.ignored:
            people = parse_ids(text)
            made.held.setdefault(role, set()).update(people)
            if giver in givers:
                made.copied.setdefault(role, set()).update(people)
    made.image = _image(made)
    return made


def _image(made: Parent) -> Scope:
    image = Scope(0, 0)
    image.active = join_ids(sorted(made.active - made.times.keys()))
    image.suspended = join_ids(sorted(made.suspended))
    by_times: dict[Times, list[int]] = {}
    for user in sorted(made.times):
        by_times.setdefault(made.times[user], []).append(user)
    image.timed = {t: join_ids(people) for t, people in by_times.items()}
    image.roles = {
        r: join_ids(sorted(here)) for r, people in made.copied.items() if (here := people & made.active)
    }
    return image


def diff_instance(
    instance: Instance,
    scope: Scope,
    of: Parent,
    site: Rules,
    now: int,
    deleted: Collection[int] = frozenset(),
) -> InstanceDiff:
    """Compare a child with its parent as that will be when this plan is made. ``now``: the database's clock."""
    if instance.leaving:
        return dissolve(instance, scope)
    if _same(instance, scope, of, site):
        return counted(scope)
    before = State.of(scope)
    after = before.copy()
    qualified = of.qualified if not site.sync_all else set[int]()
    if instance.enabled:
        come = of.people - before.enrolled - set(deleted)
        if not site.sync_all:
            come &= qualified
        _stand_as(after, of, come)
    gone = before.enrolled - of.people
    if site.action is Leavers.UNENROL:
        after.unenrol(gone)
    elif site.action is not Leavers.KEEP:
        after.suspend(gone)
    stay = before.enrolled & of.people
    if not site.sync_all and site.action is not Leavers.UNENROL:
        ends = {u for u, (_, end) in of.times.items() if 0 < end <= now}
        differ = {
            u for u in stay & of.active if u not in after.active or after.times.get(u) != of.times.get(u)
        }
        stay -= differ - ends - qualified  # without a role nobody is woken
    _stand_as(after, of, stay)
    if instance.enabled and of.there:
        for role, people in of.copied.items():
            after.roles.setdefault(role, set()).update((people & after.active) - set(deleted))
    if site.action is not Leavers.SUSPEND and of.there:
        for role, holders in after.roles.items():
            stay_on = of.held.get(role, set()) & after.active if instance.enabled else ()
            holders.intersection_update(stay_on)
    elif site.action is Leavers.SUSPEND_NO_ROLES:
        for holders in after.roles.values():
            holders.difference_update(gone & before.active)
    if not site.sync_all:
        bare = after.enrolled - set().union(*after.roles.values())
        if site.action is Leavers.UNENROL:
            after.unenrol(bare)
        else:
            after.suspend(bare & after.active)
    after.follow_group(instance)
    return compare(before, after, instance, scope)


def _stand_as(state: State, of: Parent, people: set[int]) -> None:
    """These stand as in the parent: status and both times."""
    state.active -= people
    state.suspended -= people
    state.active |= people & of.active
    state.suspended |= people & of.suspended
    for user in people & state.times.keys():
        del state.times[user]
    state.times |= {u: of.times[u] for u in people & of.times.keys()}


def _same(instance: Instance, scope: Scope, of: Parent, site: Rules) -> bool:
    """Whether there is nothing to do, as far as that is seen without opening the scope."""
    image = of.image
    return (
        instance.enabled
        and of.there
        and site.sync_all
        and not scope.groups
        and not scope.gone_timed
        and scope.active == image.active
        and scope.suspended == image.suspended
        and scope.timed == image.timed
        and scope.roles == image.roles
    )


def order(links: Iterable[tuple[int, int]]) -> tuple[list[int], list[list[int]]]:
    """Courses in an order in which every parent comes before its children, and the loops: each as the courses on its way,
    the first once more at the end. ``links``: (parent, child). Who only hangs below a loop comes last."""
    children: dict[int, set[int]] = {}
    waiting: dict[int, int] = {}
    for up, down in set(links):
        children.setdefault(up, set()).add(down)
        waiting.setdefault(up, 0)
        waiting[down] = waiting.get(down, 0) + 1
    ready = sorted((c for c, n in waiting.items() if n == 0), reverse=True)
    done: list[int] = []
    while ready:
        course = ready.pop()
        done.append(course)
        for child in sorted(children.get(course, ()), reverse=True):
            waiting[child] -= 1
            if waiting[child] == 0:
                ready.append(child)
    rest = waiting.keys() - set(done)
    loops = _loops(children, set(rest))
    return done + sorted(rest), loops


def _loops(children: Mapping[int, Collection[int]], among: set[int]) -> list[list[int]]:
    """One loop for each knot of courses that are parents of themselves."""
    found: list[list[int]] = []
    seen: set[int] = set()
    for start in sorted(among):
        if start in seen:
            continue
        came: dict[int, int] = {}
        frontier = [start]
        while frontier and start not in came:
            nxt = []
            for course in frontier:
                for child in sorted(children.get(course, ())):
                    if child in among and child not in came:
                        came[child] = course
                        nxt.append(child)
            frontier = nxt
        if start in came:
            path = [start]
            while (up := came[path[-1]]) != start:
                path.append(up)
            path.append(start)
            found.append(path[::-1])
            seen.update(path)
    return found
