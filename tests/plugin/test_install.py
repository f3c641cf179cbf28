"""The plugin's tables: fresh, taken over from an engine that ran before, and gone again; Moodle and Greffe as two accounts."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from greffe.apply.schema import SCHEMA
from greffe.commands.approve import approve
from greffe.commands.doctor import doctor
from greffe.commands.methods import sync
from greffe.commands.plan import plan
from greffe.commands.plugin import finish, prepare
from greffe.commands.release import release
from greffe.commands.runs import runs, show
from greffe.commands.undo import undo
from greffe.config import Config
from greffe.demo.moodle_tables import add_courses, add_users
from greffe.errors import ArgumentError, DatabaseError, SiteNotReadyError
from greffe.moodle.owntables import aside, tables
from tests.integration.nights import Nights
from tests.lab.server import Server
from tests.lab.site import MoodleSite
from tests.moodle import snapshot
from tests.moodle.conftest import JUDGES
from tests.moodle.database import Database
from tests.moodle.site import PHP, MoodleError, Site, Sites, site
from tests.moodle.tree import VERSIONS, find
from tests.plugin.accounts import PREFIX, Accounts, two_accounts

pytestmark = pytest.mark.moodle
CLEAN = "Database structure is ok."
PLUGIN = "local_greffe"


@pytest.fixture
def accounts(server: Server) -> Iterator[Accounts]:
    with two_accounts(server) as made:
        yield made


@pytest.mark.parametrize("release", VERSIONS)
def test_a_fresh_installation(release: str, plugged: Sites) -> None:
    made = plugged(release)
    made.reset()
    assert CLEAN in made.cli("check_database_schema.php")
    with made.database() as database:
        assert database.query("SELECT name, value FROM mdl_local_greffe_meta") == [("schema", SCHEMA)]
        for table in tables(made.server.engine)[1:]:
            assert database.query(f"SELECT COUNT(*) FROM mdl_{table}") == [(0,)]


@pytest.mark.parametrize("release", VERSIONS)
def test_a_plugin_of_before_is_upgraded(release: str, plugged: Sites) -> None:
    """From schema 1: the plugin as it was stands in Moodle's tables, and its code is this one's."""
    made = plugged(release)
    made.reset()
    with made.database() as database:
        change = f"mdl_{PLUGIN}_change"
        drop = f"DROP INDEX %s ON {change}" if made.server.engine == "mariadb" else "DROP INDEX %s"
        for name in ("mdl_locagrefchan_coucohid_ix", "mdl_locagrefchan_useid_ix"):
            database.run(drop % name)
        for column in ("courseid", "userid"):
            database.run(f"CREATE INDEX mdl_locagrefchan_{column[:3]}_ix ON {change} ({column})")
        database.run(f"UPDATE mdl_{PLUGIN}_meta SET value = '1' WHERE name = 'schema'")
        database.run(
            "UPDATE mdl_config_plugins SET value = '2026112500' WHERE plugin = %s AND name = 'version'",
            PLUGIN,
        )
        database.run("DELETE FROM mdl_config WHERE name = 'allversionshash'")
    made.cli("purge_caches.php")
    made.cli("upgrade.php", "--non-interactive")
    assert CLEAN in made.cli("check_database_schema.php")
    with made.database() as database:
        assert database.query("SELECT value FROM mdl_local_greffe_meta WHERE name = 'schema'") == [(SCHEMA,)]
        where = "table_schema = DATABASE() AND table_name" if made.server.engine == "mariadb" else "tablename"
        column, table = (
            ("index_name", "information_schema.statistics")
            if made.server.engine == "mariadb"
            else ("indexname", "pg_indexes")
        )
        found = {
            str(n) for (n,) in database.query(f"SELECT {column} FROM {table} WHERE {where} = %s", change)
        }
    assert {n for n in found if "_cou" in n or "_use" in n} == {
        "mdl_locagrefchan_coucohid_ix",
        "mdl_locagrefchan_useid_ix",
    }


def rows(database: Database, table: str) -> list[dict[str, Any]]:
    return database.dicts(f"SELECT * FROM {table} ORDER BY id")


def with_plugin(plain: Site) -> Site:
    """The same site after an administrator has copied the plugin over Moodle's code."""
    return Site(plain.tree.with_plugin(), plain.server, plain.name, plain.dataroot, snapshot.Snapshot([]))


def campus(made: Site, accounts: Accounts, directory: Path) -> Nights:
    """Two courses, three accounts and one person who has none yet; a cohort; Greffe as its own account."""
    with made.database() as database, database.rows() as into:
        add_users(into, [{"username": f"u{n}", "idnumber": f"2026000{n}"} for n in (1, 2, 3)])
        add_courses(into, [{"shortname": c, "idnumber": c} for c in ("LAW1", "LAW2")])
    accounts.let_write(made.name)
    nights = Nights(MoodleSite(accounts.greffe, made.name, PREFIX), directory)
    nights.feeds["ip"] = {"person": {"column": "who", "match": "idnumber"}}
    nights.rule("ip", role="student", group="{{ grp }}")
    nights.cohort("ip")
    nights.more["guards"] = {"feed": {"removals": "none", "suspensions": "none", "emptied": "none"}}
    deliver(nights, "20260001", "20260002", "20260009")
    return nights


