"""Who belongs where: enrolments, roles, cohorts, groups.

Columns and indexes as in Moodle 4.5 (moodle-writes.md §10, §11).
"""

from __future__ import annotations

from .columns import Table, char, integer, number, table, text

TABLES: tuple[Table, ...] = (
    table(
        "enrol",
        char("enrol", 20),
        integer("status", default=0),
        integer("courseid"),
        integer("sortorder", default=0),
        char("name", 255, null=True),
        integer("enrolperiod enrolstartdate enrolenddate", default=0, null=True),
        integer("expirynotify", digits=1, default=0, null=True),
        integer("expirythreshold", default=0, null=True),
        integer("notifyall", digits=1, default=0, null=True),
        char("password", 50, null=True),
        char("cost", 20, null=True),
        char("currency", 3, null=True),
        integer("roleid", default=0, null=True),
        integer(
            "customint1 customint2 customint3 customint4 customint5 customint6 customint7 customint8",
            null=True,
        ),
        char("customchar1 customchar2", 255, null=True),
        char("customchar3", 1333, null=True),
        number("customdec1 customdec2", 12, 7, null=True),
        text("customtext1 customtext2 customtext3 customtext4", null=True),
        integer("timecreated timemodified", default=0),
        indexes="enrol; courseid; roleid",
    ),
    table(
        "user_enrolments",
        integer("status", default=0),
        integer("enrolid userid"),
        integer("timestart", default=0),
        integer("timeend", default=2147483647),
        integer("modifierid timecreated timemodified", default=0),
        unique="enrolid userid",
        indexes="enrolid; userid; modifierid",
    ),
    table(
        "role_assignments",
        integer("roleid contextid userid timemodified modifierid", default=0),
        char("component", 100),
        integer("itemid sortorder", default=0),
        indexes="sortorder; roleid contextid; userid contextid roleid; component itemid userid; roleid; contextid; userid",
    ),
    table(
        "cohort",
        integer("contextid"),
        char("name", 254),
        char("idnumber", 100, null=True),
        text("description", null=True),
        integer("descriptionformat", digits=2),
        integer("visible", digits=1, default=1),
        char("component", 100),
        integer("timecreated timemodified"),
        char("theme", 50, null=True),
        indexes="contextid",
    ),
    table(
        "cohort_members",
        integer("cohortid userid timeadded", default=0),
        unique="cohortid userid",
        indexes="cohortid; userid",
    ),
    table(
        "groups",
        integer("courseid"),
        char("idnumber", 100),
        char("name", 254),
        text("description", null=True),
        integer("descriptionformat", digits=2, default=0),
        char("enrolmentkey", 50, null=True),
        integer("picture", default=0),
        integer("visibility", digits=1, default=0),
        integer("participation", digits=1, default=1),
        integer("timecreated timemodified", default=0),
        indexes="idnumber; courseid",
    ),
    table(
        "groups_members",
        integer("groupid userid timeadded", default=0),
        char("component", 100),
        integer("itemid", default=0),
        unique="userid groupid",
        indexes="groupid; userid",
    ),
    table(
        "user_lastaccess",
        integer("userid courseid timeaccess", default=0),
        unique="userid courseid",
        indexes="userid; courseid",
    ),
)
