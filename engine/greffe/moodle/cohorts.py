"""Cohorts as Moodle has them: their rows, and one string of members for each."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from greffe.errors import DatabaseError
from greffe.methods.members import CohortRow
from greffe.model import MAX_USER
from greffe.moodle.database import Database
from greffe.moodle.owntables import PLUGIN, installed
from greffe.moodle.scopes import INDEXES

#: cohorts whose members are read together
_BATCH = 500
#: what stands on a cohort besides methods: table → the statement that asks it; a site may lack these tables
_USES = {
    "tool_cohortroles": "cohorts_of_roles",
    "competency_templatecohort": "cohorts_of_templates",
    "customfield_data": "cohorts_with_fields",
}


class CohortReader:
    """Reads cohorts in a number of statements that does not grow with them, but for very many or very large ones."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def _text(self) -> str:
        """The statement, along the index that gives the order of the ids; without one they are sorted."""
        name = None
        if self._db.engine == "mariadb":
            table, columns = f"{self._db.prefix}cohort_members", INDEXES["cohort_members"]
            name = self._db.value("index_by_columns", table=table, columns=columns)
        if name is None:
            return self._db.text("scope_cohorts", order="ORDER BY userid")
        return self._db.text("scope_cohorts", hint=f"FORCE INDEX (`{str(name).replace('`', '``')}`)")

    def component(self) -> str:
        """What Greffe's cohorts carry in ``component`` here: it locks them in Moodle's pages, which name the plugin; so it is
        written only where that is installed."""
        return PLUGIN if installed(self._db) else ""

    def all_named(self) -> list[CohortRow]:
        """Every cohort that has an idnumber."""
        return [_row(r) for r in self._db.query("cohorts_now")]

    def by_id(self, ids: Collection[int]) -> dict[int, CohortRow]:
        """Those of these cohorts that are there."""
        found = [_row(r) for r in self._db.query("cohorts_by_id", ids=sorted(ids))] if ids else []
        return {r.id: r for r in found}

    def alike(self, idnumbers: Collection[str]) -> list[tuple[int, str]]:
        """(id, idnumber) of the cohorts that Moodle would say have one of these idnumbers."""
        rows = self._db.query("cohorts_alike", idnumbers=sorted(idnumbers)) if idnumbers else []
        return [(int(i), str(text)) for i, text in rows]

    def members(self, cohorts: Iterable[int]) -> dict[int, str]:
        """Cohort → the ids of its members, ascending, as one string; '' for an empty one."""
        wanted = sorted(set(cohorts))
        found = dict.fromkeys(wanted, "")
        text = self._text() if wanted else ""
        for start in range(0, len(wanted), _BATCH):
            self._between(text, wanted[start : start + _BATCH], 0, MAX_USER, found)
        return found

    def _between(self, text: str, cohorts: list[int], above: int, upto: int, found: dict[int, str]) -> None:
        """Add the members in (above, upto]; halve the range where a string was cut."""
        rows = self._db.run_text(text, cohorts=cohorts, above=above, upto=upto)
        if all(s.count(",") + 1 == n and self._db.whole(s) for _, n, s in rows):
            for cohort, _, people in rows:
                found[cohort] = f"{found[cohort]},{people}" if found[cohort] else people
            return
        if upto - above == 1:
            raise DatabaseError(
                "the ids of a cohort's members arrive cut, however small the range",
                todo="Raise max_allowed_packet on the server.",
            )
        middle = (above + upto) // 2
        self._between(text, cohorts, above, middle, found)
        self._between(text, cohorts, middle, upto, found)

    def used(self, cohorts: Collection[int]) -> dict[int, str]:
        """Of these cohorts: those on which something else in Moodle stands → what."""
        if not cohorts:
            return {}
        wanted = sorted(cohorts)
        found = {
            int(r[0]): "an enrolment method" for r in self._db.query("cohorts_of_methods", cohorts=wanted)
        }
        tables = [self._db.prefix + t for t in _USES]
        there = {str(r[0]).casefold() for r in self._db.query("table_columns", tables=tables)}
        for table, statement in _USES.items():
            if (self._db.prefix + table).casefold() in there:
                for (cohort,) in self._db.query(statement, cohorts=wanted):
                    found.setdefault(int(cohort), table)
        return found


def _row(row: tuple[int, int, str, str, str, int, str]) -> CohortRow:
    id_, context, name, idnumber, description, visible, component = row
    return CohortRow(int(id_), int(context), name, idnumber, description, int(visible), component)
