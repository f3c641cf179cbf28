"""Files of people on a real database: delivered, done, and what the tables hold then, by meaning."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from greffe.commands._file.batch import Asked, Batched
from greffe.commands._file.lines import Fate
from greffe.commands.enrol import Wishes, enrol
from greffe.commands.undo import undo
from greffe.errors import Exit
from greffe.intake.opening import open_batchfile
from greffe.intake.wants import Wants
from tests.integration.nights import Nights

Enrolments = dict[tuple[str, str], tuple[int, int, int]]


@dataclass
class Batches:
    """A site, a directory for files, and what was asked of them."""

    nights: Nights

    def people(self, *names: str, **values: Any) -> dict[str, int]:
        """Accounts whose idnumber is their username with N before it."""
        ids = self.nights.site.add_users(
            [{"username": n, "idnumber": f"N{n}", "email": f"{n}@example.org"} | values for n in names]
        )
        return dict(zip(names, ids, strict=True))

    def deliver(self, text: str, name: str = "people.csv") -> Path:
        """Write a file."""
        path = self.nights.directory / name
        path.write_text(text, encoding="utf-8")
        return path

    def enrol(
        self, text: str, *, skip: bool = False, look: bool = False, out: Path | None = None, **wishes: Any
    ) -> Batched:
        """Do what a file says; ``look``: only say what would be done."""
        wants = {Wants.PEOPLE, Wants.ONE_COURSE} if wishes.get("course") else {Wants.PEOPLE}
        file = open_batchfile(self.deliver(text), wants=wants)
        asked = Asked(skip_refused=skip, dry_run=look, out=out)
        return enrol(self.nights.config(), file, Wishes(**wishes), asked)

    def take_back(self, run: int) -> None:
        """Undo a whole run; nothing of it is refused."""
        found = undo(self.nights.config(), run)
        assert (found.refused, found.result and found.result.exit) == ([], Exit.DONE)

    # -- what is there -------------------------------------------------------------------------------------
    def enrolments(self, method: str = "manual") -> Enrolments:
        """(course, person) → (status, start, end) of a method."""
        rows = self.nights.site.fetch(
            "SELECT c.shortname, u.username, ue.status, ue.timestart, ue.timeend FROM {user_enrolments} ue"
            " JOIN {enrol} e ON e.id = ue.enrolid JOIN {course} c ON c.id = e.courseid"
            " JOIN {user} u ON u.id = ue.userid WHERE e.enrol = %s",
            method,
        )
        return {(r["shortname"], r["username"]): (r["status"], r["timestart"], r["timeend"]) for r in rows}

    def roles(self, component: str = "") -> set[tuple[str, str, str, int]]:
        """(course, person, role, item) of those given by hand, or by a component."""
        rows = self.nights.site.fetch(
            "SELECT c.shortname AS course, u.username, r.shortname AS role, ra.itemid FROM {role_assignments} ra"
            " JOIN {context} x ON x.id = ra.contextid AND x.contextlevel = 50 JOIN {course} c ON c.id = x.instanceid"
            " JOIN {user} u ON u.id = ra.userid JOIN {role} r ON r.id = ra.roleid WHERE ra.component = %s",
            component,
        )
        found = [(r["course"], r["username"], r["role"], r["itemid"]) for r in rows]
        assert len(found) == len(set(found))
        return set(found)

    def groupings(self) -> set[tuple[str, str]]:
        """(grouping, group)."""
        rows = self.nights.site.fetch(
            "SELECT gg.name AS grouping_name, g.name FROM {groupings_groups} x JOIN {groupings} gg ON gg.id = x.groupingid"
            " JOIN {groups} g ON g.id = x.groupid"
        )
        return {(r["grouping_name"], r["name"]) for r in rows}

    def runs(self) -> list[str]:
        """Kinds of the runs that were noted."""
        tables = self.nights.site.fetch(
            "SELECT table_name AS t FROM information_schema.tables WHERE table_name = %s",
            f"{self.nights.site.prefix}local_greffe_run",
        )
        rows = self.nights.site.fetch("SELECT kind FROM {local_greffe_run} ORDER BY id") if tables else []
        return [r["kind"] for r in rows]


def fates(found: Batched) -> dict[int, str]:
    """Line → what became of it; of a refused one also why."""
    return {
        t.line: t.fate.value if t.fate is not Fate.REFUSED else f"refused: {t.why}"
        for t in found.lines.told()
    }
