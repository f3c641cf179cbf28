"""Each thing that stops a night, brought about on a real server."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator

import msgspec
import pytest

from greffe.cli.shell import Shell
from greffe.commands._session import Session
from greffe.config import Config
from greffe.config.feeds import Feed, Person, PersonField
from greffe.config.moodle import Moodle
from greffe.errors import DatabaseError, SiteNotReadyError
from greffe.moodle.catalogue import Catalogue
from greffe.moodle.database import Database, Settings, connect
from greffe.moodle.findings import Finding
from greffe.moodle.locks import TASKS
from greffe.moodle.preflight import preflight
from tests.lab.server import Server
from tests.lab.site import MoodleSite, fresh_site


def config_of(db: Database) -> Config:
    return Config(moodle=Moodle(name=db.settings.name, prefix=db.settings.prefix))


def look(db: Database) -> list[Finding]:
    return preflight(db, Catalogue(db), config_of(db))


def say(findings: list[Finding], severity: str) -> str:
    return "\n".join(f.what for f in findings if f.severity == severity)


def set_config(site: MoodleSite, name: str, value: str | None) -> None:
    site.execute("DELETE FROM {config} WHERE name = %s", name)
    if value is not None:
        site.insert("config", name=name, value=value)


def test_a_site_in_order(db: Database, moodle_site: MoodleSite) -> None:
    before = moodle_site.fetch("SELECT * FROM {config} ORDER BY id")
    found = look(db)
    assert say(found, "stop") == ""
    assert say(found, "warn") == ""
    assert "Moodle 4.5.6" in say(found, "ok")
    assert {"mariadb": "MariaDB 1", "postgresql": "PostgreSQL 1"}[db.engine] in say(found, "ok")
    assert "may do everything" in say(found, "ok")
    assert all(f.todo == "" for f in found)
    assert moodle_site.fetch("SELECT * FROM {config} ORDER BY id") == before


HOUR = 3600


# name, value, severity, words
SIGNALS: list[tuple[str, str | None, str, str]] = [
    ("version", "2022112810.00", "stop", "older than Greffe knows"),
    ("version", "2026042000.00", "stop", "newer than this Greffe knows"),
    ("version", "2025100700.00", "stop", "newer than this Greffe knows"),
    ("version", None, "stop", "no version"),
    ("version", "rubbish", "stop", "no version"),
    ("branch", "500", "warn", "between the versions"),
    ("upgraderunning", str(int(time.time()) + HOUR), "stop", "upgrade of Moodle is running"),
    ("outagelessupgrade", "1", "stop", "upgrade of Moodle is running"),
    ("allversionshash", "", "stop", "upgrade of Moodle is pending"),
    ("maintenance_later", str(int(time.time()) - 5), "stop", "maintenance"),
    ("maintenance_later", str(int(time.time()) + HOUR), "warn", "maintenance"),
    ("enrol_plugins_enabled", "manual,guest,self,cohort", "stop", "switched off"),
]


def test_settings_of_the_site(db: Database, moodle_site: MoodleSite) -> None:
    for name, value, severity, words in SIGNALS:
        (usual,) = moodle_site.fetch("SELECT MIN(value) AS value FROM {config} WHERE name = %s", name)
        set_config(moodle_site, name, value)
        found = look(db)
        assert words in say(found, severity), (name, value)
        assert all(f.todo for f in found if f.severity != "ok")
        set_config(moodle_site, name, usual["value"])
    assert say(look(db), "stop") == ""


def test_an_upgrade_long_over(db: Database, moodle_site: MoodleSite) -> None:
    set_config(moodle_site, "upgraderunning", str(int(time.time()) - HOUR))
    assert say(look(db), "stop") == ""


def test_no_moodle_here(moodle_site: MoodleSite, settings: Settings) -> None:
    db = connect(msgspec.structs.replace(settings, prefix="nix_"))
    found = look(db)
    db.close()
    assert [f.severity for f in found] == ["stop"]
    assert "'nix_'" in found[0].what


def test_the_plugin_is_gone(db: Database, moodle_site: MoodleSite) -> None:
    moodle_site.execute("DELETE FROM {config_plugins} WHERE plugin = 'enrol_database'")
    assert "not installed" in say(look(db), "stop")


def test_moodles_own_sync(db: Database, moodle_site: MoodleSite) -> None:
    wanted = {"dbtype": "mysqli", "remoteenroltable": "enr", "remotecoursefield": "c", "remoteuserfield": "u"}
    for name, value in wanted.items():
        moodle_site.execute(
            "DELETE FROM {config_plugins} WHERE plugin = 'enrol_database' AND name = %s", name
        )
        moodle_site.insert("config_plugins", plugin="enrol_database", name=name, value=value)
    moodle_site.execute(
        "UPDATE {task_scheduled} SET disabled = 0, timestarted = 1790000000 WHERE classname = %s",
        TASKS["database"],
    )
    warnings = say(look(db), "warn")
    assert "reads 'enr'" in warnings
    assert "task is enabled" in warnings
    assert "task is running" in warnings


def test_two_methods_in_a_course(db: Database, moodle_site: MoodleSite) -> None:
    course = moodle_site.add_course("Deux")
    for _ in range(2):
        moodle_site.insert("enrol", enrol="database", courseid=course)
    assert "several instances of the method database: Deux" in say(look(db), "warn")


def test_a_missing_index(db: Database, moodle_site: MoodleSite) -> None:
    name = db.value("index_by_columns", table="mdl_user_enrolments", columns="enrolid,userid")
    moodle_site.execute(f"DROP INDEX {name}" + (" ON {user_enrolments}" if db.engine == "mariadb" else ""))
    assert "no index on (enrolid, userid)" in say(look(db), "warn")


@pytest.fixture
def reader(moodle_site: MoodleSite, settings: Settings) -> Iterator[Settings]:
    """An account that may read all, write user_enrolments, and nothing else."""
    name = "greffe_" + secrets.token_hex(4)
    if settings.engine == "mariadb":
        moodle_site.execute(f"CREATE USER {name}@'%' IDENTIFIED BY 'secret'")
        moodle_site.execute(f"GRANT SELECT ON {settings.name}.* TO {name}@'%'")
        moodle_site.execute(
            f"GRANT INSERT, UPDATE, DELETE ON {settings.name}.mdl_user_enrolments TO {name}@'%'"
        )
    else:
        moodle_site.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'secret'")
        moodle_site.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}")
        moodle_site.execute(f"GRANT INSERT, UPDATE, DELETE ON mdl_user_enrolments TO {name}")
    yield msgspec.structs.replace(settings, user=name, password="secret")
    if settings.engine == "mariadb":
        moodle_site.execute(f"DROP USER {name}@'%'")
    else:
        moodle_site.execute(f"DROP OWNED BY {name}")
        moodle_site.execute(f"DROP ROLE {name}")


def test_missing_rights_are_named(reader: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    db = connect(reader)
    stops = say(look(db), "stop")
    with pytest.raises(SiteNotReadyError) as error:
        Session(config_of(db), db, Catalogue(db)).refuse_if_not_ready()
    db.close()
    # a night has them one by one, and the command that prints all rights
    assert "\n".join(error.value.each) == stops
    Shell().warn(error.value)
    told = capsys.readouterr().err.splitlines()
    assert told[0] == f"greffe: {len(error.value.each)} things stand in the way:"
    assert len(told) == len(error.value.each) + 2
    assert "`greffe grants` prints all of them" in told[-1]
    assert "may not add rows of mdl_role_assignments" in stops
    assert "may not delete rows of mdl_role_assignments" in stops
    assert "may not change rows of mdl_cache_flags" in stops
    assert "may not create tables" in stops
    assert "may not delete rows of mdl_grade_grades" in stops
    assert "may not add rows of mdl_grade_grades_history" in stops
    assert "may not delete rows of mdl_user_lastaccess" in stops
    assert "may not add rows of mdl_forum_read" in stops
    assert "rows of mdl_user_enrolments" not in stops
    assert ("sequence behind mdl_user_enrolments.id" in stops) == (db.engine == "postgresql")
    assert ("sequence behind mdl_grade_grades_history.id" in stops) == (db.engine == "postgresql")


def test_a_site_without_forums_is_ready(db: Database, moodle_site: MoodleSite) -> None:
    for table in ("forum", "forum_subscriptions", "forum_digests", "forum_track_prefs", "forum_read"):
        moodle_site.execute("DROP TABLE {" + table + "}")
    assert say(look(db), "stop") == ""


def test_a_read_only_server(db: Database, settings: Settings, moodle_site: MoodleSite) -> None:
    if db.engine == "mariadb":
        db.run_text("SET GLOBAL read_only = 1")
        try:
            assert "read-only" in say(look(db), "stop")
        finally:
            db.run_text("SET GLOBAL read_only = 0")
    else:
        moodle_site.execute(f"ALTER DATABASE {settings.name} SET default_transaction_read_only = on")
        late = connect(settings)
        assert "read-only" in say(look(late), "stop")
        late.close()


def test_tables_without_transactions(mariadb_server: Server) -> None:
    with fresh_site(mariadb_server, "") as site:
        site.execute("ALTER TABLE {cache_flags} ENGINE = Aria")
        db = connect(site.settings)
        assert "mdl_cache_flags is stored by Aria" in say(look(db), "stop")
        db.close()


def test_a_lost_connection_is_a_finding(db: Database, settings: Settings) -> None:
    catalogue = Catalogue(db)
    assert catalogue.settings
    db.close()
    try:
        found = preflight(db, catalogue, Config(moodle=Moodle(name=settings.name)))
    except DatabaseError:
        pytest.fail("a check that breaks must be a finding")
    assert "a check failed" in say(found, "stop")


def test_cohorts_are_read_only_where_they_are_synced(
    db: Database, reader: Settings, moodle_site: MoodleSite
) -> None:
    if db.engine == "mariadb":
        moodle_site.execute(f"REVOKE SELECT ON {reader.name}.* FROM {reader.user}@'%'")
        for table in ("config", "config_plugins", "task_scheduled"):
            moodle_site.execute(f"GRANT SELECT ON {reader.name}.mdl_{table} TO {reader.user}@'%'")
    else:
        moodle_site.execute(f"REVOKE SELECT ON mdl_cohort, mdl_cohort_members FROM {reader.user}")
    limited = connect(reader)
    config = Config(moodle=Moodle(name=reader.name, prefix=reader.prefix))
    plain = say(preflight(limited, Catalogue(limited), config), "stop")
    synced = say(preflight(limited, Catalogue(limited), config, ["database", "cohort"]), "stop")
    limited.close()
    assert "mdl_cohort" not in plain
    assert "may not read rows of mdl_cohort:" in synced
    assert "may not read rows of mdl_cohort_members:" in synced


def test_people_who_can_write_their_own_number(db: Database, moodle_site: MoodleSite) -> None:
    """A feed that is matched by a field of the profile, and the two ways in which nobody can type another's."""
    moodle_site.add_user("s1", auth="cas")

    def warnings(match: PersonField) -> str:
        person = Person(column="who", match=match)
        feeds = {"ip": Feed(csv="ip.csv", person=person)}
        config = Config(moodle=Moodle(name=db.settings.name, prefix=db.settings.prefix), feed=feeds)
        return say(preflight(db, Catalogue(db), config), "warn")

    assert "can write their own idnumber in their profile (authentication " in warnings("idnumber")
    assert "cas" in warnings("idnumber")
    assert warnings("username") == ""
    moodle_site.insert("config_plugins", plugin="auth_cas", name="field_lock_idnumber", value="locked")
    assert "cas" not in warnings("idnumber")
    moodle_site.insert(
        "config_plugins", plugin="auth_manual", name="field_lock_idnumber", value="unlockedifempty"
    )
    assert "manual" in warnings("idnumber")
    moodle_site.execute(
        "UPDATE {config_plugins} SET value = 'locked' WHERE plugin = 'auth_manual' AND name LIKE 'field_lock%%'"
    )
    assert warnings("idnumber") == ""
    assert "their own email" in warnings("email")
    set_config(moodle_site, "emailchangeconfirmation", "1")
    assert warnings("email") == ""
