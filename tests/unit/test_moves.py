"""A change in words: from what to what."""

from __future__ import annotations

import pytest

from greffe.model import Action
from greffe.view.moves import Words, moved

WORDS = Words(lambda s: f"day {s}", lambda r: f"role{r}", lambda g: f"group{g}")
ROW = {"status": 0, "timestart": 0, "timeend": 0}


@pytest.mark.parametrize(
    ("action", "old", "new", "told"),
    [
        (Action.ENROL, None, None, ("not enrolled", "enrolled")),
        (Action.ENROL, None, ROW | {"status": 1}, ("not enrolled", "suspended")),
        (Action.UNENROL, ROW | {"status": 1}, None, ("suspended", "not enrolled")),
        (Action.SUSPEND, ROW, ROW | {"status": 1}, ("active", "suspended")),
        (Action.REACTIVATE, None, None, ("suspended", "active")),
        (Action.SET_TIMES, ROW, ROW | {"timeend": 9}, ("until any time", "until day 9")),
        (Action.REACTIVATE, ROW | {"status": 1, "timestart": 5}, ROW, ("suspended, from day 5", "active, from any time")),
        (Action.UPDATE_METHOD, {"status": 0, "roleid": 5}, {"status": 1, "roleid": 0}, ("on, role role5", "off, role none")),
        (Action.UPDATE_METHOD, {"customint2": 0}, {"customint2": 7}, ("group none", "group group7")),
        (Action.UPDATE_COHORT, {"name": "A", "visible": 1}, {"name": "B", "visible": 0}, ("name A, visible", "name B, hidden")),
        (Action.RELEASE_COHORT, {"component": "local_greffe"}, {"component": ""}, ("owned by local_greffe", "owned by nobody")),
        (Action.LEAVE_COHORT, {"userid": 1}, None, ("member", "not a member")),
        (Action.DELETE_GRADE, {"finalgrade": "12"}, None, ("", "")),
        (Action.CREATE_GROUP, None, {"name": "TD1"}, ("", "")),
    ],
)  # fmt: skip
def test_rows(
    action: Action, old: dict[str, object] | None, new: dict[str, object] | None, told: tuple[str, str]
) -> None:
    assert moved(action.value, old, new, WORDS) == told


def test_what_is_given_and_taken_has_its_name() -> None:
    assert moved("assign-role", None, None, WORDS, role="student") == ("", "student")
    assert moved("remove-role", None, None, WORDS, role="student") == ("student", "")
    assert moved("join-group", None, None, WORDS, group="TD1") == ("", "TD1")
    assert moved("leave-group", None, None, WORDS, group="TD1") == ("TD1", "")
