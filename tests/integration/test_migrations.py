"""Greffe's own tables from one schema to the next: from every released one, cut off in the middle, and not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from greffe.apply import migrations
from greffe.apply.migrations import Step
from greffe.apply.schema import SCHEMA, ensure_tables, has_tables, stored_version
from greffe.cli import run
from greffe.commands.migrate import migrate
from greffe.commands.runs import runs
from greffe.errors import ArgumentError, DatabaseError, Exit, SiteNotReadyError
from greffe.moodle import statements
from greffe.moodle.database import Database
from greffe.moodle.owntables import tables
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite
from tests.lab.toml import PASSWORD, moodle_table

AFTER = str(int(SCHEMA) + 1)
RELEASED = Path(__file__).parents[1] / "contracts" / "schemas"

TO_COME = {
    "mariadb": """
-- name: migrate_NEXT_column
ALTER TABLE {local_greffe_run} ADD COLUMN IF NOT EXISTS asked VARCHAR(20) NOT NULL DEFAULT '';

-- name: migrate_NEXT_index
CREATE INDEX IF NOT EXISTS ask_ix ON {local_greffe_run} (asked);

-- name: migrate_NEXT_rows
UPDATE {local_greffe_run} SET asked = CONCAT(kind, '%');
""",
    "postgresql": """
-- name: migrate_NEXT_column
ALTER TABLE {local_greffe_run} ADD COLUMN IF NOT EXISTS asked VARCHAR(20) NOT NULL DEFAULT '';

-- name: migrate_NEXT_index
CREATE INDEX IF NOT EXISTS {local_greffe_run_ask_ix} ON {local_greffe_run} (asked);

-- name: migrate_NEXT_rows
UPDATE {local_greffe_run} SET asked = kind || '%';
""",
}
"""A step that no Greffe has, as one would be written."""


@pytest.fixture
def nights(moodle_site: MoodleSite, tmp_path: Path) -> Nights:
    """A site on which one night was run."""
    moodle_site.add_course("LAW1", idnumber="LAW1")
    moodle_site.add_user("u1", idnumber="1")
    made = Nights(moodle_site, tmp_path)
    made.feed("ip", "course;who", ["LAW1;1"], unknown_people="none")
    made.rule("ip", role="student")
    assert made.night().counts["enrol"] == 1
    return made


def ways(nights: Nights, text: str = "") -> list[Step]:
    """The steps of a Greffe to come."""
    room = nights.directory / "migrations"
    room.mkdir(exist_ok=True)
    number = f"{int(AFTER):04}"
    (room / f"{number}_asked.sql").write_text(
        (text or TO_COME[nights.site.engine]).replace("NEXT", number), encoding="utf-8"
    )
    return migrations.steps(room)


def shape(site: MoodleSite) -> list[tuple[Any, ...]]:
    """Greffe's tables as the server has them: columns and indexes."""
    questions = {
        "mariadb": [
            "SELECT table_name, column_name, column_type, is_nullable, column_default, extra FROM information_schema.columns",
            "SELECT table_name, column_name, index_name, non_unique, seq_in_index FROM information_schema.statistics",
            "SELECT table_name, row_format, table_collation FROM information_schema.tables",
        ],
        "postgresql": [
            "SELECT table_name, column_name, udt_name, character_maximum_length, is_nullable, column_default FROM information_schema.columns"
        ],
    }[site.engine]
    schema = "DATABASE()" if site.engine == "mariadb" else "'public'"
    found = [f"{q} WHERE table_schema = {schema} AND table_name LIKE %s" for q in questions]
    if site.engine == "postgresql":
        found.append("SELECT tablename, indexdef FROM pg_indexes WHERE tablename LIKE %s")
    names = f"{site.prefix}local_greffe%"
    return [
        tuple(r.values())
        for q in found
        for r in sorted(site.fetch(q, names), key=lambda r: [*map(str, r.values())])
    ]


def drop_all(site: MoodleSite) -> None:
    for table in tables(site.engine):
        site.execute(f"DROP TABLE IF EXISTS {{{table}}}")


