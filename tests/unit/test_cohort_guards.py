"""The guards on cohorts: what trips them, and above all what does not."""

from __future__ import annotations

import msgspec

from greffe.config.guards import FeedLimits, Guards
from greffe.model import Action, Batch, Reason
from greffe.plan.cohort_guards import CohortExtent
from greffe.plan.cohorts import CohortPlan
from greffe.plan.guards import held_back, hold, judge
from greffe.plan.plan import Plan, digest


def cohort(
    name: str, leaving: int, members: int, joining: int = 0, itself: Action | None = None
) -> CohortPlan:
    def batch(action: Action, users: range) -> Batch:
        return Batch(action=action, course=0, reason=Reason.LEFT_FEED, users=list(users), sources=[0] * len(users), feeds=(0,))  # fmt: skip

    batches = [batch(itself, range(0))] if itself else []
    batches += [batch(Action.JOIN_COHORT, range(1000, 1000 + joining))] if joining else []
    batches += [batch(Action.LEAVE_COHORT, range(1, leaving + 1))] if leaving else []
    return CohortPlan(idnumber=name, name=name, cohort=1, fingerprint="", batches=batches, members=members)


def kinds(*cohorts: CohortPlan, members: int, of: int, guards: Guards | None = None) -> list[tuple[str, str]]:
    plan = Plan(site="s", made=0, feeds=["ia"], cohorts=list(cohorts), courses=[])
    extent = CohortExtent({"ia": members}, {"ia": of})
    return [(v.level, v.kind) for v in judge(plan, {}, {}, guards or Guards(), extent).verdicts]


def test_ordinary_nights_pass() -> None:
    assert kinds(cohort("A", 2, 12), members=5000, of=100) == []
    assert kinds(cohort("A", 5, 5), members=5000, of=100) == []
    assert kinds(cohort("A", 10, 20), members=5000, of=100) == []
    assert kinds(cohort("A", 0, 0, joining=3000), members=0, of=0) == []


def test_a_third_of_a_large_cohort_is_held() -> None:
    assert kinds(cohort("A", 11, 30), members=5000, of=100) == [("cohort", "member-removals")]


def test_everybody_is_held_unless_others_come() -> None:
    assert kinds(cohort("A", 6, 6), members=5000, of=100) == [("cohort", "member-everybody")]
    assert kinds(cohort("A", 6, 6, joining=6), members=5000, of=100) == []


def test_a_feed_is_judged_by_its_cohorts_alone() -> None:
    many = [cohort(f"C{n}", 3, 30) for n in range(20)]
    assert kinds(*many, members=600, of=20) == []
    many = [cohort(f"C{n}", 4, 30) for n in range(20)]
    assert kinds(*many, members=600, of=20) == [("feed", "member-removals")]
    assert kinds(*many, members=600, of=20, guards=Guards(feed=FeedLimits(removals="none", at_most=79))) == [
        ("feed", "member-at-most")
    ]


def test_a_tenth_of_the_cohorts_emptied_stops_the_run() -> None:
    emptied = [cohort(f"C{n}", 6, 6, itself=Action.DELETE_COHORT) for n in range(3)]
    assert ("feed", "member-emptied") in kinds(*emptied, members=5000, of=20)


def test_what_is_held_is_what_people_would_lose() -> None:
    part = cohort("A", 12, 20, joining=1, itself=Action.UPDATE_COHORT)
    going = cohort("B", 8, 8, itself=Action.DELETE_COHORT)
    plan = Plan(site="s", made=0, feeds=["ia"], cohorts=[part, going], courses=[])
    plan = msgspec.structs.replace(plan, digest=digest(plan))
    judgement = judge(plan, {}, {}, Guards(), CohortExtent({"ia": 5000}, {"ia": 100}))
    assert judgement.held_cohorts == {"A", "B"}
    assert hold(plan, judgement).counts() == {"join-cohort": 1, "update-cohort": 1}
    back = held_back(plan, judgement)
    assert back.counts() == {"delete-cohort": 1, "leave-cohort": 20}
    assert back.digest != plan.digest


def test_the_digest_names_the_cohort_and_its_columns() -> None:
    def named(part: CohortPlan) -> str:
        return digest(Plan(site="s", made=0, feeds=["ia"], cohorts=[part], courses=[]))

    one = cohort("A", 1, 5)
    names = {
        named(one),
        named(cohort("B", 1, 5)),
        named(cohort("A", 2, 5)),
        named(msgspec.structs.replace(one, cohort=2)),
        named(msgspec.structs.replace(one, columns={"name": "x"})),
    }
    assert len(names) == 5
    assert named(msgspec.structs.replace(one, members=9)) == named(one)


def test_one_persons_part() -> None:
    part = cohort("A", 1, 5, joining=1, itself=Action.CREATE_COHORT)
    mine = part.only_person(1000)
    assert mine is not None
    assert [(b.action, b.users) for b in mine.batches] == [
        (Action.CREATE_COHORT, []),
        (Action.JOIN_COHORT, [1000]),
    ]
    assert part.only_person(77) is None
    renamed = cohort("A", 1, 5, itself=Action.UPDATE_COHORT).only_person(1)
    assert renamed is not None
    assert [b.action for b in renamed.batches] == [Action.LEAVE_COHORT]
