"""The small university that most scenarios share."""

from __future__ import annotations

from tests.moodle.scenario import Course, Row, User

COURSES = (Course("LAW101"), Course("LAW102"), Course("MED201"))
USERS = tuple(User(idnumber) for idnumber in ("20260001", "20260002", "20260003", "20260004", "E1789"))
CLASS = (
    Row("LAW101", "20260001"),
    Row("LAW101", "20260002"),
    Row("LAW101", "E1789", "editingteacher"),
    Row("LAW102", "20260001"),
    Row("LAW102", "20260003"),
)
GONE = Row("LAW101", "20260001")
"""The registration that ends where somebody leaves."""
WITHOUT = tuple(row for row in CLASS if row != GONE)
