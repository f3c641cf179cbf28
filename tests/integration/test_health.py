"""``greffe health``: what monitoring hears of good, held, bad, old and lost nights."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

import pytest

from greffe.errors import Exit
from greffe.report.metrics import LEVELS, STATES
from tests.integration.commandline import Site

OK, WARNING, CRITICAL, UNKNOWN = range(4)
DOCUMENTED = Path(__file__).parents[2] / "docs" / "en" / "monitoring.md"
SAMPLE = re.compile(r"(greffe_\w+)\{(.*)\} ([0-9.e+]+)")
LABEL = re.compile(r"(\w+)=\"([^\"]*)\"")


def checks(site: Site, *arguments: str) -> tuple[int, dict[str, int]]:
    """The exit code, and each check's status."""
    code, out = site("health", "--json", *arguments)
    found = json.loads(out)
    assert found["status"] == code
    return code, {c["name"]: c["status"] for c in found["checks"]}


def metrics(site: Site) -> dict[str, dict[str, float]]:
    """Metric → label → value, from the textfile."""
    file = site.directory / "greffe.prom"
    site("health", "--prometheus", str(file))
    found: dict[str, dict[str, float]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            sample = SAMPLE.fullmatch(line)
            assert sample, line
            labels = dict(LABEL.findall(sample[2]))
            assert labels.pop("site") == "greffe"
            found.setdefault(sample[1], {})["".join(labels.values())] = float(sample[3])
    return found


def age(site: Site, seconds: int, column: str = "timeended", table: str = "local_greffe_run") -> None:
    """Time passes."""
    site.site.execute(f"UPDATE {{{table}}} SET {column} = {column} - {seconds}")


def found(site: Site, audit: str, severity: str, amount: int) -> None:
    """An audit's row."""
    site.site.execute(
        "INSERT INTO {local_greffe_finding} (audit, severity, amount, timecreated)"
        f" VALUES ('{audit}', '{severity}', {amount}, 1)"
    )


def test_before_the_first_night(site: Site) -> None:
    code, out = site("health")
    assert (code, out.splitlines()[0]) == (WARNING, "GREFFE WARNING - Greffe has not run on this site yet.")
    assert "nightly`" in out
    found = metrics(site)
    assert found["greffe_schema_version"] == {"": 0}
    assert set(found) == {"greffe_schema_version", "greffe_check_status"}


def test_a_good_night(site: Site) -> None:
    site.deliver([*range(100), "new1", "new2"])
    site("nightly")
    code, out = site("health")
    first = out.splitlines()[0]
    assert code == OK
    assert re.fullmatch(
        r"GREFFE OK - The last good night ended \d+ s ago\. \| good_night_age=\d+s;;93600;0 duration=\d+s;;;0 "
        r"changes=201;;;0 waiting=2;;;0",
        first,
    ), first
    assert checks(site)[1] == dict.fromkeys(("night", "guard", "feeds", "relay", "drift", "tables"), OK)

    found = metrics(site)
    assert found["greffe_changes"] == {"assign-role": 100, "create-method": 1, "enrol": 100}
    assert found["greffe_feed_rows"] == {"ip": 102}
    assert found["greffe_feed_good"] == {"ip": 1}
    assert found["greffe_waiting_people"] == {"ip": 2}
    assert found["greffe_last_run_state"] == {s: float(s == "done") for s in STATES}
    assert found["greffe_guard_verdicts"] == dict.fromkeys(LEVELS, 0)
    assert found["greffe_last_good_run_timestamp_seconds"] == found["greffe_last_run_timestamp_seconds"]
    documented = set(re.findall(r"^\| `(greffe_\w+)`", DOCUMENTED.read_text(encoding="utf-8"), re.MULTILINE))
    assert set(found) <= documented
    # all others are those of the plugin, which is not here, and of audits, none of which was made
    assert documented - set(found) == {
        "greffe_relay_pending", "greffe_relay_oldest_seconds", "greffe_relay_failures",
        "greffe_last_audit_timestamp_seconds", "greffe_findings",
    }  # fmt: skip


def test_nobody_is_named(site: Site) -> None:
    site.deliver([*range(100), "new1"])
    site("nightly")
    _, out = site("health", "--json", "--prometheus", str(site.directory / "greffe.prom"))
    told = out + (site.directory / "greffe.prom").read_text(encoding="utf-8")
    assert "new1" not in told
    assert "s7" not in told


def test_an_old_night_and_an_old_feed(site: Site) -> None:
    site("nightly")
    age(site, 27 * 3600)
    assert checks(site)[0] == CRITICAL
    _, out = site("health")
    assert "The last good night ended 1 d 3 h ago; more than 1 d 2 h is too long." in out
    assert checks(site, "--night", "2d")[0] == OK
    a_minute_ago = time.time() - 60
    os.utime(site.directory / "ip.csv", (a_minute_ago, a_minute_ago))
    site("nightly")
    assert checks(site)[1]["feeds"] == OK
    assert checks(site, "--feeds", "1s")[1]["feeds"] == WARNING
    site.site.execute(
        "UPDATE {local_greffe_run} SET feeds = REPLACE(feeds, '\"delivered\":17', '\"delivered\":16')"
    )
    assert checks(site)[1]["feeds"] == WARNING


def test_a_held_night_until_it_is_approved_and_made(site: Site) -> None:
    site.configure("[guards]\nfeed = { above = 5 }\n")
    site("nightly")
    site.deliver(range(75))
    site("nightly")
    code, out = site("health")
    assert code == CRITICAL
    assert out.startswith("GREFFE CRITICAL - The guards hold run 2 (1 limit reached): nothing was changed.")
    ((digest,),) = {tuple(re.findall(r"approve (\w{12})`", out))}
    assert f"greffe -c {site.directory / 'greffe.toml'} approve {digest}" in out
    found = metrics(site)
    assert (found["greffe_guard_tripped"], found["greffe_guard_verdicts"]["feed"]) == ({"": 1}, 1)
    assert checks(site)[1]["night"] == WARNING

    site("approve", digest, "--by", "A. Martin")
    code, status = checks(site)
    assert (code, status["guard"]) == (WARNING, WARNING)
    site("nightly")
    assert checks(site)[0] == OK


def test_a_bad_feed(site: Site) -> None:
    site("nightly")
    site.deliver([])
    site("nightly")
    code, status = checks(site)
    assert (code, status["feeds"], status["night"]) == (CRITICAL, CRITICAL, WARNING)
    assert metrics(site)["greffe_feed_good"] == {"ip": 0}


def test_a_relay_that_is_behind_or_fails(site: Site) -> None:
    site("nightly")
    site.site.insert("config_plugins", plugin="local_greffe", name="version", value="2026112500")
    assert checks(site)[1]["relay"] == OK
    assert metrics(site)["greffe_relay_pending"] == {"": 201}
    age(site, 2 * 3600, "timecreated", "local_greffe_change")
    assert checks(site)[1]["relay"] == WARNING
    assert checks(site, "--relay", "3h")[1]["relay"] == OK
    age(site, 86400, "timecreated", "local_greffe_change")
    assert checks(site)[1]["relay"] == CRITICAL

    now = site.site.fetch("SELECT MAX(timestarted) AS now FROM {local_greffe_run}")[0]["now"]
    site.site.execute(f"UPDATE {{local_greffe_change}} SET relayed = {now}, outcome = 'fired'")
    assert checks(site)[0] == OK
    site.site.execute("UPDATE {local_greffe_change} SET relayed = 0, outcome = '' WHERE id = 1")
    assert "1 change waits for Moodle to be told, the oldest for " in site("health")[1]
    site.site.execute(f"UPDATE {{local_greffe_change}} SET relayed = {now}, outcome = 'fired'")
    site.site.execute("UPDATE {local_greffe_change} SET outcome = 'failed' WHERE id = 1")
    code, status = checks(site)
    assert (code, status["relay"]) == (WARNING, WARNING)
    assert metrics(site)["greffe_relay_failures"] == {"": 1}


def test_what_audits_found(site: Site) -> None:
    site("nightly")
    found(site, "roles", "warning", 3)
    found(site, "methods", "warning", 3)
    assert checks(site)[1]["drift"] == WARNING
    assert metrics(site)["greffe_findings"] == {"warning": 6}
    found(site, "roles", "warning", 0)
    found(site, "methods", "critical", 3)
    assert checks(site)[1]["drift"] == CRITICAL
    _, out = site("health")
    assert "1 of 2 audits found what somebody should look at, first of all methods." in out
    # what only informs is no reason to look, and `greffe audit` counts it apart
    found(site, "statistics", "info", 2)
    assert "1 of 3 audits found what somebody should look at" in site("health")[1]


def test_a_night_that_runs_is_no_fault(site: Site) -> None:
    site("nightly")
    site.site.execute(
        "INSERT INTO {local_greffe_run} (kind, state, timestarted) SELECT kind, 'running', timestarted FROM {local_greffe_run}"
    )
    assert checks(site)[0] == OK
    assert metrics(site)["greffe_last_run_state"]["running"] == 1


def test_what_cannot_be_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site("nightly")
    file = site.directory / "greffe.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(f"port = {site.site.port}", "port = 1"), encoding="utf-8")
    code, out = site("health")
    assert (code, out[:14]) == (UNKNOWN, "GREFFE UNKNOWN")
    assert metrics(site) == {"greffe_check_status": {"tables": UNKNOWN}}
    file.write_text("nonsense", encoding="utf-8")
    assert checks(site) == (UNKNOWN, {"tables": UNKNOWN})
    assert site("health", "--night", "soon")[0] == CRITICAL  # Nagios reads 2 so


def test_a_night_dated_in_the_future(site: Site) -> None:
    site("nightly")
    age(site, -200)
    assert checks(site)[0] == OK  # clocks differ
    age(site, -7200)
    code, status = checks(site)
    assert (code, status["night"]) == (WARNING, WARNING)
    assert "2 h 3 min ahead of now: a clock is, or was, wrong." in site("health")[1]
    site("nightly")
    assert checks(site)[0] == OK


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("counts", "5"),
        ("counts", '{"enrol":"many"}'),
        ("verdicts", "[]"),
        ("verdicts", '{"verdicts":"x"}'),
        ("feeds", '{"ip":5}'),
        ("feeds", '[{"feed":"ip"'),
    ],
)
def test_a_run_that_is_not_what_greffe_wrote(site: Site, column: str, text: str) -> None:
    site("nightly")
    site.site.execute(f"UPDATE {{local_greffe_run}} SET {column} = '{text}'")
    code, out = site("health")
    assert (code, out.splitlines()[0].partition(" is not what")[0]) == (
        UNKNOWN,
        f"GREFFE UNKNOWN - {column} of row 1 of local_greffe_run",
    )
    for command in (("runs",), ("show", "1"), ("undo", "1")):
        code, _ = site(*command)
        assert (code, "Traceback" in site.err) == (Exit.DATABASE, False), command
    site.site.execute(f"UPDATE {{local_greffe_run}} SET {column} = NULL")
    assert [site(*command)[0] for command in (("health",), ("runs",), ("show", "1"))] == [OK, OK, OK]


def test_a_change_that_is_not_what_greffe_wrote(site: Site) -> None:
    site("nightly")
    site.site.execute("UPDATE {local_greffe_change} SET newrow = '5' WHERE id = 3")
    assert site("health")[0] == OK
    for command in (("show", "1"), ("undo", "1")):
        assert site(*command)[0] == Exit.DATABASE


def test_tables_of_another_version(site: Site) -> None:
    site("nightly")
    site.site.execute("UPDATE {local_greffe_meta} SET value = '99' WHERE name = 'schema'")
    code, out = site("health")
    assert code == UNKNOWN
    assert "schema 99" in out
