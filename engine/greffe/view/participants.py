"""Who is in a course, as Moodle's own page of participants shows it, and what that page lacks (moodle-writes §9)."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from greffe.errors import ArgumentError
from greffe.listing import Listing
from greffe.model import Course
from greffe.moodle.database import Database
from greffe.view.asked import NONE, STATUSES, Asked
from greffe.view.columns import COLUMNS, Row
from greffe.view.names import FIELDS, full_name
from greffe.view.paging import pages
from greffe.view.place import Place
from greffe.view.site import site_name, site_zone

_PAGE = 1000
_SETTINGS = ("siteguest", "alternativefullnameformat", "courselistshortnames")


class Participants:
    """The participants of some courses, one course after the other."""

    def __init__(self, db: Database, courses: Sequence[Course], asked: Asked, *, journal: bool) -> None:
        """``journal``: whether Greffe's own tables are there. Raises ArgumentError where a filter names what none of the
        courses has."""
        self._db, self._courses, self._asked, self._journal = db, courses, asked, journal
        self._now, self._zone = int(db.value("clock")), site_zone(db)
        found = {str(n): str(v or "") for n, v in db.query("site_config", names=list(_SETTINGS))}
        self._guest = int(found.get("siteguest") or 1)
        self._form = found.get("alternativefullnameformat", "")
        self._long_names = found.get("courselistshortnames", "") not in ("", "0")
        self._refuse_unknown()

    def listing(self) -> Listing:
        """All of them, to be read once."""
        return Listing(
            "participants",
            self._title(),
            site_name(self._db),
            self._now,
            COLUMNS,
            self._rows(),
            zone=self._zone,
            alike=frozenset({"course"} if len(self._courses) == 1 else ()),
            asked=self._asked.told(),
        )

    def _rows(self) -> Iterator[Row]:
        """One for each person in each course. The ids of a course's people are held, a page of their rows at a time; all
        come from one state of the site."""
        with self._db.transaction(snapshot=True):
            for place in self.places():
                for people in pages(self._in_order(place), _PAGE):
                    yield from self.page(place, people)

    def _title(self) -> str:
        """What the courses are called: the full name of one, the short names of a few."""
        if len(self._courses) == 1:
            rows = self._db.query("course_titles", courses=[self._courses[0].id])
            return str(rows[0][2]) if rows else self._courses[0].name
        names = ", ".join(c.name for c in self._courses[:3])
        return f"{names} … ({len(self._courses)})" if len(self._courses) > 3 else names

    def places(self) -> Iterator[Place]:
        """The courses, as they call things."""
        for course in self._courses:
            yield Place(self._db, course, self._asked.language, long_names=self._long_names)

    def _refuse_unknown(self) -> None:
        asked = self._asked
        missing = {("role", t) for t in asked.roles} | {("group", t) for t in asked.groups} | {("method", t) for t in asked.methods}  # fmt: skip
        missing -= {("role", NONE), ("group", NONE)}
        known: dict[str, dict[str, None]] = {"role": {}, "group": {}, "method": {}}
        for place in self.places() if missing else ():
            missing = {(kind, text) for kind, text in missing if not _called(place, kind, text)}
            if not missing:
                return
            known["role"] |= dict.fromkeys(place.roles.values())
            known["group"] |= dict.fromkeys(place.groups.values())
            known["method"] |= dict.fromkeys(m.plugin for m in place.methods.values())
        for kind, text in sorted(missing):
            names = ", ".join([*known[kind]][:20]) or "none at all"
            where = "this course has" if len(self._courses) == 1 else "these courses have"
            raise ArgumentError(f"there is no {kind} {text!r} here", todo=f"Of {kind}s, {where}: {names}.")

    def _in_order(self, place: Place) -> array[int]:
        asked = self._asked
        enrols = place.methods_called(asked.methods) if asked.methods else set(place.methods)
        roles = {i for t in asked.roles for i in place.roles_called(t)}
        groups = {i for t in asked.groups for i in place.groups_called(t)}
        if not enrols:
            return array("q")
        text = self._db.text(
            "participants_in_order",
            order="DESC" if asked.descending else "ASC",
            each=(1,) if self._journal else (),
            as_stored=asked.as_moodle,
        )
        before = -1 if asked.inactive is None else self._now - asked.inactive if asked.inactive else 1
        rows = self._db.run_text(
            text,
            course=place.course.id, guest=self._guest, now=self._now, sort=asked.sort, before=before,
            enrols=sorted(enrols),
            standings=[i for i, s in enumerate(STATUSES) if not asked.statuses or s in asked.statuses],
            contexts=place.contexts,
            any_role=int(not asked.roles), no_role=int(NONE in asked.roles), roles=sorted(roles) or [0],
            any_group=int(not asked.groups), no_group=int(NONE in asked.groups), groups=sorted(groups) or [0],
        )  # fmt: skip
        return array("q", (int(r[0]) for r in rows))

    def page(self, place: Place, people: list[int]) -> Iterator[Row]:
        """The rows of these people, whether they are enrolled there or not; in the transaction that is open."""
        of = {"course": place.course.id, "people": people}
        named = {int(r[0]): r[1:] for r in self._db.query("participants_named", **of)}
        enrolled: dict[int, list[tuple[int, ...]]] = defaultdict(list)
        for person, *rest in self._db.query("participants_enrolled", now=self._now, **of):
            enrolled[int(person)].append(tuple(map(int, rest)))
        roles = _gathered(self._db.query("participants_roles", people=people, contexts=place.contexts))
        groups = _gathered(self._db.query("participants_groups", **of))
        runs: dict[int, int] = {}
        if self._journal:
            runs = {int(i): int(r) for i, r in self._db.query("participants_runs", **of)}
        for person in people:
            *parts, number, email, accessed = named[person]
            names = dict(zip(FIELDS, (str(p or "") for p in parts), strict=True))
            mine = enrolled[person]
            held, joined = roles.get(person, ()), groups.get(person, ())
            yield (
                place.course.name,
                names["lastname"],
                names["firstname"],
                full_name(names, self._form),
                str(number),
                str(email),
                tuple(place.roles[r] for r in held),
                tuple(name for g, name in place.groups.items() if g in joined),
                int(accessed),
                tuple(STATUSES[standing] for _, standing, *_ in mine),
                tuple(place.methods[enrol].name for enrol, *_ in mine),
                tuple(start for _, _, start, *_ in mine),
                tuple(end for _, _, _, end, *_ in mine),
                tuple(made for *_, made, _ in mine),
                tuple(str(runs.get(i, "")) for *_, i in mine),
            )


def _called(place: Place, kind: str, text: str) -> set[int]:
    if kind == "role":
        return place.roles_called(text)
    return place.groups_called(text) if kind == "group" else place.methods_called([text])


def _gathered(rows: Iterable[tuple[int, ...]]) -> dict[int, dict[int, None]]:
    """Person → what he has, each once, in order."""
    found: dict[int, dict[int, None]] = defaultdict(dict)
    for person, what in rows:
        found[int(person)][int(what)] = None
    return found
