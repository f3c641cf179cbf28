"""Instances of methods that follow something, and what they follow, as the site has them before the plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from greffe.apply.transaction import Refused
from greffe.commands._departing import Departing
from greffe.commands._following.instancepart import part_of
from greffe.commands._following.relinker import Relinker
from greffe.commands._named.naming import course_name, method_name
from greffe.methods import cohort, meta
from greffe.methods.following import Instance, dissolve
from greffe.methods.relinking import spare
from greffe.methods.scope import Scope, component
from greffe.moodle.catalogue import Catalogue
from greffe.moodle.database import Database
from greffe.moodle.instances import Followed, InstanceReader, WayIn

LOOP = "linked in a circle"


class FollowedState:
    """Read once, in the transaction that is open. Instances are as the plan will have them, their people as they are now."""

    def __init__(
        self,
        db: Database,
        catalogue: Catalogue,
        wanted: Callable[[Instance], bool],
        relinker: Relinker | None,
    ) -> None:
        """``wanted``: which instances may be touched."""
        self._db, self._catalogue, self._wanted, self._relinker = db, catalogue, wanted, relinker
        self.refused: list[Refused] = []
        self.kept_for_grades: set[int] = set()
        """Instances that are switched off rather than deleted."""
        self.instances: dict[str, list[Instance]] = {}
        """By method."""
        self.scopes: dict[int, Scope] = {}
        """By instance; of the ways into parents, too."""
        self.ways: dict[int, list[WayIn]] = {}
        """Into parent courses, those too that the plan makes."""
        self.holders: dict[int, meta.Holders] = {}
        """Of roles in parent courses, by context."""
        self.members: dict[int, str] = {}
        """Cohort → its members."""
        self._names: dict[int, str] = {}
        """Cohort → as people call it."""

    def read(self, methods: Sequence[str]) -> None:
        """Everything that the plan rests on. ``methods`` in the order in which one can follow from the other."""
        reader = InstanceReader(self._db, self._catalogue)
        for method in methods:
            there = reader.instances(method)
            found = [i for i in self._settled(method, there) if self._wanted(i)]
            chosen = {i.enrol for i in found}
            self.scopes |= reader.scopes(
                [i for i in there if i.enrol in chosen], found if self._relinker else ()
            )
            self.instances[method] = self._without_graded(found)
        if cohorts := {i.source for i in self.instances.get(cohort.METHOD, ()) if i.source > 0}:
            self.members = reader.members(cohorts)
            self._names = reader.cohort_names(cohorts)
        courses = self._catalogue.courses
        if parents := {i.source for i in self.instances.get(meta.METHOD, ())} & courses.keys():
            self._read_parents(reader, parents)

    def look(self, methods: Sequence[str]) -> None:
        """Find what is refused, without reading anybody's enrolment; instead of ``read``."""
        reader = InstanceReader(self._db, self._catalogue)
        for method in methods:
            self._settled(method, reader.instances(method))

    def name(self, instance: Instance) -> str:
        """As people call it: by what it follows."""
        names: Mapping[int, str] = self._names
        if instance.source < 0 and self._relinker:
            names = {number: name for name, number in self._relinker.new_cohorts.items()} or names
        followed = Followed(instance.course, instance.method, instance.source)
        return method_name(followed, self._catalogue.courses, names)

    def _settled(self, method: str, there: list[Instance]) -> list[Instance]:
        """The method's instances as they will be, without those that are linked in a circle."""
        found = self._relinker.settle(method, there) if self._relinker else there
        return self._without_loops(found) if method == meta.METHOD else found

    def _without_loops(self, found: list[Instance]) -> list[Instance]:
        _, loops = meta.order((i.source, i.course) for i in found if not i.leaving)
        for loop in loops:
            path = " → ".join(course_name(self._catalogue.courses, c) for c in loop)
            self.refused.append(Refused(path, "", f"{LOOP}; delete one of these meta links in Moodle", []))
        circle = {pair for loop in loops for pair in pairwise(loop)}
        return [i for i in found if i.leaving or (i.source, i.course) not in circle]

    def _without_graded(self, found: list[Instance]) -> list[Instance]:
        """Nobody's grades go with a method that is given up: such an instance is only switched off."""
        leaving = [i for i in found if i.leaving]
        if not leaving or self._relinker is None or self._relinker.relinking.with_grades:
            return found
        relinker = self._relinker
        parts = [part_of(i, (s := self.scopes[i.enrol]), dissolve(i, s), relinker) for i in leaving]
        graded = Departing(self._db).losing_grades(parts)
        stays = {
            p.enrol for p in parts for b in p.batches if any((p.course, user) in graded for user in b.users)
        }
        self.kept_for_grades |= stays
        return [spare(i, relinker.relinking) if i.enrol in stays else i for i in found]

    def _read_parents(self, reader: InstanceReader, parents: set[int]) -> None:
        """What children are made from: the ways into their parents, and who holds which role there."""
        self.ways = self._with_new_ones(reader.ways(parents))
        missing = [w for ways in self.ways.values() for w in ways if w.enrol not in self.scopes]
        self.scopes |= reader.enrolments(missing)
        self.holders = reader.holders({self._catalogue.courses[c].context for c in parents})
        for way in missing:
            held = self.holders.get(self._catalogue.courses[way.course].context, {})
            giver = (component(way.method), way.enrol)
            self.scopes[way.enrol].roles = {r: text for (*by, r), text in held.items() if tuple(by) == giver}

    def _with_new_ones(self, ways: dict[int, list[WayIn]]) -> dict[int, list[WayIn]]:
        """Ways into courses, those too that the plan makes."""
        for found in self.instances.values():
            for i in found:
                if i.enrol < 0 and i.course in ways:
                    ways[i.course].append(WayIn(i.enrol, i.course, i.method, i.enabled))
        return ways
