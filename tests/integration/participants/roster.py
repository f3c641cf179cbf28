"""Courses and people that grow as a test says, and who is listed then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from greffe.commands.participants import participants
from greffe.view.asked import Asked
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite

ACTIVE, SUSPENDED = 0, 1


@dataclass
class Roster:
    """Courses and people that grow as a test says."""

    nights: Nights
    people: dict[str, int] = field(default_factory=dict)
    courses: dict[str, int] = field(default_factory=dict)
    contexts: dict[str, int] = field(default_factory=dict)

    @property
    def site(self) -> MoodleSite:
        return self.nights.site

    def course(self, name: str, **columns: object) -> int:
        """A course with its manual method; the method's id."""
        self.courses[name] = self.site.add_course(name, idnumber=name, **columns)
        where = self.courses[name]
        (context,) = self.site.fetch(
            "SELECT id FROM {context} WHERE contextlevel = 50 AND instanceid = %s", where
        )
        self.contexts[name] = context["id"]
        (manual,) = self.site.fetch("SELECT id FROM {enrol} WHERE courseid = %s", where)
        return int(manual["id"])

    def method(self, course: str, plugin: str, **columns: object) -> int:
        return self.site.insert("enrol", enrol=plugin, courseid=self.courses[course], sortorder=9, **columns)

    def person(self, name: str, **columns: object) -> int:
        """Family name ``name``; his e-mail address is that with an @."""
        self.people[name] = self.site.add_user(
            name.lower(),
            **{"lastname": name, "firstname": "F", "email": f"{name}@x", "idnumber": f"n{name}"} | columns,
        )
        return self.people[name]

    def enrol(self, name: str, method: int, **columns: object) -> int:
        """Somebody (made where he is not there yet) into a method."""
        who = self.people.get(name) or self.person(name)
        usual = {"status": ACTIVE, "timestart": 0, "timeend": 0, "timecreated": 1_700_000_000}
        return self.site.insert("user_enrolments", **usual | {"enrolid": method, "userid": who} | columns)

    def role(self, name: str, role: int, context: int) -> None:
        self.site.insert("role_assignments", roleid=role, contextid=context, userid=self.people[name])

    def access(self, name: str, course: str, ago: int) -> None:
        now = int(self.site.fetch("SELECT MAX(timecreated) AS t FROM {user}")[0]["t"])
        self.site.insert(
            "user_lastaccess", userid=self.people[name], courseid=self.courses[course], timeaccess=now - ago
        )

    def rows(self, *courses: str, category: str = "", **asked: Any) -> list[dict[str, Any]]:
        with participants(
            self.nights.config(), courses, [category] if category else [], Asked(**asked)
        ) as found:
            keys = [c.key for c in found.columns]
            return [dict(zip(keys, row, strict=True)) | {"made": found.made} for row in found.rows]

    def names(self, *courses: str, **asked: Any) -> list[str]:
        return [r["lastname"] for r in self.rows(*(courses or ("C1",)), **asked)]


def fill(roster: Roster, method: int, people: Sequence[dict[str, object]]) -> range:
    """Many people into a method."""
    ids = roster.site.add_users([{"username": f"m{n}", **p} for n, p in enumerate(people)])
    with roster.site.rows() as rows:
        rows.insert("user_enrolments", [{"enrolid": method, "userid": u, "timeend": 0} for u in ids])
    return ids
