"""The set algebra of one course, without a database."""

from __future__ import annotations

from greffe.methods.database import CourseDiff, Purge, Terms, Wanted, diff_course
from greffe.methods.scope import Scope, join_ids
from greffe.model import Action, Batch, Leavers, Reason, mark

STUDENT, TEACHER = 5, 3


def wanted(*people: int, role: int = STUDENT) -> Wanted:
    return Wanted(roles={role: [mark(u, 0, 10 + u) for u in people]})


def scope(*active: int, suspended: tuple[int, ...] = (), roles: dict[int, list[int]] | None = None) -> Scope:
    held = roles if roles is not None else {STUDENT: sorted([*active, *suspended])}
    return Scope(
        7,
        70,
        join_ids(list(active)),
        join_ids(list(suspended)),
        roles={r: join_ids(u) for r, u in held.items()},
    )


def diff(
    want: Wanted, have: Scope, leavers: Leavers = Leavers.SUSPEND, frozen: tuple[int, ...] = ()
) -> CourseDiff:
    terms = Terms(
        leavers={STUDENT: leavers, TEACHER: leavers},
        frozen=frozenset(frozen),
        feeds={STUDENT: (0,), TEACHER: (1,)},
    )
    return diff_course(want, have, terms)


def brief(result: CourseDiff) -> list[tuple[Action, list[int], int]]:
    return [(b.action, b.users, b.role) for b in result.batches]


def test_equal_strings_are_not_opened() -> None:
    assert diff(wanted(1, 2), scope(1, 2)).batches == []


def test_leavers_of_earlier_years_change_nothing() -> None:
    assert diff(wanted(1, 2), scope(1, 2, suspended=(3, 4))).batches == []


def test_a_course_without_the_method_gets_it() -> None:
    result = diff(wanted(2, 1), Scope(7, 0))
    assert brief(result) == [
        (Action.CREATE_METHOD, [], 0),
        (Action.ENROL, [1, 2], 0),
        (Action.ASSIGN_ROLE, [1, 2], STUDENT),
    ]
    assert result.batches[1].sources == [11, 12]


def test_each_leaver_action() -> None:
    have = scope(1, 2)
    assert brief(diff(wanted(1), have, Leavers.KEEP)) == []
    assert brief(diff(wanted(1), have, Leavers.SUSPEND)) == [(Action.SUSPEND, [2], 0)]
    assert brief(diff(wanted(1), have, Leavers.SUSPEND_NO_ROLES)) == [
        (Action.SUSPEND, [2], 0),
        (Action.REMOVE_ROLE, [2], STUDENT),
    ]
    assert brief(diff(wanted(1), have, Leavers.UNENROL)) == [(Action.UNENROL, [2], 0)]


def test_someone_known_comes_back_with_his_times_a_stranger_without() -> None:
    known = diff(wanted(1, 2), scope(1, suspended=(2,)))
    assert [(b.action, b.users, b.times) for b in known.batches] == [(Action.REACTIVATE, [2], None)]
    stranger = diff(wanted(1, 2), scope(1, suspended=(2,), roles={STUDENT: [1]}))
    assert [(b.action, b.users, b.times) for b in stranger.batches] == [
        (Action.REACTIVATE, [2], (0, 0)),
        (Action.ASSIGN_ROLE, [2], None),
    ]


def test_a_role_that_is_not_asked_for_goes_and_the_person_stays() -> None:
    assert brief(diff(wanted(1), scope(1, roles={STUDENT: [1], TEACHER: [1]}))) == [
        (Action.REMOVE_ROLE, [1], TEACHER)
    ]


def test_second_copies_of_a_role_go() -> None:
    (only,) = diff(wanted(1), scope(1, roles={STUDENT: [1, 1]})).batches
    assert (only.action, only.reason, only.users) == (Action.REMOVE_ROLE, Reason.DUPLICATE, [1])


def test_a_frozen_role_keeps_its_holders() -> None:
    have = scope(1, 2, 9, roles={STUDENT: [1, 2], TEACHER: [9]})
    assert brief(diff(wanted(1, 3), have, frozen=(TEACHER,))) == [
        (Action.ENROL, [3], 0),
        (Action.ASSIGN_ROLE, [3], STUDENT),
        (Action.SUSPEND, [2], 0),
    ]


def test_a_leaver_with_two_roles_is_treated_as_the_gentler_rule_says() -> None:
    have = scope(1, roles={STUDENT: [1], TEACHER: [1]})
    terms = Terms(leavers={STUDENT: Leavers.UNENROL, TEACHER: Leavers.SUSPEND})
    assert brief(diff_course(Wanted(), have, terms)) == [(Action.SUSPEND, [1], 0)]


def test_a_row_without_role_is_none_of_the_methods_business() -> None:
    assert diff(wanted(1), scope(1, 2, roles={STUDENT: [1]})).batches == []


def test_figures_for_the_guards_count_active_holders() -> None:
    assert diff(wanted(1), scope(1, 2, suspended=(3,))).active == {STUDENT: 2}
    assert diff(wanted(1, 2), scope(1, 2)).active == {STUDENT: 2}


