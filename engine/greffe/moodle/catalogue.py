"""Who and what the site knows: people, courses, roles, its settings. Read once a night.

People are found as Moodle finds them, by the database's own comparison (on MariaDB blind to case, accents and
trailing spaces; moodle-writes §0.8); courses and roles by exact text, since Moodle maps them in PHP.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from greffe.errors import SiteNotReadyError
from greffe.methods.database import METHOD
from greffe.methods.scope import parse_ids
from greffe.model import MAX_USER, Course
from greffe.moodle.database import Database
from greffe.moodle.siteconfig import site_config
from greffe.rules.text import fold

_LOOKUP = 1000
_FIELDS = {"id": 0, "shortname": 3, "idnumber": 4}
"""Where a course's row has the fields that registrations may name it by."""

#: settings of the site that decide what is written (moodle-writes §0.2, §12.4)
SETTINGS = (
    "siteadmins",
    "siteguest",
    "mnet_localhost_id",
    "defaultuserroleid",
    "sessiontimeout",
    "version",
    "release",
    "branch",
    "enrol_plugins_enabled",
    "upgraderunning",
    "outagelessupgrade",
    "maintenance_later",
    "allversionshash",
    "emailchangeconfirmation",
)


class Catalogue:
    """The site's ids by the names that registrations use. Everything is loaded at first use and kept for the run."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._people: dict[str, dict[str, int]] = {}
        self._ambiguous: dict[str, frozenset[int]] = {}
        self._courses_by: dict[str, tuple[dict[str, int], frozenset[str]]] = {}

    # -- settings ------------------------------------------------------------------------------------------
    @cached_property
    def settings(self) -> dict[str, str]:
        """Rows of ``config`` that matter here."""
        return site_config(self._db, SETTINGS)

    @property
    def guest(self) -> int:
        """The guest's user id: never enrolled."""
        return int(self.settings.get("siteguest") or 1)

    @property
    def host(self) -> int:
        """The site's own ``mnethostid``: usernames are unique only within it."""
        return int(self.settings.get("mnet_localhost_id") or 1)

    @property
    def admin(self) -> int:
        """Who cron is: the main administrator (moodle-writes §0.1)."""
        first = self.settings.get("siteadmins", "").split(",")[0].strip()
        if not first.isdigit():
            raise SiteNotReadyError("Moodle's config has no siteadmins, so there is nobody to write rows as")
        return int(first)

    @property
    def admins(self) -> set[int]:
        """Everybody whom the site's configuration makes an administrator: whoever comes first is the main one."""
        return {int(i) for i in self.settings.get("siteadmins", "").split(",") if i.strip().isdigit()}

    @property
    def plugins_enabled(self) -> list[str]:
        """Enrolment methods that are switched on."""
        return [p.strip() for p in self.settings.get("enrol_plugins_enabled", "").split(",") if p.strip()]

    @property
    def session_timeout(self) -> int:
        """Seconds a session lives, and with it a dirty flag."""
        return int(self.settings.get("sessiontimeout") or 28800)

    # -- people --------------------------------------------------------------------------------------------
    def people(self, field: str) -> dict[str, int]:
        """Text of a person field → user id, exactly as stored. Raises where ids do not fit a mark."""
        if field not in self._people:
            highest = int(self._db.value("highest_account") or 0)
            if highest > MAX_USER:
                raise SiteNotReadyError(f"this site has user ids above {MAX_USER}, which Greffe cannot hold")
            if field == "id":
                found = {str(i): int(i) for _, i in self._db.query("site_people_id", **self._who(field))}
            else:
                found = self._people_between(field, 0, highest)
            self._people[field] = found
        return self._people[field]

    def _people_between(self, field: str, above: int, upto: int) -> dict[str, int]:
        """Text → user id of the accounts in (above, upto]. What arrives cut, or with a line end in a text, is read again
        in smaller ranges."""
        who = self._who(field) | {"above": above, "upto": upto}
        ((count, ids, texts),) = self._db.query(f"people_{field}", **who)
        if not count:
            return {}
        if self._db.whole(ids) and self._db.whole(texts):
            people, names = parse_ids(ids), texts.split("\n")
            if len(people) == len(names) == count:
                return dict(zip(names, people, strict=True))
        if upto - above <= _LOOKUP:
            return {str(k): int(v) for k, v in self._db.query(f"site_people_{field}", **who)}
        middle = (above + upto) // 2
        return self._people_between(field, above, middle) | self._people_between(field, middle, upto)

    def ambiguous(self, field: str) -> frozenset[int]:
        """Ids of people whose value of the field somebody else has as well."""
        if field not in self._ambiguous:
            found: set[int] = set()
            # one walk along an index says that there are none, as nearly always
            shared = [] if field in ("id", "username") else self._db.query(f"shared_values_{field}")
            for start in range(0, len(shared), _LOOKUP):
                keys = [r[0] for r in shared[start : start + _LOOKUP]]
                rows = self._db.query(f"ambiguous_people_{field}", keys=keys, guest=self.guest)
                found |= {int(r[0]) for r in rows}
            self._ambiguous[field] = frozenset(found)
        return self._ambiguous[field]

    def people_alike(self, field: str, keys: Iterable[str]) -> dict[str, list[int]]:
        """For keys without an exact match: the ids that the database itself finds equal."""
        return {} if field == "id" or not self._db.blind_text else self.accounts(field, keys)

    def accounts(self, field: str, keys: Iterable[str]) -> dict[str, list[int]]:
        """For keys: the ids of all accounts that the database itself finds equal; a key that nobody has is not in it.

        The database says which rows match a batch of keys; which key a row belongs to is then clear for all but
        exotic pairs of letters, and for those it is asked again.
        """
        wanted = sorted({k for k in keys if k})
        found: dict[str, list[int]] = {}
        for start in range(0, len(wanted), _LOOKUP):
            part = wanted[start : start + _LOOKUP]
            rows = self._alike(field, part)
            if not rows:
                continue
            by_text: dict[str, list[int]] = {}
            for text, user in rows:
                by_text.setdefault(self.same(text), []).append(user)
            unclear = by_text.keys() - {self.same(k) for k in part}
            for key in part:
                ids = (
                    [u for _, u in self._alike(field, [key])] if unclear else by_text.get(self.same(key), [])
                )
                if ids:
                    found[key] = sorted(ids)
        return found

    def called(self, field: str, text: str) -> list[int]:
        """Ids of whoever has exactly this text, and of all whom the database finds equal; none where nobody has it exactly.
        For one name, along an index: ``people`` reads everybody's."""
        rows = self._alike(field, [text]) if text else []
        return sorted(user for _, user in rows) if any(name == text for name, _ in rows) else []

    def is_person(self, user: int) -> bool:
        """Whether an id is somebody's: not the guest's, and not of a deleted account."""
        return bool(self._db.query("person_with_id", user=user, guest=self.guest))

    def _alike(self, field: str, keys: list[str]) -> list[tuple[str, int]]:
        rows = self._db.query(f"people_alike_{field}", keys=keys, **self._who(field))
        return [(str(text), int(user)) for text, user in rows]

    def _who(self, field: str) -> dict[str, Any]:
        return {"guest": self.guest} | ({"host": self.host} if field == "username" else {})

    # -- courses, roles ------------------------------------------------------------------------------------
    @cached_property
    def _course_rows(self) -> list[tuple[int, int, int, str, str]]:
        return [
            (int(i), int(x), int(v), str(s), str(n or "")) for i, x, v, s, n in self._db.query("site_courses")
        ]

    @cached_property
    def methods(self) -> dict[int, list[int]]:
        """Course id → its instances of the method ``database``, lowest first."""
        found: dict[int, list[int]] = {}
        for enrol, course, _status in self._db.query("site_methods", method=METHOD):
            found.setdefault(int(course), []).append(int(enrol))
        return found

    @cached_property
    def courses(self) -> dict[int, Course]:
        """Every course but the front page, by id."""
        return {
            i: Course(i, x, bool(v), s, self.methods.get(i, [0])[0]) for i, x, v, s, _ in self._course_rows
        }

    def courses_by(self, field: str) -> tuple[dict[str, int], frozenset[str]]:
        """(text of the field → course id, texts that several courses share). Empty texts are nobody's."""
        if field not in self._courses_by:  # asked again for every code of a feed
            column = _FIELDS[field]
            pairs = [(str(row[column]), row[0]) for row in self._course_rows if row[column] != ""]
            times = Counter(text for text, _ in pairs)
            shared = frozenset(text for text, n in times.items() if n > 1)
            self._courses_by[field] = {text: i for text, i in pairs if text not in shared}, shared
        return self._courses_by[field]

    def courses_alike(self, field: str) -> dict[str, list[int]]:
        """Text of the field, as the database compares it (see ``same``) → the courses that have it."""
        found: dict[str, list[int]] = {}
        for row in self._course_rows:
            if text := str(row[_FIELDS[field]]):
                found.setdefault(self.same(text), []).append(row[0])
        return found

    def courses_sharing(self, field: str) -> set[int]:
        """Courses whose text of the field another course has as well."""
        _, shared = self.courses_by(field)
        return {row[0] for row in self._course_rows if row[_FIELDS[field]] in shared}

    def courses_without(self, field: str) -> set[int]:
        """Courses whose text of the field is empty: no registration can name them."""
        return {row[0] for row in self._course_rows if row[_FIELDS[field]] == ""}

    @cached_property
    def roles(self) -> dict[str, int]:
        """Shortname → role id."""
        return {str(s): int(i) for s, i in self._db.query("site_roles")}

    @cached_property
    def role_names(self) -> dict[str, str]:
        """Shortname → the name that the site gave the role; '' where Moodle's own word stands for it (role_get_name)."""
        return {str(s): str(n) for s, n in self._db.query("names_of_roles")}

    @cached_property
    def course_roles(self) -> dict[str, int]:
        """Shortname → role id, of the roles that can be given in a course."""
        return {str(s): int(i) for s, i in self._db.query("roles_of_courses")}

    # -- cohorts -------------------------------------------------------------------------------------------
    @cached_property
    def system(self) -> int:
        """The context of the whole site."""
        return int(self._db.value("system_context"))

    def same(self, text: str) -> str:
        """Equal for texts that the database, and so Moodle, takes for equal."""
        return fold(text) if self._db.blind_text else text

    def categories(self, field: str) -> dict[str, int]:
        """Text of a field of the course categories → context; a text that several have is not in it."""
        column = {"id": 0, "idnumber": 1}[field]
        pairs = [(str(row[column]), row[2]) for row in self._category_rows if row[column] != ""]
        times = Counter(text for text, _ in pairs)
        return {text: context for text, context in pairs if times[text] == 1}

    @cached_property
    def _category_rows(self) -> list[tuple[int, str, int]]:
        return [(int(i), str(n or ""), int(x)) for i, n, x in self._db.query("site_categories")]

    def groups(self, courses: Iterable[int]) -> dict[tuple[int, str], int]:
        """(course, name) → group id; of several groups with one name the lowest counts."""
        found: dict[tuple[int, str], int] = {}
        wanted = sorted(set(courses))
        for start in range(0, len(wanted), _LOOKUP):
            for course, name, group in self._db.query("site_groups", courses=wanted[start : start + _LOOKUP]):
                found.setdefault((int(course), str(name)), int(group))
        return found
