"""People into courses, or out of them, as the lines of a file say: by the method ``manual``, or by ``self``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from greffe.commands._departing import Departing
from greffe.commands._file.batch import Asked, Batched, Proposal, carry_batch, judged, walk
from greffe.commands._file.lines import Lines
from greffe.commands._file.personlines import PersonLines, Wishes
from greffe.commands._session import Session, Watcher
from greffe.config import Config
from greffe.errors import ArgumentError
from greffe.intake.lines import Batchfile, PersonLine
from greffe.methods import byhand
from greffe.methods.byhand import Terms, Wanted
from greffe.methods.following import InstanceDiff, State
from greffe.methods.scope import Scope, parse_ids
from greffe.moodle.byhand import HandInstance, HandReader
from greffe.moodle.patience import persist
from greffe.plan.plan import CoursePlan

__all__ = ["Wishes", "enrol"]

NO_SELF = "the course has no self enrolment; add it in Moodle, which decides who may come by it"
SEVERAL = "the course has several instances of the method {method}; nobody can know which is meant"
NO_ROLE = "the method gives no role by default there, and neither does the line; name one with --role"


def enrol(
    config: Config, file: Batchfile, wishes: Wishes, asked: Asked, watcher: Watcher | None = None
) -> Batched:
    """Plan, judge, write what the lines of a file say of people in courses.

    Raises ArgumentError where the wishes contradict each other, or the whole list would be nobody.
    """
    if wishes.replace and wishes.remove:
        raise ArgumentError("--replace and --remove exclude each other", todo="Give one of them.")
    if wishes.replace and asked.skip_refused:
        raise ArgumentError(
            "--replace takes out whom the file does not name, so that every line must be understood",
            todo="Correct the refused lines, and leave --skip-refused out.",
        )
    return carry_batch(
        config, lambda _: [wishes.method], lambda s, w: _propose(s, file, wishes, asked, w), asked, watcher
    )


def _propose(session: Session, file: Batchfile, wishes: Wishes, asked: Asked, watcher: Watcher) -> Batched:
    if wishes.end and wishes.end <= session.now():
        raise ArgumentError("--end is over already", todo="Give a day that is still to come.")
    lines = Lines()

    def gather() -> PersonLines:
        gathered = PersonLines(session.catalogue, wishes, lines)
        watcher.step("Reading the file")
        walk(file, lines, gathered.take, PersonLine)
        return gathered

    def compare() -> Proposal:
        gathered = lines.wholly(gather)
        if wishes.replace and not lines.refused:
            _refuse_emptying(gathered)
        watcher.step("Comparing with Moodle")
        return persist(
            lambda: Comparing(session, wishes, lines, gathered.wanted).proposal(), away=session.db.patience
        )

    return judged(session, file, asked, lines, lines.wholly(compare))


def _refuse_emptying(gathered: PersonLines) -> None:
    for course, wanted in sorted(gathered.wanted.items()):
        if not wanted.people:
            name = gathered.catalogue.courses[course].name
            raise ArgumentError(
                f"the file names nobody who belongs in {name}, and --replace would take everybody out of it",
                todo="Look at the file; `greffe enrol FILE --remove` takes people out whom a file names.",
            )


@dataclass(slots=True)
class Comparing:
    """What lines ask for beside what is there: one snapshot, no write."""

    session: Session
    wishes: Wishes
    lines: Lines
    wanted: Mapping[int, Wanted]
    _notes: Counter[str] = field(default_factory=Counter)

    def proposal(self) -> Proposal:
        """The parts of the plan, by course."""
        db, catalogue = self.session.db, self.session.catalogue
        self._notes.clear()
        now = self.session.now()
        today = _midnight(now)
        with db.transaction(snapshot=True):
            reader = HandReader(db, catalogue)
            there = reader.instances(self.wishes.method, self.wanted.keys())
            defaults = byhand.default_instance(reader.settings(byhand.MANUAL))
            instances = list(self._chosen(there, defaults))
            courses = [i.course for i in instances]
            groups = self._known(catalogue.groups(c for c in courses if self.wanted[c].groups))
            groupings = self._known(reader.groupings([c for c in courses if self.wanted[c].groupings]))
            grouped = reader.grouped({g for _, g in groupings.values()})
            asked = {
                c: [groups[key][1] for g in self.wanted[c].groups if (key := self._key(c, g)) in groups]
                for c in courses
            }
            parts: list[CoursePlan] = []
            active = 0
            for instance, scope in reader.scopes(instances, asked):
                wanted = self._written(instance.course, groups, groupings)
                terms = self._terms(instance, wanted, groups, groupings, grouped, today)
                if not terms.role:
                    wanted = self._without_roleless(wanted, scope)
                made = byhand.diff(wanted, scope, terms)
                active += made.people
                self._look(instance, wanted, scope, now)
                if made.batches:
                    parts.append(self._part(instance, scope, made, defaults, len(parts) + 1))
            departing = Departing(db)
            parts = departing.settle(parts, now)
        if departing.losing:
            self._notes[_GRADES_GO] += departing.losing
        notes = [text.format(n=f"{n:,}") for text, n in self._notes.items()]
        return Proposal(
            courses=parts, active=active, places=len(instances), notes=notes, graded=departing.graded
        )

    # -- courses -------------------------------------------------------------------------------------------
    def _chosen(
        self, there: Mapping[int, list[HandInstance]], defaults: Mapping[str, int | None]
    ) -> Iterable[HandInstance]:
        """The instance of each course; where there is none or no one can know which, the course's lines are refused."""
        refused: dict[int, str] = {}
        for course in sorted(self.wanted):
            found = there.get(course, [])
            if len(found) > 1 and self.wishes.method == byhand.SELF:
                refused[course] = SEVERAL.format(method=self.wishes.method)
            elif found:
                yield found[0]
            elif self.wishes.method == byhand.SELF:
                refused[course] = NO_SELF
            else:
                yield HandInstance(
                    0,
                    course,
                    defaults["status"] == 0,
                    int(defaults["roleid"] or 0),
                    int(defaults["enrolperiod"] or 0),
                )
        if refused:
            for line, (course, _) in self.lines.subjects():
                if course in refused:
                    self.lines.refuse(
                        line, "course", self.session.catalogue.courses[course].name, refused[course]
                    )

    def _terms(
        self,
        instance: HandInstance,
        wanted: Wanted,
        groups: Mapping[tuple[int, str], tuple[str, int]],
        groupings: Mapping[tuple[int, str], tuple[str, int]],
        grouped: Mapping[int, set[int]],
        today: int,
    ) -> Terms:
        course, roles = instance.course, self.session.catalogue.course_roles
        mine = {
            name: i for name in wanted.groupings if (i := groupings.get(self._key(course, name), ("", 0))[1])
        }
        return Terms(
            role=instance.role if instance.role in roles.values() else 0,
            period=instance.period,
            today=today,
            with_grades=self.wishes.with_grades,
            group_ids={
                name: i for name in wanted.groups if (i := groups.get(self._key(course, name), ("", 0))[1])
            },
            grouping_ids=mine,
            grouped={i: frozenset(grouped.get(i, ())) for i in mine.values()},
        )

    def _without_roleless(self, wanted: Wanted, scope: Scope) -> Wanted:
        """Nobody is enrolled without a role: whose line names none where the method has none either, is refused."""
        there = State.of(scope).enrolled.union(*wanted.roles.values())
        bare = wanted.people.keys() - there
        if not bare:
            return wanted
        for line, (course, person) in self.lines.subjects():
            if course == scope.course and person in bare:
                self.lines.refuse(line, "role", "", NO_ROLE)
        return replace(
            wanted,
            people={u: line for u, line in wanted.people.items() if u not in bare},
            groups={
                name: kept
                for name, people in wanted.groups.items()
                if (kept := {u: line for u, line in people.items() if u not in bare})
            },
        )

    def _part(
        self,
        instance: HandInstance,
        scope: Scope,
        made: InstanceDiff,
        defaults: Mapping[str, int | None],
        number: int,
    ) -> CoursePlan:
        known = self.session.catalogue.courses[instance.course]
        return CoursePlan(
            course=known.id,
            name=known.name,
            context=known.context,
            method=self.wishes.method,
            enrol=instance.enrol or -number,
            fingerprint=byhand.fingerprint(scope, made.batches) if instance.enrol else "",
            batches=made.batches,
            active=made.active,
            people=made.people,
            columns={} if instance.enrol else dict(defaults),
        )

    # -- names ---------------------------------------------------------------------------------------------
    def _key(self, course: int, name: str) -> tuple[int, str]:
        return course, self.session.catalogue.same(name)

    def _known(self, found: Mapping[tuple[int, str], int]) -> dict[tuple[int, str], tuple[str, int]]:
        """(course, name as the database compares it) → (name as it stands there, id)."""
        known: dict[tuple[int, str], tuple[str, int]] = {}
        for (course, name), number in found.items():
            known.setdefault(self._key(course, name), (name, number))
        return known

    def _written(
        self,
        course: int,
        groups: Mapping[tuple[int, str], tuple[str, int]],
        groupings: Mapping[tuple[int, str], tuple[str, int]],
    ) -> Wanted:
        """What is asked of a course, with the names of its groups as they stand there."""

        def group(name: str) -> str:
            return groups.get(self._key(course, name), (name, 0))[0]

        def grouping(name: str) -> str:
            return groupings.get(self._key(course, name), (name, 0))[0]

        wanted = self.wanted[course]
        return replace(
            wanted,
            groups={group(name): people for name, people in wanted.groups.items()},
            groupings={
                grouping(name): {group(g): line for g, line in mine.items()}
                for name, mine in wanted.groupings.items()
            },
        )

    # -- what people should know ---------------------------------------------------------------------------
    def _look(self, instance: HandInstance, wanted: Wanted, scope: Scope, now: int) -> None:
        if not instance.enabled and wanted.people:
            self._notes[_SWITCHED_OFF] += 1
        self._notes[_ENDED] += sum(
            u in wanted.people and u not in wanted.end
            for (_, end), text in scope.timed.items()
            if 0 < end <= now
            for u in parse_ids(text)
        )
        self._notes += Counter()  # without zeros


_SWITCHED_OFF = "In {n} of the courses the method is switched off: whom it enrols has no access by it."
_ENDED = "{n} people are enrolled already, but their time is over, and the file gives no new end (--end)."
_GRADES_GO = "{n} people lose their grades in a course, which go with the enrolment (--with-grades)."


def _midnight(now: int) -> int:
    """When today began, by this machine's time zone."""
    day = datetime.fromtimestamp(now, UTC).astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    return int(day.timestamp())
