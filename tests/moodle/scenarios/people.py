"""Accounts in every condition, and what people change by hand."""

from __future__ import annotations

from tests.moodle.scenario import Differs, Night, Row, Scenario, User
from tests.moodle.scenarios.common import CLASS, COURSES, USERS, WITHOUT
from tests.moodle.steps import (
    ChangePerson,
    DeletePerson,
    Enrol,
    JoinGroup,
    MergePeople,
    SetTimes,
    SuspendByHand,
    Visit,
)

_START, _END = 1_798_761_600, 4_102_444_800

SCENARIOS = (
    Scenario(
        "suspended-by-hand",
        "who was suspended on the participants page and is still registered is active again",
        COURSES, USERS, (Night(CLASS), Night(CLASS, (SuspendByHand("LAW101", "20260001"),))),
    ),
    Scenario(
        "times-by-hand",
        "start and end that somebody set stay, also when a suspended leaver comes back",
        COURSES, USERS,
        (
            Night(CLASS),
            Night(WITHOUT, (SetTimes("LAW101", "20260001", _START, _END), SetTimes("LAW101", "20260002", 0, _END))),
            Night(CLASS),
        ),
    ),
    Scenario(
        "enrolled-by-hand-before",
        "who is enrolled by hand gets a second enrolment by the method",
        COURSES, USERS, (Night(CLASS, (Enrol("LAW101", "20260001"), Enrol("LAW101", "20260004"))),),
    ),
    Scenario(
        "suspended-and-unconfirmed-accounts",
        "accounts that are suspended or not yet confirmed are enrolled like any other",
        COURSES,
        (*USERS, User("20260008", suspended=True), User("20260009", confirmed=False)),
        (Night((*CLASS, Row("LAW101", "20260008"), Row("LAW101", "20260009"))),),
    ),
    Scenario(
        "deleted-account",
        "a deleted account is nobody's, even if its number is still registered",
        COURSES, (*USERS, User("20260007", deleted=True)), (Night((*CLASS, Row("LAW101", "20260007"))),),
    ),
    Scenario(
        "account-deleted",
        "an account is deleted while it is registered: nobody is enrolled in its place, nothing is left of it",
        COURSES, USERS, (Night(CLASS), Night(CLASS, (DeletePerson("20260001"),))),
    ),
    Scenario(
        "number-changed",
        "a student gets another number: registered by the new one, he stays as he is",
        COURSES, USERS,
        (
            Night(CLASS),
            Night(
                tuple(Row(r.course, "20269001", r.role) if r.person == "20260001" else r for r in CLASS),
                (ChangePerson("20260001", "idnumber", "20269001"),),
            ),
        ),
    ),
    Scenario(
        "merged",
        "two accounts of one person become one: what the method gave follows, and is not given twice",
        COURSES, USERS,
        (
            Night((*CLASS, Row("LAW101", "20260004"))),
            Night(
                tuple(Row(r.course, "20260004", r.role) if r.person == "20260001" else r for r in CLASS),
                (
                    JoinGroup("LAW101", "20260001", "TD1"),
                    Visit("LAW101", "20260001"),
                    MergePeople("20260001", into="20260004"),
                ),
            ),
        ),
    ),
    Scenario(
        "number-shared",
        "two accounts have the same number; Moodle takes one of them, Greffe neither, and takes nothing from either",
        COURSES, (*USERS, User("20260004", username="double")), (Night((*CLASS, Row("LAW101", "20260004"))),),
        differences=(
            Differs(
                "people-in-doubt",
                moodle=("LAW101/database 20260004: active, student", "flag of 20260004: day 1"),
            ),
        ),
    ),
)  # fmt: skip
