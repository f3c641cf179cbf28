"""Steps that no enrolment code of Moodle's takes part in: the same plain SQL in every world."""

from __future__ import annotations

import time

from tests.moodle.database import Database
from tests.moodle.steps import ChangeCourse, ChangePerson, DoubleRoles, MergePeople, Step, Visit


def live(database: Database, step: Step) -> bool:
    """Take the step, if it is one of these."""
    match step:
        case Visit():
            database.run(
                "INSERT INTO mdl_user_lastaccess (userid, courseid, timeaccess) SELECT u.id, c.id, %s"
                " FROM mdl_user u JOIN mdl_course c ON c.shortname = %s WHERE u.idnumber = %s",
                int(time.time()), step.course, step.person,
            )  # fmt: skip
        case ChangePerson():
            database.run(f"UPDATE mdl_user SET {step.field} = %s WHERE idnumber = %s", step.text, step.person)
        case ChangeCourse():
            database.run(
                f"UPDATE mdl_course SET {step.field} = %s WHERE shortname = %s", step.value, step.course
            )
        case DoubleRoles():
            columns = "roleid, contextid, userid, timemodified, modifierid, component, itemid, sortorder"
            database.run(
                f"""INSERT INTO mdl_role_assignments ({columns})
                    SELECT r.{columns.replace(", ", ", r.")} FROM mdl_role_assignments r
                      JOIN mdl_enrol e ON e.id = r.itemid AND e.enrol = %s
                      JOIN mdl_course c ON c.id = e.courseid AND c.shortname = %s
                      JOIN mdl_user u ON u.id = r.userid AND u.idnumber = %s
                     WHERE r.component = %s""",
                step.method, step.course, step.person, f"enrol_{step.method}",
            )  # fmt: skip
        case MergePeople():
            _merge(database, step)
        case _:
            return False
    return True


def _merge(database: Database, step: MergePeople) -> None:
    ((old,),) = database.query("SELECT id FROM mdl_user WHERE idnumber = %s", step.person)
    ((new,),) = database.query("SELECT id FROM mdl_user WHERE idnumber = %s", step.into)
    for table, keys in _BELONGS_TO_PEOPLE.items():
        same = " AND ".join(f"mine.{key} = theirs.{key}" for key in keys)
        both = database.query(
            f"SELECT theirs.id FROM mdl_{table} theirs JOIN mdl_{table} mine ON {same}"
            " WHERE theirs.userid = %s AND mine.userid = %s",
            old, new,
        )  # fmt: skip
        for (row,) in both:
            database.run(f"DELETE FROM mdl_{table} WHERE id = %s", row)
        database.run(f"UPDATE mdl_{table} SET userid = %s WHERE userid = %s", new, old)
    database.run("UPDATE mdl_user SET suspended = 1 WHERE id = %s", old)


_BELONGS_TO_PEOPLE = {
    "user_enrolments": ("enrolid",),
    "role_assignments": ("contextid", "roleid", "component", "itemid"),
    "groups_members": ("groupid",),
    "user_lastaccess": ("courseid",),
}
"""Tables, and the columns that say which row of two people is the same one."""