def deliver(nights: Nights, *people: str) -> None:
    lines = [f"{c};{p};G1;C26" for c in ("LAW1", "LAW2") for p in people]
    nights.feed("ip", "course;who;grp;cohort", lines, shrink="none", unknown_people="none")


def refused(nights: Nights) -> None:
    """Every command that needs Greffe's tables says what is to be done, and makes none anew."""
    config = nights.config()
    commands: dict[str, Callable[[], object]] = {
        "nightly": nights.night,
        "plan": lambda: plan(config),
        "runs": lambda: runs(config),
        "show": lambda: shown(config),
        "undo": lambda: undo(config, 1),
        "approve": lambda: approve(config, "0123456789"),
        "release": lambda: release(config, ["C26"]),
        "methods": lambda: sync(config),
    }
    for name, command in commands.items():
        with pytest.raises(SiteNotReadyError) as error:
            command()
        assert "plugin" in str(error.value), name
        assert "upgrade.php" in error.value.todo, name
    assert any("plugin" in f.what for f in doctor(config) if f.severity == "stop")


def shown(config: Config) -> None:
    with show(config, 1):
        pass


def fail_without_a_right(plugged: Site, accounts: Accounts) -> None:
    """On PostgreSQL Moodle's role may read only what it was let: else the installation ends, and says so."""
    journal = aside(PREFIX, "local_greffe_change")
    accounts.admin(plugged.name, f'REVOKE SELECT ON "{journal}" FROM {accounts.moodle.user}')
    with pytest.raises(MoodleError) as failed:
        plugged.cli("upgrade.php", "--non-interactive")
    assert journal in str(failed.value)
    accounts.admin(plugged.name, f'GRANT SELECT ON "{journal}" TO {accounts.moodle.user}')


def kill_in_the_middle(plugged: Site, accounts: Accounts) -> None:
    """Moodle's upgrade, killed while it takes the journal over."""
    journal = aside(PREFIX, "local_greffe_change")
    postgresql = plugged.server.engine == "postgresql"
    with accounts.look(plugged.name) as holder:
        if postgresql:
            holder.run("BEGIN")
            holder.run(f'LOCK TABLE "{journal}" IN ACCESS EXCLUSIVE MODE')
        else:
            holder.run(f"LOCK TABLES `{journal}` WRITE")
        upgrade = subprocess.Popen(
            [*PHP, str(plugged.tree.runnable / "admin/cli/upgrade.php"), "--non-interactive"],
            env=plugged.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=plugged.dataroot,
        )  # fmt: skip
        deadline = time.monotonic() + 90
        while not waits(accounts, plugged.name):
            assert upgrade.poll() is None, "the upgrade has ended"
            assert time.monotonic() < deadline
            time.sleep(0.2)
        upgrade.kill()
        upgrade.wait()
        accounts.cut_off(plugged.name, plugged.server)
        holder.run("ROLLBACK" if postgresql else "UNLOCK TABLES")
        # some minutes later: until then Moodle takes the upgrade for running
        holder.run("UPDATE mdl_config SET value = '1' WHERE name = 'upgraderunning'")
    shutil.rmtree(plugged.dataroot / "cache")


def waits(accounts: Accounts, name: str) -> bool:
    """Whether a statement of Moodle's waits for the journal."""
    if accounts.server.engine == "postgresql":
        sql = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = %s AND usename = %s AND wait_event_type = 'Lock'"
    else:
        sql = (
            "SELECT COUNT(*) FROM information_schema.processlist WHERE db = %s AND user = %s"
            " AND state LIKE 'Waiting for table%%'"
        )
    with accounts.look(name) as database:
        return bool(database.query(sql, name, accounts.moodle.user)[0][0])


