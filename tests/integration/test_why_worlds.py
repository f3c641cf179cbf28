"""Whatever extracts and people do: why is held against the plan and the rows."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greffe.commands.plan import plan
from greffe.commands.why import why, why_not
from greffe.errors import Exit
from greffe.model import Action
from greffe.view.chain import Cause, Stand
from tests.integration.explaining import Shared, line
from tests.integration.linking import link

_PLACES = st.lists(
    st.tuples(st.sampled_from(["ann", "o1", "o2", "o3"]), st.sampled_from(["DRT", "ECO", ""]), st.sampled_from(["", "TD1", "TD2"]), st.sampled_from(["", "L1", "L2"])),
    min_size=1, max_size=8,
)  # fmt: skip


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(places=_PLACES)
def test_whomever_a_night_would_enrol_has_a_whole_chain_after_it(
    shared: Shared, tmp_path: Path, places: list[tuple[str, ...]]
) -> None:
    """Whatever the extract says: courses, groups, cohorts, courses of cohorts, courses that follow these."""
    world = shared.world(tmp_path)
    try:
        link(world.campus, "MED L1", "MED L2")
        link(world.campus, "TUTO MED", method="meta")
        world.lines = [line(who, course, td=td, cohort=cohort) for who, course, td, cohort in places]
        world.rules()
        config = world.nights.config()
        tonight = plan(config).plan
        people = {u: name for name, u in world.campus.users.items()}
        courses = {world.course_id(c): c for c in ("DRT", "ECO", "MED", "TUTO")}
        wanted = {(people[u], courses[p.course]) for p in tonight.courses for b in p.batches if b.action is Action.ENROL for u in b.users}  # fmt: skip
        assert world.nights.night().exit in (Exit.DONE, Exit.REFUSED)  # a link to a cohort that nobody is in
        for who, course in sorted(wanted):
            found = why(config, who, course)
            assert (found.stand, [c.broken for c in found.chains]) == (
                Stand.ACTIVE,
                [None] * len(found.chains),
            ), found
    finally:
        shared.clear()


_SEEN = st.lists(
    st.tuples(st.sampled_from(["ann", "o1"]), st.sampled_from(["DRT", "ECO", "XYZ"]), st.sampled_from(["2026", "2025"]),
              st.sampled_from(["", "2020-01-01", "tomorrow"]), st.sampled_from(["P", "N"]), st.sampled_from(["", "L1"])),
    max_size=6,
)  # fmt: skip
_HANDS = {
    "suspends": "UPDATE {user_enrolments} SET status = 1, modifierid = 2 WHERE userid = %s",
    "ends": "UPDATE {user_enrolments} SET timeend = 5 WHERE userid = %s",
    "unenrols": "DELETE FROM {user_enrolments} WHERE userid = %s",
    "takes the role": "DELETE FROM {role_assignments} WHERE userid = %s",
}


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=_SEEN, hand=st.sampled_from(["", *_HANDS]), after=_SEEN)
def test_how_he_stands_and_what_the_night_makes_of_it_is_what_the_plan_says(
    shared: Shared, tmp_path: Path, before: list[tuple[str, ...]], hand: str, after: list[tuple[str, ...]]
) -> None:
    """Whatever extracts and people have done before: his standing is the rows', what the plan would do is announced."""
    world = shared.world(tmp_path)
    try:
        link(world.campus, "MED L1")
        for number, places in enumerate((before, after)):
            world.lines = [
                line(w, c, year=year, end=end, paid=paid, cohort=l1) for w, c, year, end, paid, l1 in places
            ]
            world.rules(min_rows=0, shrink="none", unknown_people="100%", keep={"paid": "P"}, years=["2026"], year_column="year")  # fmt: skip
            if number == 0:
                world.night()
                if hand:
                    world.nights.site.execute(_HANDS[hand], world.campus.users["ann"])
        config = world.nights.config()
        ann = world.campus.users["ann"]
        tonight = plan(config).allowed
        assert tonight is not None
        gains = {p.course for p in tonight.courses for b in p.batches if b.action in (Action.ENROL, Action.REACTIVATE) and ann in b.users}  # fmt: skip
        rows = world.nights.site.fetch(
            "SELECT DISTINCT e.courseid AS id FROM {user_enrolments} ue JOIN {enrol} e ON e.id = ue.enrolid"
            " WHERE ue.userid = %s AND ue.status = 0 AND ue.timeend = 0",
            ann,
        )
        active = {int(r["id"]) for r in rows}
        coming = {Cause.NOT_YET, Cause.SUSPENDED, Cause.SUSPENDED_BY_HAND, Cause.PURGE_PENDING, Cause.ENDED}
        for name in ("DRT", "ECO", "MED"):
            course = world.course_id(name)
            found = why_not(config, "ann", name)
            assert (found.stand == Stand.ACTIVE) == (course in active), found
            assert (found.chains[0].broken is None) <= (course in active), found
            if course in gains:
                assert coming & {s.cause for c in found.chains for s in c.steps if s.cause}, found
    finally:
        shared.clear()
