"""Moodle's side of the comparison: one row per scope and state, ids aggregated by the database.

A cut aggregate would look like leavers. So every string is counted against COUNT(*) and against the length at which
the server cuts; one that does not pass is read again in ranges of ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from greffe.errors import DatabaseError
from greffe.methods.scope import Scope, component, join_ids
from greffe.model import MAX_USER
from greffe.moodle.database import Database

#: instances that are read together
_BATCH = 500
#: a walk through a table that is up to so many times as large as what is wanted of it beats look-ups by index
_WORTH_WALKING = 4
#: the indexes that the reading stands on: table → columns
INDEXES = {
    "user_enrolments": "enrolid,userid",
    "role_assignments": "component,itemid,userid",
    "cohort_members": "cohortid,userid",
}

Instance = tuple[int, int, int]
"""(course, instance of the method, context of the course)."""


@dataclass(frozen=True, slots=True)
class _Way:
    """How MariaDB goes through a table. Only its index gives the order of the ids; else they are sorted."""

    hint: str = ""
    order: str = "ORDER BY userid"


_WALK = _Way("USE INDEX ()")


class _Cut(Exception):  # noqa: N818 - a signal between two functions of this module, not an error
    """An aggregate did not arrive whole."""


class ScopeReader:
    """Reads scopes of one method, some hundred instances at a time."""

    def __init__(
        self, db: Database, roles: Iterable[int], method: str = "database", *, with_roles: bool = True
    ) -> None:
        """``roles``: the roles that rules can give; others are found too, but singly. Without roles it may be of any
        methods that are asked for together."""
        self._db = db
        self._component = component(method)
        self._with_roles = with_roles
        self._roles = tuple(sorted(set(roles)))
        self._by_index = {table: self._index(table, columns) for table, columns in INDEXES.items()}

    def _index(self, table: str, columns: str) -> _Way:
        hint = self._db.along(table, columns)
        return _Way(hint, "") if hint else _Way()

    def _ways(self, enrols: list[int]) -> dict[str, _Way]:
        """Table → the quickest way through it to these instances."""
        along = self._by_index["user_enrolments"].hint
        if not along:
            return self._by_index
        text = self._db.text("enrolments_of_instances", hint=along)
        wanted = int(self._db.run_text(text, enrols=enrols)[0][0])
        return {
            table: _WALK if self._size(table) <= _WORTH_WALKING * wanted else way
            for table, way in self._by_index.items()
        }

    def _size(self, table: str) -> int:
        return int(self._db.value("table_rows", table=self._db.prefix + table) or 0)

    def read_times_of_suspended(self, scopes: Sequence[Scope]) -> None:
        """Add the times of suspended people: enrol_meta sets those too."""
        by_enrol = {s.enrol: s for s in scopes}
        for start in range(0, len(scopes), _BATCH):
            enrols = [s.enrol for s in scopes[start : start + _BATCH]]
            rows = self._db.query("scope_gone_timed", enrols=enrols, above=0, upto=MAX_USER)
            found: dict[tuple[int, int, int], list[int]] = {}
            for enrol, begin, end, user in rows:
                found.setdefault((enrol, begin, end), []).append(user)
            for (enrol, begin, end), users in found.items():
                by_enrol[enrol].gone_timed[begin, end] = join_ids(users)

    def read(self, instances: Sequence[Instance]) -> Iterator[Scope]:
        """Scopes of (course, instance, context of the course), in the order given."""
        for start in range(0, len(instances), _BATCH):
            part = instances[start : start + _BATCH]
            scopes = {enrol: Scope(course, enrol) for course, enrol, _ in part}
            contexts = {enrol: context for _, enrol, context in part}
            try:
                self._fill(scopes, contexts, 0, MAX_USER, self._ways(list(scopes)))
            except _Cut:
                for course, enrol, context in part:
                    scopes[enrol] = Scope(course, enrol)
                    self._fill_in_ranges(scopes[enrol], context, 0, self._highest(enrol))
            yield from scopes.values()

    def _highest(self, enrol: int) -> int:
        return int(self._db.value("highest_person", enrol=enrol, component=self._component) or 0)

    def _fill_in_ranges(self, scope: Scope, context: int, above: int, upto: int) -> None:
        """Read (above, upto]; halve the range where a string was cut."""
        if upto <= above:
            return
        part = Scope(scope.course, scope.enrol)
        try:
            self._fill({scope.enrol: part}, {scope.enrol: context}, above, upto, self._by_index)
        except _Cut:
            if upto - above == 1:
                raise DatabaseError(
                    f"the ids of instance {scope.enrol} arrive cut, however small the range",
                    todo="Raise max_allowed_packet on the server.",
                ) from None
            middle = (above + upto) // 2
            self._fill_in_ranges(scope, context, above, middle)
            self._fill_in_ranges(scope, context, middle, upto)
            return
        scope.active = _glue(scope.active, part.active)
        scope.suspended = _glue(scope.suspended, part.suspended)
        for times, text in part.timed.items():
            scope.timed[times] = _glue(scope.timed.get(times, ""), text)
        for role, text in part.roles.items():
            scope.roles[role] = _glue(scope.roles.get(role, ""), text)

    def _fill(
        self,
        scopes: dict[int, Scope],
        contexts: dict[int, int],
        above: int,
        upto: int,
        ways: Mapping[str, _Way],
    ) -> None:
        where = {"enrols": list(scopes), "above": above, "upto": upto}
        way = ways["user_enrolments"]
        text = self._db.text("scope_enrolments", hint=way.hint, order=way.order)
        timed: list[int] = []
        for enrol, count, plain, active, gone, suspended in self._db.run_text(text, **where):
            scope = scopes[enrol]
            if plain:
                scope.active = self._whole(active, plain)
            if gone:
                scope.suspended = self._whole(suspended, gone)
            if plain + gone != count:
                timed.append(enrol)
        if timed:
            self._fill_timed({e: scopes[e] for e in timed}, above, upto)
        if not self._with_roles:
            return
        way = ways["role_assignments"]
        text = self._db.text("scope_roles", hint=way.hint, order=way.order, each=self._roles)
        odd: list[int] = []
        for enrol, count, lowest, highest, *by_role in self._db.run_text(
            text, component=self._component, **where
        ):
            scope, seen = scopes[enrol], 0
            for role, n, people in zip(self._roles, by_role[::2], by_role[1::2], strict=True):
                if n:
                    scope.roles[role] = self._whole(people, n)
                    seen += n
            if seen != count or lowest != contexts[enrol] or highest != contexts[enrol]:
                odd.append(enrol)
        if odd:
            self._fill_singly({e: scopes[e] for e in odd}, contexts, above, upto)

    def _fill_timed(self, scopes: dict[int, Scope], above: int, upto: int) -> None:
        """Instances with active people whose enrolment begins or ends at a given time."""
        found: dict[tuple[int, int, int], list[int]] = {}
        for enrol, start, end, user in self._db.query(
            "scope_timed", enrols=list(scopes), above=above, upto=upto
        ):
            found.setdefault((enrol, start, end), []).append(user)
        for (enrol, start, end), users in found.items():
            scopes[enrol].timed[start, end] = join_ids(users)

    def _fill_singly(self, scopes: dict[int, Scope], contexts: dict[int, int], above: int, upto: int) -> None:
        """Instances with roles that no rule knows, or with rows in a context that is not their course's."""
        found: dict[tuple[int, int], list[int]] = {}
        rows = self._db.query(
            "scope_roles_singly", component=self._component, enrols=list(scopes), above=above, upto=upto
        )
        for enrol, role, context, user in rows:
            if context == contexts[enrol]:
                found.setdefault((enrol, role), []).append(user)
        for scope in scopes.values():
            scope.roles.clear()
        for (enrol, role), users in found.items():
            scopes[enrol].roles[role] = ",".join(map(str, users))

    def read_groups(self, scope: Scope, groups: Sequence[int], highest: int) -> None:
        """Add the members of a course's groups to its scope: those through the instance, and all others."""
        if not groups:
            return
        scope.groups.update({g: {} for g in groups})
        self._groups_in_range(scope, groups, 0, highest)

    def _groups_in_range(self, scope: Scope, groups: Sequence[int], above: int, upto: int) -> None:
        rows = self._db.query("scope_groups", groups=list(groups), above=above, upto=upto)
        try:
            for _, _, _, count, people in rows:
                self._whole(people, count)
        except _Cut:
            middle = (above + upto) // 2
            self._groups_in_range(scope, groups, above, middle)
            self._groups_in_range(scope, groups, middle, upto)
            return
        for group, giver, item, _, people in rows:
            mine = giver == self._component and item == scope.enrol
            members = scope.groups[group]
            members[mine] = _glue(members.get(mine, ""), people)

    def _whole(self, text: str | None, count: int) -> str:
        """The aggregate itself; raises _Cut where it holds another number of ids, or may have been cut."""
        if text is None or text.count(",") + 1 != count or not self._db.whole(text):
            raise _Cut
        return text


def _glue(one: str, other: str) -> str:
    return f"{one},{other}" if one and other else one or other
