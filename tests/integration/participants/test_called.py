"""What methods, roles, groups and people are called, and how a filter may call them."""

from __future__ import annotations

import pytest

from greffe.errors import ArgumentError
from tests.integration.participants.roster import Roster

STUDENT, TEACHER, EDITING, MANAGER = 5, 4, 3, 1


def test_methods_are_called_as_moodle_calls_them(roster: Roster) -> None:
    roster.course("C1")
    roster.site.insert("role_names", roleid=STUDENT, contextid=roster.contexts["C1"], name="Apprenant")
    methods = {
        roster.method("C1", "self", roleid=STUDENT): (
            "Self enrolment (Apprenant)",
            "Auto-inscription (Apprenant)",
        ),
        roster.method("C1", "self", name="Clé"): ("Clé", "Clé"),
        roster.method("C1", "cohort", customint1=987): ("Cohort sync", "Synchronisation des cohortes"),
        roster.method("C1", "meta", customint1=987): ("Course meta link (987)", "Méta-cours (987)"),
        roster.method("C1", "database"): ("External database", "Base de données externe"),
        roster.method("C1", "autoenrol"): ("autoenrol", "autoenrol"),
    }
    for n, method in enumerate(methods):
        roster.enrol(f"p{n}", method)
    for at, language in enumerate(("en", "fr")):
        found = [r["method"][0] for r in roster.rows("C1", language=language)]
        assert found == [names[at] for names in methods.values()]
    assert roster.names(methods=("self",)) == ["p0", "p1"]
    assert roster.names(methods=("clé", "meta")) == ["p1", "p3"]
    roster.site.insert("config", name="courselistshortnames", value="1")
    roster.site.execute("UPDATE {enrol} SET customint1 = %s WHERE enrol = 'meta'", roster.courses["C1"])
    assert roster.rows("C1", methods=("meta",))[0]["method"] == ("Course meta link (C1 C1)",)


def test_roles_have_the_courses_names_and_come_from_above_too(roster: Roster) -> None:
    manual = roster.course("C1")
    roster.course("C2")
    for name in ("none", "student", "several", "above", "elsewhere", "below"):
        roster.enrol(name, manual)
    here = roster.contexts["C1"]
    roster.site.insert("role_names", roleid=STUDENT, contextid=here, name="Apprenant")
    roster.site.insert("role_names", roleid=TEACHER, contextid=roster.contexts["C2"], name="Elsewhere's name")
    roster.site.execute("UPDATE {role} SET name = 'Tuteur' WHERE id = %s", TEACHER)
    roster.role("student", STUDENT, here)
    for role in (TEACHER, STUDENT, EDITING, STUDENT):
        roster.role("several", role, here)
    roster.role("above", MANAGER, 1)
    roster.role("above", STUDENT, here)
    roster.role("above", STUDENT, 3)
    roster.role("elsewhere", STUDENT, roster.contexts["C2"])
    module = roster.site.insert("context", contextlevel=70, instanceid=1, depth=4, path=f"/1/3/{here}/999")
    roster.role("below", TEACHER, module)
    roles = {r["lastname"]: r["roles"] for r in roster.rows("C1")}
    assert roles == {
        "none": (), "elsewhere": (), "below": (), "student": ("Apprenant (Student)",),
        "several": ("Teacher", "Tuteur", "Apprenant (Student)"), "above": ("Apprenant (Student)", "Manager"),
    }  # fmt: skip
    assert roster.rows("C1", roles=("editingteacher",), language="fr")[0]["roles"][0] == "Enseignant"
    assert roster.names(roles=("student",)) == ["above", "several", "student"]
    assert roster.names(roles=("APPRENANT",)) == ["above", "several", "student"]
    assert roster.names(roles=("tuteur", "manager")) == ["above", "several"]
    assert roster.names(roles=("none",)) == ["below", "elsewhere", "none"]
    assert roster.names(roles=("none", "teacher")) == ["below", "elsewhere", "none", "several"]
    assert roster.names(sort="roles")[:3] == ["above", "several", "student"]
    with pytest.raises(ArgumentError, match="there is no role 'Professeur' here"):
        roster.rows("C1", roles=("Professeur",))


def test_groups_of_the_course_whoever_may_see_them(roster: Roster) -> None:
    manual = roster.course("C1")
    roster.course("C2")
    groups = {
        name: roster.site.insert("groups", courseid=roster.courses[course], name=name, visibility=visibility)
        for name, course, visibility in (
            ("Zoo", "C1", 0),
            ("abeille", "C1", 1),
            ("Été", "C1", 3),
            ("Other", "C2", 0),
        )
    }
    for name, joined in {
        "one": ["Zoo"],
        "two": ["Zoo", "abeille"],
        "three": ["Été"],
        "other": ["Other"],
        "no": [],
    }.items():
        roster.enrol(name, manual)
        for group in joined:
            roster.site.insert("groups_members", groupid=groups[group], userid=roster.people[name])
    shown = {r["lastname"]: r["groups"] for r in roster.rows("C1")}
    assert set(shown.pop("two")) == {"Zoo", "abeille"}
    assert shown == {"one": ("Zoo",), "three": ("Été",), "other": (), "no": ()}
    assert roster.names(groups=("zoo",)) == ["one", "two"]
    assert roster.names(groups=("été", "none")) == ["no", "other", "three"]
    assert roster.names(sort="groups") == ["no", "other", "two", "three", "one"]
    with pytest.raises(ArgumentError, match="there is no group 'Other' here"):
        roster.rows("C1", groups=("Other",))
    assert roster.names("C1", "C2", groups=("Other",)) == []


def test_names_take_the_sites_form(roster: Roster) -> None:
    manual = roster.course("C1")
    roster.person("Curie", firstname="Marie", middlename="", alternatename="Manya")
    roster.enrol("Curie", manual)
    assert roster.rows("C1")[0]["fullname"] == "Marie Curie"
    roster.site.insert(
        "config", name="alternativefullnameformat", value="lastname firstname (alternatename) [middlename]"
    )
    assert roster.rows("C1")[0]["fullname"] == "Curie Marie (Manya)"
