"""A relay that is killed, and observers that break: nothing is lost, next to nothing comes twice, and the rest goes on."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.moodle.scenario import Row
from tests.moodle.site import PHP, Site, Sites
from tests.moodle.tree import VERSIONS
from tests.plugin.arriving import CLOCK
from tests.plugin.relay.classroom import classroom
from tests.plugin.relay.relaying import OBSERVED, outcomes, relay

pytestmark = [pytest.mark.moodle, pytest.mark.parametrize("version", VERSIONS)]


def seen(file: Path, name: str) -> Counter[str]:
    """What an observer was told of this event, a line each time."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return Counter(line for line in lines if json.loads(line)[0] == f"\\core\\event\\{name}")


def killed(site: Site, file: Path, after: float) -> bool:
    """The relay, killed some seconds after it began; whether it was faster."""
    with subprocess.Popen(
        [*PHP, str(OBSERVED), str(file)], env=site.environment, cwd=site.dataroot,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        return "done\n" in process.stdout.read()


def test_a_kill_loses_nothing_and_repeats_one_change_at_most(
    version: str, plugged: Sites, tmp_path: Path, long: bool
) -> None:
    people = [f"{n:04}" for n in range(1000 if long else 500)]
    changes = 2 * len(people)
    file = tmp_path / "seen"
    with classroom(plugged(version), tmp_path, people) as room:
        room.database.run("DELETE FROM mdl_logstore_standard_log")
        room.night(*(Row("LAW101", person) for person in people))
        kills = 0
        moments = random.Random(7)
        while not killed(room.site, file, moments.uniform(0.02, 0.3)):
            kills += 1
            assert kills < 200
        assert kills >= (10 if long else 3)
        assert {outcome for _, outcome in outcomes(room.database)} == {"told"}

        # an observer hears of each at least once, and of one per kill twice
        found = seen(file, "user_enrolment_created") + seen(file, "role_assigned")
        assert len(found) == changes
        assert found.total() - changes <= kills
        # what the log store holds was written with the mark: each exactly once
        logged = room.database.query(
            "SELECT eventname, relateduserid, COUNT(*) FROM mdl_logstore_standard_log WHERE relateduserid IS NOT NULL"
            " GROUP BY eventname, relateduserid"
        )
        assert len(logged) == changes
        assert {number for *_, number in logged} == {1}


@pytest.mark.parametrize("way", ["exception", "error", "transaction", "hook"])
def test_who_breaks_is_noted_and_the_rest_goes_on(
    way: str, version: str, plugged: Sites, tmp_path: Path
) -> None:
    file = tmp_path / "seen"
    with classroom(plugged(version), tmp_path, ("1", "2", "3")) as room:
        room.moodle.do([{"step": "AddForum", "course": "LAW101", "forum": "Debate", "subscribes": True}])
        room.night(*(Row("LAW101", person) for person in ("1", "2", "3")))
        room.site.debugging = False  # Moodle's own words about it belong to developers
        try:
            said = room.site.php(OBSERVED, str(file), way)
        finally:
            room.site.debugging = True
        assert "done" in said
        # the name of who broke is said; what was in the message, which may be about people, is not
        assert ("observed" if way != "error" else "user_enrolment_created") in said
        assert "threw" in said
        assert "Lovelace" not in said
        found = outcomes(room.database)
        assert found["enrol", "failed"] == 3
        assert found["assign-role", "failed" if way == "hook" else "told"] == 3
        # those behind the broken one were told: the log store, and the forum
        assert room.number("SELECT COUNT(*) FROM mdl_forum_subscriptions") == 3
        logged = "SELECT COUNT(*) FROM mdl_logstore_standard_log WHERE eventname LIKE %s AND relateduserid IS NOT NULL"
        assert room.number(logged, "%role_assigned") == 3
        # an error of PHP's own ends Moodle's round of observers; a transaction that is rolled back takes the log's row along
        if way in ("exception", "hook"):
            assert room.number(logged, "%user_enrolment_created") == 3
        assert relay(room.moodle).strip() == ""  # nothing is tried for ever


def test_an_observer_that_ends_the_process_holds_nobody_up(
    version: str, plugged: Sites, tmp_path: Path
) -> None:
    with classroom(plugged(version), tmp_path, ("1", "2", "3")) as room:
        room.database.run("DELETE FROM mdl_logstore_standard_log")
        room.night(*(Row("LAW101", person) for person in ("1", "2", "3")))
        said = room.site.php(OBSERVED, str(tmp_path / "seen"), "exit")
        assert "done" not in said
        assert "the process was ended while Moodle was told of change" in said
        assert outcomes(room.database)["enrol", "failed"] == 1
        relay(room.moodle)
        found = outcomes(room.database)
        assert (found["enrol", "failed"], found["enrol", "told"], found["assign-role", "told"]) == (1, 2, 3)
        twice = room.database.query(
            "SELECT eventname, relateduserid FROM mdl_logstore_standard_log WHERE relateduserid IS NOT NULL"
            " GROUP BY eventname, relateduserid HAVING COUNT(*) > 1"
        )
        assert not twice


def test_a_transaction_that_is_left_open_is_noted(version: str, plugged: Sites, tmp_path: Path) -> None:
    with classroom(plugged(version), tmp_path, ("1", "2")) as room:
        room.night(*(Row("LAW101", person) for person in ("1", "2")))
        said = room.site.php(OBSERVED, str(tmp_path / "seen"), "open")
        assert "threw 2 times: somebody who left a transaction open, at enrol" in said
        found = outcomes(room.database)
        assert (found["enrol", "failed"], found["assign-role", "told"]) == (2, 2)


def test_what_goes_while_somebody_takes_his_time_is_not_told(
    version: str, plugged: Sites, tmp_path: Path
) -> None:
    file = tmp_path / "seen"
    with classroom(plugged(version), tmp_path, ("1", "2", "3")) as room:
        room.night(*(Row("LAW101", person) for person in ("1", "2", "3")))
        room.site.php(OBSERVED, str(file), "meanwhile")
        found = outcomes(room.database)
        assert (found["assign-role", "told"], found["assign-role", "gone"]) == (2, 1)
        assert seen(file, "role_assigned").total() == 2


def test_a_row_that_nobody_can_read_holds_nobody_up(version: str, plugged: Sites, tmp_path: Path) -> None:
    with classroom(plugged(version), tmp_path, ("1",)) as room:
        broken = {
            "runid": 1,
            "objectid": 99995,
            "cohortid": 99995,
            "reason": "gone",
            "feed": "ip",
            "oldrow": '{"id":1}',
        }
        room.database.insert("mdl_local_greffe_change", [{"action": "delete-cohort"} | broken])
        room.night(Row("LAW101", "1"))
        relay(room.moodle)
        found = outcomes(room.database)
        assert (found["delete-cohort", "no-place"], found["enrol", "told"]) == (1, 1)


def test_time_is_bounded_by_no_clock_that_jumps(version: str, plugged: Sites, tmp_path: Path) -> None:
    with classroom(plugged(version), tmp_path, ("1", "2", "3")) as room:
        room.choose(relayseconds="2")
        room.night(*(Row("LAW101", person) for person in ("1", "2", "3")))
        subprocess.run(
            [*PHP, "-d", f"auto_prepend_file={CLOCK}", str(OBSERVED), str(tmp_path / "seen"), "meanwhile"],
            env=room.site.environment, cwd=room.site.dataroot, check=True, capture_output=True,
        )  # fmt: skip
        found = outcomes(room.database)
        assert (found["enrol", "told"], found["enrol", ""]) == (1, 2)


def test_time_is_bounded(version: str, plugged: Sites, tmp_path: Path) -> None:
    people = [f"{n:04}" for n in range(400)]
    with classroom(plugged(version), tmp_path, people) as room:
        room.choose(relayseconds="1")
        room.night(*(Row("LAW101", person) for person in people))
        runs = 0
        while any(not outcome for _, outcome in outcomes(room.database)):
            began = time.monotonic()
            relay(room.moodle)
            assert time.monotonic() - began < 5
            runs += 1
            assert runs < 100
        assert outcomes(room.database)["enrol", "told"] == 400
