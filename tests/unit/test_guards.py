"""The guards: what trips them, and above all what does not."""

from __future__ import annotations

import msgspec

from greffe.config.guards import FeedLimits, Guards
from greffe.model import Action, Batch, Reason
from greffe.plan.guards import hold, judge
from greffe.plan.plan import CoursePlan, Plan, is_loss


def course(
    number: int, leaving: int, active: int, action: Action = Action.SUSPEND, joining: int = 0
) -> CoursePlan:
    def batch(kind: Action, users: range) -> Batch:
        return Batch(
            action=kind,
            course=number,
            reason=Reason.LEFT_FEED,
            users=list(users),
            sources=[0] * len(users),
            feeds=(0,),
        )

    batches = [batch(action, range(1, leaving + 1))] if leaving else []
    if joining:
        batches.insert(0, batch(Action.ENROL, range(1000, 1000 + joining)))
    return CoursePlan(
        course=number,
        name=f"C{number}",
        context=number,
        enrol=number,
        fingerprint="",
        batches=batches,
        active={5: active},
    )


def kinds(
    *courses: CoursePlan, active: int, of: int | None = None, guards: Guards | None = None
) -> list[tuple[str, str]]:
    plan = Plan(site="s", made=0, feeds=["ip"], courses=list(courses))
    judgement = judge(
        plan, {"ip": active}, {"ip": of if of is not None else len(courses)}, guards or Guards()
    )
    return [(v.level, v.kind) for v in judgement.verdicts]


def test_ordinary_nights_pass() -> None:
    assert kinds(course(1, leaving=2, active=12), active=5000, of=100) == []
    assert kinds(course(1, leaving=1, active=1), active=5000, of=100) == []
    assert kinds(course(1, leaving=5, active=5), active=5000, of=100) == []
    assert kinds(course(1, leaving=10, active=20), active=5000, of=100) == []


def test_a_third_of_a_large_course_is_held() -> None:
    assert kinds(course(1, leaving=11, active=30), active=5000, of=100) == [
        ("course", "suspensions"),
        ("course", "removals"),
    ]


def test_everybody_of_a_small_course_is_held() -> None:
    assert kinds(course(1, leaving=6, active=6), active=5000, of=100) == [("course", "everybody")]


def test_a_course_that_changes_its_people_is_not_emptied() -> None:
    assert kinds(course(1, leaving=6, active=6, joining=6), active=5000, of=100) == []


def test_a_tenth_of_a_feed_stops_the_run() -> None:
    courses = [course(n, leaving=3, active=20) for n in range(1, 21)]
    assert ("feed", "removals") in kinds(*courses, active=400)
    assert kinds(*courses, active=5000, of=300) == []


def test_no_night_removes_thousands() -> None:
    courses = [course(n, leaving=10, active=1000) for n in range(1, 202)]
    assert kinds(*courses, active=201_000) == [("feed", "at-most")]


def test_a_tenth_of_the_courses_emptied_stops_the_run() -> None:
    found = kinds(*(course(n, leaving=6, active=6) for n in range(1, 4)), active=100_000, of=20)
    assert ("feed", "emptied") in found


def test_losses_of_every_kind_count() -> None:
    for action in (Action.SUSPEND, Action.UNENROL, Action.REMOVE_ROLE):
        assert ("course", "removals") in kinds(
            course(1, leaving=20, active=30, action=action), active=9000, of=99
        )


def test_a_held_course_keeps_its_additions() -> None:
    plan = Plan(site="s", made=0, feeds=["ip"], courses=[course(1, leaving=20, active=30, joining=2)])
    judgement = judge(plan, {"ip": 5000}, {"ip": 100}, Guards())
    (kept,) = hold(plan, judgement).courses
    assert [b.action for b in kept.batches] == [Action.ENROL]


def test_limits_can_be_lifted() -> None:
    guards = Guards(feed=FeedLimits(suspensions="none", removals="none", at_most=10**9, emptied="none"))
    assert not [
        k
        for k in kinds(course(1, leaving=3000, active=30_000), active=30_000, guards=guards)
        if k[0] == "feed"
    ]


def test_who_is_purged_counts_by_number_alone() -> None:
    part = course(1, leaving=100, active=90, action=Action.UNENROL)
    purged = msgspec.structs.replace(
        part, batches=[msgspec.structs.replace(b, reason=Reason.PURGED) for b in part.batches]
    )
    assert kinds(purged, active=90) == []
    assert kinds(purged, active=90, guards=Guards(feed=FeedLimits(at_most=99))) == [("feed", "at-most")]
    # what is held in a course takes its purges along
    plan = Plan(site="s", made=0, feeds=["ip"], courses=[purged])
    assert is_loss(purged.batches[0], 0)
    assert hold(plan, judge(plan, {"ip": 90}, {"ip": 1}, Guards())).size == 100
