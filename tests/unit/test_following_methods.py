"""The algebra of cohort sync and meta links: what a plan leads to, and that a second one is empty."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from greffe.methods import cohort, meta
from greffe.methods.following import Instance, State, after, scope_of
from greffe.methods.scope import Scope, join_ids, parse_ids
from greffe.model import Action, Leavers
from tests.unit.following import people, states

NOW = 1_000
actions = st.sampled_from([Leavers.UNENROL, Leavers.SUSPEND, Leavers.SUSPEND_NO_ROLES])


def instance(
    method: str, *, enabled: bool = True, group: int | None = 0, role: int = 5, fillable: bool = False
) -> Instance:
    return Instance(11, 2, 20, method, enabled, 7, group, role, fillable)


def with_groups(state: State, mine: dict[int, set[int]], others: dict[int, set[int]]) -> Scope:
    scope = scope_of(state, Scope(2, 11))
    for group in mine.keys() | others.keys():
        found = {True: mine.get(group, set()), False: others.get(group, set()) - mine.get(group, set())}
        scope.groups[group] = {k: join_ids(sorted(v)) for k, v in found.items()}
    return scope


def test_a_scope_and_a_state_say_the_same() -> None:
    state = State({1, 2}, {3, 4}, {2: (5, 0), 4: (0, 9)}, {5: {1, 3}})
    scope = scope_of(state, Scope(2, 11))
    assert (scope.active, scope.suspended, scope.timed, scope.gone_timed) == (
        "1",
        "3,4",
        {(5, 0): "2"},
        {(0, 9): "4"},
    )
    assert State.of(scope) == state


@given(
    states(),
    st.sets(people),
    actions,
    st.booleans(),
    st.sampled_from([0, 5]),
    st.frozensets(people, max_size=2),
)
def test_a_cohort_person_by_person(
    state: State, members: set[int], action: Leavers, enabled: bool, role: int, deleted: frozenset[int]
) -> None:
    one, scope = instance("cohort", enabled=enabled, role=role), scope_of(state, Scope(2, 11))
    text = join_ids(sorted(members))
    diff = cohort.diff_instance(one, scope, text, action, deleted)
    made = State.of(after(scope, diff.batches))
    for user in range(1, 10):
        active, there = user in state.active, user in state.enrolled
        # 1. in, or active again
        if user in members and enabled and not active and user not in deleted:
            active = there = True
        # 2. out
        if there and user not in members:
            there, active = (False, False) if action is Leavers.UNENROL else (True, False)
        held = {r for r, h in state.roles.items() if user in h}
        # 3. and 4. roles
        if enabled and role and active and user not in deleted:
            held.add(role)
        if (not there and user in state.enrolled) or (
            action is not Leavers.SUSPEND and not (active and enabled)
        ):
            held = set()
        assert (user in made.active, user in made.enrolled) == (active, there)
        assert {r for r, h in made.roles.items() if user in h} == held
        if there:
            assert made.times.get(user) == (state.times.get(user) if user in state.enrolled else None)
    again = cohort.diff_instance(one, after(scope, diff.batches), text, action, deleted)
    assert again.batches == []


@given(states(), st.sets(people), st.sets(people), st.sets(people), st.sampled_from([None, 0, 40]))
def test_the_group_holds_everybody(
    state: State, members: set[int], mine: set[int], others: set[int], group: int | None
) -> None:
    one = instance("cohort", group=group, fillable=group == 40)
    scope = with_groups(state, {40: mine - others, 41: mine}, {40: others})
    text = join_ids(sorted(members))
    diff = cohort.diff_instance(one, scope, text, Leavers.SUSPEND)
    made = State.of(scope)
    joined = {u for b in diff.batches if b.action is Action.JOIN_GROUP for u in b.users}
    left = {(b.group, u) for b in diff.batches if b.action is Action.LEAVE_GROUP for u in b.users}
    everybody = state.enrolled | members
    assert joined == (everybody - mine - others if group == 40 else set())
    gone = {(41, u) for u in mine & everybody} if group is not None else set()
    if group == 0:
        gone |= {(40, u) for u in (mine - others) & everybody}
    assert left == gone
    assert made.active == state.active


def parent_of(state: State, holders: meta.Holders, rules: meta.Rules) -> meta.Parent:
    way = meta.Way("manual", True, scope_of(state, Scope(7, 70)))
    return meta.parent([way], holders, ["manual", "meta"], rules)


@given(
    states(),
    states(),
    st.sampled_from([*Leavers]),
    st.booleans(),
    st.booleans(),
    st.sampled_from([frozenset[int](), frozenset({3}), frozenset({3, 5})]),
)
def test_a_child_becomes_its_parent_and_stays_so(
    state: State, up: State, action: Leavers, enabled: bool, sync_all: bool, ignored: frozenset[int]
) -> None:
    rules = meta.Rules(action, sync_all, ignored)
    held = {("", 0, r): join_ids(sorted(h)) for r, h in up.roles.items()}
    of = parent_of(up, held, rules)
    one, scope = instance("meta", enabled=enabled), scope_of(state, Scope(2, 11))
    diff = meta.diff_instance(one, scope, of, rules, NOW)
    then = after(scope, diff.batches)
    made = State.of(then)
    if sync_all:
        assert made.enrolled & up.enrolled == (up.enrolled if enabled else up.enrolled & state.enrolled)
        assert made.active & up.enrolled == up.active & made.enrolled
        for user in made.active & up.active:
            assert made.times.get(user, (0, 0)) == up.times.get(user, (0, 0))
            for role, holders in up.roles.items():
                if enabled and role not in ignored:
                    assert (user in made.roles.get(role, set())) >= (user in holders)
        # with its own rules Moodle enrols and throws out the same person in one run where syncall is off
        assert meta.diff_instance(one, then, of, rules, NOW).batches == []
    if action is Leavers.UNENROL:
        assert made.enrolled <= up.enrolled
    if action is not Leavers.SUSPEND:
        for role, holders in made.roles.items():
            assert holders <= made.active
            assert not (holders and role in ignored)


def test_several_ways_are_one_enrolment() -> None:
    def way(method: str, enabled: bool, scope: Scope) -> meta.Way:
        return meta.Way(method, enabled, scope)

    one = Scope(7, 1, active="1,2", suspended="3,4", timed={(5, 9): "5,6"})
    two = Scope(7, 2, active="3", timed={(2, 0): "5", (7, 20): "6,1"})
    off = Scope(7, 3, active="8", suspended="9")
    strange = Scope(7, 4, active="10")
    chained = Scope(7, 5, active="11")
    ways = [
        way("manual", True, one),
        way("self", True, two),
        way("self", False, off),
        way("paypal", True, strange),
        way("meta", True, chained),
    ]
    found = meta.parent(ways, {}, ["manual", "self", "meta"], meta.Rules())
    assert found.active == {1, 2, 3, 5, 6}
    assert found.suspended == {4, 8, 9}
    assert found.times == {5: (2, 0), 6: (5, 20)}


def test_who_passes_roles_on_and_who_only_keeps_them() -> None:
    holders = {
        ("", 0, 5): "1",
        ("enrol_cohort", 4, 5): "2",
        ("enrol_paypal", 9, 5): "3",
        ("enrol_meta", 8, 5): "4",
        ("", 0, 3): "1",
    }
    found = meta.parent([], holders, ["manual", "cohort"], meta.Rules(ignored=frozenset({3})))
    assert found.copied == {5: {1, 2}}
    assert found.held == {5: {1, 2, 3}}


def test_settings_as_the_plugins_read_them() -> None:
    assert cohort.leaver_action(None) is Leavers.UNENROL
    assert [cohort.leaver_action(v) for v in "0123"] == [
        Leavers.UNENROL,
        Leavers.SUSPEND_NO_ROLES,
        Leavers.SUSPEND,
        Leavers.SUSPEND_NO_ROLES,
    ]
    assert meta.rules({}) == meta.Rules()
    told = meta.rules({"unenrolaction": "1", "syncall": "0", "nosyncroleids": "3,4"})
    assert told == meta.Rules(Leavers.KEEP, False, frozenset({3, 4}))


def test_parents_before_children_and_loops_with_their_path() -> None:
    assert meta.order([(1, 2), (2, 3), (1, 3)]) == ([1, 2, 3], [])
    order, loops = meta.order([(1, 2), (2, 3), (3, 1), (3, 4), (9, 8)])
    assert order == [9, 8, 1, 2, 3, 4]
    assert loops == [[1, 2, 3, 1]]
    assert meta.order([(5, 5)])[1] == [[5, 5]]


@given(st.sets(st.tuples(st.integers(1, 6), st.integers(1, 6)), max_size=12))
def test_every_loop_that_is_told_is_one(links: set[tuple[int, int]]) -> None:
    order, loops = meta.order(links)
    assert sorted(order) == sorted({c for link in links for c in link})
    for loop in loops:
        assert loop[0] == loop[-1]
        assert all(step in links for step in pairwise(loop))
    if not loops:
        assert all(order.index(up) < order.index(down) for up, down in links)


def test_equal_strings_are_never_opened() -> None:
    scope = Scope(2, 11, active="1,2", roles={5: "1,2"})
    assert cohort.diff_instance(instance("cohort"), scope, "1,2", Leavers.UNENROL).people == 2
    assert parse_ids(scope.active) == [1, 2]
