"""What lines ask of manual and self enrolments: what a plan leads to, and that a second one is empty."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from greffe.methods.byhand import Terms, Wanted, default_instance, diff, fingerprint
from greffe.methods.following import State, after, scope_of
from greffe.methods.scope import Scope, join_ids, parse_ids
from greffe.model import Action, Batch, Reason
from tests.unit.following import people, states

STUDENT, TEACHER = 5, 3
TODAY = 1_000_000
moments = st.sampled_from([0, 5, 900, 2_000])
TERMS = Terms(
    role=STUDENT, today=TODAY, group_ids={"TD1": 31}, grouping_ids={"TDs": 41}, grouped={41: frozenset()}
)


def scope(state: State, groups: dict[int, set[int]] | None = None) -> Scope:
    found = scope_of(state, Scope(2, 11))
    found.groups = {g: {False: join_ids(sorted(m))} for g, m in (groups or {}).items()}
    return found


@st.composite
def scopes(draw: st.DrawFn) -> Scope:
    """Anything that a course can hold by hand, roles without an enrolment among it."""
    state = draw(states())
    return scope(state, {31: draw(st.sets(people, max_size=4))})


@st.composite
def wishes(draw: st.DrawFn) -> Wanted:
    """Anything that lines can say."""
    here = draw(st.dictionaries(people, st.integers(1, 99), max_size=6))
    leaving = {u: 7 for u in draw(st.sets(people, max_size=4)) if u not in here}

    def some(values: st.SearchStrategy[int]) -> dict[int, int]:
        return {u: draw(values) for u in here if draw(st.booleans())}

    roles = {
        r: {u: here[u] for u in here if draw(st.booleans())}
        for r in draw(st.sets(st.sampled_from([STUDENT, TEACHER])))
    }
    return Wanted(
        people=here,
        leaving=leaving,
        leaving_role={u: draw(st.sampled_from([0, STUDENT, TEACHER])) for u in leaving},
        start=some(moments),
        end=some(moments),
        suspended={u: bool(draw(st.integers(0, 1))) for u in here if draw(st.booleans())},
        roles=roles,
        groups={"TD1": dict(here)} if draw(st.booleans()) else {},
        whole=draw(st.booleans()),
    )


def made(before: Scope, batches: list[Batch]) -> Scope:
    """The scope once these changes are made; whoever is in a group is in it."""
    found = after(before, batches)
    found.groups = {g: dict(m) for g, m in before.groups.items()}
    for batch in batches:
        if batch.action is Action.JOIN_GROUP:
            members = {*parse_ids(found.groups[batch.group][False]), *batch.users}
            found.groups[batch.group][False] = join_ids(sorted(members))
    return found


@given(scopes(), wishes())
def test_twice_plans_nothing(before: Scope, wanted: Wanted) -> None:
    first = diff(wanted, before, TERMS)
    assert diff(wanted, made(before, first.batches), TERMS).batches == []


@given(scopes(), wishes())
def test_only_who_is_named_is_touched(before: Scope, wanted: Wanted) -> None:
    named = wanted.people.keys() | wanted.leaving.keys()
    for batch in diff(wanted, before, TERMS).batches:
        if batch.reason is Reason.NOT_IN_FILE:
            assert batch.action is Action.UNENROL
            assert wanted.whole
            assert named.isdisjoint(batch.users)
        else:
            assert named.issuperset(batch.users)


@given(scopes(), wishes())
def test_what_lines_say_is_so_afterwards(before: Scope, wanted: Wanted) -> None:
    state = State.of(made(before, diff(wanted, before, TERMS).batches))
    was = State.of(before)
    for user in wanted.people:
        suspended = wanted.suspended.get(user, False)
        assert user in (state.suspended if suspended else state.active)
        old = was.times.get(user, (0, 0)) if user in was.enrolled else (0, 0)
        assert state.times.get(user, (0, 0)) == (wanted.start.get(user, old[0]), wanted.end.get(user, old[1]))
        for role, holders in wanted.roles.items():
            assert user not in holders or user in state.roles[role]
    for user in wanted.leaving:
        kept = wanted.leaving_role[user] and any(user in h for h in state.roles.values())
        assert user not in state.enrolled or kept
    if wanted.whole:
        assert state.enrolled <= wanted.people.keys() | wanted.leaving.keys()


def actions(wanted: Wanted, before: Scope, terms: Terms = TERMS) -> list[tuple[str, list[int]]]:
    return [(b.action.value, b.users) for b in diff(wanted, before, terms).batches]


def test_a_new_one_gets_the_default_role_and_the_period() -> None:
    terms = replace(TERMS, period=100)
    batches = diff(Wanted(people={1: 4}, start={1: 50}), scope(State()), terms).batches
    assert [(b.action, b.times, b.role, b.sources) for b in batches] == [
        (Action.ENROL, (50, 150), 0, [4]),
        (Action.ASSIGN_ROLE, None, STUDENT, [4]),
    ]
    (first, _) = diff(Wanted(people={1: 4}), scope(State()), terms).batches
    assert first.times == (0, TODAY + 100)


def test_who_is_there_already_gets_no_default_role() -> None:
    assert actions(Wanted(people={1: 4}), scope(State({1}))) == []
    # but whoever comes back without any
    assert actions(Wanted(people={1: 4}), scope(State(suspended={1}))) == [
        ("reactivate", [1]),
        ("assign-role", [1]),
    ]
    assert actions(Wanted(people={1: 4}), scope(State(suspended={1}, roles={TEACHER: {1}}))) == [
        ("reactivate", [1])
    ]


def test_absent_columns_change_nothing() -> None:
    before = scope(State({1}, {2}, {1: (5, 0), 2: (0, 9)}, {STUDENT: {1, 2}}))
    assert actions(Wanted(people={1: 1}, suspended={1: False}), before) == []
    (back,) = actions(Wanted(people={2: 1}), before)
    assert back == ("reactivate", [2])
    assert diff(Wanted(people={2: 1}), before, TERMS).batches[0].times is None
    (moved,) = diff(Wanted(people={1: 1}, end={1: 99}), before, TERMS).batches
    assert (moved.action, moved.times) == (Action.SET_TIMES, (5, 99))


def test_a_role_that_goes_takes_the_enrolment_along_only_if_it_is_the_last() -> None:
    both = scope(State({1}, roles={STUDENT: {1}, TEACHER: {1}}))
    one = scope(State({1}, roles={STUDENT: {1}}))
    wanted = Wanted(leaving={1: 3}, leaving_role={1: STUDENT})
    assert actions(wanted, both) == [("remove-role", [1])]
    assert actions(wanted, one) == [("remove-role", [1]), ("unenrol", [1])]
    assert actions(Wanted(leaving={1: 3}, leaving_role={1: TEACHER}), one) == []
    # without a role in the line Moodle's own plugin leaves the roles, unless it was the last enrolment
    assert actions(Wanted(leaving={1: 3}), both) == [("unenrol", [1])]


def test_groups_and_groupings_are_made_once() -> None:
    wanted = Wanted(
        people={1: 1, 2: 2},
        groups={"TD1": {1: 1}, "TD2": {2: 2}},
        groupings={"TDs": {"TD1": 1, "TD2": 2}, "Others": {"TD2": 2}},
    )
    found = diff(wanted, scope(State({1, 2}), {31: set()}), TERMS).batches
    assert [(b.action.value, b.group, b.group_name, b.grouping) for b in found] == [
        ("join-group", 31, "TD1", ""),
        ("create-group", 0, "TD2", ""),
        ("join-group", 0, "TD2", ""),
        ("create-grouping", 0, "", "Others"),
        ("join-grouping", 0, "TD2", "Others"),
        ("join-grouping", 31, "TD1", "TDs"),
        ("join-grouping", 0, "TD2", "TDs"),
    ]


def test_a_missing_instance_is_made_for_somebody() -> None:
    empty = Scope(2, 0)
    assert actions(Wanted(people={1: 1}), empty)[0] == ("create-method", [])
    assert actions(Wanted(leaving={1: 1}, leaving_role={1: STUDENT}, whole=True), empty) == []


def test_the_fingerprint_covers_the_groups_that_somebody_joins() -> None:
    before = scope(State({1}), {31: {1}, 32: {1}})
    join = [Batch(action=Action.JOIN_GROUP, course=2, reason=Reason.ASKED, users=[2], group=31)]
    seen = fingerprint(before, join)
    before.groups[32] = {False: "1,9"}
    assert fingerprint(before, join) == seen
    before.groups[31] = {False: "1,9"}
    assert fingerprint(before, join) != seen


def test_a_default_instance_is_what_the_settings_say() -> None:
    settings = {
        "status": "1",
        "roleid": "5",
        "enrolperiod": "86400",
        "expirynotify": "2",
        "sendcoursewelcomemessage": "0",
    }
    assert default_instance(settings) == {
        "status": 1, "roleid": 5, "enrolperiod": 86400, "expirynotify": 2, "notifyall": 1, "expirythreshold": 86400,
        "customint1": 0, "customint2": None,
    }  # fmt: skip
    assert default_instance({})["customint1"] is None
