"""For each audit: its defect, planted in a campus in order, and exactly what the audit must then say.

Each plant gives the findings by some of their columns. Where there is one, something next to it that is no defect is
planted as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.integration.audit.campus import DAY, NOBODY, STUDENT, Campus

Findings = list[dict[str, Any]]
Plant = Callable[[Campus], Findings]
PLANTS: dict[str, Plant] = {}
MANY = 12_000
"""Rows above which a table is large enough to have statistics worth asking for."""


def plant(function: Plant) -> Plant:
    """The plant of the audit of that name."""
    PLANTS[function.__name__] = function
    return function


# -- enrolments and methods ----------------------------------------------------------------------------------
@plant
def enrolments_without_method(c: Campus) -> Findings:
    row = c.enrol(99999, 1)
    return [{"enrolid": 99999, "userid": c.id(1), "id": row}]


@plant
def enrolments_without_person(c: Campus) -> Findings:
    rows = c.enrol(c.manual["A"], NOBODY), c.enrol(c.manual["A"], 6)
    c.site.execute("UPDATE {user} SET deleted = 1 WHERE id = %s", c.id(6))
    return [{"userid": NOBODY, "id": rows[0]}, {"userid": c.id(6), "id": rows[1]}]


@plant
def methods_without_course(c: Campus) -> Findings:
    return [{"enrolid": c.site.insert("enrol", enrol="self", courseid=77777), "courseid": 77777}]


@plant
def methods_on_front_page(c: Campus) -> Findings:
    return [{"enrolid": c.site.insert("enrol", enrol="manual", courseid=1), "courseid": 1}]


@plant
def methods_of_missing_plugins(c: Campus) -> Findings:
    return [{"enrolid": c.method("gone", "A"), "enrol": "gone"}]


@plant
def methods_switched_off(c: Campus) -> Findings:
    c.site.execute("UPDATE {config} SET value = 'manual,cohort,meta' WHERE name = 'enrol_plugins_enabled'")
    return [{"enrolid": c.database, "enrol": "database", "people": 1}]


@plant
def duplicate_instances(c: Campus) -> Findings:
    second = c.method("database", "A")
    c.method("self", "A")
    c.method("self", "A")
    return [{"courseid": c.courses["A"], "methods": 2, "lowestid": c.database, "highestid": second}]


@plant
def duplicate_links(c: Campus) -> Findings:
    second = c.method("cohort", "B", customint1=c.cohort, roleid=STUDENT)
    c.method("cohort", "B", customint1=c.cohort, roleid=4)
    return [{"courseid": c.courses["B"], "methods": 2, "lowestid": c.sync, "highestid": second}]


@plant
def links_with_missing_group(c: Campus) -> Findings:
    elsewhere = c.site.insert("groups", courseid=c.courses["A"], name="In A")
    c.site.execute("UPDATE {enrol} SET customint2 = %s WHERE id = %s", elsewhere, c.sync)
    c.site.execute("UPDATE {enrol} SET customint2 = 66666 WHERE id = %s", c.meta)
    return [{"enrolid": c.sync, "groupid": elsewhere}, {"enrolid": c.meta, "groupid": 66666}]


@plant
def several_methods(c: Campus) -> Findings:
    c.enrol(c.manual["A"], 2)
    c.enrol(c.manual["A"], 5)  # suspended in the other
    return [{"userid": c.id(2), "enrolid": c.manual["A"], "otherenrolid": c.database}]


@plant
def expired_enrolments(c: Campus) -> Findings:
    c.enrol(c.manual["A"], 6, timeend=1000)
    c.enrol(c.manual["A"], 7, timeend=2000)
    c.enrol(c.database, 7, timeend=2000, status=1)
    c.enrol(c.database, 6, timeend=c.now + DAY)
    return [{"enrolid": c.manual["A"], "people": 2, "earliest": 1000, "latest": 2000}]


@plant
def courses_nobody_can_enter(c: Campus) -> Findings:
    for name, visible in (("D", 1), ("E", 0), ("F", 1)):
        c.another(name, visible=visible)
        c.site.execute("UPDATE {enrol} SET status = 1 WHERE courseid = %s", c.courses[name])
    c.method("gone", "F")
    return [{"courseid": c.courses["D"], "shortname": "D"}, {"courseid": c.courses["F"], "shortname": "F"}]


@plant
def courses_without_context(c: Campus) -> Findings:
    c.another("D")
    c.site.execute("DELETE FROM {context} WHERE contextlevel = 50 AND instanceid = %s", c.courses["D"])
    return [{"courseid": c.courses["D"]}]


# -- roles ---------------------------------------------------------------------------------------------------
@plant
def roles_without_method(c: Campus) -> Findings:
    # the number is that of a method, but of another plugin's
    rows = c.role("enrol_cohort", 99999, "A", 6), c.role("enrol_cohort", c.meta, "B", 6)
    c.role("mod_other", 99999, "A", 6)
    found = [
        {"itemid": 99999, "userid": c.id(6), "id": rows[0]},
        {"itemid": c.meta, "userid": c.id(6), "id": rows[1]},
    ]
    return sorted(found, key=lambda f: str(f["itemid"]))


@plant
def roles_without_enrolment(c: Campus) -> Findings:
    row = c.role("enrol_cohort", c.sync, "B", 6)
    c.role("", 0, "B", 6)
    return [{"enrolid": c.sync, "userid": c.id(6), "id": row}]


@plant
def database_roles_without_enrolment(c: Campus) -> Findings:
    return [{"enrolid": c.database, "userid": c.id(6), "id": c.role("enrol_database", c.database, "A", 6)}]


@plant
def database_enrolments_without_role(c: Campus) -> Findings:
    row = c.enrol(c.database, 6)
    c.role("", 0, "A", 6)
    return [{"enrolid": c.database, "userid": c.id(6), "id": row}]


@plant
def enrolments_without_role(c: Campus) -> Findings:
    row = c.enrol(c.manual["A"], 6)
    c.enrol(c.manual["A"], 7, status=1)
    return [{"enrolid": c.manual["A"], "userid": c.id(6), "id": row}]


@plant
def roles_outside_their_course(c: Campus) -> Findings:
    row = c.role("enrol_database", c.database, "B", 2)
    return [{"enrolid": c.database, "contextid": c.context("B"), "userid": c.id(2), "id": row}]


@plant
def duplicate_roles(c: Campus) -> Findings:
    c.role("enrol_database", c.database, "A", 2)
    c.role("enrol_database", c.database, "A", 2)
    c.role("", 0, "A", 2)  # the same role from another side
    (first,) = c.site.fetch(
        "SELECT MIN(id) AS id FROM {role_assignments} WHERE component = 'enrol_database' AND userid = %s",
        c.id(2),
    )
    return [{"userid": c.id(2), "component": "enrol_database", "times": 3, "lowestid": first["id"]}]


@plant
def roles_without_context(c: Campus) -> Findings:
    return [{"contextid": 55555, "id": c.role("", 0, "A", 1, contextid=55555)}]


@plant
def roles_without_person(c: Campus) -> Findings:
    rows = c.role("", 0, "A", NOBODY), c.role("", 0, "A", 6)
    c.site.execute("UPDATE {user} SET deleted = 1 WHERE id = %s", c.id(6))
    return [{"userid": NOBODY, "id": rows[0]}, {"userid": c.id(6), "id": rows[1]}]


@plant
def roles_of_missing_role(c: Campus) -> Findings:
    return [{"roleid": 44444, "id": c.role("", 0, "A", 1, roleid=44444)}]


@plant
def suspended_with_roles(c: Campus) -> Findings:
    row = c.role("enrol_database", c.database, "A", 5)
    # cohort sync unenrols here: that action says nothing of the suspended
    c.enrol(c.sync, 6, status=1)
    c.role("enrol_cohort", c.sync, "B", 6)
    return [{"enrolid": c.database, "userid": c.id(5), "id": row}]


# -- cohorts -------------------------------------------------------------------------------------------------
@plant
def duplicate_cohort_idnumbers(c: Campus) -> Findings:
    second = c.site.add_cohort("K1")
    c.site.add_cohort("")
    c.site.add_cohort("")
    return [{"lowestid": c.cohort, "highestid": second, "idnumber": "K1", "cohorts": 2}]


@plant
def cohort_members_without_person(c: Campus) -> Findings:
    row = c.site.insert("cohort_members", cohortid=c.cohort, userid=NOBODY, timeadded=1)
    return [{"cohortid": c.cohort, "userid": NOBODY, "id": row}]


@plant
def cohort_members_without_cohort(c: Campus) -> Findings:
    return [
        {
            "cohortid": 99999,
            "id": c.site.insert("cohort_members", cohortid=99999, userid=c.id(1), timeadded=1),
        }
    ]


@plant
def cohort_methods_without_cohort(c: Campus) -> Findings:
    return [{"enrolid": c.method("cohort", "A", customint1=99999), "cohortid": 99999}]


@plant
def empty_cohorts_in_courses(c: Campus) -> Findings:
    empty, unused = c.site.add_cohort("K2"), c.site.add_cohort("K3")
    for course in "AB":
        c.method("cohort", course, customint1=empty)
    c.method("cohort", "C", customint1=unused, status=1)
    return [{"cohortid": empty, "idnumber": "K2", "courses": 2}]


@plant
def cohort_members_not_enrolled(c: Campus) -> Findings:
    for person in (6, 7):
        c.site.insert("cohort_members", cohortid=c.cohort, userid=c.id(person), timeadded=1)
    c.enrol(c.sync, 7, status=1)
    c.method("cohort", "A", customint1=c.cohort, status=1)
    return [{"enrolid": c.sync, "userid": c.id(p)} for p in (6, 7)]


@plant
def cohort_enrolments_without_member(c: Campus) -> Findings:
    row = c.enrol(c.sync, 6)
    c.enrol(c.sync, 7, status=1)
    return [{"enrolid": c.sync, "userid": c.id(6), "id": row}]


@plant
def cohort_roles_missing(c: Campus) -> Findings:
    c.enrol(c.sync, 6)
    c.role("enrol_cohort", c.sync, "B", 6, roleid=4)
    plain = c.method("cohort", "A", customint1=c.cohort, roleid=0)
    c.enrol(plain, 3)
    return [{"enrolid": c.sync, "userid": c.id(6), "roleid": STUDENT}]


# -- linked courses ------------------------------------------------------------------------------------------
@plant
def meta_methods_without_course(c: Campus) -> Findings:
    return [{"enrolid": c.method("meta", "A", customint1=77777), "parentid": 77777}]


@plant
def meta_people_missing(c: Campus) -> Findings:
    c.enrol(c.manual["B"], 6)
    c.enrol(c.manual["B"], 3)  # in C already
    return [{"enrolid": c.meta, "parentid": c.courses["B"], "userid": c.id(6)}]


@plant
def meta_people_gone(c: Campus) -> Findings:
    row = c.enrol(c.meta, 6)
    c.site.execute(
        "UPDATE {user_enrolments} SET status = 1 WHERE enrolid = %s AND userid = %s", c.sync, c.id(3)
    )
    (suspended,) = c.site.fetch(
        "SELECT id FROM {user_enrolments} WHERE enrolid = %s AND userid = %s", c.meta, c.id(3)
    )
    return [{"userid": c.id(3), "id": suspended["id"]}, {"userid": c.id(6), "id": row}]


@plant
def meta_loops(c: Campus) -> Findings:
    for name in "DEFGH":
        c.another(name)
    # three in a circle, one that follows itself, and one that only leads into a circle
    for child, parent in ("DE", "EF", "FD", "GG", "HD"):
        c.method("meta", child, customint1=c.courses[parent])
    return [{"courseid": c.courses[name], "shortname": name} for name in "DEFG"]


@plant
def meta_chains(c: Campus) -> Findings:
    c.another("D")
    row = c.method("meta", "D", customint1=c.courses["C"])
    return [{"enrolid": row, "parentid": c.courses["C"], "grandparentid": c.courses["B"]}]


# -- keys ----------------------------------------------------------------------------------------------------
@plant
def ambiguous_person_idnumbers(c: Campus) -> Findings:
    twin = c.site.add_user("twin", idnumber="N1")
    c.site.add_user("gone", idnumber="N2", deleted=1)
    return [{"lowestid": c.id(1), "highestid": twin, "accounts": 2}]


@plant
def ambiguous_emails(c: Campus) -> Findings:
    twin = c.site.add_user("twin", email="p1@example.org")
    return [{"lowestid": c.id(1), "highestid": twin, "accounts": 2}]


@plant
def ambiguous_course_idnumbers(c: Campus) -> Findings:
    copy = c.another("D", idnumber="IA")
    c.another("E", idnumber="")
    c.another("F", idnumber="")
    return [{"lowestid": c.courses["A"], "highestid": copy, "idnumber": "IA", "courses": 2}]


@plant
def ambiguous_course_shortnames(c: Campus) -> Findings:
    copy = c.site.add_course("A", idnumber="other")
    return [{"lowestid": c.courses["A"], "highestid": copy, "shortname": "A", "courses": 2}]


# -- groups --------------------------------------------------------------------------------------------------
@plant
def group_members_without_enrolment(c: Campus) -> Findings:
    row = c.join(c.group, 6)
    c.enrol(c.manual["B"], 7, status=1)
    c.join(c.group, 7)
    return [{"courseid": c.courses["B"], "groupid": c.group, "userid": c.id(6), "id": row}]


@plant
def group_members_without_group(c: Campus) -> Findings:
    return [{"groupid": 66666, "id": c.join(66666, 1)}]


@plant
def group_members_without_method(c: Campus) -> Findings:
    group = c.site.insert("groups", courseid=c.courses["A"], name="In A")
    row = c.join(group, 1, "enrol_cohort", 99999)
    c.join(group, 2, "mod_other", 99999)
    return [{"groupid": group, "itemid": 99999, "id": row}]


# -- flags ---------------------------------------------------------------------------------------------------
@plant
def stale_dirty_flags(c: Campus) -> Findings:
    c.flag("accesslib/dirtyusers", "1", c.now - 2 * DAY)
    c.flag("accesslib/dirtyusers", "2", c.now - 3 * DAY)
    c.flag("accesslib/dirtyusers", "3", c.now - 60)
    return [{"flagtype": "accesslib/dirtyusers", "flags": 2, "oldest": c.now - 3 * DAY}]


@plant
def duplicate_flags(c: Campus) -> Findings:
    c.flag("accesslib/dirtyusers", str(c.id(2)), c.now + DAY)
    return [{"flagtype": "accesslib/dirtyusers", "name": str(c.id(2)), "times": 2}]


# -- Greffe's own tables -------------------------------------------------------------------------------------
@plant
def owned_rows_unexplained(c: Campus) -> Findings:
    row = c.enrol(c.database, 6, timecreated=c.now, modifierid=2)
    c.enrol(c.database, 7, timecreated=900)  # before the takeover
    return [{"courseid": c.courses["A"], "userid": c.id(6), "id": row, "modifierid": 2}]


@plant
def last_night_reverted(c: Campus) -> Findings:
    c.site.execute("UPDATE {user_enrolments} SET status = 1 WHERE enrolid = %s", c.database)
    c.site.execute("DELETE FROM {role_assignments} WHERE component = 'enrol_database'")
    return [{"action": a, "userid": c.id(2)} for a in ("enrol", "assign-role")]


@plant
def runs_without_end(c: Campus) -> Findings:
    insert = c.site.insert
    row = insert("local_greffe_run", kind="nightly", state="running", timestarted=c.now - 2 * DAY)
    insert("local_greffe_run", kind="undo", state="running", timestarted=c.now)
    return [{"runid": row, "kind": "nightly"}]


@plant
def owned_cohorts_gone(c: Campus) -> Findings:
    for number, owned in ((99999, 1), (99998, 0)):
        c.site.insert("local_greffe_cohort", feed="ip", cohortid=number, idnumber="K9", owned=owned)
    return [{"cohortid": 99999, "idnumber": "K9"}]


@plant
def owned_methods_gone(c: Campus) -> Findings:
    for number, owned in ((99999, 1), (99998, 0)):
        c.site.insert("local_greffe_method", enrolid=number, feed="ip", owned=owned)
    return [{"enrolid": 99999, "feed": "ip"}]


@plant
def places_without_method(c: Campus) -> Findings:
    for course in (c.courses["B"], 77777):
        c.site.insert("local_greffe_scope", feed="ip", courseid=course, roleid=STUDENT, timecreated=c.now)
    return [{"courseid": c.courses["B"], "shortname": "B", "feed": "ip"}]


# -- indexes and statistics ----------------------------------------------------------------------------------
@plant
def missing_indexes(c: Campus) -> Findings:
    c.drop_index("role_assignments", "component,itemid,userid")
    quoted = c.db.quote("role_assignments")
    return [{"tablename": quoted, "columnlist": "component,itemid,userid"}]


@plant
def stale_statistics(c: Campus) -> Findings:
    c.site.execute(
        "ALTER TABLE {cohort_members} STATS_AUTO_RECALC = 0"
        if c.db.engine == "mariadb"
        else "ALTER TABLE {cohort_members} SET (autovacuum_enabled = false)"
    )
    with c.site.rows() as rows:
        rows.insert("cohort_members", [
            {"cohortid": c.cohort, "userid": 100_000 + n, "timeadded": 1} for n in range(MANY)
        ])  # fmt: skip
    quoted = c.db.quote("cohort_members")
    return [{"tablename": quoted if c.db.engine == "mariadb" else c.site.prefix + "cohort_members"}]
