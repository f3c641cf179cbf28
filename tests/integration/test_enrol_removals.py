"""People out of courses by files: those whom a file names, or all whom a course's list leaves out."""

from __future__ import annotations

import pytest

from greffe.errors import ArgumentError, Exit
from tests.integration.batches import Batches, fates
from tests.integration.classes import add_classes, exact, leave_traces


def test_only_the_methods_own_enrolment_is_removed(batches: Batches) -> None:
    nights = batches.nights
    ids = batches.people("a", "b")
    (one,) = add_classes(nights, ["C1"])
    nights.more = {"guards": {"scope": {"everybody_above": 10}}}
    nights.rule("ip")
    nights.feed("ip", "who;course", ["Na;C1"], shrink="none")
    nights.night()
    batches.enrol("person;role\na;teacher\nb;student\n", course="C1")
    leave_traces(nights, [one], [ids["b"]], grades=False)
    before = exact(nights)
    done = batches.enrol("person\na\nb\n", course="C1", remove=True)
    assert done.result is not None
    assert done.result.exit is Exit.DONE
    assert batches.enrolments() == {}
    assert nights.enrolments() == {("C1", "a"): (0, 0, 0)}
    # of somebody who stays by another method what was given by hand stays too, as in Moodle; of others nothing
    assert {r[:3] for r in batches.roles()} == {("C1", "a", "teacher")}
    assert nights.site.fetch("SELECT * FROM {user_lastaccess}") == []
    batches.take_back(done.result.run)
    assert exact(nights) == before


@pytest.mark.parametrize("with_grades", [False, True])
def test_grades_are_not_lost_by_default(batches: Batches, with_grades: bool) -> None:
    nights = batches.nights
    ids = batches.people("a")
    (one,) = add_classes(nights, ["C1"])
    batches.enrol("person\na\n", course="C1")
    leave_traces(nights, [one], [ids["a"]], grades=True)
    before = exact(nights)
    done = batches.enrol("person\na\n", course="C1", remove=True, with_grades=with_grades)
    assert done.result is not None
    if with_grades:
        assert batches.enrolments() == {}
        assert nights.site.fetch("SELECT * FROM {grade_grades}") == []
    else:
        assert batches.enrolments() == {("C1", "a"): (1, 0, 0)}
        assert done.graded == 1
        assert fates(done) == {2: "spared"}
        assert batches.enrol("person\na\n", course="C1", remove=True, look=True).plan.size == 0
    batches.take_back(done.result.run)
    assert exact(nights) == before


def test_the_whole_list_of_a_course(batches: Batches) -> None:
    everybody = [f"u{n}" for n in range(20)]
    batches.people(*everybody, "new")
    batches.nights.site.add_course("C1")
    batches.enrol("person\n" + "\n".join(everybody), course="C1")
    text = "person\n" + "\n".join([*everybody[2:], "new"])
    done = batches.enrol(text, course="C1", replace=True)
    assert done.result is not None
    assert {u for _, u in batches.enrolments()} == {*everybody[2:], "new"}
    assert done.plan.counts() == {"assign-role": 1, "enrol": 1, "unenrol": 2}
    assert batches.enrol(text, course="C1", replace=True, look=True).plan.size == 0

    with pytest.raises(ArgumentError, match="names nobody"):
        batches.enrol("person\n", course="C1", replace=True)
    with pytest.raises(ArgumentError, match="every line must be understood"):
        batches.enrol(text, course="C1", replace=True, skip=True)
