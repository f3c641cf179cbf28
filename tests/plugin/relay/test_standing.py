"""What the relay tells of and what it does not: changes that still stand, and those that were overtaken or taken back."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.moodle.scenario import Row
from tests.moodle.site import Sites
from tests.moodle.tree import VERSIONS
from tests.plugin.relay.classroom import Classroom, classroom
from tests.plugin.relay.relaying import last_change, outcomes, relay

PEOPLE = ("1", "2", "3", "4")
pytestmark = [pytest.mark.moodle, pytest.mark.parametrize("version", VERSIONS)]


def told(room: Classroom) -> Counter[str]:
    """Events of the relay, by their short names, since this was asked last."""
    room.moodle.do([{"step": "FlushLog"}])
    rows = room.database.query("SELECT eventname FROM mdl_logstore_standard_log")
    room.database.run("DELETE FROM mdl_logstore_standard_log")
    return Counter(str(name).rpartition("\\")[2] for (name,) in rows)


def student(person: str, course: str = "LAW101") -> Row:
    return Row(course, person)


def test_overtaken_changes_are_left_out(version: str, plugged: Sites, tmp_path: Path) -> None:
    with classroom(plugged(version), tmp_path, PEOPLE) as room:
        told(room)
        room.night(student("1"), student("2"))
        room.night(student("2"))  # 1 is out again before Moodle heard of him
        relay(room.moodle)
        assert outcomes(room.database) == {
            ("create-method", "told"): 1,
            ("enrol", "told"): 1,
            ("enrol", "gone"): 1,
            ("assign-role", "told"): 1,
            ("assign-role", "gone"): 1,
            ("remove-role", "unseen"): 1,
            ("unenrol", "unseen"): 1,
        }
        assert told(room) == {"enrol_instance_created": 1, "user_enrolment_created": 1, "role_assigned": 1}

        above = last_change(room.database)
        room.night(student("3"))  # 2 leaves, is back, and Moodle hears of it only then
        room.night(student("2"), student("3"))
        relay(room.moodle)
        assert outcomes(room.database, above) == {
            ("remove-role", "back"): 1,
            ("unenrol", "back"): 1,
            ("enrol", "told"): 2,
            ("assign-role", "told"): 2,
        }


def test_the_last_of_several_updates_is_told(version: str, plugged: Sites, tmp_path: Path) -> None:
    with classroom(plugged(version), tmp_path, PEOPLE, leavers="suspend") as room:
        room.night(student("1"), student("2"))
        relay(room.moodle)
        above = last_change(room.database)
        told(room)
        room.night(student("2"))
        room.night(student("1"), student("2"))
        room.night(student("2"))
        relay(room.moodle)
        assert outcomes(room.database, above) == {
            ("suspend", "superseded"): 1,
            ("suspend", "told"): 1,
            ("reactivate", "superseded"): 1,
        }
        assert told(room) == {"user_enrolment_updated": 1}


def test_what_was_undone_before_it_was_told_is_never_told(
    version: str, plugged: Sites, tmp_path: Path
) -> None:
    with classroom(plugged(version), tmp_path, PEOPLE) as room:
        room.night(student("1"))
        relay(room.moodle)
        above = last_change(room.database)
        told(room)
        room.night(student("2"))
        room.undo()
        relay(room.moodle)
        found = outcomes(room.database, above)
        assert {outcome for _, outcome in found} == {"undone", "unseen"}
        assert found["enrol", "undone"] == found["enrol", "unseen"] == 1
        assert found["unenrol", "undone"] == found["unenrol", "unseen"] == 1
        assert not told(room)


def test_what_was_undone_after_it_was_told_is_told_the_other_way_round(
    version: str, plugged: Sites, tmp_path: Path
) -> None:
    with classroom(plugged(version), tmp_path, PEOPLE) as room:
        room.night(student("1"))
        relay(room.moodle)
        room.night(student("2"))
        relay(room.moodle)
        told(room)
        room.undo()
        relay(room.moodle)
        assert told(room) == {
            "role_assigned": 1,
            "role_unassigned": 1,
            "user_enrolment_created": 1,
            "user_enrolment_deleted": 1,
        }


def test_an_undone_suspension_in_between(version: str, plugged: Sites, tmp_path: Path) -> None:
    """The update that Moodle has not heard of and its undo cancel out; the enrolment before them is told."""
    with classroom(plugged(version), tmp_path, PEOPLE, leavers="suspend") as room:
        room.night(student("1"), student("2"))
        relay(room.moodle)
        above = last_change(room.database)
        room.night(student("2"))
        room.night(student("1"), student("2"))
        room.undo()
        told(room)
        relay(room.moodle)
        assert outcomes(room.database, above) == {
            ("suspend", "told"): 1,
            ("reactivate", "undone"): 1,
            ("suspend", "unseen"): 1,
        }
        assert told(room) == {"user_enrolment_updated": 1}


def test_gone_people_and_courses(version: str, plugged: Sites, tmp_path: Path) -> None:
    with classroom(plugged(version), tmp_path, PEOPLE) as room:
        room.night(student("1"), student("2"), student("2", "LAW102"))
        relay(room.moodle)
        above = last_change(room.database)
        room.night(student("3"))
        room.moodle.do(
            [{"step": "DeletePerson", "person": "1"}, {"step": "DeleteCourse", "course": "LAW102"}]
        )
        told(room)
        relay(room.moodle)
        assert outcomes(room.database, above) == {
            ("enrol", "told"): 1,
            ("assign-role", "told"): 1,
            ("unenrol", "told"): 1,  # 2 from LAW101
            ("remove-role", "told"): 1,
            ("unenrol", "no-person"): 1,
            ("remove-role", "no-person"): 1,
            ("unenrol", "no-place"): 1,
            ("remove-role", "no-place"): 1,
        }


@pytest.mark.parametrize("choice", ["cache", "none"])
def test_a_site_that_wants_less(choice: str, version: str, plugged: Sites, tmp_path: Path) -> None:
    with classroom(plugged(version), tmp_path, PEOPLE) as room:
        room.choose(relayenrolments=choice)
        room.night(student("1"))
        told(room)
        relay(room.moodle)
        assert outcomes(room.database) == {
            ("create-method", "told"): 1,
            ("enrol", {"cache": "cache", "none": "off"}[choice]): 1,
            ("assign-role", "told"): 1,
        }
        assert told(room) == {"enrol_instance_created": 1, "role_assigned": 1}


def test_rows_that_come_late_are_found(version: str, plugged: Sites, tmp_path: Path) -> None:
    """A slower connection commits lower ids after higher ones were relayed."""
    with classroom(plugged(version), tmp_path, PEOPLE) as room:
        room.night(student("1"))
        room.database.run("UPDATE mdl_local_greffe_change SET relayed = 1 WHERE action = 'enrol'")
        relay(room.moodle)
        room.database.run("UPDATE mdl_local_greffe_change SET relayed = 0 WHERE action = 'enrol'")
        relay(room.moodle)
        assert outcomes(room.database)["enrol", "told"] == 1
