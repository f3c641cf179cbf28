"""What every Moodle has before its first course: roles, two accounts, the front page, settings.

Ids and values are those of a fresh installation, as far as Greffe reads them (moodle-writes.md §0.2, §12).
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from .ddl import Branch
from .rows import Row, Rows

SYSTEM, COURSE_CATEGORY, COURSE, MODULE = 10, 40, 50, 70
"""Levels of contexts (moodle-writes.md §0.3)."""

_RELEASES: dict[Branch, tuple[str, str, str]] = {
    405: ("2024100706", "4.5.6", "2024100700"),  # Moodle stores a number: .00 is not kept
    501: ("2025100600.02", "5.1", "2025100600"),
}
_ROLES = {
    1: ("manager", "manager"),
    2: ("coursecreator", "coursecreator"),
    3: ("editingteacher", "editingteacher"),
    4: ("teacher", "teacher"),
    5: ("student", "student"),
    6: ("guest", "guest"),
    7: ("user", "user"),
    8: ("frontpage", "frontpage"),
}
_GIVEN_AT = {
    1: (SYSTEM, COURSE_CATEGORY, COURSE),
    2: (SYSTEM, COURSE_CATEGORY),
    3: (COURSE, MODULE),
    4: (COURSE, MODULE),
    5: (COURSE, MODULE),
}
"""Role → levels of the contexts in which it can be given."""
_CONFIG = {
    "allversionshash": "5d41402abc4b2a76b9719d911017c592a1b2c3d4",
    "coursecontact": "3",
    "cron_enabled": "1",
    "defaultuserroleid": "7",
    "gradebookroles": "5",
    "messaging": "0",
    "mnet_localhost_id": "1",
    "recovergradesdefault": "0",
    "rolesactive": "1",
    "sessiontimeout": "28800",
    "siteadmins": "2",
    "siteguest": "1",
}
_ENROL_PLUGINS = ("manual", "guest", "self", "cohort", "database")
_ENROL_SETTINGS = {
    "enrol_database": {
        "dbtype": "",
        "defaultrole": "5",
        "ignorehiddencourses": "0",
        "localcoursefield": "idnumber",
        "localrolefield": "shortname",
        "localuserfield": "idnumber",
        "remoteenroltable": "",
        "unenrolaction": "0",
    },
    "enrol_cohort": {"roleid": "5", "unenrolaction": "0"},
    "enrol_flatfile": {},
    "enrol_guest": {},
    "enrol_manual": {
        "defaultenrol": "1",
        "enrolperiod": "0",
        "expiredaction": "1",
        "expirynotify": "0",
        "expirythreshold": "86400",
        "roleid": "5",
        "sendcoursewelcomemessage": "1",
        "status": "0",
    },
    "enrol_meta": {"nosyncroleids": "", "syncall": "1", "unenrolaction": "3"},
    "enrol_self": {"defaultenrol": "1", "roleid": "5"},
}
_TASKS = {
    "enrol_database": (r"\enrol_database\task\sync_enrolments", "3", 1),
    "enrol_cohort": (r"\enrol_cohort\task\enrol_cohort_sync", "*", 0),
    "enrol_meta": (r"\enrol_meta\task\enrol_meta_sync", "*", 0),
}


def minimal_site(
    rows: Rows, *, branch: Branch = 405, now: int | None = None, plugins: Sequence[str] = _ENROL_PLUGINS
) -> None:
    """Fill empty tables with what a fresh site has; ``now`` is the time of installation (Unix seconds).

    ``plugins``: the enrolment methods that are switched on, in Moodle's order.
    """
    when = int(time.time()) if now is None else now
    version, release, plugin_version = _RELEASES[branch]
    settings = _CONFIG | {"version": version, "release": release, "branch": str(branch)}
    settings["enrol_plugins_enabled"] = ",".join(plugins)
    rows.insert("config", [{"name": name, "value": value} for name, value in settings.items()])
    rows.insert(
        "config_plugins",
        [
            {"plugin": plugin, "name": name, "value": value}
            for plugin, own in _ENROL_SETTINGS.items()
            for name, value in ({"version": plugin_version} | own).items()
        ],
    )
    rows.insert("task_scheduled", [_task(component) for component in _TASKS])
    rows.insert(
        "role",
        [
            {"id": n, "name": "", "shortname": short, "description": "", "sortorder": n, "archetype": kind}
            for n, (short, kind) in _ROLES.items()
        ],
    )
    rows.insert(
        "role_context_levels",
        [{"roleid": role, "contextlevel": level} for role, levels in _GIVEN_AT.items() for level in levels],
    )
    add_users(
        rows,
        [
            {"username": "guest", "firstname": "Guest user", "lastname": " ", "email": "root@localhost"},
            {"username": "admin", "firstname": "Admin", "lastname": "User", "email": "admin@example.org"},
        ],
        now=when,
    )
    rows.insert(
        "course_categories",
        [{"name": "Category 1", "sortorder": 10000, "depth": 1, "path": "/1", "timemodified": when}],
    )
    rows.insert(
        "course",
        [
            {"category": 0, "fullname": "Greffe", "shortname": "greffe", "format": "site"}
            | {"timecreated": when, "timemodified": when}
        ],
    )
    rows.insert(
        "context",
        [
            {"id": 1, "contextlevel": SYSTEM, "instanceid": 0, "path": "/1", "depth": 1},
            {"id": 2, "contextlevel": COURSE, "instanceid": 1, "path": "/1/2", "depth": 2},
            {"id": 3, "contextlevel": COURSE_CATEGORY, "instanceid": 1, "path": "/1/3", "depth": 2},
        ],
    )


def add_users(rows: Rows, people: list[dict[str, object]], *, now: int | None = None) -> range:
    """Add accounts; each gives at least ``username``, and all the same further columns. Gives back their ids."""
    when = int(time.time()) if now is None else now
    usual: Row = {
        "confirmed": 1,
        "mnethostid": 1,
        "password": "not cached",
        "firstname": "Camille",
        "lastname": "Martin",
        "lang": "fr",
        "timecreated": when,
        "timemodified": when,
    }
    return rows.insert("user", [{**usual, **person} for person in people])


def add_courses(rows: Rows, courses: list[dict[str, object]], *, now: int | None = None) -> range:
    """Add courses of the first category, each with its context and its manual method. Gives back their ids.

    Each course gives at least ``shortname``, and all the same further columns.
    """
    when = int(time.time()) if now is None else now
    usual: Row = {"category": 1, "sortorder": 10001, "timecreated": when, "timemodified": when}
    ids = rows.insert("course", [{**usual, "fullname": c["shortname"], **c} for c in courses])
    contexts = rows.query(f"SELECT COALESCE(MAX(id), 0) + 1 FROM {rows.name('context')}")[0][0]
    rows.insert(
        "context",
        [
            {"id": n, "contextlevel": COURSE, "instanceid": course, "path": f"/1/3/{n}", "depth": 3}
            for n, course in enumerate(ids, start=contexts)
        ],
    )
    manual: Row = {"enrol": "manual", "roleid": 5, "expirythreshold": 86400, "customint1": 1}
    rows.insert("enrol", [{**manual, "courseid": c, "timecreated": when, "timemodified": when} for c in ids])
    return ids


def _task(component: str) -> Row:
    classname, hour, disabled = _TASKS[component]
    return {
        "component": component,
        "classname": classname,
        "minute": "17",
        "hour": hour,
        "day": "*",
        "month": "*",
        "dayofweek": "*",
        "disabled": disabled,
    }