def test_the_first_registration_of_a_person_is_the_source() -> None:
    want = Wanted(roles={STUDENT: [mark(1, 0, 99), mark(1, 0, 3)]})
    enrol: Batch = diff(want, Scope(7, 70)).batches[0]
    assert (enrol.users, enrol.sources) == ([1], [3])


# -- who is unenrolled later ---------------------------------------------------------------------------------
def due(
    have: Scope, purge: dict[int, Purge], frozen: tuple[int, ...] = (), leavers: Leavers = Leavers.SUSPEND
) -> list[tuple[int, list[int], tuple[int, ...], bool]]:
    terms = Terms(
        leavers={STUDENT: leavers, TEACHER: leavers},
        purge=purge,
        frozen=frozenset(frozen),
        spared={9},
        feeds={STUDENT: (0,), TEACHER: (1,)},
    )
    found = diff_course(wanted(1, 2), have, terms)
    assert all(b.action is Action.UNENROL and b.reason is Reason.PURGED for _, b in found.due)
    return [(after, b.users, b.held, b.with_grades) for after, b in found.due]


def test_suspended_leavers_are_due_after_their_time() -> None:
    have = scope(1, 2, suspended=(3, 4, 9))
    assert due(have, {STUDENT: Purge(90)}) == [(90, [3, 4], (STUDENT,), False)]
    assert due(have, {STUDENT: Purge(90, with_grades=True)}) == [(90, [3, 4], (STUDENT,), True)]
    assert due(have, {}) == []
    assert due(have, {STUDENT: Purge(90)}, frozen=(STUDENT,)) == []


def test_who_holds_several_roles_waits_for_the_longest() -> None:
    have = scope(1, 2, suspended=(3, 4), roles={STUDENT: [1, 2, 3, 4], TEACHER: [4]})
    both = {STUDENT: Purge(90, with_grades=True), TEACHER: Purge(30)}
    assert due(have, both) == [(90, [4], (TEACHER, STUDENT), False), (90, [3], (STUDENT,), True)]
    assert due(have, {STUDENT: Purge(90)}) == [(90, [3], (STUDENT,), False)]


def test_who_lost_his_roles_is_as_the_gentlest_rule_says() -> None:
    have = scope(1, 2, suspended=(3,), roles={STUDENT: [1, 2]})
    everyone = {STUDENT: Purge(90), TEACHER: Purge(30, with_grades=True)}
    assert due(have, everyone, leavers=Leavers.SUSPEND_NO_ROLES) == [(90, [3], (), False)]
    assert due(have, {STUDENT: Purge(90)}, leavers=Leavers.SUSPEND_NO_ROLES) == []
    # nobody knows which feed he came from, and one of them is bad
    assert due(have, everyone, frozen=(TEACHER,), leavers=Leavers.SUSPEND_NO_ROLES) == []


def test_unenrolment_at_once_says_whether_grades_may_go() -> None:
    for with_grades in (True, False):
        terms = Terms(
            leavers={STUDENT: Leavers.UNENROL}, purge={STUDENT: Purge(0, with_grades)}, feeds={STUDENT: (0,)}
        )
        (batch,) = diff_course(wanted(1), scope(1, 2), terms).batches
        assert (batch.action, batch.users, batch.with_grades) == (Action.UNENROL, [2], with_grades)


def test_a_course_that_is_only_named_gets_the_method() -> None:
    assert brief(diff(Wanted(named=True), Scope(7, 0))) == [(Action.CREATE_METHOD, [], 0)]
    assert brief(diff(Wanted(named=True), scope(1))) == [(Action.SUSPEND, [1], 0)]


def alone(*people: int, role: int = TEACHER) -> Wanted:
    return Wanted(others={role: [mark(u, 1, 10 + u) for u in people]})


def test_other_users_hold_a_role_and_no_enrolment() -> None:
    assert brief(diff(alone(1, 2), scope(roles={TEACHER: [2]}))) == [(Action.ASSIGN_ROLE, [1], TEACHER)]
    assert brief(diff(alone(1), scope(roles={TEACHER: [1]}), Leavers.UNENROL)) == []
    assert brief(diff(alone(1), scope(roles={STUDENT: [1]}))) == [
        (Action.ASSIGN_ROLE, [1], TEACHER),
        (Action.REMOVE_ROLE, [1], STUDENT),
    ]


def test_other_users_who_leave() -> None:
    have = scope(roles={TEACHER: [1]})
    assert brief(diff(Wanted(), have, Leavers.KEEP)) == []
    assert brief(diff(Wanted(), have, Leavers.SUSPEND)) == []
    for leavers in (Leavers.SUSPEND_NO_ROLES, Leavers.UNENROL):
        assert brief(diff(Wanted(), have, leavers)) == [(Action.REMOVE_ROLE, [1], TEACHER)]


def test_who_was_enrolled_becomes_an_other_user() -> None:
    have = scope(1, roles={TEACHER: [1]})
    assert brief(diff(alone(1), have, Leavers.SUSPEND_NO_ROLES)) == [(Action.SUSPEND, [1], 0)]
    assert brief(diff(alone(1), have, Leavers.UNENROL)) == [(Action.UNENROL, [1], 0)]
