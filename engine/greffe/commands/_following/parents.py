"""What parent courses will give to their children when the layers before are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from greffe.commands._following.followed import FollowedState
from greffe.commands._following.relinker import Relinker
from greffe.methods import meta
from greffe.methods.scope import Scope, component, join_ids, parse_ids
from greffe.moodle.catalogue import Catalogue
from greffe.moodle.instances import WayIn
from greffe.plan.plan import Place


class Parents:
    """Of one pass of a plan."""

    def __init__(
        self,
        state: FollowedState,
        catalogue: Catalogue,
        relinker: Relinker | None,
        held: frozenset[Place],
        born: Mapping[int, meta.Way],
        *,
        gains_only: bool,
    ) -> None:
        """``held``: where guards hold what people would lose; ``born``: course → the method that the layer before creates there;
        ``gains_only``: whether the calendar lets nobody lose anything."""
        self._state, self._catalogue, self._relinker = state, catalogue, relinker
        self._held, self._born, self._gains_only = held, born, gains_only

    def of(self, course: int, will_be: Mapping[int, Scope], site_rules: meta.Rules) -> meta.Parent:
        """``will_be``: instances as the plan leaves them, as far as they have been planned."""
        known = self._catalogue.courses.get(course)
        if known is None:
            return meta.Parent(there=False)
        ways = self._state.ways.get(course, [])
        holders = dict(self._state.holders.get(known.context, {}))
        changed = [w for w in ways if will_be[w.enrol] is not self._state.scopes[w.enrol]]
        for way in changed:
            giver = component(way.method)
            holders = {k: t for k, t in holders.items() if k[:2] != (giver, way.enrol)}
            holders |= {(giver, way.enrol, r): text for r, text in will_be[way.enrol].roles.items()}
        if gone := self._left_for_good(ways, changed, will_be):
            holders = {k: join_ids([u for u in parse_ids(t) if u not in gone]) for k, t in holders.items()}
        found = [meta.Way(w.method, self._enabled(w), will_be[w.enrol]) for w in ways]
        if born := self._born.get(course):
            found.append(born)
            holders |= {(component(born.method), 0, r): text for r, text in born.scope.roles.items()}
        return meta.parent(
            found,
            holders,
            self._catalogue.plugins_enabled,
            site_rules,
        )

    def _enabled(self, way: WayIn) -> bool:
        """Whether it is switched on when the plan is made, as far as the guards let it."""
        changes = self._relinker.relinking.changes if self._relinker else {}
        if way.enrol not in changes or (way.course, way.enrol) in self._held:
            return way.enabled
        instances = self._state.instances.get(way.method, ())
        will_be = next((i.enabled for i in instances if i.enrol == way.enrol), way.enabled)
        return will_be or (way.enabled and self._gains_only)

    def _left_for_good(
        self, ways: Sequence[WayIn], changed: Sequence[WayIn], will_be: Mapping[int, Scope]
    ) -> set[int]:
        """Whom this plan takes the last enrolment in a course: with that goes every role there."""
        gone = {
            u for w in changed for u in _enrolled(self._state.scopes[w.enrol]) - _enrolled(will_be[w.enrol])
        }
        for way in ways if gone else ():
            gone -= _enrolled(will_be[way.enrol])
        return gone


def _enrolled(scope: Scope) -> set[int]:
    return set(parse_ids(scope.active)).union(
        parse_ids(scope.suspended), *map(parse_ids, scope.timed.values())
    )
