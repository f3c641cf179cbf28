"""Who is unenrolled, and what a person's last unenrolment from a course takes along.

Source of the rules: enrol_plugin::unenrol_user, groups_delete_group_members, grade_user_unenrol and mod_forum's observer
(moodle-writes §2.3). Each table is asked and written once for all people and courses of a transaction.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from greffe.apply import rows
from greffe.apply.groups import Groups, Image
from greffe.apply.rows import COLUMNS, ENROLMENT, MEMBERSHIP, ROLE
from greffe.apply.transaction import Piece, Refused, Transaction
from greffe.model import Action, Batch
from greffe.moodle.database import Database, Row
from greffe.moodle.siteconfig import site_config

GRADED = "the person has got grades in the course since the plan was made; the next night looks again"

TOO_LONG = (
    "a grade's feedback there is longer than the server takes in one statement, so that it could not be journalled: "
    "raise max_allowed_packet on the server"
)
_LONG = 8000
"""Characters below which a text fits, whatever the server's packet."""

LAST = '{"lastenrol":true}'
"""What the journal says of a person's last enrolment in a course: Moodle's event tells it, and nothing else could later."""

#: of a grade's columns, those that its history lacks or has for itself
_NOT_KEPT = {"id", "timecreated", "timemodified"}
_BY_HAND = ("overridden", "excluded", "locked", "hidden")

Place = tuple[int, int]
"""(course, person)."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A table in which a person leaves rows behind in a course."""

    table: str
    find: str
    """The statement that finds their ids."""
    action: Action


ROLES = Trace("role_assignments", "roles_left", Action.REMOVE_ROLE)
MEMBERSHIPS = Trace("groups_members", "memberships_left", Action.LEAVE_GROUP)
GRADES = Trace("grade_grades", "grades_left", Action.DELETE_GRADE)
TRACES = (
    ROLES,
    MEMBERSHIPS,
    GRADES,
    Trace("user_lastaccess", "visits_left", Action.FORGET_VISIT),
    Trace("forum_subscriptions", "subscriptions_left", Action.UNSUBSCRIBE),
    Trace("forum_digests", "digests_left", Action.DROP_DIGEST),
    Trace("forum_track_prefs", "tracking_left", Action.DROP_TRACKING),
    Trace("forum_read", "reading_left", Action.FORGET_READING),
)


def carries_grade(grade: Image, *, computed: bool) -> bool:
    """Whether a row of grade_grades holds somebody's work rather than what Moodle makes by itself: the same words as in
    the statement ``standing``. ``computed``: a total, or a grade that is calculated from others."""
    return bool(
        grade["rawgrade"] is not None
        or (grade["finalgrade"] is not None and not computed)
        or grade["feedback"]
        or any(grade[c] for c in _BY_HAND)
    )


def find(
    db: Database, trace: Trace, places: Sequence[Place], computed: set[int] | None = None
) -> dict[int, Place]:
    """Id of each row that these people have there → whose it is. ``computed`` collects grades that Moodle computes."""
    whose: dict[int, Place] = {}
    for course, person, id_, *more in db.lookup(trace.find, _columns("course", places)):
        whose[int(id_)] = (int(course), int(person))
        if computed is not None and more and more[0]:
            computed.add(int(id_))
    return whose


def enrolled_elsewhere(db: Database, people: Collection[tuple[int, int, int]]) -> set[Place]:
    """Of (course, method, person): who has an enrolment in the course beside these, by any method, whatever its state. These
    rows are held: of two writers who each take one of two last enrolments, one must see that the other's is gone."""
    if not people:
        return set()
    others: dict[int, list[int]] = defaultdict(list)
    course_of: dict[int, int] = {}
    for enrol, course in db.query("methods_in_courses", courses=sorted({c for c, _, _ in people})):
        others[course].append(enrol)
        course_of[enrol] = course
    going = {(mine, u) for _, mine, u in people}
    pairs = sorted({(enrol, u) for course, _, u in people for enrol in others[course]} - going)
    if not pairs:
        return set()
    return {(course_of[r[8]], r[1]) for r in db.lookup("enrolments_now", _columns("enrol", pairs))}