@pytest.mark.parametrize("released", range(1, int(SCHEMA) + 1))
def test_from_every_released_schema(
    moodle_site: MoodleSite, db: Database, tmp_path: Path, released: int
) -> None:
    """What a Greffe of that time made becomes what this one makes. Whoever changes schema.sql without a step fails here."""
    nights = Nights(moodle_site, tmp_path)
    for statement in statements.parse(RELEASED / f"{moodle_site.engine}-{released}.sql"):
        db.run_text(statements.render(statement, db.quote, db.membership))
    db.execute("set_schema_version", version=str(released))
    before = moodle_site.insert("local_greffe_run", kind="nightly", state="done", operator="é")
    if released < int(SCHEMA):
        with pytest.raises(SiteNotReadyError, match="knows schema"):
            has_tables(db)
    migrate(nights.config())
    assert has_tables(db)
    assert runs(nights.config())[0].operator == "é"
    assert runs(nights.config())[0].id == before
    migrated = shape(moodle_site)
    drop_all(moodle_site)
    ensure_tables(db)
    assert shape(moodle_site) == migrated
    assert not migrate(nights.config()).statements


def test_a_step(nights: Nights, db: Database) -> None:
    config, known = nights.config(), ways(nights)
    looked = migrate(config, dry_run=True, known=known)
    assert len(looked.statements) == 5
    assert not looked.done
    assert stored_version(db) == SCHEMA
    assert migrate(config, known=known).done
    assert stored_version(db) == AFTER
    assert nights.site.fetch("SELECT asked FROM {local_greffe_run}") == [{"asked": "nightly%"}]
    assert not migrate(config, known=known).statements
    with pytest.raises(
        SiteNotReadyError, match=f"schema {AFTER}; this Greffe knows schema {SCHEMA}"
    ) as error:
        nights.night()
    assert "newer" in error.value.todo
    with pytest.raises(SiteNotReadyError, match=f"schema {AFTER}"):
        migrate(config)


def test_the_statements_can_be_run_by_hand(nights: Nights, db: Database) -> None:
    """A DBA runs what --dry-run printed, each as often as he likes."""
    for text in migrate(nights.config(), dry_run=True, known=ways(nights)).statements:
        nights.site.execute(text)
        nights.site.execute(text)
    assert stored_version(db) == AFTER
    assert not migrate(nights.config(), known=ways(nights)).statements


def test_cut_off_in_the_middle(nights: Nights, db: Database) -> None:
    config = nights.config()
    broken = TO_COME[nights.site.engine].replace("(asked)", "(nowhere)")
    with pytest.raises(DatabaseError) as error:
        migrate(config, known=ways(nights, broken))
    assert "--dry-run" in error.value.todo
    half = stored_version(db)
    under_way = f"{SCHEMA}>{AFTER}"
    assert half == (under_way if nights.site.engine == "mariadb" else SCHEMA)
    if half == under_way:
        for command in (nights.night, lambda: runs(config), lambda: has_tables(db), lambda: migrate(config)):
            with pytest.raises(
                SiteNotReadyError, match=f"from schema {SCHEMA} to {AFTER} has begun and has not ended"
            ):
                command()
    assert migrate(config, known=ways(nights)).done
    assert stored_version(db) == AFTER
    assert nights.site.fetch("SELECT asked FROM {local_greffe_run}") == [{"asked": "nightly%"}]


def test_no_way_from_here(nights: Nights, db: Database) -> None:
    """Beside the plugin it is Moodle's upgrade; from a schema that no step leads on from, another Greffe's."""
    nights.site.insert("config_plugins", plugin="local_greffe", name="version", value="2026112500")
    with pytest.raises(SiteNotReadyError) as error:
        migrate(nights.config(), known=ways(nights))
    assert f"schema {SCHEMA}" in str(error.value)
    assert stored_version(db) == SCHEMA
    nights.site.execute("DELETE FROM {config_plugins} WHERE plugin = 'local_greffe'")
    nights.site.execute("UPDATE {local_greffe_meta} SET value = '0'")
    with pytest.raises(ArgumentError, match="no step"):
        migrate(nights.config(), known=ways(nights))


def test_on_the_command_line(
    nights: Nights, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = nights.directory / "greffe.toml"
    file.write_text(moodle_table(nights.site.server, nights.site.dbname), encoding="utf-8")
    monkeypatch.setenv(PASSWORD, nights.site.password)
    assert run(["-c", str(file), "migrate"]) == Exit.DONE
    assert capsys.readouterr().out.startswith(f"There is nothing to do. Greffe's tables have schema {SCHEMA}")
    nights.site.execute("UPDATE {local_greffe_meta} SET value = %s", f"{SCHEMA}>{AFTER}")
    for command in ("migrate", "plan", "nightly"):
        assert run(["-c", str(file), command]) == Exit.NOT_READY
        assert "has begun and has not ended" in capsys.readouterr().err
    assert run(["-c", str(file), "health"]) == 3
