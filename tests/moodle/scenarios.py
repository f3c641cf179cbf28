"""The cases that a real Moodle judges."""

from __future__ import annotations

from tests.moodle.scenario import Course, Enrol, JoinGroup, Night, Row, Scenario, User, Visit

_COURSES = (Course("LAW101"), Course("LAW102"), Course("MED201"))
_USERS = tuple(User(idnumber) for idnumber in ("20260001", "20260002", "20260003", "20260004", "E1789"))
_CLASS = (
    Row("LAW101", "20260001"),
    Row("LAW101", "20260002"),
    Row("LAW101", "E1789", "editingteacher"),
    Row("LAW102", "20260001"),
    Row("LAW102", "20260003"),
)
_WITHOUT_1 = tuple(row for row in _CLASS if row != Row("LAW101", "20260001"))

SCENARIOS = (
    Scenario(
        "first-load",
        "courses without the method get it, people get enrolment and role; a course without rows stays as it is",
        _COURSES, _USERS, (Night(_CLASS),),
    ),
    Scenario(
        "no-change",
        "the same registrations once more: not a row changes",
        _COURSES, _USERS, (Night(_CLASS), Night(_CLASS)),
    ),
    Scenario(
        "leaver-suspended",
        "a leaver is suspended and keeps role and group; the night after changes nothing",
        _COURSES, _USERS,
        (
            Night(_CLASS),
            Night(_WITHOUT_1, (JoinGroup("LAW101", "20260001", "TD1"), Visit("LAW101", "20260001"))),
            Night(_WITHOUT_1),
        ),
    ),
    Scenario(
        "leaver-unenrolled-other-method-stays",
        "a leaver who is also enrolled by hand loses what the method gave, and nothing else",
        _COURSES, _USERS,
        (
            Night(_CLASS),
            Night(
                _WITHOUT_1,
                (
                    Enrol("LAW101", "20260001", "teacher"),
                    JoinGroup("LAW101", "20260001", "TD1"),
                    Visit("LAW101", "20260001"),
                ),
            ),
        ),
        leavers="unenrol",
    ),
    Scenario(
        "leaver-reappears",
        "a suspended leaver comes back: the same enrolment is active again",
        _COURSES, _USERS, (Night(_CLASS), Night(_WITHOUT_1), Night(_CLASS)),
    ),
    Scenario(
        "two-roles",
        "two rows give two roles through one enrolment; one row less takes one role",
        _COURSES, _USERS,
        (
            Night((*_CLASS, Row("LAW101", "20260001", "teacher"))),
            Night((*_WITHOUT_1, Row("LAW101", "20260001", "teacher"))),
        ),
    ),
)  # fmt: skip
