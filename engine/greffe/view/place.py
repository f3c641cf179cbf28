"""A course as its page of participants calls things: methods, roles, groups."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from greffe.methods import cohort, meta
from greffe.methods.byhand import SELF
from greffe.model import Course
from greffe.moodle.database import Database
from greffe.rules.text import fold
from greffe.view.wording import METHODS, ROLES, default_name


@dataclass(frozen=True, slots=True)
class Method:
    """An instance of an enrolment method."""

    plugin: str
    name: str
    """As Moodle shows it."""


class Place:
    """One course, read at first use."""

    def __init__(self, db: Database, course: Course, language: str, *, long_names: bool) -> None:
        """``long_names``: the site shows a course as its short and its full name (courselistshortnames)."""
        self._db, self._language, self._long_names = db, language, long_names
        self.course = course

    @cached_property
    def contexts(self) -> list[int]:
        """The course's context and those above it."""
        path = str(self._db.value("course_path", course=self.course.id) or "")
        return [int(c) for c in path.strip("/").split("/") if c] or [self.course.context]

    @cached_property
    def _role_names(self) -> dict[int, tuple[str, str, str]]:
        """Role → its shortname, its name on the site, the course's own name for it or ''."""
        found = {}
        for role, short, name, own in self._db.query("roles_as_called", context=self.course.context):
            usual = (
                str(name or "")
                if str(name or "").strip()
                else default_name(ROLES, str(short), self._language)
            )
            found[int(role)] = str(short), usual, str(own or "").strip()
        return found

    @cached_property
    def roles(self) -> dict[int, str]:
        """Role → as those who manage the course read it: ``Tutor (Teacher)`` where the course has a name of its own for it."""
        return {i: f"{own} ({name})" if own else name for i, (_, name, own) in self._role_names.items()}

    @cached_property
    def groups(self) -> dict[int, str]:
        """Group → name, in the order of Moodle's page; those that only their members may see included."""
        return {int(i): str(n) for i, n in self._db.query("groups_as_listed", course=self.course.id)}

    @cached_property
    def methods(self) -> dict[int, Method]:
        """Instance → what it is, in the course's own order."""
        rows = self._db.query("methods_as_listed", course=self.course.id)
        nameless = [(plugin, int(source or 0)) for _, plugin, name, _, source in rows if not name]
        cohorts = self._cohorts(sorted({c for plugin, c in nameless if plugin == cohort.METHOD}))
        parents = self._parents(sorted({c for plugin, c in nameless if plugin == meta.METHOD}))
        found = {}
        for enrol, plugin, name, role, source in rows:
            shown = default_name(METHODS, str(plugin), self._language)
            if name:
                shown = str(name)
            elif plugin == cohort.METHOD and int(source or 0) in cohorts:
                of_role = f" - {self.roles[int(role)]}" if int(role or 0) in self.roles else ""
                shown += f" ({cohorts[int(source)]}{of_role})"
            elif plugin == meta.METHOD:
                shown += f" ({parents.get(int(source or 0), int(source or 0))})"
            elif plugin == SELF and int(role or 0) in self._role_names:
                _, usual, own = self._role_names[int(role)]
                shown += f" ({own or usual})"
            found[int(enrol)] = Method(str(plugin), shown)
        return found

    def _cohorts(self, ids: list[int]) -> dict[int, str]:
        rows = self._db.query("names_of_cohorts", ids=ids) if ids else []
        return {int(i): str(name) for i, name, _ in rows}

    def _parents(self, ids: list[int]) -> dict[int, str]:
        rows = self._db.query("course_titles", courses=ids) if ids else []
        return {int(i): f"{short} {full}" if self._long_names else str(full) for i, short, full in rows}

    # -- what somebody may call them ---------------------------------------------------------------------
    def roles_called(self, text: str) -> set[int]:
        """By shortname, by the site's or the course's name for them, or by both as they are shown."""
        return {
            i for i, names in self._role_names.items() if fold(text) in map(fold, (*filter(None, names), self.roles[i]))
        }  # fmt: skip

    def groups_called(self, text: str) -> set[int]:
        """By name."""
        return {i for i, name in self.groups.items() if fold(name) == fold(text)}

    def methods_called(self, texts: Collection[str]) -> set[int]:
        """By plugin, or by the name of an instance."""
        wanted = set(map(fold, texts))
        return {i for i, m in self.methods.items() if wanted & {fold(m.plugin), fold(m.name)}}
