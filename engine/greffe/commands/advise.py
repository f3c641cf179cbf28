"""Which way suits a list of people and some courses: their cohorts, a file into the courses, or enrolments renewed."""

from __future__ import annotations

import shlex
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from greffe.commands._file.batch import walk
from greffe.commands._file.lines import Lines
from greffe.commands._file.resolving import Names
from greffe.commands._named.lookup import course_id
from greffe.commands._session import Session, Silent, Watcher, open_site
from greffe.config import Config
from greffe.errors import ArgumentError
from greffe.intake.lines import Batchfile, Line, PersonLine
from greffe.intake.spreadsheet import ENCODING, Writer, safe
from greffe.methods.coverage import Coverage, cover
from greffe.methods.members import CohortRow
from greffe.methods.scope import parse_ids
from greffe.moodle.cohorts import CohortReader
from greffe.moodle.instances import InstanceReader
from greffe.privatefile import private_file
from greffe.report.advice import Advice, Advised, CohortSeen

METHODS_FILE, PEOPLE_FILE = "methods.csv", "people.csv"
_METHODS_HEAD = ("action", "method", "course", "cohort", "role")
_PEOPLE_HEAD = ("person", "course", "role", "group", "start", "end")
_TOGETHER = 5000
_LOOKED_AT = 200
"""Cohorts whose members are read: those that know most of the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What the command line says beside the file."""

    courses: tuple[str, ...] = ()
    """Of lines that name none: shortname, idnumber or id."""
    role: str = ""
    into: Path | None = None
    """A directory for the files that the commands need; without, the commands say what to put into them."""
    limit: int = 20
    """How many people, or lines, are named at most."""
    reading: str = ""
    """Options by which the file was read, as they are typed…"""
    person_key: str = ""
    """…and the one that a new file of the same people needs too."""


def advise(config: Config, file: Batchfile, asking: Asking, watcher: Watcher | None = None) -> Advised:
    """Look, and change nothing. Raises ArgumentError where no line names anybody in any course."""
    watcher = watcher or Silent()
    with open_site(config) as session:
        watcher.step("Reading the file")
        found = _Reading(session, asking)
        walk(file, found.lines, found.take, PersonLine)
        refused = found.lines.refused
        if not found.people:
            first = next(iter(refused.values()), None)
            why = f"; line {first.line}: {first.value!r}: {first.why}" if first else ""
            raise ArgumentError(
                f"{file.source}: no line names anybody in a course{why}",
                todo="Name the courses with --course where the file does not; see that its people have accounts.",
            )
        watcher.step("Looking for cohorts")
        with session.db.transaction(snapshot=True):
            deciding = _Deciding(session, file, asking, found)
            advice = list(deciding.advice())
        files = [str(p) for p in deciding.write(asking.into)] if asking.into else []
        told = [f"line {r.line}: {r.value or 'empty'}: {r.why}" for _, r in sorted(refused.items())]
        return Advised(
            read_as=file.told, people=len(found.people), refused=len(refused), refusals=told[: asking.limit],
            advice=advice, files=files,
        )  # fmt: skip


class _Reading:
    """Who is meant in which course."""

    def __init__(self, session: Session, asking: Asking) -> None:
        self.lines = Lines()
        self.people: dict[int, str] = {}
        """Account → as the file calls it."""
        self.of_course: defaultdict[int, set[int]] = defaultdict(set)
        self.named = False
        """Whether the file names courses by itself."""
        self.said: dict[tuple[int, int], tuple[str, ...]] = {}
        """(course, person) → role, group, start and end, where the line says any."""
        self._names = Names(session.catalogue)
        self._everywhere = [course_id(session.catalogue, text) for text in asking.courses]

    def take(self, part: list[Line]) -> None:
        """Some hundred lines."""
        mine = [line for line in part if isinstance(line, PersonLine)]
        people = self._names.people({(line.person_key, line.person) for line in mine if line.person})
        for line in mine:
            person = people.get((line.person_key, line.person), "it names nobody")
            if isinstance(person, str):
                self.lines.refuse(line.line, "person", line.person, person)
                continue
            courses = self._everywhere
            if line.course:
                course = self._names.course(line.course_key, line.course)
                if isinstance(course, str):
                    self.lines.refuse(line.line, "course", line.course, course)
                    continue
                courses, self.named = [course], True
            elif not courses:
                self.lines.refuse(line.line, "course", "", "it names no course; name one with --course")
                continue
            self.people.setdefault(person, line.person)
            said = (line.role, line.group, _moment(line.start), _moment(line.end))
            for each in courses:
                self.of_course[each].add(person)
                if any(said):
                    self.said.setdefault((each, person), said)


