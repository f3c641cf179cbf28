"""States of a method that follows a cohort or a course, at random."""

from __future__ import annotations

from hypothesis import strategies as st

from greffe.methods.following import State
from greffe.methods.scope import Times

people = st.integers(1, 9)
limits: st.SearchStrategy[Times] = st.sampled_from([(0, 0), (0, 0), (5, 0), (0, 900), (7, 2_000)])


@st.composite
def states(draw: st.DrawFn) -> State:
    """Anything that an instance can hold, roles without an enrolment among it."""
    who = draw(st.dictionaries(people, st.tuples(st.booleans(), limits), max_size=7))
    state = State()
    for user, (active, times) in who.items():
        (state.active if active else state.suspended).add(user)
        if times != (0, 0):
            state.times[user] = times
    for role in (3, 5):
        if held := draw(st.sets(people, max_size=5)):
            state.roles[role] = held
    return state
