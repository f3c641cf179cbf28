"""People who get a role without being enrolled (Moodle's "other users", setting remoteotheruserfield)."""

from __future__ import annotations

from tests.moodle.scenario import Differs, Leavers, Night, Row, Scenario, Settings
from tests.moodle.scenarios.common import CLASS, COURSES, USERS

_GUEST = Row("LAW101", "20260004", "teacher", other="1")
_FLIPPED = tuple(Row(r.course, r.person, r.role, "1" if r.person == "20260002" else "0") for r in CLASS)


def _other(leavers: Leavers) -> Settings:
    return Settings(leavers, others=True)


SCENARIOS = (
    Scenario(
        "other-user",
        "somebody gets a role and no enrolment, then another role, then an enrolment as well",
        COURSES, USERS,
        (
            Night((*CLASS, _GUEST)),
            Night((*CLASS, Row("LAW101", "20260004", "editingteacher", other="1"))),
            Night((*CLASS, Row("LAW101", "20260004", "student", other="0"))),
        ),
        _other("suspend"),
    ),
    Scenario(
        "other-user-enrolled",
        "who only had a role is enrolled with the same one; Greffe raises a flag for him, Moodle does not",
        COURSES, USERS, (Night((*CLASS, _GUEST)), Night((*CLASS, Row("LAW101", "20260004", "teacher")))),
        _other("suspend"),
        (Differs("flags", moodle=("flag of 20260004: day 1",), greffe=("flag of 20260004: day 2",)),),
    ),
    Scenario(
        "other-user-leaves-suspend",
        "who only has a role keeps it when he leaves, where leavers are suspended",
        COURSES, USERS, (Night((*CLASS, _GUEST)), Night(CLASS)), _other("suspend"),
    ),
    Scenario(
        "other-user-leaves-suspend-no-roles",
        "who only has a role loses it when he leaves, where suspended leavers lose their roles",
        COURSES, USERS, (Night((*CLASS, _GUEST)), Night(CLASS)), _other("suspend-no-roles"),
    ),
    Scenario(
        "other-user-leaves-unenrol",
        "who only has a role keeps it for ever in Moodle, where leavers are unenrolled; Greffe takes it away",
        COURSES, USERS, (Night((*CLASS, _GUEST)), Night(CLASS)), _other("unenrol"),
        (
            Differs(
                "other-user-left-behind",
                moodle=("LAW101/database 20260004: not enrolled, teacher", "flag of 20260004: day 1"),
                greffe=("flag of 20260004: day 2",),
            ),
        ),
    ),
    Scenario(
        "enrolled-becomes-other-user-suspend-no-roles",
        "somebody enrolled shall only have the role: suspended, and the role stays",
        COURSES, USERS, (Night(CLASS), Night(_FLIPPED), Night(CLASS)), _other("suspend-no-roles"),
    ),
    Scenario(
        "enrolled-becomes-other-user-unenrol",
        "somebody enrolled shall only have the role: unenrolled that night, and the role is back the next",
        COURSES, USERS, (Night(CLASS), Night(_FLIPPED), Night(_FLIPPED)), _other("unenrol"),
    ),
)  # fmt: skip