@dataclass(slots=True)
class _Deciding:
    session: Session
    file: Batchfile
    asking: Asking
    found: _Reading
    methods: list[tuple[str, ...]] = field(default_factory=list)
    """Lines of the methods that are needed."""
    enrolments: list[tuple[str, ...]] = field(default_factory=list)
    """Lines of people, where the file itself is not what is to be fed."""
    _rows: dict[int, CohortRow] = field(default_factory=dict)

    def advice(self) -> Iterator[Advice]:
        """One for whole promotions, one for each other way that suits some course."""
        where = "one course" if len(self.found.of_course) == 1 else "many courses"
        alike: defaultdict[frozenset[int], list[int]] = defaultdict(list)
        for course, who in sorted(self.found.of_course.items()):
            alike[frozenset(who)].append(course)
        cohorts = self._cohorts(alike)
        followed = self._followed()
        covers = {people: cover(people, cohorts) for people in alike}
        whole = {people for people, best in covers.items() if best is not None and best.near(len(people))}
        for people, courses in alike.items():
            best = covers[people]
            if best is not None and people in whole:
                yield self._promotion(where, people, courses, best, followed)
            else:
                yield self._others(where, people, courses, best, alone=not whole)

    # -- whole promotions ----------------------------------------------------------------------------------
    def _cohorts(self, lists: Iterable[frozenset[int]]) -> dict[int, frozenset[int]]:
        """Members of the cohorts that know most of the people, and that a file can name."""
        counts: Counter[int] = Counter()
        everybody = sorted(frozenset[int]().union(*lists))
        for part in _parts(everybody):
            counts.update({int(c): int(n) for c, n in self.session.db.query("cohorts_of_people", users=part)})
        reader = CohortReader(self.session.db)
        known = reader.by_id([c for c, _ in counts.most_common(_LOOKED_AT)])
        self._rows = {i: row for i, row in known.items() if row.idnumber}
        return {c: frozenset(parse_ids(text)) for c, text in reader.members(self._rows).items()}

    def _followed(self) -> set[tuple[int, int]]:
        """(course, cohort) that an enabled method has already."""
        reader = InstanceReader(self.session.db, self.session.catalogue)
        return {(i.course, i.source) for i in reader.instances("cohort") if i.enabled}

    def _promotion(
        self,
        where: str,
        people: frozenset[int],
        courses: Sequence[int],
        best: Coverage,
        followed: Collection[tuple[int, int]],
    ) -> Advice:
        new = [(c, k) for c in courses for k in best.cohorts if (c, k) not in followed]
        many = len(best.cohorts) > 1
        if best.exact:
            what = "these cohorts together have" if many else "the cohort has"
            why = [f"{what} exactly the {len(people):,} people of the list"]
        else:
            come, them = ("these cohorts come", "them") if many else ("the cohort comes", "it")
            off = f"{len(best.missing):,} more on the list, {len(best.extra):,} more in {them}"
            why = [
                f"{come} so close to the list that it is the promotion: {off}",
                "look at these people first: the cohort will have its say every night, not the list",
            ]
        made = self._advice(where, "whole promotions", people, courses, best)
        if not new:
            made.route, made.why = "nothing", [*why, "the courses follow it already: nothing is to be done"]
            return made
        made.route = "cohort-sync" if where == "one course" else "methods"
        self.methods += (rows := [self._method(c, k) for c, k in new])
        self._say(made, METHODS_FILE, _METHODS_HEAD, rows)
        made.why = [*why, "a method that follows it keeps the course right as people come and go"]
        made.commands = [f"greffe methods {self._path(METHODS_FILE)}"]
        return made

    # -- other people --------------------------------------------------------------------------------------
    def _others(
        self,
        where: str,
        people: frozenset[int],
        courses: Sequence[int],
        best: Coverage | None,
        *,
        alone: bool,
    ) -> Advice:
        """``alone``: whether no course of the file is for whole promotions, so that the file can be fed as it is."""
        made = self._advice(where, "other people", people, courses, best)
        if best is None:
            made.why = ["no cohort knows anybody of the list"]
        else:
            off = f"leaves out {len(best.missing):,} of {len(people):,} and brings {len(best.extra):,} others"
            made.why = [f"no cohort is the list: the closest {off}"]
        if where == "one course" and (renewing := self._renewal(courses[0], people)):
            made.route = renewing[0]
            made.why.append(renewing[1])
            made.commands = renewing[2]
            return made
        made.route = "file"
        role = f" --role {shlex.quote(self.asking.role)}" if self.asking.role else ""
        read = f" {self.asking.reading}" if self.asking.reading else ""
        key = f" --person-key {self.asking.person_key}" if self.asking.person_key else ""
        if self.found.named and alone:
            made.commands = [f"greffe enrol {shlex.quote(self.file.source)}{read}{role}"]
        elif where == "one course":
            name = shlex.quote(self._name(courses[0]))
            made.commands = [f"greffe enrol {shlex.quote(self.file.source)} --course {name}{read}{role}"]
        else:
            self.enrolments += (rows := [self._line(c, u) for c in courses for u in sorted(people)])
            self._say(made, PEOPLE_FILE, _PEOPLE_HEAD, rows)
            made.commands = [f"greffe enrol {self._path(PEOPLE_FILE)}{key}{role}"]
        return made

    def _renewal(self, course: int, people: frozenset[int]) -> tuple[str, str, list[str]] | None:
        """(route, why, commands) where all of them are there by hand: nothing is to be done, or, where nobody else has
        ended there, renewed."""
        now = self.session.now()
        over: dict[str, set[int]] = defaultdict(set)
        active: set[int] = set()
        for method, user, status, end in self.session.db.query("enrolled_by_hand", course=course):
            if status == 0 and (not end or end > now):
                active.add(int(user))
            else:
                over[str(method)].add(int(user))
        if people <= active:
            return "nothing", "all of them are active there by hand: nothing is to be done", []
        ended = set[int]().union(*over.values()) - active
        if not (people - active <= ended <= people):
            return None
        until = _end_of_year(now)
        methods = [m for m, users in sorted(over.items()) if users & people]
        chosen = f" --method {methods[0]}" if len(methods) == 1 else ""
        name = shlex.quote(self._name(course))
        return (
            "renew",
            f"{len(people - active):,} of them were there by hand and have ended, and nobody else has",
            [f"greffe renew {name}{chosen} --reactivate --end {until}"],
        )

    # -- words ---------------------------------------------------------------------------------------------
    def _advice(
        self, where: str, who: str, people: frozenset[int], courses: Sequence[int], best: Coverage | None
    ) -> Advice:
        made = Advice(
            where=where,
            who=who,
            route="",
            why=[],
            courses=[self._name(c) for c in courses],
            people=len(people),
        )
        if best is not None:
            rows = self.session.db.query("sizes_of_cohorts", cohorts=list(best.cohorts))
            members = {int(c): int(n) for c, n in rows}
            made.cohorts = [
                CohortSeen(idnumber=row.idnumber, name=row.name, members=members.get(c, 0))
                for c in best.cohorts
                if (row := self._rows[c])
            ]
            made.missing, made.extra = len(best.missing), len(best.extra)
            made.missing_people = [self.found.people[u] for u in sorted(best.missing)[: self.asking.limit]]
            made.extra_people = self._called(sorted(best.extra)[: self.asking.limit])
        return made

    def _called(self, users: list[int]) -> list[str]:
        rows = self.session.db.query("names_of_accounts", users=users) if users else []
        return [str(idnumber or username) for _, idnumber, username in sorted(rows)]

    def _name(self, course: int) -> str:
        return self.session.catalogue.courses[course].name

    def _path(self, name: str) -> str:
        return shlex.quote(str(self.asking.into / name if self.asking.into else Path(name)))

    # -- files ---------------------------------------------------------------------------------------------
    def _method(self, course: int, cohort: int) -> tuple[str, ...]:
        return (
            "add",
            "cohort",
            self._name(course),
            self._rows[cohort].idnumber,
            self.asking.role or "student",
        )

    def _line(self, course: int, person: int) -> tuple[str, ...]:
        said = self.found.said.get((course, person), ("",) * 4)
        return (self.found.people[person], self._name(course), *said)

    def _say(self, made: Advice, name: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """What stands in a file that is still to be written."""
        if self.asking.into is None:
            made.file = name
            made.lines = [";".join(map(safe, row)) for row in [head, *rows[: self.asking.limit]]]
            if len(rows) > self.asking.limit:
                made.lines.append("…")

    def write(self, into: Path) -> Iterator[Path]:
        """The files that the commands name. Raises OSError."""
        into.mkdir(parents=True, exist_ok=True)
        if self.methods:
            yield _written(into / METHODS_FILE, _METHODS_HEAD, self.methods)
        if self.enrolments:
            yield _written(into / PEOPLE_FILE, _PEOPLE_HEAD, self.enrolments)


def _written(path: Path, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    with private_file(path, ENCODING, "") as file:
        writer = Writer(file)
        writer.write(head)
        for row in rows:
            writer.write(row)
    return path


def _moment(when: int | None) -> str:
    """As a file says it; '' for nothing said."""
    if when is None:
        return ""
    return datetime.fromtimestamp(when, UTC).astimezone().isoformat(timespec="seconds")[:19] if when else "0"


def _end_of_year(now: int) -> str:
    """The last day of the academic year, which ends with August."""
    today = datetime.fromtimestamp(now, UTC).astimezone()
    return f"{today.year + (today.month > 8)}-08-31"


def _parts(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), _TOGETHER):
        yield ids[start : start + _TOGETHER]
