"""Welcome messages are sent only where the site wants them: a first load would send tens of thousands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.moodle.site import Sites
from tests.moodle.tree import VERSIONS
from tests.plugin.relay.classroom import classroom
from tests.plugin.relay.relaying import outcomes, relay

NOREPLY = 3
"""ENROL_SEND_EMAIL_FROM_NOREPLY: who sends the welcome message of the method "manual"."""


@pytest.mark.moodle
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("choice", "messages"), [("none", 0), ("all", 1)])
def test_by_choice(choice: str, messages: int, version: str, plugged: Sites, tmp_path: Path) -> None:
    with classroom(plugged(version), tmp_path, ("1",)) as room:
        room.choose(relaywelcome=choice)
        address = {"step": "Setting", "plugin": "", "name": "noreplyaddress", "value": "noreply@example.org"}
        room.moodle.do([address])
        db = room.database
        ((enrol, course, person),) = db.query(
            "SELECT e.id, c.id, u.id FROM mdl_enrol e JOIN mdl_course c ON c.id = e.courseid, mdl_user u"
            " WHERE e.enrol = 'manual' AND c.shortname = 'LAW101' AND u.idnumber = '1'"
        )
        db.run("UPDATE mdl_enrol SET customint1 = %s, customtext1 = 'Welcome' WHERE id = %s", NOREPLY, enrol)
        db.insert("mdl_user_enrolments", [{"enrolid": enrol, "userid": person, "timeend": 0}])
        ((enrolment,),) = db.query("SELECT id FROM mdl_user_enrolments")
        db.insert("mdl_local_greffe_change", [{
            "action": "enrol", "courseid": course, "enrolid": enrol, "userid": person, "objectid": enrolment, "roleid": 5,
        }])  # fmt: skip
        relay(room.moodle)
        assert outcomes(db) == {("enrol", "told"): 1}
        assert room.number("SELECT COUNT(*) FROM mdl_notifications") == messages
