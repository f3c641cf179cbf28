"""Whom and what the texts of people's files mean on this site: accounts, courses, roles; refused where they mean several."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from functools import cached_property

from greffe.intake.lines import CourseKey, PersonKey
from greffe.moodle.catalogue import Catalogue
from greffe.rules.text import fold, shown
from greffe.view.wording import ROLES

Found = int | str
"""An id; or why there is none."""

_FIELDS = {
    PersonKey.IDNUMBER: ("idnumber",),
    PersonKey.USERNAME: ("username",),
    PersonKey.EMAIL: ("email",),
    PersonKey.ANY: ("idnumber", "username", "email"),
}
_WORDS = {"idnumber": "idnumber", "username": "username", "email": "e-mail address"}
_COURSE_FIELDS = {
    CourseKey.SHORTNAME: ("shortname",),
    CourseKey.IDNUMBER: ("idnumber",),
    CourseKey.ANY: ("shortname", "idnumber"),
}


class Names:
    """Looks up what lines name, by the database's own comparison; people some hundred lines at a time."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._courses: dict[tuple[CourseKey, str], Found] = {}

    # -- people --------------------------------------------------------------------------------------------
    def people(self, wanted: Collection[tuple[PersonKey, str]]) -> dict[tuple[PersonKey, str], Found]:
        """(field, text) → the account. The deleted and the guest are nobody; who is suspended or not confirmed is
        somebody."""
        texts: dict[str, set[str]] = defaultdict(set)
        for key, text in wanted:
            for name in _FIELDS[key]:
                texts[name] |= _writings(name, text)
        there = {name: self._catalogue.accounts(name, mine) for name, mine in texts.items()}
        return {(key, text): self._person(key, text, there) for key, text in wanted}

    def _person(self, key: PersonKey, text: str, there: dict[str, dict[str, list[int]]]) -> Found:
        found: dict[int, str] = {}
        for name in _FIELDS[key]:
            for writing in _writings(name, text):
                for account in there[name].get(writing, ()):
                    found.setdefault(account, name)
        if len(found) == 1:
            return next(iter(found))
        if not found:
            return f"nobody has this {_or([_WORDS[name] for name in _FIELDS[key]])}"
        who = ", ".join(f"id {account} ({_WORDS[name]})" for account, name in sorted(found.items())[:5])
        return f"{len(found)} accounts have it: {who}; name the person by another field"

    # -- courses -------------------------------------------------------------------------------------------
    def course(self, key: CourseKey, text: str) -> Found:
        """A course of the site; the front page is none."""
        if (key, text) not in self._courses:
            self._courses[key, text] = self._find_course(key, text)
        return self._courses[key, text]

    def _find_course(self, key: CourseKey, text: str) -> Found:
        same = self._catalogue.same(text)
        found = {c: name for name in _COURSE_FIELDS[key] for c in self._by(name).get(same, ())}
        if len(found) == 1:
            return next(iter(found))
        if not found:
            return f"there is no course with this {_or(list(_COURSE_FIELDS[key]))}"
        courses = self._catalogue.courses
        names = ", ".join(f"{shown(courses[c].name)} (id {c})" for c in sorted(found)[:5])
        return f"{len(found)} courses have it: {names}; name the course by its other key"

    def _by(self, name: str) -> dict[str, list[int]]:
        return {"shortname": self._by_shortname, "idnumber": self._by_idnumber}[name]

    @cached_property
    def _by_shortname(self) -> dict[str, list[int]]:
        return self._catalogue.courses_alike("shortname")

    @cached_property
    def _by_idnumber(self) -> dict[str, list[int]]:
        return self._catalogue.courses_alike("idnumber")

    # -- roles ---------------------------------------------------------------------------------------------
    def role(self, text: str) -> Found:
        """A role that can be given in a course: by its shortname, else by its id, else by what people call it (``Étudiant``)."""
        here, anywhere = self._catalogue.course_roles, self._catalogue.roles
        if text in here:
            return here[text]
        if text in anywhere:
            return "this role cannot be given in a course"
        if text.isascii() and text.isdigit() and int(text) in here.values():
            return int(text)
        called = sorted(self._role_names.get(fold(text), ()))
        if len(called) == 1:
            return here[called[0]]
        if called:
            return f"several roles are called so; write the shortname: {', '.join(called)}"
        known = ", ".join(sorted(here))
        return f"there is no role with this shortname; those that can be given in a course: {known}"

    @cached_property
    def _role_names(self) -> dict[str, set[str]]:
        """What people call the roles that can be given in a course → shortnames: case and accents aside, a shortname is a name
        too. ``Teacher`` thus means two roles, one by its name and one by its shortname, and none is guessed."""
        found: dict[str, set[str]] = defaultdict(set)
        for shortname, name in self._catalogue.role_names.items():
            if shortname in self._catalogue.course_roles:
                for text in (shortname, *([name] if name else ROLES.get(shortname, ()))):
                    found[fold(text)].add(shortname)
        return found


def _writings(name: str, text: str) -> set[str]:
    """How a text may stand in a field. Usernames are in small letters, and so are nearly all addresses, however people write
    them; PostgreSQL knows no NUL."""
    if "\0" in text:
        return set()
    return {text} if name == "idnumber" else {text, text.lower()}


def _or(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
