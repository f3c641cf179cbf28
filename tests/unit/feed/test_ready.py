"""Queries by name or by file."""

from __future__ import annotations

from pathlib import Path

import pytest

from greffe.config import parse
from greffe.config.feeds import Feed
from greffe.errors import ConfigError
from greffe.feed.ready import ready_queries, statement_of


def test_each_says_what_it_gives_and_reads() -> None:
    assert [query.name for query in ready_queries()] == ["apogee/ia", "apogee/ip", "apogee/years"]
    for query in ready_queries():
        assert "Gives:" in query.about
        assert "Reads:" in query.about
        assert query.text.startswith("SELECT ")
        assert statement_of("[feed.x]", Feed(dsn="oracle://h/x", query=query.name)) == query.text


def test_a_file_of_the_site(tmp_path: Path) -> None:
    file = tmp_path / "ia.sql"
    file.write_text("-- ours\n\nselect 1 as a\n  from dual;\n", encoding="utf-8")
    assert statement_of("[feed.x]", Feed(dsn="oracle://h/x", query=str(file))) == "select 1 as a\n  from dual"
    file.write_bytes(b"-- \xe9")
    with pytest.raises(ConfigError, match=r"^\[feed\.x\]: .* is not UTF-8 \(byte 3\)"):
        statement_of("[feed.x]", Feed(dsn="oracle://h/x", query=str(file)))
    with pytest.raises(ConfigError, match=r"^\[feed\.x\]: .*/none\.sql cannot be read"):
        statement_of("[feed.x]", Feed(dsn="oracle://h/x", query=str(tmp_path / "none.sql")))


def test_a_name_that_is_none() -> None:
    with pytest.raises(ConfigError, match="there is no query 'apogee/ie'") as caught:
        statement_of("[feed.x]", Feed(dsn="oracle://h/x", query="apogee/ie"))
    assert caught.value.todo.startswith("Known names: apogee/ia, apogee/ip, apogee/years; or give a file")
    with pytest.raises(ConfigError, match="query needs a dsn"):
        parse({"moodle": {}, "feed": {"ia": {"query": "apogee/ia"}}}, "greffe.toml")