@dataclass(frozen=True, slots=True)
class Leaving:
    """People of one course who lose their enrolment by one method."""

    piece: Piece
    batch: Batch
    enrol: int
    enrolments: Mapping[int, Row]
    """Person → his row, held."""
    roles: Sequence[Row]
    """What they hold through the method in the course's context, held."""


@dataclass(slots=True)
class Departures:
    """The unenrolments of one transaction."""

    tx: Transaction
    groups: Groups
    _traces: dict[Trace, dict[int, tuple[Place, Image]]] = field(default_factory=dict)
    """Trace → id of the row → whose it is, and the row, held."""

    def carry_out(self, leaving: Sequence[Leaving]) -> None:
        """Unenrol; those for whom it is the last enrolment in the course leave everything behind."""
        if not leaving:
            return
        everybody: dict[Place, list[Leaving]] = defaultdict(list)
        for one in leaving:
            for user in one.enrolments:
                everybody[one.piece.course, user].append(one)
        people = [(one.piece.course, one.enrol, u) for one in leaving for u in one.enrolments]
        last = everybody.keys() - enrolled_elsewhere(self.tx.db, people)
        staying: set[tuple[int, int]] = set()
        if last:
            computed = self._find_traces(sorted(last))
            graded = self._graded(everybody, computed)
            staying = {(one.enrol, p[1]) for p in graded for one in everybody[p] if not one.batch.with_grades}
            self._refuse(leaving, staying, GRADED)
            long = self._too_long() - graded
            too_long = {(one.enrol, p[1]) for p in long for one in everybody[p]}
            self._refuse(leaving, too_long, TOO_LONG)
            staying |= too_long
            last -= graded | long
            self._keep_history(last)
        self._leave_groups_of_method(
            [
                (one, u)
                for one in leaving
                for u in one.enrolments
                if (one.piece.course, u) not in last and (one.enrol, u) not in staying
            ]
        )
        # by two methods at once: what is left behind goes with one of them
        self._remove_traces({place: (everybody[place][0].batch, everybody[place][0].enrol) for place in last})
        for one in leaving:
            here = {u: r for u, r in one.enrolments.items() if (one.enrol, u) not in staying}
            held: dict[int, list[Image]] = defaultdict(list)
            for row in one.roles:
                if row[1] in here:
                    held[row[2]].append(dict(zip(ROLE, row, strict=True)))
            for role, images in sorted(held.items()):
                self.tx.remove(ROLES.table, ROLES.action, one.batch, one.enrol, images, role=role)
            # by two methods at once: only the second is the last
            final = {u for u in here if (p := (one.piece.course, u)) in last and everybody[p][-1] is one}
            for new, users in ((LAST, final), (None, here.keys() - final)):
                images = [dict(zip(ENROLMENT, here[u], strict=True)) for u in here if u in users]
                self.tx.remove("user_enrolments", Action.UNENROL, one.batch, one.enrol, images, new=new)

    # -- what is left behind -------------------------------------------------------------------------------
    def _find_traces(self, places: list[Place]) -> set[int]:
        """Hold everything that these people leave behind; ids of grades that Moodle computes."""
        db = self.tx.db
        columns = COLUMNS | rows.columns_of(db, [t.table for t in TRACES if t.table not in COLUMNS])
        computed: set[int] = set()
        for trace in TRACES:
            if trace.table not in columns:
                continue  # a site without forums
            if whose := find(db, trace, places, computed):
                held = rows.hold(db, trace.table, columns[trace.table], whose)
                self._traces[trace] = {i: (whose[i], image) for i, image in held.items()}
        return computed

    def _graded(self, everybody: Mapping[Place, Sequence[Leaving]], computed: set[int]) -> set[Place]:
        """Who must stay by one of his methods, since he has grades that this one's unenrolment may not take."""
        return {
            place
            for id_, (place, grade) in self._traces.get(GRADES, {}).items()
            if not all(one.batch.with_grades for one in everybody[place])
            and carries_grade(grade, computed=id_ in computed)
        }

    def _too_long(self) -> set[Place]:
        """Who has a grade that no journal could hold."""
        return {
            place
            for place, grade in self._traces.get(GRADES, {}).values()
            if any(isinstance(v, str) and len(v) > _LONG for v in grade.values())
            and not self.tx.db.fits(rows.encode(grade))
        }

    def _refuse(self, leaving: Sequence[Leaving], staying: set[tuple[int, int]], why: str) -> None:
        for one in leaving:
            users = [u for u in one.enrolments if (one.enrol, u) in staying]
            if users:
                refused = Refused(one.piece.name, Action.UNENROL.value, why, users)
                self.tx.refused.append(refused)

    def _keep_history(self, last: set[Place]) -> None:
        """grade_object::delete: one row of history for each deleted grade, unless the site keeps none."""
        db = self.tx.db
        grades = [i for i, (place, _) in self._traces.get(GRADES, {}).items() if place in last]
        if not grades:
            return
        if site_config(db, ["disablegradehistory"]).get("disablegradehistory", "") not in ("", "0"):
            return
        found = rows.columns_of(db, ["grade_grades", "grade_grades_history"])
        kept = [c for c in found["grade_grades"] if c in found["grade_grades_history"] and c not in _NOT_KEPT]
        text = db.text("keep_history", columns=tuple(kept))
        for part in rows.parts(grades):
            db.run_text(text, ids=part, now=self.tx.now, modifier=self.tx.modifier)

    def _remove_traces(self, batches: Mapping[Place, tuple[Batch, int]]) -> None:
        for trace, found in self._traces.items():
            detail = {ROLES: "roleid", MEMBERSHIPS: "groupid"}.get(trace)
            parts: dict[tuple[int, int], list[tuple[Place, Image]]] = defaultdict(list)
            for place, image in found.values():
                if place in batches:
                    parts[place[0], image[detail] if detail else 0].append((place, image))
            for (_, number), images in sorted(parts.items(), key=lambda p: p[0]):
                for (batch, enrol), part in _by_batch(images, batches):
                    if trace is MEMBERSHIPS:
                        self.groups.leave(batch, enrol, number, part)
                    else:
                        self.tx.remove(trace.table, trace.action, batch, enrol, part, role=number)

    def _leave_groups_of_method(self, people: list[tuple[Leaving, int]]) -> None:
        """Who stays by another method leaves the groups that came through this one."""
        if not people:
            return
        db = self.tx.db
        one_of = {(one.enrol, u): one for one, u in people}
        whose: dict[int, Leaving] = {}
        for component in sorted({one.piece.component for one in one_of.values()}):
            pairs = sorted(pair for pair, one in one_of.items() if one.piece.component == component)
            found = db.lookup("memberships_through", _columns("enrol", pairs), component=component)
            whose |= {int(i): one_of[int(e), int(u)] for e, u, i in found}
        if not whose:
            return
        parts: dict[tuple[int, int], list[Image]] = defaultdict(list)
        for id_, image in rows.hold(db, MEMBERSHIPS.table, MEMBERSHIP, whose).items():
            parts[whose[id_].enrol, image["groupid"]].append(image)
        for (enrol, group), images in sorted(parts.items()):
            self.groups.leave(whose[images[0]["id"]].batch, enrol, group, images)


def _by_batch(
    images: Iterable[tuple[Place, Image]], batches: Mapping[Place, tuple[Batch, int]]
) -> list[tuple[tuple[Batch, int], list[Image]]]:
    """Rows by the batch that takes them: a course has few."""
    parts: dict[int, tuple[tuple[Batch, int], list[Image]]] = {}
    for place, image in images:
        why = batches[place]
        parts.setdefault(id(why[0]), (why, []))[1].append(image)
    return list(parts.values())


def _columns(first: str, pairs: Sequence[tuple[int, int]]) -> dict[str, Sequence[Any]]:
    return {first: array("q", [a for a, _ in pairs]), "user": array("q", [u for _, u in pairs])}
