"""What becomes of people whom the registrations no longer name, for each of the four settings."""

from __future__ import annotations

from tests.moodle.scenario import Leavers, Night, Scenario, Settings
from tests.moodle.scenarios.common import CLASS, COURSES, USERS, WITHOUT
from tests.moodle.steps import AddForum, Enrol, FollowForum, Grade, JoinGroup, RoleInForum, Visit

_STUDENT = ("LAW101", "20260001")
_LIFE = (
    JoinGroup(*_STUDENT, "TD1", conversation=True),
    JoinGroup("LAW101", "20260002", "TD1"),
    Visit(*_STUDENT),
    AddForum("LAW101", "Debate"),
    FollowForum(*_STUDENT, "Debate"),
    RoleInForum(*_STUDENT, "Debate"),
    Grade(*_STUDENT, "Essay", 14),
    Grade("LAW101", "20260002", "Essay", 11),
)
"""What somebody leaves behind in a course by half a year's work: all that a last unenrolment cleans up."""
_HAPPENS: dict[Leavers, tuple[str, str, str]] = {
    "keep": ("stays as he is", "keeps both enrolments", "is still there: nothing changes"),
    "suspend": (
        "is suspended, and keeps role, groups and grades",
        "is suspended by the method, and stays active by hand",
        "is active again, with the same enrolment and role",
    ),
    "suspend-no-roles": (
        "is suspended and loses the role that the method gave",
        "loses the method's role, and keeps the one given by hand",
        "is active again by the same enrolment, with a new role",
    ),
    "unenrol": (
        "loses enrolment, all roles, groups, conversation, grades, last access and forum rows",
        "loses what the method gave, and nothing else",
        "is enrolled anew",
    ),
}


def _scenarios(leavers: Leavers) -> tuple[Scenario, ...]:
    alone, beside, back = _HAPPENS[leavers]
    settings = Settings(leavers)
    return (
        Scenario(
            f"leaver-{leavers}-last",
            f"a leaver without any other enrolment {alone}; the night after changes nothing",
            COURSES, USERS, (Night(CLASS), Night(WITHOUT, _LIFE), Night(WITHOUT)), settings,
        ),
        Scenario(
            f"leaver-{leavers}-other-method-stays",
            f"a leaver who is also enrolled by hand {beside}",
            COURSES, USERS,
            (Night(CLASS), Night(WITHOUT, (Enrol(*_STUDENT, "teacher"), *_LIFE))), settings,
        ),
        Scenario(
            f"back-after-{leavers}",
            f"a leaver who is registered again {back}",
            COURSES, USERS, (Night(CLASS), Night(WITHOUT), Night(CLASS)), settings,
        ),
    )  # fmt: skip


SCENARIOS = tuple(scenario for leavers in _HAPPENS for scenario in _scenarios(leavers))
