"""Fresh Moodle databases: the tables load, the indexes are Moodle's, tens of thousands of rows go in at once."""

from __future__ import annotations

import pytest

from greffe.demo.moodle_tables import TABLES, create_tables, minimal_site

from .server import Server
from .site import MoodleSite, database, fresh_site


def indexes(site: MoodleSite) -> dict[str, set[tuple[bool, tuple[str, ...]]]]:
    """The indexes of every table, as the server's own catalogue has them: (unique, columns in order)."""
    if site.engine == "mariadb":
        found = site.fetch(
            "SELECT table_name AS tbl, index_name AS name, MIN(non_unique) = 0 AS uniq,"
            " GROUP_CONCAT(column_name ORDER BY seq_in_index) AS cols"
            " FROM information_schema.statistics WHERE table_schema = %s GROUP BY table_name, index_name",
            site.dbname,
        )
    else:
        found = site.fetch(
            "SELECT t.relname AS tbl, i.relname AS name, x.indisunique AS uniq,"
            " (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(x.indkey) WITH ORDINALITY AS k(col, n)"
            "  JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.col) AS cols"
            " FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid"
            " JOIN pg_namespace s ON s.oid = t.relnamespace WHERE s.nspname = 'public'"
        )
    answer: dict[str, set[tuple[bool, tuple[str, ...]]]] = {}
    for row in found:
        table = str(row["tbl"]).removeprefix(site.prefix)
        answer.setdefault(table, set()).add((bool(row["uniq"]), tuple(str(row["cols"]).split(","))))
    return answer


def test_every_table_has_moodles_columns_and_indexes(moodle_site: MoodleSite) -> None:
    schema = moodle_site.dbname if moodle_site.engine == "mariadb" else "public"
    there = indexes(moodle_site)
    assert set(there) == {table.name for table in TABLES}
    for table in TABLES:
        declared: set[tuple[bool, tuple[str, ...]]] = {(True, ("id",))}
        declared |= {(True, tuple(columns.split())) for columns in table.unique}
        declared |= {(False, tuple(columns.split())) for columns in table.indexes}
        assert there[table.name] == declared, table.name
        columns = moodle_site.fetch(
            "SELECT column_name AS name FROM information_schema.columns"
            " WHERE table_schema = %s AND table_name = %s ORDER BY ordinal_position",
            schema,
            f"mdl_{table.name}",
        )
        assert [c["name"] for c in columns] == ["id", *(c.name for c in table.columns)], table.name


def test_the_indexes_that_the_statements_count_on(moodle_site: MoodleSite) -> None:
    """moodle-writes.md §11, by name and in order."""
    there = indexes(moodle_site)
    assert (True, ("enrolid", "userid")) in there["user_enrolments"]
    assert {columns for _, columns in there["role_assignments"]} == {
        ("id",),
        ("sortorder",),
        ("roleid", "contextid"),
        ("userid", "contextid", "roleid"),
        ("component", "itemid", "userid"),
        ("roleid",),
        ("contextid",),
        ("userid",),
    }
    assert (True, ("userid", "groupid")) in there["groups_members"]
    assert (True, ("mnethostid", "username")) in there["user"]
    assert not any(unique for unique, columns in there["cache_flags"] if columns != ("id",))


def test_a_new_site_has_what_every_moodle_has(moodle_site: MoodleSite) -> None:
    roles = {row["shortname"]: row["id"] for row in moodle_site.fetch("SELECT id, shortname FROM {role}")}
    assert (roles["manager"], roles["editingteacher"], roles["teacher"], roles["student"]) == (1, 3, 4, 5)
    config = {row["name"]: row["value"] for row in moodle_site.fetch("SELECT name, value FROM {config}")}
    assert config["version"] == "2024100706.00"
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
