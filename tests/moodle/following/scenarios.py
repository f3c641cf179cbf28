"""The cases that a real Moodle judges: days, each followed by a night."""

from __future__ import annotations

from dataclasses import dataclass

from tests.moodle.following.steps import (
    Change,
    DropCohort,
    Enrol,
    Group,
    Join,
    Leave,
    Link,
    Members,
    Relink,
    Setting,
    Status,
    Step,
    Visit,
)

COURSES = ("MED1", "MED2", "PARENT", "OTHER")
PEOPLE = ("a", "b", "c", "d", "e")
FAR = 12_000
"""Days after 2001: about 2034."""


@dataclass(frozen=True)
class Scenario:
    """One case."""

    name: str
    about: str
    days: tuple[tuple[Step, ...], ...]


def _unenrolaction(plugin: str, value: int) -> Setting:
    return Setting(f"enrol_{plugin}", "unenrolaction", str(value))


_CLASS = (Members("L1", ("a", "b", "c")), Link("MED1", "L1"))
_PARENT = (
    Enrol("PARENT", "a"),
    Enrol("PARENT", "b"),
    Enrol("PARENT", "c", "editingteacher"),
    Link("MED1", "PARENT", "meta"),
)

SCENARIOS = (
    Scenario(
        "cohort-join",
        "members are enrolled with the role; one more the night after; a cohort in two courses",
        ((*_CLASS, Link("MED2", "L1", role="teacher")), (Members("L1", ("a", "b", "c", "d")),)),
    ),
    Scenario(
        "cohort-leave-unenrol",
        "who left is unenrolled, and the last unenrolment takes visit and groups along",
        (_CLASS, (Group("MED1", "TD1"), Join("MED1", "a", "TD1"), Visit("MED1", "a"), Members("L1", ("b", "c")))),
    ),
    Scenario(
        "cohort-leave-suspend",
        "who left is suspended and keeps his role; back again he is active",
        (
            (*_CLASS, _unenrolaction("cohort", 2)),
            (Members("L1", ("b", "c")),),
            (Members("L1", ("a", "b", "c")),),
        ),
    ),
    Scenario(
        "cohort-leave-suspend-no-roles",
        "who left is suspended without role; back again he is active and has it",
        (
            (*_CLASS, _unenrolaction("cohort", 3)),
            (Members("L1", ("b", "c")),),
            (Members("L1", ("a", "b", "c")),),
        ),
    ),
    Scenario(
        "cohort-two-in-a-course",
        "two cohorts in one course; somebody changes from one to the other and keeps his visit",
        (
            (*_CLASS, Members("L2", ("c", "d")), Link("MED1", "L2")),
            (Visit("MED1", "a"), Members("L1", ("b",)), Members("L2", ("a", "d"))),
        ),
    ),
    Scenario(
        "cohort-and-by-hand",
        "who is also enrolled by hand loses only what the cohort gave",
        ((Enrol("MED1", "a", "teacher"), *_CLASS), (Visit("MED1", "a"), Members("L1", ("b", "c")))),
    ),
    Scenario(
        "cohort-disabled-instance",
        "a disabled instance enrols nobody and takes its roles back; enabled again it gives them",
        (
            _CLASS,
            (Relink("MED1", "L1", status=1), Members("L1", ("a", "b", "d"))),
            (Relink("MED1", "L1", status=0),),
        ),
    ),
    Scenario(
        "cohort-disabled-instance-suspend",
        "as before where leavers are suspended: roles stay",
        ((*_CLASS, _unenrolaction("cohort", 2)), (Relink("MED1", "L1", status=1), Members("L1", ("a", "d")))),
    ),
    Scenario(
        "cohort-emptied",
        "the cohort has nobody any more",
        (_CLASS, (Members("L1"),), (Members("L1", ("e",)),)),
    ),
    Scenario(
        "cohort-deleted",
        "the cohort is gone; the instance that is left has nobody to follow",
        ((*_CLASS, _unenrolaction("cohort", 3)), (DropCohort("L1"),)),
    ),
    Scenario(
        "cohort-role-changed",
        "the instance gives another role: everybody gets it, the old one stays; none gives none",
        (_CLASS, (Relink("MED1", "L1", role="teacher"),), (Relink("MED1", "L1", role=""), Members("L1", ("a", "b", "e")))),
    ),
    Scenario(
        "cohort-group-changed",
        "everybody joins the group, then another, then none; who was there by hand stays",
        (
            (
                Group("MED1", "G1", conversation=True),
                Group("MED1", "G2"),
                Enrol("MED1", "a"),
                Join("MED1", "a", "G1"),
                Members("L1", ("a", "b", "c")),
                Link("MED1", "L1", group="G1"),
            ),
            (Relink("MED1", "L1", group="G2"), Members("L1", ("a", "b", "d"))),
            (Relink("MED1", "L1", group=""),),
        ),
    ),
    Scenario(
        "cohort-shared-group",
        "two cohorts put their people into one group: who leaves one of them stays in it by the other",
        (
            (
                Group("MED1", "G1", conversation=True),
                Members("L1", ("a", "b")),
                Members("L2", ("a", "c")),
                Link("MED1", "L1", group="G1"),
                Link("MED1", "L2", group="G1"),
            ),
            (Members("L1", ("b",)), Members("L2", ("a",))),
        ),
    ),
    Scenario(
        "cohort-suspended-by-hand",
        "a member whose enrolment was suspended by hand is active again, and keeps the times that somebody gave him",
        (_CLASS, (Change("MED1", "a", status=1, start=5, end=FAR, method="cohort"), Change("MED1", "b", end=FAR, method="cohort"))),
    ),
    Scenario(
        "meta-first",
        "the child is as its parent: enrolments, times and roles; nobody twice",
        ((*_PARENT, Enrol("PARENT", "d", start=5, end=FAR), Enrol("PARENT", "e", status=1)), ()),
    ),
    Scenario(
        "meta-parent-suspended",
        "suspended in the parent, suspended in the child, its times put to none; active again",
        (
            (*_PARENT, Enrol("PARENT", "d", start=5, end=FAR)),
            (Change("PARENT", "a", status=1), Change("PARENT", "d", status=1, start=5, end=FAR)),
            (Change("PARENT", "a"), Change("PARENT", "b", start=9)),
        ),
    ),
    *(
        Scenario(
            f"meta-leave-{name}",
            f"who leaves the parent, under unenrolaction {value}",
            ((*_PARENT, _unenrolaction("meta", value)), (Visit("MED1", "a"), Leave("PARENT", "a")), (Enrol("PARENT", "a"),)),
        )
        for value, name in ((0, "unenrol"), (2, "suspend"), (3, "suspend-no-roles"))
    ),
    Scenario(
        "meta-two-parents",
        "two parents of one child, a person of both: each link has its own enrolment",
        (
            (*_PARENT, Enrol("OTHER", "a"), Enrol("OTHER", "d"), Link("MED1", "OTHER", "meta"), _unenrolaction("meta", 0)),
            (Visit("MED1", "a"), Leave("PARENT", "a"), Leave("OTHER", "d")),
        ),
    ),
    Scenario(
        "meta-parent-instance-disabled",
        "the parent's method is switched off: its people are suspended in the child",
        (_PARENT, (Status("PARENT", "manual", 1),), (Status("PARENT", "manual", 0),)),
    ),
    Scenario(
        "meta-disabled-instance",
        "a disabled link enrols nobody, and takes roles back",
        (_PARENT, (Relink("MED1", "PARENT", "meta", status=1), Enrol("PARENT", "d"), Change("PARENT", "a", status=1))),
    ),
    Scenario(
        "meta-nosyncroleids",
        "some roles are not copied",
        (_PARENT, (Setting("enrol_meta", "nosyncroleids", "3"), Enrol("PARENT", "d", "editingteacher"))),
    ),
    Scenario(
        "meta-syncall-off",
        "only those come along who hold a role that is copied; without one they are suspended",
        (
            (*_PARENT, Enrol("PARENT", "d", role=""), Setting("enrol_meta", "syncall", "0")),
            (Setting("enrol_meta", "nosyncroleids", "3"), Change("PARENT", "b", status=1)),
            (Setting("enrol_meta", "nosyncroleids", ""), Change("PARENT", "b")),
        ),
    ),
    Scenario(
        "meta-syncall-off-unenrol",
        "the same where leavers are unenrolled",
        (
            (*_PARENT, Enrol("PARENT", "d", role=""), Setting("enrol_meta", "syncall", "0"), _unenrolaction("meta", 0)),
            (Setting("enrol_meta", "nosyncroleids", "3"),),
        ),
    ),
    Scenario(
        "meta-group",
        "the child's people join its group, suspended ones too",
        (
            (
                *_PARENT[:3],
                Group("MED1", "G1"),
                Group("MED1", "G2"),
                Enrol("PARENT", "e", status=1),
                Link("MED1", "PARENT", "meta", group="G1"),
            ),
            (Relink("MED1", "PARENT", "meta", group="G2"), Leave("PARENT", "a")),
        ),
    ),
    Scenario(
        "meta-of-a-cohort-course",
        "from the cohort through its course to the child in one night",
        (
            (Members("L1", ("a", "b", "c")), Link("PARENT", "L1"), Link("MED1", "PARENT", "meta"), Link("MED2", "MED1", "meta")),
            (Members("L1", ("b", "d")),),
        ),
    ),
)  # fmt: skip
