"""Something happens after the plan and before a write."""

from __future__ import annotations

from typing import Any

import pytest

from greffe.apply.ledger import Ledger
from greffe.errors import Exit
from tests.faults.raced import COURSES, PEOPLE, Raced


def test_a_person_deleted_meanwhile_gets_nothing(nights: Raced) -> None:
    nights.between(lambda: nights.site.execute("UPDATE {user} SET deleted = 1 WHERE username = 'u5'"))
    assert nights.night().state == "done"
    assert not [p for p in nights.enrolments() if p[1] == "u5"]
    assert not [r for r in nights.roles() if r[1] == "u5"]
    assert not [m for m in nights.members() if m[2] == "u5"]
    assert len(nights.enrolments()) == COURSES * (PEOPLE - 1)


@pytest.mark.parametrize("first", [True, False])
def test_a_course_deleted_meanwhile_gets_nothing(nights: Raced, first: bool) -> None:
    if not first:
        nights.night()
        nights.site.add_user("new", idnumber="new")
        nights.deliver(range(1, PEOPLE), *(f"new;C{c};TD1" for c in range(COURSES)))
    course = nights.number("course", "shortname", "C3")

    def delete() -> None:
        for sql in (
            "DELETE FROM {user_enrolments} WHERE enrolid IN (SELECT id FROM {enrol} WHERE courseid = %s)",
            "DELETE FROM {role_assignments} WHERE contextid IN (SELECT id FROM {context} WHERE contextlevel = 50 AND instanceid = %s)",
            "DELETE FROM {groups_members} WHERE groupid IN (SELECT id FROM {groups} WHERE courseid = %s)",
            "DELETE FROM {groups} WHERE courseid = %s",
            "DELETE FROM {enrol} WHERE courseid = %s",
            "DELETE FROM {context} WHERE contextlevel = 50 AND instanceid = %s",
            "DELETE FROM {course} WHERE id = %s",
        ):
            nights.site.execute(sql, course)

    nights.between(delete)
    result = nights.night()
    assert result.exit is Exit.REFUSED
    assert {r.course for r in result.refused} == {"C3"}
    site = nights.site
    assert site.fetch("SELECT id FROM {enrol} WHERE courseid = %s", course) == []
    assert site.fetch("SELECT id FROM {groups} WHERE courseid = %s", course) == []
    orphans = (
        "SELECT ue.id FROM {user_enrolments} ue LEFT JOIN {enrol} e ON e.id = ue.enrolid WHERE e.id IS NULL"
    )
    assert site.fetch(orphans) == []
    lost = "SELECT ra.id FROM {role_assignments} ra LEFT JOIN {context} x ON x.id = ra.contextid WHERE x.id IS NULL"
    assert site.fetch(lost) == []
    nights.between(None)
    assert nights.night().exit is Exit.DONE


def test_a_group_deleted_meanwhile_gets_nobody(nights: Raced) -> None:
    nights.night()
    nights.site.add_user("new", idnumber="new")
    nights.deliver(range(PEOPLE), "new;C1;TD1")
    course = nights.number("course", "shortname", "C1")
    group = int(
        nights.site.fetch("SELECT id FROM {groups} WHERE courseid = %s AND name = 'TD1'", course)[0]["id"]
    )

    def delete() -> None:
        nights.site.execute("DELETE FROM {groups_members} WHERE groupid = %s", group)
        nights.site.execute("DELETE FROM {groups} WHERE id = %s", group)

    nights.between(delete)
    nights.night()
    assert nights.site.fetch("SELECT id FROM {groups_members} WHERE groupid = %s", group) == []
    nights.between(None)
    assert nights.night().exit is Exit.DONE
    assert ("C1", "TD1", "new", "enrol_database") in nights.members()
    nights.assert_single()


def test_a_row_that_somebody_else_just_made_is_not_made_twice(nights: Raced) -> None:
    course, user = nights.number("course", "shortname", "C2"), nights.number("user", "username", "u7")

    def enrol() -> None:
        enrol = nights.site.insert("enrol", enrol="database", courseid=course, sortorder=1)
        nights.site.insert("user_enrolments", enrolid=enrol, userid=user, timeend=0)
        nights.site.insert("groups", courseid=course, name="TD1")

    nights.between(enrol)
    assert nights.night().exit is Exit.DONE
    assert len(nights.enrolments()) == COURSES * PEOPLE
    nights.assert_single()


def test_a_role_that_is_born_twice_is_there_once_after_the_next_night(nights: Raced) -> None:
    """No unique key keeps Moodle's own sync at a login from giving the role that waits for its COMMIT here."""
    nights.night()
    user = nights.site.add_user("new", idnumber="new")
    nights.deliver(range(PEOPLE), "new;C1;TD1")
    enrol = nights.site.fetch(
        "SELECT itemid, contextid FROM {role_assignments} ra JOIN {context} x ON x.id = ra.contextid"
        " JOIN {course} c ON c.id = x.instanceid WHERE c.shortname = 'C1' AND ra.component = 'enrol_database'"
    )[0]
    write = Ledger.write

    def and_then(self: Ledger, *arguments: Any) -> None:
        write(self, *arguments)
        nights.site.execute(
            "INSERT INTO {role_assignments} (roleid, contextid, userid, component, itemid)"
            " VALUES (5, %s, %s, 'enrol_database', %s)",
            enrol["contextid"], user, enrol["itemid"],
        )  # fmt: skip

    nights.patch.setattr(Ledger, "write", and_then)
    assert nights.night().exit is Exit.DONE
    nights.patch.setattr(Ledger, "write", write)
    assert nights.roles().count(("C1", "new", "student")) == 2
    assert nights.night().counts == {"remove-role": 1}
    nights.assert_single()
