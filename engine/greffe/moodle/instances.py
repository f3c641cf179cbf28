"""Instances of the methods ``cohort`` and ``meta``, and what they follow: members of cohorts, methods and roles of parents.

A few statements for the whole site, each answer a string of ids per row, as scopes are read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from greffe.methods.following import Instance
from greffe.methods.meta import Holders
from greffe.methods.scope import Scope, component
from greffe.moodle.aggregates import strings
from greffe.moodle.catalogue import Catalogue
from greffe.moodle.database import Database
from greffe.moodle.scopes import ScopeReader

_TOGETHER = 1000


@dataclass(frozen=True, slots=True)
class WayIn:
    """One method instance of a course."""

    enrol: int
    course: int
    method: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class Followed:
    """What a method instance follows, as far as people call it by that."""

    course: int
    method: str
    source: int
    """customint1: a cohort, or the parent course; of other methods it means something else."""


class InstanceReader:
    """Reads what following methods need, in the transaction that is open."""

    def __init__(self, db: Database, catalogue: Catalogue) -> None:
        self._db, self._catalogue = db, catalogue
        self._roles = set(catalogue.roles.values())

    def instances(self, method: str) -> list[Instance]:
        """All instances of a method in courses that are there, by course and id."""
        rows = [
            r for r in self._db.query("method_instances", method=method) if r[1] in self._catalogue.courses
        ]
        groups = {g: c for g, (c, _) in self.groups({int(r[4]) for r in rows if r[4]}).items()}
        return [
            Instance(
                enrol=int(enrol),
                course=int(course),
                context=self._catalogue.courses[course].context,
                method=method,
                enabled=status == 0,
                source=int(source or 0),
                group=None if group is None else int(group),
                role=int(role or 0) if role in self._roles else 0,
                fillable=groups.get(int(group or 0)) == course,
            )
            for enrol, course, status, source, group, role in rows
        ]

    def groups(self, ids: Collection[int]) -> dict[int, tuple[int, str]]:
        """Group → (its course, its name), of those that are there."""
        found: dict[int, tuple[int, str]] = {}
        for part in _parts(sorted(ids)):
            rows = self._db.query("groups_by_id", groups=part)
            found.update((int(g), (int(c), str(name))) for g, c, name in rows)
        return found

    def scopes(self, instances: Sequence[Instance], will_be: Sequence[Instance] = ()) -> dict[int, Scope]:
        """Instance → what it holds; its groups where they matter, and the times of the suspended where it sets them.

        ``will_be``: the same and new ones, as a plan makes them: their groups matter too.
        """
        empty = {i.enrol: Scope(i.course, i.enrol) for i in will_be if i.enrol < 0}
        if not instances:
            return empty
        method = instances[0].method
        given = {i.role for i in (*instances, *will_be) if i.role} if method == "cohort" else self._roles
        reader = ScopeReader(self._db, given, method)
        scopes = {s.enrol: s for s in reader.read([(i.course, i.enrol, i.context) for i in instances])}
        if method == "meta":
            reader.read_times_of_suspended([s for s in scopes.values() if s.suspended])
        scopes |= empty
        self._memberships(method, (*instances, *will_be), scopes)
        return scopes

    def _memberships(self, method: str, instances: Sequence[Instance], scopes: dict[int, Scope]) -> None:
        asked = [i for i in instances if i.group is not None]
        courses = sorted({i.course for i in asked})
        mine = strings(self._db, "memberships_of_method", "courses", courses, component=component(method))
        for (enrol, group), text in mine.items():
            if enrol in scopes:
                scopes[enrol].groups.setdefault(group, {})[True] = text
        filled = {i.enrol: i.group for i in asked if i.fillable and i.group is not None and i.group > 0}
        everybody = strings(self._db, "members_of_groups", "groups", sorted(set(filled.values())))
        for enrol, group in filled.items():
            if enrol not in scopes:
                continue  # it is only among those that will be: what becomes of it is seen there
            scopes[enrol].groups.setdefault(group, {})[False] = everybody.get((group,), "")

    def members(self, cohorts: Iterable[int]) -> dict[int, str]:
        """Cohort → its members, ascending, deleted accounts included."""
        found = strings(self._db, "cohort_members_of", "cohorts", sorted(set(cohorts)))
        return {int(cohort): text for (cohort,), text in found.items()}

    def cohort_names(self, cohorts: Iterable[int]) -> dict[int, str]:
        """Cohort → what people call it: its idnumber, or its name where it has none."""
        found: dict[int, str] = {}
        for part in _parts(sorted(set(cohorts))):
            found.update(
                (int(i), str(number or name))
                for i, name, number in self._db.query("names_of_cohorts", ids=part)
            )
        return found

    def followed(self, enrols: Iterable[int]) -> dict[int, Followed]:
        """Instance → what it follows, of those that are there, whatever their method."""
        found: dict[int, Followed] = {}
        for part in _parts(sorted(set(enrols))):
            found.update(
                (int(i), Followed(int(course), str(method), int(source or 0)))
                for i, method, course, source in self._db.query("methods_by_id", enrols=part)
            )
        return found

    def ways(self, courses: Collection[int]) -> dict[int, list[WayIn]]:
        """Course → every method instance in it."""
        found: dict[int, list[WayIn]] = defaultdict(list)
        for part in _parts(sorted(courses)):
            for enrol, course, method, status in self._db.query("ways_into_courses", courses=part):
                found[int(course)].append(WayIn(int(enrol), int(course), str(method), status == 0))
        return found

    def enrolments(self, ways: Iterable[WayIn]) -> dict[int, Scope]:
        """Instance → who is enrolled by it, without roles."""
        contexts = self._catalogue.courses
        wanted = [(w.course, w.enrol, contexts[w.course].context) for w in ways]
        return {s.enrol: s for s in ScopeReader(self._db, [], with_roles=False).read(wanted)}

    def holders(self, contexts: Collection[int]) -> dict[int, Holders]:
        """Context → who holds which role there, by whom it was given."""
        found: dict[int, dict[tuple[str, int, int], str]] = defaultdict(dict)
        for (context, giver, item, role), text in strings(
            self._db, "roles_in_contexts", "contexts", sorted(contexts)
        ).items():
            found[int(context)][str(giver), int(item), int(role)] = text
        return dict(found)


def _parts(values: Sequence[int]) -> Iterable[list[int]]:
    return (list(values[start : start + _TOGETHER]) for start in range(0, len(values), _TOGETHER))
