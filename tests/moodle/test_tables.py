"""The tables that the tests, the demo and the bench stand on are those a real Moodle has."""

from __future__ import annotations

import pytest

from greffe.demo.moodle_tables import Branch, create_tables, minimal_site, tables
from tests.lab import catalogue
from tests.lab.server import Server
from tests.lab.site import MoodleSite, database
from tests.moodle.site import Sites

FRESH = (
    "SELECT id, shortname, archetype, sortorder FROM {role} ORDER BY id",
    "SELECT roleid, contextlevel FROM {role_context_levels} ORDER BY roleid, contextlevel",
    "SELECT id, contextlevel, instanceid, path, depth FROM {context} WHERE id <= 3 ORDER BY id",
    "SELECT id, username, mnethostid, confirmed, deleted, suspended FROM {user} WHERE id <= 2 ORDER BY id",
    "SELECT id, category, format, sortorder FROM {course} WHERE id = 1",
    "SELECT id, parent, depth, path FROM {course_categories} WHERE id = 1",
    """SELECT classname, component FROM {task_scheduled}
       WHERE component IN ('enrol_database', 'enrol_cohort', 'enrol_meta') ORDER BY classname""",
    """SELECT name, value FROM {config}
       WHERE name IN ('siteguest', 'siteadmins', 'mnet_localhost_id', 'sessiontimeout', 'version', 'branch',
                      'coursecontact', 'gradebookroles', 'defaultuserroleid') ORDER BY name""",
    """SELECT plugin, value FROM {config_plugins} WHERE name = 'version'
       AND plugin IN ('enrol_database', 'enrol_cohort', 'enrol_meta', 'enrol_manual', 'enrol_self')
       ORDER BY plugin""",
)
"""What a minimal site must have as a fresh one has it."""

BRANCHES: dict[str, Branch] = {"4.5": 405, "5.1": 501}


@pytest.mark.moodle
@pytest.mark.parametrize("version", BRANCHES)
def test_tables_are_moodles_own(version: str, moodles: Sites, server: Server) -> None:
    real = MoodleSite(server, moodles(version).name)
    branch = BRANCHES[version]
    with database(server) as name:
        ours = MoodleSite(server, name)
        with ours.rows() as rows:
            create_tables(rows.query, ours.engine, branch=branch)
        if server.engine == "mariadb":
            formats = "SELECT table_name AS t, row_format AS f FROM information_schema.tables WHERE table_schema = %s"
            theirs = {row["t"]: row["f"] for row in real.fetch(formats, real.dbname)}
            for row in ours.fetch(formats, ours.dbname):
                assert row["f"] == theirs[row["t"]], row["t"]
        columns, indexes = catalogue.columns(real), catalogue.indexes(real)
        our_columns, our_indexes = catalogue.columns(ours), catalogue.indexes(ours)
    for table in tables(branch):
        assert sorted(our_columns[table.name]) == sorted(columns[table.name]), table.name
        assert our_indexes[table.name] == indexes[table.name], table.name


@pytest.mark.moodle
@pytest.mark.parametrize("version", BRANCHES)
def test_a_minimal_site_is_a_fresh_moodle(version: str, moodles: Sites, server: Server) -> None:
    site = moodles(version)
    site.reset()
    real = MoodleSite(server, site.name)
    with database(server) as name:
        ours = MoodleSite(server, name)
        with ours.rows() as rows:
            create_tables(rows.query, ours.engine, branch=BRANCHES[version])
            minimal_site(rows, branch=BRANCHES[version])
        for sql in FRESH:
            assert ours.fetch(sql) == real.fetch(sql)
