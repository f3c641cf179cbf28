"""People whom the university registered before they had an account get their places the moment it appears."""

from __future__ import annotations

from pathlib import Path

import pytest

from greffe.commands.plan import plan
from greffe.commands.runs import runs, show
from greffe.commands.undo import undo
from tests.moodle.site import Sites
from tests.moodle.tree import VERSIONS
from tests.plugin.arriving import HIS, NEW, PLACES, TASK, THERE, act, by_sql, campus, locked, waiting

pytestmark = pytest.mark.moodle


@pytest.mark.parametrize("version", VERSIONS)
def test_from_arrival_to_the_next_night_and_back(version: str, plugged: Sites, tmp_path: Path) -> None:
    made = plugged(version)
    nights = campus(made, tmp_path, *THERE, *HIS)
    assert waiting(made) == 7
    config = nights.config()

    # he logs in for the first time; nobody told Moodle that he was created
    person = by_sql(made, idnumber=NEW)
    found = act(made, "login")
    assert found["courses"] == PLACES
    assert found["cohorts"] == ["C26"]
    assert waiting(made) == 0

    # journalled like any other change, but not to be relayed: Moodle has fired its own events
    latest = runs(config)[0]
    assert (latest.kind, latest.state, latest.changes) == ("arrivals", "done", 10)
    assert latest.counts == {
        "assign-role": 4,
        "create-group": 1,
        "enrol": 2,
        "join-cohort": 1,
        "join-group": 2,
    }
    with show(config, latest.id) as (_, record, changes):
        lines = {c.line for c in changes if c.user}
        assert record.kind == "arrivals"
    assert lines == {4, 5, 6, 7, 8}
    with made.database() as database:
        told = database.query(
            "SELECT DISTINCT outcome, CASE WHEN relayed > 0 THEN 1 ELSE 0 END FROM mdl_local_greffe_change WHERE runid = %s",
            latest.id,
        )
        assert told == [("moodle", 1)]
        events = database.query(
            "SELECT COUNT(*) FROM mdl_logstore_standard_log WHERE relateduserid = %s AND eventname = %s",
            person, "\\core\\event\\user_enrolment_created",
        )  # fmt: skip
        assert events == [(2,)]

    # the next night has nothing to do for him
    assert plan(config).plan.size == 0
    assert nights.night().counts == {}

    # and all of it can be taken back: nothing of his is left, but the group that was made
    undoing = undo(config, latest.id)
    assert undoing.refused == []
    assert {c for c, u in nights.enrolments() if u == "new"} == set()
    assert [r for r in nights.roles() if r[1] == "new"] == []
    assert "new" not in nights.cohort_members()["C26"]
    # the next night brings him back, and is taken back itself
    again = nights.night()
    assert again.counts["enrol"] == 2
    assert {c for c, u in nights.enrolments() if u == "new"} == {"LAW1", "LAW2"}
    assert undo(config, again.run).refused == []
    assert {c for c, u in nights.enrolments() if u == "new"} == set()


@pytest.mark.parametrize("version", VERSIONS)
def test_the_ways_of_an_account(version: str, plugged: Sites, tmp_path: Path) -> None:
    made = plugged(version)
    campus(made, tmp_path, *THERE, *HIS)
    # made by somebody's hand, at first without a number
    assert act(made, "create")["courses"] == {}
    assert act(made, "update", idnumber=NEW)["courses"] == PLACES

    campus(made, tmp_path, *THERE, *HIS)
    assert act(made, "create", idnumber=NEW)["courses"] == PLACES
    campus(made, tmp_path, *THERE, *HIS)
    assert act(made, "create-in-transaction", idnumber=NEW)["courses"] == PLACES

    # by username, on the site's own host alone
    hers = [line.replace(NEW, "new") for line in HIS]
    campus(made, tmp_path, *hers, match="username")
    by_sql(made, "abroad", mnethostid=7)
    with made.database() as database:
        database.run("UPDATE mdl_user SET username = 'new' WHERE username = 'abroad'")
    made.task(TASK)
    assert waiting(made) == 7
    with made.database() as database:
        database.run("UPDATE mdl_user SET mnethostid = 1 WHERE username = 'new'")
    assert act(made, "login")["courses"] == PLACES

    # by address
    campus(made, tmp_path, *[line.replace(NEW, "new@example.org") for line in HIS], match="email")
    assert act(made, "create")["courses"] == PLACES


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_not_done_at_once_the_task_does(version: str, plugged: Sites, tmp_path: Path) -> None:
    made = plugged(version)
    campus(made, tmp_path, *THERE, *HIS)
    with locked(made):
        found = act(made, "create", idnumber=NEW)
        assert found["courses"] == {}
        assert found["took"] < 1.5
        assert "another Greffe" in made.task(TASK)
    assert "got their places: 1" in made.task(TASK)
    assert act(made, "look")["courses"] == PLACES
    assert "got their places" not in made.task(TASK)
