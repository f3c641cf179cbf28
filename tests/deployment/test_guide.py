"""From a clean Debian to scheduled nights on a real Moodle, by what docs/fr says alone; Moodle itself says what came of them."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from greffe.feed.years import years_open_on
from tests.deployment.conftest import Machine
from tests.deployment.guide import INSTALLATION, from_wheels, shown, typed
from tests.deployment.units import another_night, drop_in, log, properties, until
from tests.moodle.scenario import Course, Row, Settings, User, load
from tests.moodle.site import Site, Sites
from tests.moodle.state import raw
from tests.moodle.steps import Enrol
from tests.moodle.world import MoodleWorld, moodle_settings

pytestmark = [pytest.mark.long, pytest.mark.moodle]
CONFIG_PHP = Path(__file__).parent / "php" / "configphp.php"
PARTICIPANTS = Path(__file__).parent / "php" / "participants.php"
TIMER = "greffe@ecampus.timer"
ENDINGS = {"greffe setup ecampus": 3, "sudo -u greffe greffe -c /etc/greffe/ecampus.toml plan": 3}
"""Commands that only look, and find something to do."""

PLACES = (("DRT101", "22012345"), ("DRT101", "01234567"), ("MED1", "22012346"), ("MED1", "01234567"))
BY_HAND = Enrol("DRT101", "22012399", role="teacher")
STUDENT, TEACHER = {"roles": ["student"], "active": True}, {"roles": ["teacher"], "active": True}
EXPECTED = {
    "DRT101": {"22012345": STUDENT, "01234567": STUDENT, "22012399": TEACHER},
    "MED1": {"22012346": STUDENT, "01234567": STUDENT},
}


def test_a_clean_debian_and_a_real_moodle(machine: Machine, moodles: Sites) -> None:
    site = moodles("4.5")
    university(site)
    deliver(machine)
    follow(machine, site)

    until(lambda: another_night(machine, [""]))
    assert properties(machine, "Result", "ExecMainStatus") == ["success", "0"], log(machine)
    assert participants(site) == EXPECTED
    reports = machine.run("ls", "-l", "/var/lib/greffe/ecampus/reports").stdout
    assert reports.count("-rw------- 1 greffe greffe") == 1

    written, first = rows(site), properties(machine, "InvocationID")
    at_another_hour(machine)
    until(lambda: another_night(machine, first))
    assert properties(machine, "Result", "ExecMainStatus") == ["success", "0"], log(machine)
    assert rows(site) == written

    moodles_task_agrees(site, written)


def university(site: Site) -> None:
    """Two courses and four people, one of them enrolled by hand; Moodle's own sync is in use, as before Greffe."""
    site.reset(moodle_settings(Settings("suspend")))
    with site.database() as database, site.living() as living:
        world = MoodleWorld(living, database)
        people = [*dict.fromkeys(person for _, person in PLACES), BY_HAND.person]
        world.prepare([Course("DRT101"), Course("MED1")], [User(person) for person in people])
        world.live([BY_HAND])
    assert participants(site) == {"DRT101": {"22012399": TEACHER}, "MED1": {}}


def deliver(machine: Machine) -> None:
    """The extract, from which a spreadsheet took the leading zeros; one result is kept from an earlier year."""
    year = max(years_open_on(datetime.now(UTC).date()))
    lines = [f"{person.lstrip('0')};{course};{year};N" for course, person in PLACES]
    machine.run("mkdir", "-p", "/srv/apogee")
    extract = ["COD_ETU;COD_ELP;COD_ANU;TEM_PRC_ICE", *lines, f"22012345;MED1;{year};O", ""]
    machine.write("/srv/apogee/ip.csv", "\r\n".join(extract))


def follow(machine: Machine, site: Site) -> None:
    """Every line of the page down to the timer, in its order; Moodle's are typed where Moodle is."""
    machine.run("mkdir", "-p", "/var/www/moodle")
    machine.write("/var/www/moodle/config.php", site.php(CONFIG_PHP))
    machine.type("chown root:www-data /var/www/moodle/config.php && chmod 640 /var/www/moodle/config.php")
    for line in lines():
        if line.startswith("php "):
            script, *words = shlex.split(line.removeprefix("php "))
            site.cli(Path(script).name, *words)
            continue
        if line.startswith("setfacl "):
            complete(machine)
        if line.startswith("systemctl enable "):
            at_another_hour(machine)
        done = machine.type(line, check=False)
        assert done.returncode == ENDINGS.get(line, 0), f"{line}\n{done.stdout}\n{done.stderr}"


def lines() -> list[str]:
    """What the page has typed; of its two ways to install, the one for a machine that reaches no package index."""
    page = [line for line in typed(INSTALLATION, until="### Avec cron") if "--no-index" not in line]
    return [from_wheels() if "pipx install ./" in line else line for line in page]


def complete(machine: Machine) -> None:
    """The configuration, by what the quick start shows of a feed and its rule."""
    file = "/etc/greffe/ecampus.toml"
    begun = machine.run("cat", file).stdout
    machine.write(file, f"{begun}\n{shown('docs/fr/demarrage.md', 'toml', '[feed.ip]')}")


def at_another_hour(machine: Machine) -> None:
    """The drop-in that the page shows, but for a moment that is near."""
    hour = shown(INSTALLATION, "ini", "[Timer]")
    soon = machine.type("date --date='6 seconds' +%T").stdout.strip()
    assert "04:00:00" in hour
    drop_in(machine, TIMER, "punctual", "[Timer]\nRandomizedDelaySec=0\nAccuracySec=1s\n")
    drop_in(machine, TIMER, "override", hour.replace("04:00:00", soon))


def moodles_task_agrees(site: Site, written: dict[str, list[tuple[Any, ...]]]) -> None:
    """Moodle's own sync, given the same registrations, finds nothing to do; and does what it should once one is gone."""
    driver = "mysqli" if site.server.engine == "mariadb" else "postgres"
    site.cli("cfg.php", "--component=enrol_database", "--name=dbtype", f"--set={driver}")
    registrations = [Row(course, person) for course, person in PLACES]
    with site.database() as database:
        load(database, registrations)
    site.task()
    assert rows(site) == written
    with site.database() as database:
        load(database, registrations[1:])
    site.task()
    gone = {"roles": ["student"], "active": False}
    assert participants(site) == EXPECTED | {"DRT101": EXPECTED["DRT101"] | {"22012345": gone}}


def participants(site: Site) -> dict[str, dict[str, object]]:
    """Who takes part, as Moodle's participants page lists them."""
    said: dict[str, dict[str, object]] = json.loads(site.php(PARTICIPANTS, "DRT101", "MED1"))
    return {course: dict(people) for course, people in said.items()}


def rows(site: Site) -> dict[str, list[tuple[Any, ...]]]:
    """All that enrolments leave behind, as stored."""
    with site.database() as database:
        return raw(database)
