"""By which method a file enrols, and with which role."""

from __future__ import annotations

import pytest

from greffe.errors import SiteNotReadyError
from tests.integration.batches import Batches, fates
from tests.integration.classes import whole_site


def test_a_missing_method_is_made_as_its_settings_say(batches: Batches) -> None:
    batches.people("a")
    site = batches.nights.site
    course = site.add_course("C1")
    site.execute("DELETE FROM {enrol} WHERE courseid = %s", course)
    for name, value in (("enrolperiod", "86400"), ("expirynotify", "2"), ("roleid", "4")):
        site.execute(
            "UPDATE {config_plugins} SET value = %s WHERE plugin = 'enrol_manual' AND name = %s", value, name
        )
    before = whole_site(batches.nights)
    done = batches.enrol("person\na\n", course="C1", start=1_000)
    (made,) = site.fetch("SELECT * FROM {enrol} WHERE courseid = %s", course)
    assert (made["enrol"], made["status"], made["roleid"], made["enrolperiod"]) == ("manual", 0, 4, 86400)
    assert (made["expirynotify"], made["notifyall"], made["expirythreshold"], made["customint1"]) == (
        2,
        1,
        86400,
        1,
    )
    assert made["customint2"] is None
    assert batches.enrolments() == {("C1", "a"): (0, 1_000, 87_400)}
    assert batches.roles() == {("C1", "a", "teacher", 0)}
    assert done.result is not None
    batches.take_back(done.result.run)
    after = whole_site(batches.nights)
    for table in before:
        if table != "cache_flags":
            assert after[table] == before[table], table


def test_self_enrolments(batches: Batches) -> None:
    batches.people("a", "b")
    site = batches.nights.site
    course = site.add_course("C1")
    refused = batches.enrol("person\na\n", course="C1", method="self")
    assert "no self enrolment" in fates(refused)[2]
    enrol = site.insert("enrol", enrol="self", courseid=course, roleid=5, status=0)
    batches.enrol("person\na\n", course="C1", method="self")
    assert batches.enrolments("self") == {("C1", "a"): (0, 0, 0)}
    assert batches.enrolments() == {}
    assert batches.roles() == {("C1", "a", "student", 0)}
    site.insert("enrol", enrol="self", courseid=course, roleid=5, status=0, sortorder=1)
    assert "several instances" in fates(batches.enrol("person\nb\n", course="C1", method="self"))[2]
    assert enrol


def test_a_method_that_is_switched_off_in_moodle(batches: Batches) -> None:
    batches.people("a")
    batches.nights.site.add_course("C1")
    batches.nights.site.execute("UPDATE {config} SET value = 'guest' WHERE name = 'enrol_plugins_enabled'")
    with pytest.raises(SiteNotReadyError, match="method manual"):
        batches.enrol("person\na\n", course="C1")


def test_a_role_is_also_known_by_what_people_call_it(batches: Batches) -> None:
    batches.people("a", "b", "c", "d", "e", "f")
    batches.nights.site.add_course("C1")
    batches.nights.site.execute("UPDATE {role} SET name = 'Tuteur de stage' WHERE shortname = 'teacher'")
    text = "person;role\na;Étudiant\nb;ENSEIGNANT\nc;tuteur de stage\nd;5\ne;Student\nf;Professeur\n"
    found = batches.enrol(text, course="C1")
    assert "no role with this shortname" in fates(found)[7]
    batches.enrol(text, course="C1", skip=True)
    assert {(person, role) for _, person, role, _ in batches.roles()} == {
        ("a", "student"), ("b", "editingteacher"), ("c", "teacher"), ("d", "student"), ("e", "student"),
    }  # fmt: skip
    # "Teacher" is what Moodle calls the editing teacher, and nearly the shortname of the other
    batches.nights.site.execute("UPDATE {role} SET name = ''")
    assert (
        "several roles are called so; write the shortname: editingteacher, teacher"
        in (fates(batches.enrol("person;role\nf;Teacher\n", course="C1"))[2])
    )
    assert fates(batches.enrol("person;role\nf;Non-editing teacher\n", course="C1"))[2] == "done"


def test_nobody_is_enrolled_without_a_role(batches: Batches) -> None:
    batches.people("a", "b")
    batches.nights.site.add_course("C1")
    batches.nights.site.execute("UPDATE {enrol} SET roleid = 0")
    text = "person;role\na;\nb;teacher\n"
    found = batches.enrol(text, course="C1")
    assert "no role by default" in fates(found)[2]
    batches.enrol(text, course="C1", skip=True)
    assert set(batches.enrolments()) == {("C1", "b")}
    batches.enrol(text, course="C1", role="student")
    assert ("C1", "a", "student", 0) in batches.roles()
