"""The scenarios' days without a Moodle: the rows that its API writes, by SQL.

What stands for Moodle's API here is proven by the goldens: every state is compared, the one before the first night
and those that a day's steps left their mark on.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from tests.moodle import plain
from tests.moodle.database import Database
from tests.moodle.scenario import Course, User, create_table
from tests.moodle.steps import (
    AddForum,
    AddMethod,
    CopyCourse,
    DeleteCourse,
    DeletePerson,
    DeleteRole,
    DisableMethod,
    Enrol,
    FollowForum,
    Grade,
    JoinGroup,
    ResetCourse,
    RestoreCourse,
    RoleInForum,
    SetTimes,
    Step,
    SuspendByHand,
)
from tests.moodle.world import add_courses, add_users

ADMIN = 2
"""The id of the main admin on a fresh site."""
FLAG_LIFE = 28800


class SqlWorld:
    """A database that only has Moodle's tables."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = 0

    def prepare(self, courses: Sequence[Course], users: Sequence[User]) -> None:
        create_table(self.database)
        add_courses(self.database, courses)
        add_users(self.database, users)

    def live(self, steps: Sequence[Step]) -> None:
        for step in steps:
            self.now = int(time.time())
            if not plain.live(self.database, step):
                self._live(step)

    def _live(self, step: Step) -> None:
        match step:
            case Enrol():
                self._enrol(step)
            case SuspendByHand():
                self._update_enrolment(step, "status = 1")
            case SetTimes():
                self._update_enrolment(step, "timestart = %s, timeend = %s", step.start, step.end)
            case JoinGroup():
                self._join(step)
            case AddForum():
                self._add_forum(step)
            case FollowForum():
                self._follow(step)
            case RoleInForum():
                self._assign(step.role, self._forum_context(step.course, step.forum), step.person)
            case Grade():
                self._grade(step)
            case AddMethod():
                self._add_method(self._course(step.course), step.method)
            case DisableMethod():
                self._disable(step)
            case DeletePerson():
                self._delete_person(self._person(step.person))
            case DeleteRole():
                role = self._role(step.role)
                self._without_roles("roleid = %s", role)
                self.database.run("DELETE FROM mdl_role WHERE id = %s", role)
            case DeleteCourse():
                self._delete_course(self._course(step.course))
            case ResetCourse():
                self._reset(step)
            case CopyCourse():
                self._copy(step)
            case RestoreCourse():
                self._restore(step)
            case _:
                raise AssertionError(f"{step} is a step of plain SQL")

    # -- what rows are found by ------------------------------------------------------------------------------
    def one(self, statement: str, *values: object) -> int:
        ((value,),) = self.database.query(statement, *values)
        return int(value)

    def _course(self, shortname: str) -> int:
        return self.one("SELECT id FROM mdl_course WHERE shortname = %s", shortname)

    def _person(self, idnumber: str) -> int:
        return self.one("SELECT id FROM mdl_user WHERE idnumber = %s", idnumber)

    def _role(self, shortname: str) -> int:
        return self.one("SELECT id FROM mdl_role WHERE shortname = %s", shortname)

    def _context(self, course: int) -> int:
        return self.one("SELECT id FROM mdl_context WHERE contextlevel = 50 AND instanceid = %s", course)

    def _instance(self, course: str, method: str) -> int:
        return self.one(
            "SELECT MAX(id) FROM mdl_enrol WHERE courseid = %s AND enrol = %s", self._course(course), method
        )

    def _forum(self, course: str, name: str) -> int:
        return self.one(
            "SELECT id FROM mdl_forum WHERE course = %s AND name = %s", self._course(course), name
        )

    def _forum_context(self, course: str, name: str) -> int:
        return self.one(
            "SELECT id FROM mdl_context WHERE contextlevel = 70 AND instanceid = %s",
            self._forum(course, name),
        )

    # -- what is written ---------------------------------------------------------------------------------------
    def _insert(self, table: str, **row: object) -> int:
        self.database.insert(f"mdl_{table}", [row])
        return self.one(f"SELECT MAX(id) FROM mdl_{table}")

    def _flag(self, kind: str, name: str) -> None:
        kind = f"accesslib/{kind}"
        self.database.run("DELETE FROM mdl_cache_flags WHERE flagtype = %s AND name = %s", kind, name)
        self._insert(
            "cache_flags", flagtype=kind, name=name, timemodified=self.now, value="1", expiry=self.now + FLAG_LIFE
        )  # fmt: skip

    def _flag_person(self, user: int) -> None:
        self._flag("dirtyusers", str(user))

    def _enrol(self, step: Enrol) -> None:
        enrol = self._instance(step.course, step.method)
        self._insert(
            "user_enrolments", enrolid=enrol, userid=self._person(step.person), status=0, timestart=0, timeend=0,
            modifierid=ADMIN, timecreated=self.now, timemodified=self.now,
        )  # fmt: skip
        context = self._context(self._course(step.course))
        if step.method in ("manual", "self"):
            self._assign(step.role, context, step.person)
        else:
            self._assign(step.role, context, step.person, f"enrol_{step.method}", enrol)

    def _assign(self, role: str, context: int, person: str, component: str = "", itemid: int = 0) -> None:
        user = self._person(person)
        self._insert(
            "role_assignments", roleid=self._role(role), contextid=context, userid=user, timemodified=self.now,
            modifierid=ADMIN, component=component, itemid=itemid, sortorder=0,
        )  # fmt: skip
        self._flag_person(user)

    def _update_enrolment(self, step: SuspendByHand | SetTimes, change: str, *values: object) -> None:
        user = self._person(step.person)
        self.database.run(
            f"UPDATE mdl_user_enrolments SET {change}, modifierid = %s, timemodified = %s"
            " WHERE enrolid = %s AND userid = %s",
            *values, ADMIN, self.now, self._instance(step.course, step.method), user,
        )  # fmt: skip
        self._flag_person(user)

    def _join(self, step: JoinGroup) -> None:
        course, user = self._course(step.course), self._person(step.person)
        where = "SELECT id FROM mdl_groups WHERE courseid = %s AND name = %s"
        stamps = {"timecreated": self.now, "timemodified": self.now}
        if not self.database.query(where, course, step.group):
            made = self._insert(
                "groups", courseid=course, idnumber="", name=step.group, description=None, descriptionformat=0,
                **stamps,
            )  # fmt: skip
            if step.conversation:
                self._insert(
                    "message_conversations", type=2, name=step.group, component="core_group", itemtype="groups",
                    itemid=made, contextid=self._context(course), enabled=1, **stamps,
                )  # fmt: skip
        group = self.one(where, course, step.group)
        self._insert("groups_members", groupid=group, userid=user, timeadded=self.now, component="", itemid=0)
        self.database.run("UPDATE mdl_groups SET timemodified = %s WHERE id = %s", self.now, group)
        for (conversation,) in self.database.query(
            "SELECT id FROM mdl_message_conversations WHERE component = 'core_group' AND itemid = %s", group
        ):
            self._insert(
                "message_conversation_members", conversationid=conversation, userid=user, timecreated=self.now
            )

    def _add_forum(self, step: AddForum) -> None:
        course = self._course(step.course)
        forum = self._insert(
            "forum", course=course, type="general", name=step.forum, intro="", introformat=1,
            forcesubscribe=2 if step.subscribes else 0, timemodified=self.now,
        )  # fmt: skip
        above = self._context(course)
        ((path,),) = self.database.query("SELECT path FROM mdl_context WHERE id = %s", above)
        # a course module stands between the two; nothing here looks at it, so it has the forum's own number
        context = self.one("SELECT MAX(id) + 1 FROM mdl_context")
        self._insert(
            "context", id=context, contextlevel=70, instanceid=forum, path=f"{path}/{context}", depth=4, locked=0
        )  # fmt: skip
        if step.subscribes:
            for (user,) in self.database.query(
                "SELECT DISTINCT u.userid FROM mdl_user_enrolments u JOIN mdl_enrol e ON e.id = u.enrolid"
                " WHERE e.courseid = %s AND u.status = 0",
                course,
            ):
                self._insert("forum_subscriptions", userid=user, forum=forum)

    def _follow(self, step: FollowForum) -> None:
        forum, user = self._forum(step.course, step.forum), self._person(step.person)
        self._insert("forum_subscriptions", userid=user, forum=forum)
        self._insert("forum_digests", userid=user, forum=forum, maildigest=2)
        self._insert("forum_track_prefs", userid=user, forumid=forum)
        self._insert(
            "forum_read", userid=user, forumid=forum, discussionid=11, postid=12, firstread=self.now, lastread=self.now
        )  # fmt: skip

    def _grade(self, step: Grade) -> None:
        """The points, and the course's total that Moodle counts from them."""
        course, user = self._course(step.course), self._person(step.person)
        item, total = self._item(course, step.item, "manual"), self._item(course, None, "course")
        essay: dict[str, object] = {
            "finalgrade": step.points, "usermodified": ADMIN, "feedbackformat": 0, "informationformat": 0
        }  # fmt: skip
        counted: dict[str, object] = {"finalgrade": step.points, "feedbackformat": 2, "informationformat": 2}
        one = self._insert(
            "grade_grades", itemid=item, userid=user, timemodified=self.now, aggregationstatus="used",
            aggregationweight=1, **essay,
        )  # fmt: skip
        other = self._insert("grade_grades", itemid=total, userid=user, timemodified=self.now, **counted)
        history: list[tuple[int, int, int, str, dict[str, object]]] = [
            (one, item, 1, "gradebook", essay),
            (other, total, 1, "system", counted | {"finalgrade": None}),
            (other, total, 2, "aggregation", counted),
        ]
        for grade, of, action, source, columns in history:
            self._insert(
                "grade_grades_history", action=action, oldid=grade, source=source, timemodified=self.now,
                loggeduser=ADMIN, itemid=of, userid=user, **columns,
            )  # fmt: skip

    def _item(self, course: int, name: str | None, kind: str) -> int:
        found = self.database.query(
            "SELECT id FROM mdl_grade_items WHERE courseid = %s AND itemtype = %s AND COALESCE(itemname, '') = %s",
            course, kind, name or "",
        )  # fmt: skip
        return found[0][0] if found else self._insert(
            "grade_items", courseid=course, itemname=name, itemtype=kind, timecreated=self.now,
            timemodified=self.now,
        )  # fmt: skip

    def _add_method(self, course: int, method: str) -> int:
        order = self.one("SELECT MAX(sortorder) + 1 FROM mdl_enrol WHERE courseid = %s", course)
        return self._insert(
            "enrol", enrol=method, courseid=course, status=0, sortorder=order, timecreated=self.now,
            timemodified=self.now,
        )  # fmt: skip

    def _disable(self, step: DisableMethod) -> None:
        self.database.run(
            "UPDATE mdl_enrol SET status = 1 WHERE id = %s", self._instance(step.course, step.method)
        )
        ((path,),) = self.database.query(
            "SELECT path FROM mdl_context WHERE id = %s", self._context(self._course(step.course))
        )
        self._flag("dirtycontexts", path)

    # -- what goes, and what comes back ------------------------------------------------------------------------
    def _without_roles(self, which: str, *values: object) -> None:
        for row, user in self.database.query(
            f"SELECT id, userid FROM mdl_role_assignments WHERE {which}", *values
        ):
            self.database.run("DELETE FROM mdl_role_assignments WHERE id = %s", row)
            self._flag_person(user)

    def _delete_person(self, user: int) -> None:
        self._without_roles("userid = %s", user)
        self.database.run("DELETE FROM mdl_user_enrolments WHERE userid = %s", user)
        self.database.run(
            "UPDATE mdl_user SET deleted = 1, idnumber = '', username = CONCAT(email, '.', CAST(id AS CHAR(20)))"
            " WHERE id = %s",
            user,
        )

    def _delete_course(self, course: int) -> None:
        context = self._context(course)
        self._without_roles("contextid = %s", context)
        ((path,),) = self.database.query("SELECT path FROM mdl_context WHERE id = %s", context)
        self._flag("dirtycontexts", path)
        self.database.run(
            "DELETE FROM mdl_user_enrolments WHERE enrolid IN (SELECT id FROM mdl_enrol WHERE courseid = %s)",
            course,
        )
        self.database.run("DELETE FROM mdl_enrol WHERE courseid = %s", course)
        self.database.run("DELETE FROM mdl_context WHERE id = %s", context)
        self.database.run("DELETE FROM mdl_course WHERE id = %s", course)

    def _reset(self, step: ResetCourse) -> None:
        """Of this method Moodle lets only suspended people be taken out by hand."""
        enrol, role = self._instance(step.course, "database"), self._role(step.role)
        for row, user in self.database.query(
            "SELECT e.id, e.userid FROM mdl_user_enrolments e JOIN mdl_role_assignments r ON r.userid = e.userid"
            " AND r.itemid = e.enrolid AND r.component = 'enrol_database' AND r.roleid = %s"
            " WHERE e.enrolid = %s AND e.status = 1",
            role, enrol,
        ):  # fmt: skip
            self._without_roles(
                "userid = %s AND contextid = %s", user, self._context(self._course(step.course))
            )
            self.database.run("DELETE FROM mdl_user_enrolments WHERE id = %s", row)

    def _copy(self, step: CopyCourse) -> None:
        """A copy has no key, so nobody is registered for it: all come back suspended, with their roles."""
        people = self._people_of(self._course(step.course))
        add_courses(self.database, [Course("", shortname=step.into)])
        self._let_in(people, self._add_method(self._course(step.into), "database"), step.into, status=1)
        self._age_methods(step.into)

    def _restore(self, step: RestoreCourse) -> None:
        """The backup brings the key, so Moodle brings the course in step with the registrations at once, and that
        before it restores the other methods."""
        course = self._course(step.course)
        ((idnumber,),) = self.database.query("SELECT idnumber FROM mdl_course WHERE id = %s", course)
        people = self._people_of(course)
        self._delete_course(course)
        add_courses(self.database, [Course(idnumber, shortname=step.course)])
        enrol = self._add_method(self._course(step.course), "database")
        self.database.run(
            "UPDATE mdl_enrol SET sortorder = CASE WHEN id = %s THEN 0 ELSE sortorder + 1 END WHERE courseid = %s",
            enrol, self._course(step.course),
        )  # fmt: skip
        self._let_in(people, enrol, step.course, status=0)
        self._age_methods(step.course)

    def _people_of(self, course: int) -> list[tuple[int, int]]:
        return [
            (user, role)
            for user, role in self.database.query(
                "SELECT r.userid, r.roleid FROM mdl_role_assignments r JOIN mdl_enrol e ON e.id = r.itemid"
                " WHERE r.component = 'enrol_database' AND e.courseid = %s ORDER BY r.id",
                course,
            )
        ]

    def _let_in(self, people: list[tuple[int, int]], enrol: int, course: str, status: int) -> None:
        context = self._context(self._course(course))
        for user, role in people:
            self._insert(
                "user_enrolments", enrolid=enrol, userid=user, status=status, timestart=0, timeend=0,
                modifierid=ADMIN, timecreated=self.now, timemodified=self.now,
            )  # fmt: skip
            self._insert(
                "role_assignments", roleid=role, contextid=context, userid=user, timemodified=self.now,
                modifierid=ADMIN, component="enrol_database", itemid=enrol, sortorder=0,
            )  # fmt: skip
            self._flag_person(user)

    def _age_methods(self, course: str) -> None:
        """The other methods keep the stamps of the course that was backed up."""
        ((made,),) = self.database.query("SELECT MIN(timecreated) FROM mdl_enrol")
        self.database.run(
            "UPDATE mdl_enrol SET timecreated = %s, timemodified = %s WHERE courseid = %s AND enrol <> 'database'",
            made, made, self._course(course),
        )  # fmt: skip
