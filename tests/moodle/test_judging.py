"""The judge itself: it would see a wrong row, and its snapshots lose nothing."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from tests.lab.server import Engine, Server
from tests.lab.site import MoodleSite
from tests.lab.site import database as fresh_database
from tests.moodle import goldens, snapshot, table
from tests.moodle.database import connected
from tests.moodle.following.scenarios import SCENARIOS as FOLLOWING
from tests.moodle.measure import registrations
from tests.moodle.scenario import Course, User
from tests.moodle.scenarios import SCENARIOS
from tests.moodle.sqlworld import SqlWorld
from tests.moodle.state import State, another_day, differences, read
from tests.moodle.steps import Enrol
from tests.moodle.table import OTHER, SAME

STATES = goldens.load("leaver-suspend-last")


@pytest.mark.parametrize(
    ("table", "column", "wrong"),
    [
        ("user_enrolments", "status", 0),
        ("user_enrolments", "modifierid", 0),
        ("user_enrolments", "timecreated", "day 3"),
        ("user_enrolments", "timemodified", "day 1"),
        ("role_assignments", "component", ""),
        ("role_assignments", "itemid", 0),
        ("enrol", "sortorder", 4),
        ("cache_flags", "timemodified", "day 1"),
    ],
)
def test_one_wrong_value_is_a_missing_row_and_one_too_much(table: str, column: str, wrong: object) -> None:
    changed = json.loads(json.dumps(STATES))
    row = next(row for row in changed[2][table] if row[column] != wrong)
    row[column] = wrong
    assert [line.split(" ")[3] for line in differences(STATES, changed)] == ["missing", "too"]


def test_a_row_twice_is_not_a_row() -> None:
    doubled = json.loads(json.dumps(STATES))
    doubled[-1]["role_assignments"].append(doubled[-1]["role_assignments"][0])
    (line,) = differences(STATES, doubled)
    assert line.startswith("night 3, role_assignments: too much")


def test_a_missing_night_is_a_difference() -> None:
    assert differences(STATES, STATES[:-1])


def test_folding_keeps_every_state() -> None:
    row = {"userid": "a"}
    states: list[State] = [
        {},
        {"enrol": [{"enrol": "x"}], "role_assignments": [row, row]},
        {"role_assignments": [row]},
        {},
    ]
    assert goldens.unfold(*goldens.fold(states)) == states


def test_what_agrees_is_kept_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(goldens, "FOLDER", tmp_path)
    one: list[State] = [{}, {"enrol": [{"enrol": "b"}, {"enrol": "a"}]}]
    turned: list[State] = [{}, {"enrol": [{"enrol": "a"}, {"enrol": "b"}]}]
    less: list[State] = [{}, {"enrol": [{"enrol": "a"}]}]
    goldens.record("x", "about", {"4.5-mariadb": one, "5.1-mariadb": turned, "4.5-postgresql": less})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x-4.5-postgresql.json", "x.json"]
    assert goldens.load("x", "4.5-postgresql") == goldens.load("x", engine="postgresql") == less
    # what is not played again stays; what agrees again joins the others
    goldens.record("x", "about", {"4.5-postgresql": one})
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]
    with pytest.raises(goldens.NotRecordedError):
        goldens.load("x", "5.1-postgresql")


def test_every_scenario_is_recorded() -> None:
    recorded = {path.stem for path in goldens.FOLDER.glob("*.json")}
    assert {scenario.name for scenario in SCENARIOS} <= recorded


def test_the_table_lists_every_scenario_and_every_moodle() -> None:
    ticks = table.read()
    assert list(ticks) == [s.name for s in SCENARIOS] + [s.name for s in FOLLOWING]
    assert all(tick == SAME for scenario in FOLLOWING for tick in ticks[scenario.name].values())
    for scenario in SCENARIOS:
        for column, tick in ticks[scenario.name].items():
            engine: Engine = "mariadb" if column.endswith("mariadb") else "postgresql"
            assert tick == (OTHER if scenario.differs(engine) else SAME), (scenario.name, column)


def test_every_difference_is_explained() -> None:
    sections = {known.section for scenario in SCENARIOS for known in scenario.differences}
    for language in ("en", "fr"):
        text = (table.FILE.parent / language / "differences.md").read_text(encoding="utf-8")
        assert sections <= set(re.findall(r'<a id="([\w-]+)"></a>', text)), language


def test_registrations_never_repeat() -> None:
    rows = registrations(2_500, people=700, courses=60)
    more = registrations(500, people=700, courses=60, skip=2_500)
    assert len(set(rows) | set(more)) == 3_000
    assert {len([row for row in rows if row.course == f"C{n:05}"]) for n in range(1, 61)} <= set(
        range(30, 55)
    )


def test_stamps_tell_the_day(moodle_site: MoodleSite) -> None:
    with connected(moodle_site.server, moodle_site.dbname) as database:
        world = SqlWorld(database)
        world.prepare([Course("A")], [User("1"), User("2")])
        world.live([Enrol("A", "1")])
        another_day(database)
        world.live([Enrol("A", "2")])
        rows = read(database, days=1)["user_enrolments"]
    assert {row["userid"]: row["timecreated"] for row in rows} == {"1": "day 0", "2": "day 1"}


def test_a_snapshot_loses_nothing(server: Server) -> None:
    key = "BIGINT AUTO_INCREMENT" if server.engine == "mariadb" else "BIGSERIAL"
    raw = "LONGBLOB" if server.engine == "mariadb" else "BYTEA"
    rows: list[list[object]] = [
        [0, "é ☃ 'quoted' \\n \t %s", Decimal("1.5000000"), b"\x00\xff", None],
        [7, "", None, None, "x"],
    ]
    with fresh_database(server) as one, fresh_database(server) as two:
        with connected(server, one) as database:
            database.run(
                f"CREATE TABLE t (id {key} PRIMARY KEY, words VARCHAR(50) NOT NULL DEFAULT 'a%b',"
                f" amount NUMERIC(12,7), raw {raw}, more TEXT)"
            )
            database.run("CREATE UNIQUE INDEX t_words ON t (words)")
            database.run("CREATE TABLE u (a SMALLINT NOT NULL)")
            database.many("INSERT INTO t VALUES (%s, %s, %s, %s, %s)", rows)
            taken = snapshot.Snapshot.unpack(snapshot.take(database).pack())
            sums = snapshot.checksums(database)
        with connected(server, two) as database:
            snapshot.restore(database, taken)
            assert snapshot.checksums(database) == sums
            assert [list(row) for row in database.query("SELECT * FROM t ORDER BY id")] == rows
            assert snapshot.take(database).pack() == taken.pack()
            database.run("INSERT INTO u VALUES (1)")
            assert snapshot.checksums(database)["u"] != sums["u"]
