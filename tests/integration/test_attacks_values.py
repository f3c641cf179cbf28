"""Values that mean harm: each changes its own row and nothing else, and none ends the night."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from greffe.commands.plan import plan
from greffe.commands.undo import undo
from greffe.config.moodle import Moodle
from greffe.errors import ConfigError, Exit
from greffe.moodle.settings import settings_of
from tests.integration.nights import NO_GUARDS, Nights
from tests.lab.server import Server
from tests.lab.site import MoodleSite, database, fill

HARMFUL = [
    "O'Brien",
    'say "no"',
    "back\\slash\\",
    "\\' OR 1=1 --",
    "'); DROP TABLE mdl_user; --",
    "{user}",
    "{in:users}",
    "{rows}",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "%(enrol)s",
    "100%",
    "%s%d%%",
    "\u202e123\u202c",
    "😀🎓",
    "é" * 60,
    "$(reboot)",
    "=1+1",
    "<script>alert(1)</script>",
    "a\nb",
]
ORDINARY = [f"n{n}" for n in range(1, 31)]


@pytest.fixture
def nights(moodle_site: MoodleSite, tmp_path: Path) -> Nights:
    for n in ORDINARY:
        moodle_site.add_user(n, idnumber=n)
    moodle_site.add_course("C1", idnumber="ELP1")
    found = Nights(moodle_site, tmp_path)
    found.rule("ip")
    return found


def deliver(
    nights: Nights, rows: Sequence[tuple[str, ...]], header: tuple[str, ...] = ("who", "course")
) -> None:
    nights.feed("ip", "", [])
    with (nights.directory / "ip.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([header, *rows])


def enrolled(nights: Nights) -> set[tuple[str, str]]:
    return {place for place, row in nights.enrolments().items() if row[0] == 0}


def test_people_courses_and_groups_named_to_harm_are_only_names(nights: Nights) -> None:
    site = nights.site
    for n, text in enumerate(HARMFUL):
        site.add_user(f"x{n}", idnumber=text)
        site.add_course(f"X{n} {text}", idnumber=text)
    nights.rules[0]["group"] = "{{ td }}"
    rows = [(text, text, text) for text in HARMFUL] + [(n, "ELP1", "TD1") for n in ORDINARY]
    deliver(nights, rows, ("who", "course", "td"))
    result = nights.night()
    assert result.exit is Exit.DONE
    harmed = {(f"X{n} {text}", f"x{n}") for n, text in enumerate(HARMFUL)}
    assert enrolled(nights) == harmed | {("C1", n) for n in ORDINARY}
    assert {(c, g) for c, g, _, _ in nights.members()} == {
        *((f"X{n} {text}", text) for n, text in enumerate(HARMFUL)),
        ("C1", "TD1"),
    }
    assert plan(nights.config()).plan.size == 0


def test_unknown_people_named_to_harm_wait_under_their_names(nights: Nights) -> None:
    deliver(nights, [*((text, "ELP1") for text in HARMFUL), *((n, "ELP1") for n in ORDINARY)])
    assert nights.night().exit is Exit.DONE
    waiting = nights.site.fetch("SELECT person FROM {local_greffe_waiting}")
    assert {w["person"] for w in waiting} == set(HARMFUL)
    assert enrolled(nights) == {("C1", n) for n in ORDINARY}


@pytest.mark.parametrize("cell", ["z" * 300, "😀" * 256, "z" * 100_000])
def test_a_person_too_long_for_any_account_does_not_end_the_night(nights: Nights, cell: str) -> None:
    deliver(nights, [*((f"{cell}{n}", "ELP1") for n in range(15)), *((n, "ELP1") for n in ORDINARY)])
    result = nights.night()
    assert result.exit is Exit.DONE
    assert enrolled(nights) == {("C1", n) for n in ORDINARY}
    assert result.night is not None
    assert result.night.feeds.readings["ip"].counts.unknown_people == 15


def test_a_group_name_too_long_for_moodle_costs_only_that_group(nights: Nights) -> None:
    nights.rules[0]["group"] = "{{ td }}"
    rows = [
        ("n1", "ELP1", "g" * 255),
        ("n2", "ELP1", "é" * 254),
        ("n3", "ELP1", "TD1"),
        ("who?", "ELP1", "g" * 300),
    ]
    deliver(nights, rows, ("who", "course", "td"))
    result = nights.night()
    assert result.exit is Exit.DONE
    assert enrolled(nights) == {("C1", "n1"), ("C1", "n2"), ("C1", "n3")}
    assert {(g, u) for _, g, u, _ in nights.members()} == {("é" * 254, "n2"), ("TD1", "n3")}
    assert result.night is not None
    assert any("254" in note for note in result.night.feeds.readings["ip"].counts.notes)


GARBAGE = ["someday", "9" * 20, "9" * 5000, "31/02/2026", "-1", "0001-01-01", "२०२६-०९-०१"]


@pytest.mark.parametrize("key", ["start", "end"])
def test_a_date_that_is_none_changes_nothing_for_its_person(nights: Nights, key: str) -> None:
    nights.rules[0] |= {key: "{{ day }}"}
    header = ("who", "course", "day")
    deliver(nights, [(n, "ELP1", "2030-09-01") for n in ORDINARY], header)
    assert nights.night().exit is Exit.DONE
    before = nights.enrolments()
    bad = dict(zip(ORDINARY, GARBAGE, strict=False))
    deliver(nights, [(n, "ELP1", bad.get(n, "2030-09-01")) for n in ORDINARY[:-1]], header)
    result = nights.night()
    assert result.exit is Exit.DONE
    assert result.counts == {"suspend": 1}
    now = nights.enrolments()
    assert {p: row for p, row in now.items() if p[1] != ORDINARY[-1]} == {
        p: row for p, row in before.items() if p[1] != ORDINARY[-1]
    }
    assert result.night is not None
    assert any("someday" in note for note in result.night.feeds.readings["ip"].counts.notes)


def test_a_cell_that_a_template_cannot_take_changes_nothing_for_its_person(nights: Nights) -> None:
    nights.rules[0] |= {"course": "{{ course.split('-')[1] }}", "when": "course.split('-')[0] | length > 1"}
    deliver(nights, [(n, "AA-ELP1") for n in ORDINARY])
    assert nights.night().exit is Exit.DONE
    deliver(nights, [("n1", "broken"), *((n, "AA-ELP1") for n in ORDINARY[1:])])
    result = nights.night()
    assert result.exit is Exit.DONE
    assert result.counts == {}


def test_an_unknown_role_takes_nobody_out(nights: Nights) -> None:
    nights.rules[0] |= {"role": "{{ role }}"}
    header = ("who", "course", "role")
    deliver(nights, [(n, "ELP1", "student") for n in ORDINARY], header)
    nights.night()
    deliver(nights, [("n1", "ELP1", "stúdent'"), *((n, "ELP1", "student") for n in ORDINARY[1:])], header)
    result = nights.night()
    assert result.counts == {}
    assert result.night is not None
    assert result.night.feeds.readings["ip"].unknown_roles == {"stúdent'"}


# -- sites with odd names and servers with odd settings ------------------------------------------------------
@contextmanager
def odd_site(server: Server, prefix: str) -> Iterator[MoodleSite]:
    with database(server) as name:
        site = MoodleSite(server, name, prefix)
        fill(site)
        yield site


@pytest.mark.parametrize("prefix", ["", "m_2x_"])
def test_any_prefix_serves(server: Server, tmp_path: Path, prefix: str) -> None:
    with odd_site(server, prefix) as site:
        for n in ORDINARY:
            site.add_user(n, idnumber=n)
        site.add_course("C1", idnumber="ELP1")
        nights = Nights(site, tmp_path)
        nights.rule("ip", group="{{ td }}")
        deliver(
            nights, [*((n, "ELP1", "TD1") for n in ORDINARY), ("who?", "ELP1", "")], ("who", "course", "td")
        )
        assert nights.night().exit is Exit.DONE
        assert len(enrolled(nights)) == len(ORDINARY)
        assert plan(nights.config()).plan.size == 0
        deliver(nights, [(n, "ELP1", "TD1") for n in ORDINARY[1:]], ("who", "course", "td"))
        assert nights.night().counts == {"suspend": 1}


@pytest.mark.parametrize("prefix", ["m%dl_", "m'; DROP TABLE x; --", "mdl_\n", "é_"])
def test_a_prefix_that_no_moodle_has_is_refused(prefix: str) -> None:
    with pytest.raises(ConfigError, match="prefix"):
        settings_of(Moodle(type="pgsql", name="moodle", user="moodle", prefix=prefix))


@pytest.mark.parametrize("mode", ["ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "ORACLE"])
def test_a_server_s_sql_mode_changes_nothing(mariadb_server: Server, tmp_path: Path, mode: str) -> None:
    before = _global(mariadb_server, "sql_mode")
    with odd_site(mariadb_server, "mdl_") as site:
        _global(mariadb_server, "sql_mode", mode)
        try:
            nights = Nights(site, tmp_path)
            nights.rule("ip", group="{{ td }}")
            for n, text in enumerate(HARMFUL):
                site.insert("user", username=f"x{n}", idnumber=text, mnethostid=1, confirmed=1)
            site.insert("course", shortname="C1", idnumber="ELP1", category=1)
            course = site.fetch("SELECT id FROM {course} WHERE idnumber = 'ELP1'")[0]["id"]
            site.insert("context", contextlevel=50, instanceid=course, depth=2, path="/1/99")
            rows = [(text, "ELP1", text) for text in HARMFUL] + [(f"w{t}", "ELP1", t) for t in HARMFUL[:5]]
            deliver(nights, rows, ("who", "course", "td"))
            assert nights.night().exit is Exit.DONE
            assert len(enrolled(nights)) == len(HARMFUL)
            assert plan(nights.config()).plan.size == 0
        finally:
            _global(mariadb_server, "sql_mode", before)


def test_a_small_packet_takes_all_that_is_written(mariadb_server: Server, tmp_path: Path) -> None:
    before = _global(mariadb_server, "max_allowed_packet")
    with odd_site(mariadb_server, "mdl_") as site:
        people = 24_000
        site.add_users([{"username": f"p{n}", "idnumber": f"P{n:06}"} for n in range(people)])
        site.add_course("C1", idnumber="ELP1")
        _global(mariadb_server, "max_allowed_packet", 1 << 20)
        try:
            nights = Nights(site, tmp_path)
            nights.rule("ip", leavers="unenrol")
            nights.more = {"guards": NO_GUARDS}
            strangers = [("😀" * 200 + str(n), "ELP1") for n in range(2_500)]
            deliver(nights, [*((f"P{n:06}", "ELP1") for n in range(people)), *strangers])
            result = nights.night()
            assert result.exit is Exit.DONE
            assert result.counts == {"assign-role": people, "create-method": 1, "enrol": people}
            nights.feeds["ip"] |= {"shrink": "none"}
            deliver(nights, [("P000000", "ELP1")])
            result = nights.night()
            assert result.counts == {"remove-role": people - 1, "unenrol": people - 1}
            back = undo(nights.config(), result.run).result
            assert back is not None
            assert back.counts == {"assign-role": people - 1, "enrol": people - 1}
        finally:
            _global(mariadb_server, "max_allowed_packet", before)


def _global(server: Server, name: str, value: Any = None) -> Any:
    connection = server.connect()
    try:
        with connection.cursor() as cursor:
            if value is not None:
                cursor.execute(f"SET GLOBAL {name} = %s", (value,))
            cursor.execute(f"SELECT @@GLOBAL.{name}")
            return cursor.fetchone()[0]
    finally:
        connection.close()
