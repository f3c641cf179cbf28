"""From configuration to table, and what must not be there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from greffe.config import parse
from greffe.config.feeds import Feed
from greffe.config.secret import Secret
from greffe.errors import ConfigError, FeedError
from greffe.feed.opening import note_delivery, open_feed
from greffe.model import FeedCounts


def test_a_night_that_reads_files_imports_no_driver(tmp_path: Path) -> None:
    path = tmp_path / "ip.csv"
    path.write_text("A;B\n1;2\n")
    code = (
        "import sys\n"
        "from greffe.config.feeds import Feed\n"
        "from greffe.feed.opening import open_feed\n"
        f"print(list(open_feed('ip', Feed(csv={str(path)!r})).rows()))\n"
        "print({'psycopg', 'pymysql', 'ldap', 'oracledb'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[(2, ['1', '2'])]\nset()\n"


def test_the_delivery_is_written_down(tmp_path: Path) -> None:
    path = tmp_path / "ip.csv"
    path.write_bytes("A;B\n1;é".encode())
    os.utime(path, (1000, 1000))
    table = open_feed("ip", Feed(csv=str(path), encoding="cp1252"))
    list(table.rows())
    counts = FeedCounts(feed="ip", notes=["before"])
    note_delivery(table, counts)
    assert (counts.source, counts.delivered, counts.final_newline) == (str(path), 1000, False)
    assert counts.notes[0] == "before"
    assert "looks like UTF-8" in counts.notes[1]


@pytest.mark.parametrize(
    ("dsn", "words"),
    [
        ("postgresql://greffe:s3cret@sis/apogee", "a password in the dsn"),
        ("postgresql://greffe@sis/apogee?password=s3cret", "a password in the dsn"),
        ("mariadb://greffe:@sis/apogee", "a password in the dsn"),
        ("mysql://greffe@sis/apogee?sslPassword=s3cret", "a password in the dsn"),
        ("postgresql://[s3cret", "no valid address"),
        ("sqlite://greffe@sis/apogee", "a dsn begins with postgresql://, mariadb://, mysql://"),
        ("host=sis password=s3cret", "a dsn begins with postgresql://"),
    ],
)
def test_a_dsn_holds_no_password(dsn: str, words: str) -> None:
    config = {"moodle": {}, "feed": {"ia": {"dsn": dsn, "sql": "select 1"}}}
    for attempt in (
        lambda: parse(config, "greffe.toml"),
        lambda: open_feed("ia", Feed(dsn=dsn, sql="select 1")),
    ):
        with pytest.raises(ConfigError) as caught:
            attempt()
        assert "[feed.ia]" in str(caught.value)
        assert words in str(caught.value)
        assert "s3cret" not in str(caught.value) + caught.value.todo


@pytest.mark.parametrize("scheme", ["postgresql", "mariadb"])
def test_a_server_that_is_not_there(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIS_PASSWORD", "s3cret")
    feed = Feed(
        dsn=f"{scheme}://greffe@127.0.0.1:1/apogee", password=Secret(env="SIS_PASSWORD"), sql="select 1"
    )
    with pytest.raises(
        FeedError, match=rf"^\[feed\.ia\] {scheme}://greffe@127\.0\.0\.1:1/apogee: .*refused"
    ) as e:
        open_feed("ia", feed)
    assert "s3cret" not in str(e.value)


@pytest.mark.parametrize(
    ("feed", "package", "module"),
    [
        ("Feed(ldap=Directory(url='ldaps://h', base='dc=x'))", "python-ldap", "ldap"),
        ("Feed(dsn='oracle://h/x', sql='select 1 from dual')", "oracledb", "oracledb"),
    ],
)
def test_a_package_that_is_not_installed_is_named(feed: str, package: str, module: str) -> None:
    code = (
        f"import sys; sys.modules[{module!r}] = None\n"
        "from greffe.config.feeds import Feed\n"
        "from greffe.config.directory import Directory\n"
        "from greffe.errors import ConfigError\n"
        "from greffe.feed.opening import open_feed\n"
        f"try:\n    open_feed('ip', {feed})\nexcept ConfigError as e:\n    print(e, e.todo)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert f"needs python-{module}" in done.stdout
    assert f"pipx inject greffe {package} (" in done.stdout


def test_an_option_that_is_not_known_is_named() -> None:
    feed = Feed(dsn="mariadb://greffe@127.0.0.1:1/apogee?sokcet=/x", sql="select 1")
    with pytest.raises(FeedError, match="the dsn has the option sokcet; known are socket, ssl_ca"):
        open_feed("ia", feed)
