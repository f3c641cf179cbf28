"""Fresh Moodle databases: the tables load, the indexes are Moodle's, tens of thousands of rows go in at once."""

from __future__ import annotations

import pytest

from greffe.demo.moodle_tables import TABLES, create_tables, minimal_site

from . import catalogue
from .catalogue import Index
from .server import Server
from .site import MoodleSite, database, fresh_site


def test_every_table_has_the_declared_columns_and_indexes(moodle_site: MoodleSite) -> None:
    columns, there = catalogue.columns(moodle_site), catalogue.indexes(moodle_site)
    assert set(there) == {table.name for table in TABLES}
    for table in TABLES:
        assert [c.name for c in columns[table.name]] == ["id", *(c.name for c in table.columns)], table.name
        declared = {Index(True, ("id",))}
        declared |= {Index(True, tuple(index.split())) for index in table.unique}
        declared |= {Index(False, tuple(index.split())) for index in table.indexes}
        if moodle_site.engine == "postgresql":
            declared |= {Index(False, (column,), pattern=True) for column in table.patterns}
        assert there[table.name] == declared, table.name


def test_the_indexes_that_the_statements_count_on(moodle_site: MoodleSite) -> None:
    """moodle-writes.md §11, by name and in order."""
    there = catalogue.indexes(moodle_site)
    assert Index(True, ("enrolid", "userid")) in there["user_enrolments"]
    assert {index.columns for index in there["role_assignments"]} == {
        ("id",),
        ("sortorder",),
        ("roleid", "contextid"),
        ("userid", "contextid", "roleid"),
        ("component", "itemid", "userid"),
        ("roleid",),
        ("contextid",),
        ("userid",),
    }
    assert Index(True, ("userid", "groupid")) in there["groups_members"]
    assert Index(True, ("mnethostid", "username")) in there["user"]
    assert not any(index.unique for index in there["cache_flags"] if index.columns != ("id",))


def test_a_new_site_has_what_every_moodle_has(moodle_site: MoodleSite) -> None:
    roles = {row["shortname"]: row["id"] for row in moodle_site.fetch("SELECT id, shortname FROM {role}")}
    assert (roles["manager"], roles["editingteacher"], roles["teacher"], roles["student"]) == (1, 3, 4, 5)
    config = {row["name"]: row["value"] for row in moodle_site.fetch("SELECT name, value FROM {config}")}
    assert config["version"] == "2024100706"
    assert config["allversionshash"]
    assert [u["username"] for u in moodle_site.fetch("SELECT username FROM {user} ORDER BY id")] == [
        "guest",
        "admin",
    ]
    assert moodle_site.fetch("SELECT category FROM {course} WHERE id = 1") == [{"category": 0}]
    tasks = moodle_site.fetch(
        "SELECT id FROM {task_scheduled} WHERE classname = %s", "\\enrol_database\\task\\sync_enrolments"
    )
    assert len(tasks) == 1


def test_a_course_comes_with_context_and_manual_method(moodle_site: MoodleSite) -> None:
    course = moodle_site.add_course("HIS-101", idnumber="HIS101")
    (context,) = moodle_site.fetch(
        "SELECT id, path, depth FROM {context} WHERE contextlevel = 50 AND instanceid = %s", course
    )
    assert context["path"] == f"/1/3/{context['id']}"
    assert context["depth"] == 3
    methods = moodle_site.fetch("SELECT enrol, roleid FROM {enrol} WHERE courseid = %s", course)
    assert methods == [{"enrol": "manual", "roleid": 5}]
    # The next row of somebody else's gets an id of its own.
    moodle_site.execute(
        "INSERT INTO {enrol} (enrol, courseid, timecreated, timemodified) VALUES ('database', %s, 1, 1)",
        course,
    )
    assert moodle_site.add_user("edurand") == 3


def test_a_universitys_people_and_courses_go_in_at_once(moodle_site: MoodleSite) -> None:
    people = moodle_site.add_users(
        [{"username": f"e{n:08}", "idnumber": f"{n:08}", "email": f"e{n}@example.org"} for n in range(30_000)]
    )
    courses = moodle_site.add_courses([{"shortname": f"C{n}", "idnumber": f"C{n}"} for n in range(600)])
    assert (len(people), len(courses)) == (30_000, 600)
    assert moodle_site.fetch("SELECT COUNT(*) AS n, MAX(id) AS last FROM {user}") == [
        {"n": 30_002, "last": people[-1]}
    ]
    assert moodle_site.fetch(
        "SELECT COUNT(*) AS n FROM {context} WHERE path LIKE '/1/3/%'",
    ) == [{"n": 600}]


def test_rows_with_other_columns_are_refused(moodle_site: MoodleSite) -> None:
    with pytest.raises(ValueError, match="differ in their columns"):
        moodle_site.add_users([{"username": "a"}, {"username": "b", "idnumber": "2"}])


def test_a_database_is_gone_afterwards(server: Server) -> None:
    with database(server) as name:
        server.connect(name).close()
    with pytest.raises(Exception, match=name):
        server.connect(name)


def test_a_later_moodle_and_another_row_format(server: Server) -> None:
    with database(server) as name:
        site = MoodleSite(server, name, prefix="m_")
        with site.rows() as rows:
            create_tables(rows.query, site.engine, site.prefix, branch=501, row_format="DYNAMIC")
            minimal_site(rows, branch=501)
        assert site.fetch("SELECT enableaitools FROM {course}") == [{"enableaitools": None}]
        assert site.fetch("SELECT value FROM {config} WHERE name = 'branch'") == [{"value": "501"}]
        if site.engine == "mariadb":
            formats = "SELECT DISTINCT row_format AS f FROM information_schema.tables WHERE table_schema = %s"
            assert site.fetch(formats, name) == [{"f": "Dynamic"}]


def test_mariadb_tables_are_compressed_as_moodles_usually_are(mariadb_server: Server) -> None:
    with fresh_site(mariadb_server, "") as site:
        formats = "SELECT DISTINCT row_format AS f FROM information_schema.tables WHERE table_schema = %s"
        assert site.fetch(formats, site.dbname) == [{"f": "Compressed"}]