@pytest.mark.parametrize("version", VERSIONS)
def test_taken_over_from_an_engine_that_ran_before(
    version: str, accounts: Accounts, server: Server, tmp_path: Path
) -> None:
    trees = find()
    if version not in trees:
        pytest.skip(f"no Moodle {version} source tree")
    engine = server.engine
    with site(trees[version], accounts.moodle, f"{accounts.moodle.user}_site") as plain:
        nights = campus(plain, accounts, tmp_path)
        assert nights.night().counts["enrol"] == 4
        deliver(nights, "20260001", "20260003", "20260009")
        assert nights.night().counts["suspend"] == 2
        config = nights.config()

        # there and back: nothing is lost, and nothing else works meanwhile
        assert prepare(config, dry_run=True).statements
        assert [r.id for r in runs(config)] == [2, 1]
        assert prepare(config).done
        refused(nights)
        assert not prepare(config).done
        with pytest.raises(SiteNotReadyError):
            finish(config)
        assert prepare(config, back=True).done
        assert [r.id for r in runs(config)] == [2, 1]
        with accounts.look(plain.name) as admin:
            before = {t: rows(admin, PREFIX + t) for t in tables(engine)}
            assert before["local_greffe_change"]
            assert before["local_greffe_waiting"]
        assert prepare(config).done

        plugged = with_plugin(plain)
        if (version, engine) in JUDGES:
            if engine == "postgresql":
                fail_without_a_right(plugged, accounts)
                refused(nights)
            kill_in_the_middle(plugged, accounts)
            refused(nights)
            with pytest.raises(ArgumentError):
                prepare(config, back=True)
        assert "local_greffe" in plugged.cli("upgrade.php", "--non-interactive")
        assert CLEAN in plugged.cli("check_database_schema.php")
        with accounts.look(plain.name) as admin:
            for table in tables(engine)[1:]:
                now = rows(admin, PREFIX + table)
                if table == "local_greffe_change":
                    assert {(r["relayed"] > 0, r["outcome"]) for r in now} == {(True, "older")}
                    now = [r | {"relayed": 0, "outcome": ""} for r in now]
                assert now == before[table], table

        # Greffe goes on with tables that are Moodle's, and makes, changes and drops none
        accounts.no_more_tables(plain.name)
        findings = doctor(config)
        assert [f.what for f in findings if f.severity == "stop"] == []
        assert any("greffe plugin finish" in f.todo for f in findings if f.severity == "warn")
        accounts.without_one_right(plain.name)
        assert any("may not work with mdl_local_greffe_waiting" in f.what for f in doctor(config))
        accounts.let_write_own(plain.name)
        deliver(nights, "20260001", "20260002", "20260003", "20260009")
        assert nights.night().run == 3
        assert plan(nights.config()).plan.size == 0
        assert undo(config, 3).refused == []
        with accounts.look(plain.name) as admin:
            assert admin.query("SELECT MAX(id) FROM mdl_local_greffe_change WHERE relayed = 0")[0][0]
            ids = [i for (i,) in admin.query("SELECT id FROM mdl_local_greffe_change ORDER BY id")]
        assert len(ids) == len(set(ids)) > len(before["local_greffe_change"])

        assert finish(config).done
        assert not finish(config).done
        with accounts.look(plain.name) as admin:
            kept = {str(t) for t in snapshot.names(admin)} & {aside(PREFIX, t) for t in tables(engine)}
            assert kept == set()
            cohorts = admin.query("SELECT id FROM mdl_cohort WHERE idnumber = 'C26'")
            admin.run("UPDATE mdl_cohort SET component = 'local_greffe' WHERE idnumber = 'C26'")
        assert CLEAN in plugged.cli("check_database_schema.php")

        plugged.cli("uninstall_plugins.php", f"--plugins={PLUGIN}", "--run")
        with accounts.look(plain.name) as admin:
            assert [t for t in snapshot.names(admin) if PLUGIN in t] == []
            for table, column in (
                ("config_plugins", "plugin"), ("task_scheduled", "component"), ("task_adhoc", "component"),
                ("capabilities", "component"), ("message_providers", "component"),
            ):  # fmt: skip
                found = admin.query(f"SELECT COUNT(*) FROM mdl_{table} WHERE {column} = %s", PLUGIN)
                assert found == [(0,)], table
            assert admin.query(
                "SELECT COUNT(*) FROM mdl_role_capabilities WHERE capability LIKE 'local/greffe:%%'"
            ) == [(0,)]
            assert admin.query("SELECT id, component FROM mdl_cohort WHERE idnumber = 'C26'") == [
                (i, "") for (i,) in cohorts
            ]


def test_only_the_owner_can_set_aside(accounts: Accounts, server: Server, tmp_path: Path) -> None:
    trees = find()
    if not trees:
        pytest.skip("no Moodle source tree")
    with site(next(iter(trees.values())), accounts.moodle, f"{accounts.moodle.user}_site") as plain:
        nights = campus(plain, accounts, tmp_path)
        nights.night()
        names = [PREFIX + t for t in tables(server.engine)]
        if server.engine == "postgresql":
            accounts.admin(plain.name, *(f"ALTER TABLE {t} OWNER TO {accounts.moodle.user}" for t in names),
                           *(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {t} TO {accounts.greffe.user}" for t in names))  # fmt: skip
        else:
            accounts.no_more_tables(plain.name)
        with pytest.raises(DatabaseError) as error:
            prepare(nights.config())
        assert "--dry-run" in error.value.todo
        assert [r.id for r in runs(nights.config())] == [1]
