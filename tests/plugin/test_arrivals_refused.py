"""Who arrives and gets nothing: whoever no good night vouches for, and whoever only claims to be somebody."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from greffe.commands.plan import plan
from greffe.commands.undo import undo
from tests.moodle.site import PHP, Sites, set_config
from tests.moodle.tree import VERSIONS
from tests.plugin.arriving import (
    BROKEN,
    HIS,
    NEW,
    PLACES,
    THERE,
    act,
    by_sql,
    campus,
    nobody,
    waiting,
)
from tests.plugin.lagging import on_postgresql, replica

pytestmark = pytest.mark.moodle


@pytest.mark.parametrize("version", VERSIONS)
def test_who_gets_nothing(version: str, plugged: Sites, tmp_path: Path) -> None:
    made = plugged(version)
    nights = campus(made, tmp_path, *THERE, *HIS)

    person = by_sql(made, idnumber=NEW)
    with made.database() as database:
        (night,) = database.query("SELECT MAX(id) FROM mdl_local_greffe_run")[0]

        def run(column: str, value: object) -> None:
            database.run(f"UPDATE mdl_local_greffe_run SET {column} = %s WHERE id = %s", value, night)

        second = by_sql(made, "second", idnumber=NEW)
        nobody(made, "two accounts have the number")
        database.run("UPDATE mdl_user SET deleted = 1 WHERE id = %s", second)
        run("state", "held")
        nobody(made, "the night was held")
        with database.transaction():
            database.run(
                "INSERT INTO mdl_local_greffe_run (kind, state, timestarted) VALUES ('nightly', 'running', %s)",
                int(time.time()),
            )
        run("state", "done")
        nobody(made, "a night runs, through another node of the cluster")
        database.run("DELETE FROM mdl_local_greffe_run WHERE state = 'running'")
        for state in ("held", "failed", "interrupted", "killed"):
            database.run("INSERT INTO mdl_local_greffe_run (kind, state) VALUES ('nightly', %s)", state)
            nobody(made, f"a later night is {state}")
            database.run("DELETE FROM mdl_local_greffe_run WHERE id > %s", night)
        database.run("INSERT INTO mdl_local_greffe_run (kind, state) VALUES ('nightly', 'done')")
        (later,) = database.query("SELECT MAX(id) FROM mdl_local_greffe_run")[0]
        database.run(
            "INSERT INTO mdl_local_greffe_run (kind, state, undoes, changes) VALUES ('undo', 'done', %s, 1)",
            later,
        )
        nobody(made, "a later night was taken back")
        database.run("DELETE FROM mdl_local_greffe_run WHERE id > %s", night)
        run("state", "killed")
        nobody(made, "the night has not ended")
        run("state", "done")
        run("reason", "blackout")
        nobody(made, "the calendar keeps everything out")
        run("reason", "")
        database.run("UPDATE mdl_local_greffe_waiting SET runid = runid + 1")
        nobody(made, "the list is of a night that did not come to its end")
        database.run("UPDATE mdl_local_greffe_waiting SET runid = runid - 1")
        database.run("UPDATE mdl_local_greffe_feed SET timecreated = timecreated - 9 * 86400")
        nobody(made, "the last good night is too long ago")
        database.run("UPDATE mdl_local_greffe_feed SET timecreated = timecreated + 9 * 86400")
        set_config(database, "local_greffe", {"arrivalsenabled": 0})
        made._forget()
        nobody(made, "it is switched off")
        set_config(database, "local_greffe", {"arrivalsenabled": 1})
        made._forget()
        config = nights.config()
        nights.more["guards"] |= {"scope": {"removals": "none", "suspensions": "none"}}
        assert undo(nights.config(), night).result is not None
        nobody(made, "the night was taken back")
        database.run("DELETE FROM mdl_local_greffe_run WHERE undoes = %s", night)
        assert plan(config).plan.size > 0
        database.run("UPDATE mdl_user SET suspended = 0 WHERE id = %s", person)
    assert set(act(made, "login")["courses"]) == {"LAW1", "LAW2"}


@pytest.mark.parametrize("version", VERSIONS)
def test_nobody_gets_what_he_only_claims_to_be(version: str, plugged: Sites, tmp_path: Path) -> None:
    made = plugged(version)
    campus(made, tmp_path, *THERE, *HIS)
    by_sql(made, confirmed=0)

    with made.database() as database:

        def change(statement: str) -> None:
            database.run(statement)
            made._forget()

        change(f"UPDATE mdl_user SET idnumber = '{NEW}' WHERE username = 'new'")
        nobody(made, "the account is not confirmed")
        change("UPDATE mdl_user SET confirmed = 1 WHERE username = 'new'")
        change("UPDATE mdl_config_plugins SET value = 'unlocked' WHERE name = 'field_lock_idnumber'")
        nobody(made, "he can write the number himself")
        change("UPDATE mdl_config_plugins SET value = 'locked' WHERE name = 'field_lock_idnumber'")
        change("UPDATE mdl_config SET value = 'manual' WHERE name = 'registerauth'")
        nobody(made, "he opened the account himself")
        change("UPDATE mdl_config SET value = '' WHERE name = 'registerauth'")
        change("UPDATE mdl_config_plugins SET value = 'unlocked' WHERE name = 'field_lock_idnumber'")
        set_config(database, "local_greffe", {"arrivalstrust": 1})
        made._forget()
    assert act(made, "login")["courses"] == PLACES


@on_postgresql
@pytest.mark.parametrize("version", VERSIONS)
def test_a_replica_that_lags_behind_vouches_for_nobody(version: str, plugged: Sites, tmp_path: Path) -> None:
    """Moodle reads there where it is set up so; the night that has just been held counts all the same."""
    made = plugged(version)
    campus(made, tmp_path, *THERE, *HIS)
    by_sql(made, idnumber=NEW)
    with made.database() as database, replica(made) as environment:
        database.run("UPDATE mdl_local_greffe_run SET state = 'held'")
        done = subprocess.run(
            [*PHP, str(BROKEN), "new", ""], env=environment, cwd=made.dataroot, text=True, capture_output=True, check=False,
        )  # fmt: skip
        assert done.stdout.endswith("done"), done.stderr
        assert waiting(made) == 7
        database.run("UPDATE mdl_local_greffe_run SET state = 'done'")
    assert act(made, "login")["courses"] == PLACES
