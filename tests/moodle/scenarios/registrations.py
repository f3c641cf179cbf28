"""What the external table may hold: new, equal, double, changed and unknown rows."""

from __future__ import annotations

from tests.moodle.scenario import Differs, Night, Row, Scenario, Settings
from tests.moodle.scenarios.common import CLASS, COURSES, GONE, USERS, WITHOUT
from tests.moodle.steps import DeleteRole, DoubleRoles

SCENARIOS = (
    Scenario(
        "first-load",
        "courses without the method get it, people get enrolment and role; a course without rows stays as it is",
        COURSES, USERS, (Night(CLASS),),
    ),
    Scenario(
        "no-change",
        "the same registrations once more: not a row changes",
        COURSES, USERS, (Night(CLASS), Night(CLASS)),
    ),
    Scenario(
        "duplicate-rows",
        "a registration that comes three times counts once",
        COURSES, USERS, (Night((*CLASS, GONE, GONE)), Night((*CLASS, GONE))),
    ),
    Scenario(
        "two-roles",
        "two rows give two roles through one enrolment; one row less takes one role",
        COURSES, USERS,
        (
            Night((*CLASS, Row("LAW101", "20260001", "teacher"))),
            Night((*WITHOUT, Row("LAW101", "20260001", "teacher"))),
        ),
    ),
    Scenario(
        "role-changed",
        "a student becomes a teacher: the enrolment stays, one role goes, another comes",
        COURSES, USERS, (Night(CLASS), Night((*WITHOUT, Row("LAW101", "20260001", "editingteacher")))),
    ),
    Scenario(
        "role-changed-while-away",
        "a suspended leaver comes back with another role: active again, and the old role goes",
        COURSES, USERS,
        (Night(CLASS), Night(WITHOUT), Night((*WITHOUT, Row("LAW101", "20260001", "teacher")))),
    ),
    Scenario(
        "unknown-people",
        "numbers that no account has, and an empty one, lead nowhere; the other rows do",
        COURSES, USERS, (Night((*CLASS, Row("LAW101", "20269999"), Row("LAW101", ""), Row("LAW102", "0"))),),
    ),
    Scenario(
        "unknown-courses",
        "codes that no course has, and an empty one, lead nowhere, also on the night when all of a course's rows are such",
        COURSES, USERS,
        (
            Night((*CLASS, Row("LAW999", "20260001"), Row("", "20260002"))),
            Night(tuple(Row("LAW999", r.person, r.role) if r.course == "LAW102" else r for r in CLASS)),
        ),
    ),
    Scenario(
        "unknown-role",
        "a role that the site does not have counts as the default role",
        COURSES, USERS,
        (
            Night((*CLASS, Row("LAW101", "20260004", "auditeur"), Row("LAW102", "20260004", ""))),
            Night((*WITHOUT, Row("LAW101", "20260001", "auditeur"))),
        ),
    ),
    Scenario(
        "unknown-role-no-default",
        "without a default role nobody gets an unknown role; Greffe takes that as no sign that the person has left",
        COURSES, USERS,
        (
            Night((*CLASS, Row("LAW101", "20260004", "auditeur"))),
            Night((*WITHOUT, Row("LAW101", "20260001", "auditeur"))),
        ),
        Settings(default_role=""),
        (
            Differs(
                "unknown-role",
                moodle=("LAW101/database 20260001: suspended, student", "flag of 20260001: day 2"),
                greffe=("LAW101/database 20260001: active, student", "flag of 20260001: day 1"),
            ),
        ),
    ),
    Scenario(
        "empty-table",
        "the external table is empty; Moodle suspends everybody, Greffe takes that for a fault of the table",
        COURSES, USERS, (Night(CLASS), Night(())),
        differences=(
            Differs(
                "empty-table",
                moodle=(
                    "LAW101/database 20260001: suspended, student",
                    "LAW101/database 20260002: suspended, student",
                    "LAW101/database e1789: suspended, editingteacher",
                    "LAW102/database 20260001: suspended, student",
                    "LAW102/database 20260003: suspended, student",
                    "flag of 20260001: day 2",
                    "flag of 20260002: day 2",
                    "flag of 20260003: day 2",
                    "flag of e1789: day 2",
                ),
                greffe=(
                    "LAW101/database 20260001: active, student",
                    "LAW101/database 20260002: active, student",
                    "LAW101/database e1789: active, editingteacher",
                    "LAW102/database 20260001: active, student",
                    "LAW102/database 20260003: active, student",
                    "flag of 20260001: day 1",
                    "flag of 20260002: day 1",
                    "flag of 20260003: day 1",
                    "flag of e1789: day 1",
                ),
            ),
        ),
    ),
    Scenario(
        "role-deleted",
        "a role goes from the site: who only had that one is no longer seen by either, and stays when he leaves",
        COURSES, USERS,
        (
            Night((*CLASS, Row("LAW101", "20260004", "teacher"))),
            Night(WITHOUT, (DeleteRole("teacher"),)),
        ),
    ),
    Scenario(
        "role-held-twice",
        "two writers gave the same role at the same moment; Greffe takes the second one away",
        COURSES, USERS, (Night(CLASS), Night(CLASS, (DoubleRoles("LAW101", "20260001"),))),
        differences=(
            Differs(
                "double-roles",
                moodle=("LAW101/database 20260001: active, student, student", "flag of 20260001: day 1"),
                greffe=("LAW101/database 20260001: active, student", "flag of 20260001: day 3"),
            ),
        ),
    ),
)  # fmt: skip
