"""Instances of the methods ``manual`` and ``self``, and what courses hold by hand: enrolments, roles, groups, groupings.

Some hundred courses at a time, each answer a string of ids per row, as scopes are read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from greffe.methods.scope import Scope
from greffe.moodle.aggregates import strings
from greffe.moodle.catalogue import Catalogue
from greffe.moodle.database import Database
from greffe.moodle.instances import InstanceReader
from greffe.moodle.scopes import ScopeReader

TOGETHER = 500
"""Courses that are read at once."""


@dataclass(frozen=True, slots=True)
class HandInstance:
    """One row of ``enrol`` of a method whose people are enrolled by hand."""

    enrol: int
    """0: the course has none."""
    course: int
    enabled: bool = True
    role: int = 0
    """What people become where nobody says."""
    period: int = 0
    """Seconds that an enrolment lasts; 0: for ever."""


class HandReader:
    """Reads what courses hold by hand, in the transaction that is open."""

    def __init__(self, db: Database, catalogue: Catalogue) -> None:
        self._db, self._catalogue = db, catalogue

    def instances(self, method: str, courses: Collection[int]) -> dict[int, list[HandInstance]]:
        """Course → its instances of the method, in the order in which Moodle looks through them."""
        found: dict[int, list[HandInstance]] = defaultdict(list)
        for part in _parts(courses):
            for enrol, course, status, role, period in self._db.query(
                "instances_by_hand", method=method, courses=part
            ):
                found[int(course)].append(
                    HandInstance(int(enrol), int(course), status == 0, int(role or 0), int(period or 0))
                )
        return found

    def settings(self, method: str) -> dict[str, str]:
        """The plugin's settings."""
        rows = self._db.query("plugin_config", plugin=f"enrol_{method}")
        return {str(n): str(v) for n, v in rows if v is not None}

    def scopes(
        self, instances: Sequence[HandInstance], groups: Mapping[int, Collection[int]]
    ) -> Iterator[tuple[HandInstance, Scope]]:
        """What is there, course by course in the order given: enrolments by the instance, all roles that were given by
        hand in the course, everybody in these groups (course → groups)."""
        reader = ScopeReader(self._db, [], with_roles=False)
        contexts = self._catalogue.courses
        holders = InstanceReader(self._db, self._catalogue).holders
        for start in range(0, len(instances), TOGETHER):
            part = instances[start : start + TOGETHER]
            there = [(i.course, i.enrol, contexts[i.course].context) for i in part if i.enrol]
            scopes = {s.course: s for s in reader.read(there)}
            reader.read_times_of_suspended([s for s in scopes.values() if s.suspended])
            scopes |= {i.course: Scope(i.course, 0) for i in part if not i.enrol}
            held = holders([contexts[i.course].context for i in part])
            wanted = sorted({g for i in part for g in groups.get(i.course, ())})
            members = strings(self._db, "members_of_groups", "groups", wanted)
            for instance in part:
                scope = scopes[instance.course]
                found = held.get(contexts[instance.course].context, {})
                scope.roles = {
                    r: text for (giver, item, r), text in sorted(found.items()) if not giver and not item
                }
                scope.groups = {
                    g: {False: members.get((g,), "")} for g in sorted(groups.get(instance.course, ()))
                }
                yield instance, scope

    def groupings(self, courses: Collection[int]) -> dict[tuple[int, str], int]:
        """(course, name) → grouping; of several with one name the lowest counts."""
        found: dict[tuple[int, str], int] = {}
        for part in _parts(courses):
            for course, name, grouping in self._db.query("site_groupings", courses=part):
                found.setdefault((int(course), str(name)), int(grouping))
        return found

    def grouped(self, groupings: Collection[int]) -> dict[int, set[int]]:
        """Grouping → its groups."""
        found: dict[int, set[int]] = defaultdict(set)
        for part in _parts(groupings):
            for grouping, group in self._db.query("groups_of_groupings", groupings=part):
                found[int(grouping)].add(int(group))
        return found


def _parts(values: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), TOGETHER):
        yield ordered[start : start + TOGETHER]
