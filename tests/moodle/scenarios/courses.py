"""Courses in every condition: hidden, deleted, copied, restored, reset, with a second instance of the method."""

from __future__ import annotations

from tests.moodle.scenario import Course, Differs, Night, Row, Scenario, Settings
from tests.moodle.scenarios.common import CLASS, COURSES, USERS, WITHOUT
from tests.moodle.steps import (
    AddForum,
    AddMethod,
    ChangeCourse,
    CopyCourse,
    DeleteCourse,
    DisableMethod,
    Enrol,
    ResetCourse,
    RestoreCourse,
)

_HIDDEN = (*COURSES[:1], Course("LAW102", visible=False), *COURSES[2:])

SCENARIOS = (
    Scenario(
        "hidden-course",
        "people are enrolled in a hidden course like in any other",
        _HIDDEN, USERS, (Night(CLASS), Night(CLASS[:-1])),
    ),
    Scenario(
        "hidden-course-skipped",
        "hidden courses are left alone where the site wants it so",
        _HIDDEN, USERS, (Night(CLASS),), Settings(hidden_courses="skip"),
    ),
    Scenario(
        "course-hidden-later-skipped",
        "a course that is hidden meanwhile keeps everybody; shown again it is brought in step",
        COURSES, USERS,
        (
            Night(CLASS),
            Night(CLASS[:-1], (ChangeCourse("LAW102", "visible", 0),)),
            Night(CLASS[:-1], (ChangeCourse("LAW102", "visible", 1),)),
        ),
        Settings(hidden_courses="skip"),
    ),
    Scenario(
        "method-disabled",
        "a method that is switched off in a course is kept in step all the same",
        COURSES, USERS, (Night(CLASS), Night(WITHOUT, (DisableMethod("LAW101"),))),
    ),
    Scenario(
        "second-instance",
        "a course has the method twice; Moodle enrols everybody again by the second, Greffe goes on with the first",
        COURSES, USERS, (Night(CLASS), Night(CLASS, (AddMethod("LAW102"),))),
        differences=(
            Differs(
                "two-instances",
                moodle=(
                    "LAW102/database#2 20260001: active, student",
                    "LAW102/database#2 20260003: active, student",
                    "flag of 20260001: day 3",
                    "flag of 20260003: day 3",
                ),
                greffe=("flag of 20260001: day 1", "flag of 20260003: day 1"),
            ),
        ),
    ),
    Scenario(
        "method-nobody-named",
        "a course has the method, and no registration ever named it; Moodle takes out who is in it, Greffe leaves it alone",
        COURSES, USERS,
        (Night(CLASS), Night(CLASS, (AddMethod("MED201"), Enrol("MED201", "20260004", method="database")))),
        differences=(
            Differs(
                "courses-nobody-named",
                moodle=("MED201/database 20260004: suspended, student", "flag of 20260004: day 3"),
                greffe=("MED201/database 20260004: active, student", "flag of 20260004: day 2"),
            ),
        ),
    ),
    Scenario(
        "course-deleted",
        "a course is deleted while people are registered for it",
        COURSES, USERS, (Night(CLASS), Night(CLASS, (DeleteCourse("LAW102"),))),
    ),
    Scenario(
        "course-reset",
        "a course is reset for the new year: suspended leavers go, who is registered is back the next night",
        COURSES, USERS, (Night(CLASS), Night(WITHOUT), Night(WITHOUT, (ResetCourse("LAW101"),)), Night(CLASS)),
    ),
    Scenario(
        "course-copied",
        "a copy of a course with its people has no key, and is nobody's business",
        COURSES, USERS, (Night(CLASS), Night(WITHOUT, (CopyCourse("LAW101", into="LAW101-2027"),))),
    ),
    Scenario(
        "course-copied-with-key",
        "a copy of a course with its people gets a key of its own: only who is registered for it is active",
        COURSES, USERS,
        (
            Night(CLASS),
            Night(
                (*CLASS, Row("LAW103", "20260001")),
                (CopyCourse("LAW101", into="LAW103"), ChangeCourse("LAW103", "idnumber", "LAW103")),
            ),
        ),
    ),
    Scenario(
        "course-restored",
        "a course comes back from its backup and is in step again",
        COURSES, USERS, (Night(CLASS), Night(WITHOUT, (RestoreCourse("LAW101"),))),
    ),
    Scenario(
        "course-loses-key",
        "a course whose key is emptied keeps its people as they are",
        COURSES, USERS, (Night(CLASS), Night(CLASS, (ChangeCourse("LAW102", "idnumber", ""),)), Night(WITHOUT)),
    ),
    Scenario(
        "course-gets-another-key",
        "a course whose key changes follows the registrations of the new one",
        COURSES, USERS,
        (Night(CLASS), Night((*CLASS, Row("LAW202", "20260004")), (ChangeCourse("LAW102", "idnumber", "LAW202"),))),
    ),
    Scenario(
        "key-shared",
        "two courses have the same key; Moodle takes one of them, Greffe neither, and takes nobody out",
        (*COURSES, Course("MED202")), USERS,
        (Night((*CLASS, Row("MED201", "20260004")), (ChangeCourse("MED202", "idnumber", "MED201"),)),),
        differences=(
            Differs(
                "courses-in-doubt",
                moodle=("MED201/database 20260004: active, student", "flag of 20260004: day 2"), on=("mariadb",),
            ),
            Differs(
                "courses-in-doubt",
                moodle=("MED202/database 20260004: active, student", "flag of 20260004: day 2"), on=("postgresql",),
            ),
        ),
    ),
    Scenario(
        "forum-subscribes",
        "a forum subscribes whoever comes into the course; Greffe does not",
        COURSES, USERS,
        (Night(CLASS), Night((*CLASS, Row("LAW101", "20260004")), (AddForum("LAW101", "News", subscribes=True),))),
        differences=(Differs("forum-subscriptions", moodle=("LAW101/News 20260004: subscribed",)),),
    ),
)  # fmt: skip
