"""A course with 300,000 people: its ids arrive whole, or are read in ranges; they are never taken cut."""

from __future__ import annotations

from pathlib import Path

import pytest

from greffe.commands._session import open_site
from greffe.commands.plan import plan
from greffe.methods.scope import parse_ids
from greffe.moodle.mariadb import MariaDB
from greffe.moodle.scopes import ScopeReader
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite

PEOPLE = 300_000
FIRST = 10_000_001


@pytest.fixture
def crowd(moodle_site: MoodleSite, tmp_path: Path) -> Nights:
    course = moodle_site.add_course("AMPHI", idnumber="AMPHI")
    moodle_site.add_user("last", idnumber="last")
    enrol = moodle_site.insert("enrol", enrol="database", courseid=course, sortorder=1)
    context = moodle_site.fetch(
        "SELECT id FROM {context} WHERE contextlevel = 50 AND instanceid = %s", course
    )[0]["id"]
    numbers = (
        f"(SELECT seq AS n FROM seq_{FIRST}_to_{FIRST + PEOPLE - 1}) s"
        if moodle_site.engine == "mariadb"
        else f"generate_series({FIRST}, {FIRST + PEOPLE - 1}) AS s(n)"
    )
    moodle_site.execute(
        "INSERT INTO {user} (id, auth, confirmed, mnethostid, username, idnumber, email)"
        f" SELECT n, 'manual', 1, 1, CONCAT('p', n), CONCAT('p', n), CONCAT('p', n) FROM {numbers}"
    )
    moodle_site.execute(
        "INSERT INTO {user_enrolments} (status, enrolid, userid, timestart, timeend)"
        f" SELECT 0, {enrol}, n, 0, 0 FROM {numbers}"
    )
    moodle_site.execute(
        "INSERT INTO {role_assignments} (roleid, contextid, userid, component, itemid)"
        f" SELECT 5, {context}, n, 'enrol_database', {enrol} FROM {numbers}"
    )
    nights = Nights(moodle_site, tmp_path)
    nights.rule("ip")
    return nights


def test_300_000_people_are_compared_whole(crowd: Nights) -> None:
    people = [f"p{n};AMPHI" for n in range(FIRST, FIRST + PEOPLE)]
    crowd.feed("ip", "who;course", people)
    assert plan(crowd.config()).plan.size == 0
    crowd.feed("ip", "who;course", [*people[:-1], "last;AMPHI"])
    assert plan(crowd.config()).plan.counts() == {"assign-role": 1, "enrol": 1, "suspend": 1}
    _read_with_a_server_that_cuts(crowd)


def _read_with_a_server_that_cuts(crowd: Nights) -> None:
    """The same course where the server's aggregates are far too short for it: read in ranges of ids."""
    with open_site(crowd.config()) as session:
        course = next(iter(session.catalogue.courses.values()))
        if isinstance(session.db, MariaDB):
            session.db.run_text("SET SESSION group_concat_max_len = 100000")
        session.db.longest_aggregate = 100_000
        (scope,) = ScopeReader(session.db, [5]).read([(course.id, course.enrol, course.context)])
    everybody = list(range(FIRST, FIRST + PEOPLE))
    assert parse_ids(scope.active) == everybody
    assert parse_ids(scope.roles[5]) == everybody
