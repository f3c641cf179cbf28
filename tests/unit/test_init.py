"""A new greffe.toml, with and without a config.php."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from greffe.commands.init import init
from greffe.config import load
from greffe.config.moodle import Moodle
from greffe.config.secret import Secret
from greffe.errors import ConfigError, DatabaseError
from greffe.moodle.settings import settings_of

PHP = """<?php
$CFG = new stdClass();
$CFG->dbtype = 'pgsql';
$CFG->dbhost = getenv('DB_HOST');
$CFG->dbname = 'moodle';
$CFG->dbuser = 'moodle';
$CFG->dbpass = 's3cret';
$CFG->prefix = 'mdl_';
require_once(__DIR__ . '/lib/setup.php');
"""


def test_an_empty_start(tmp_path: Path) -> None:
    file = tmp_path / "greffe.toml"
    assert init(file) == []
    config = load(file)
    assert config.moodle == Moodle()
    assert config.feed == {}
    assert "# type = " in file.read_text()


def test_every_commented_line_is_right_when_uncommented(tmp_path: Path) -> None:
    file = tmp_path / "greffe.toml"
    init(file)
    lines = file.read_text().splitlines()
    keys = [line[2:] for line in lines if line.startswith("# ") and (" = " in line or line.startswith("# ["))]
    file.write_text("\n".join(["[moodle]", *keys]))
    config = load(file)
    assert config.moodle.name == "moodle"
    assert list(config.feed) == ["ip", "directory"]
    assert config.course[0].role == "student"
    assert config.cohort[0].gone == "keep"
    assert len(config.calendar.blackout) == 1
    assert config.guards.feed.at_most == 2000


def test_a_reader_sees_where_each_table_begins(tmp_path: Path) -> None:
    file = tmp_path / "greffe.toml"
    init(file)
    blocks = [block.splitlines() for block in file.read_text().split("\n\n")]
    headings = [[line for line in block if line.startswith(("# [", "["))] for block in blocks]
    assert all(len(h) <= 1 for h in headings), "two tables without an empty line between them"
    assert ["# [retention]"] in headings


def test_from_a_config_php(tmp_path: Path) -> None:
    php = tmp_path / "config.php"
    php.write_text(PHP.replace("getenv('DB_HOST')", "'db'"))
    file = tmp_path / "greffe.toml"
    assert init(file, php) == []
    assert "s3cret" not in file.read_text()
    assert settings_of(load(file).moodle).host == "db"


def test_what_config_php_leaves_open_is_asked_for(tmp_path: Path) -> None:
    php = tmp_path / "config.php"
    php.write_text(PHP)
    file = tmp_path / "greffe.toml"
    (note,) = init(file, php)
    assert "line 4 (dbhost) comes from the environment" in note
    text = file.read_text()
    assert "line 4 (dbhost) comes from the environment" in text
    with pytest.raises(ConfigError, match=r"line 4 .dbhost"):
        settings_of(load(file).moodle)
    file.write_text(text.replace('# host = ""', 'host = "db"'))
    assert settings_of(load(file).moodle).host == "db"


def test_hostile_names_stay_values(tmp_path: Path) -> None:
    file = tmp_path / "greffe.toml"
    given = Moodle(
        type="pgsql",
        name='x"\n[run]\non_bad_feed = "stop" \x7f\x01é',
        user="u",
        port=5433,
        password=Secret(command="pass show 'a b'"),
    )
    init(file, moodle=given)
    assert load(file).moodle == given


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written"):
        init(tmp_path / "no" / "greffe.toml")


def test_a_server_that_does_not_answer(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    nobody = Moodle(type="pgsql", host="127.0.0.1", port=port, name="moodle", user="moodle", prefix="mdl_")
    with pytest.raises(DatabaseError) as e:
        init(tmp_path / "greffe.toml", from_enrol_database=True, moodle=nobody)
    assert "Check host, port, name, user and password" in e.value.todo
    assert not (tmp_path / "greffe.toml").exists()
