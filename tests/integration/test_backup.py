"""Greffe's own tables as one file, and back: whole, private, in bounded memory, of this site alone."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import stat
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from greffe.apply.schema import RESTORING, ensure_tables
from greffe.cli import run
from greffe.commands.backup import backup, restore
from greffe.commands.migrate import migrate
from greffe.commands.runs import runs
from greffe.errors import ArgumentError, DatabaseError, Exit, RefusedError, SiteNotReadyError
from greffe.moodle.database import Database, connect
from greffe.moodle.owntables import tables
from tests.integration.commandline import Terminal
from tests.integration.nights import Nights
from tests.lab.server import Server
from tests.lab.site import MoodleSite, fresh_site
from tests.lab.toml import PASSWORD, moodle_table

NASTY = 'é "quoted" \\ back\n\tline 🎓 %s {x} \x7f ’'


@pytest.fixture
def nights(moodle_site: MoodleSite, tmp_path: Path) -> Nights:
    """A site on which a night was run, with rows of every kind of text."""
    return lived(moodle_site, tmp_path)


@pytest.fixture
def one(postgresql_server: Server, tmp_path: Path) -> Iterator[Nights]:
    """The same on one of the databases, for what is decided before any of them is written to."""
    with fresh_site(postgresql_server, "") as site:
        yield lived(site, tmp_path)


@pytest.fixture
def kept(nights: Nights) -> Path:
    """A backup of it."""
    file = nights.directory / "kept.jsonl.gz"
    assert backup(nights.config(), file).done
    return file


def lived(site: MoodleSite, directory: Path) -> Nights:
    """A night was run there."""
    site.add_course("LAW1", idnumber="LAW1")
    site.add_user("u1", idnumber="1")
    made = Nights(site, directory)
    made.feed("ip", "course;who", ["LAW1;1", "LAW1;2"], unknown_people="none")
    made.rule("ip", role="student")
    name_it(site)
    assert made.night().counts["enrol"] == 1
    site.insert("local_greffe_message", subject=NASTY, body=NASTY, state="queued", recipients=None)
    site.insert("local_greffe_message", subject="", body="", state="sent", error=None)
    return made


def name_it(site: MoodleSite) -> None:
    """Give the site the identifier that Moodle's installer would have made."""
    site.execute("DELETE FROM {config} WHERE name = 'siteidentifier'")
    site.insert("config", name="siteidentifier", value="this-site")


@contextmanager
def connected(site: MoodleSite) -> Iterator[Database]:
    """A connection to one of several sites."""
    db = connect(site.settings)
    yield db
    db.close()


def content(site: MoodleSite) -> dict[str, list[dict[str, Any]]]:
    return {t: site.fetch(f"SELECT * FROM {{{t}}} ORDER BY id") for t in tables(site.engine)}


def version(site: MoodleSite) -> str:
    return str(site.fetch("SELECT value FROM {local_greffe_meta} WHERE name = 'schema'")[0]["value"])


def rewrite(file: Path, change: Callable[[list[bytes]], None], *, sign: bool = True) -> Path:
    """The same backup with other lines; ``sign``: and the checksum that fits them."""
    lines = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
    change(lines)
    if sign:
        digest = hashlib.sha256(b"".join(lines[:-1])).hexdigest()
        lines[-1] = b'{"sha256":"' + digest.encode() + b'"}\n'
    other = file.with_name("other.jsonl.gz")
    other.write_bytes(gzip.compress(b"".join(lines)))
    return other


def head(**changes: object) -> Callable[[list[bytes]], None]:
    def change(lines: list[bytes]) -> None:
        lines[0] = json.dumps(json.loads(lines[0]) | changes).encode() + b"\n"

    return change


def test_there_and_back(nights: Nights, kept: Path) -> None:
    config, before = nights.config(), content(nights.site)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [p.name for p in kept.parent.iterdir() if p.name.startswith(".")] == []
    is_readable_without_greffe(nights, kept)
    with pytest.raises(RefusedError, match="hold rows already"):
        restore(config, kept)
    assert not restore(config, kept, replace=True, dry_run=True).done
    assert content(nights.site) == before
    nights.night()
    nights.site.execute("DELETE FROM {local_greffe_change}")
    told = restore(config, kept, replace=True)
    assert told.done
    assert told.rows == sum(len(rows) for t, rows in before.items() if t != "local_greffe_meta")
    assert content(nights.site) == before
    # what comes after gets ids of its own
    after = nights.night().run
    assert after > 1
    assert [r.id for r in runs(config)] == [after, 1]


def is_readable_without_greffe(nights: Nights, kept: Path) -> None:
    lines = gzip.decompress(kept.read_bytes()).splitlines(keepends=True)
    first = json.loads(lines[0])
    assert first["greffe_backup"] == 1
    assert first["site"] == "this-site"
    assert len(lines) == 2 + sum(t["rows"] for t in first["tables"])
    assert json.loads(lines[-1]) == {"sha256": hashlib.sha256(b"".join(lines[:-1])).hexdigest()}
    again = nights.directory / "again.jsonl.gz"
    backup(nights.config(), again)
    assert gzip.decompress(again.read_bytes()).splitlines(keepends=True)[1:-1] == lines[1:-1]


def test_into_a_site_without_tables(nights: Nights, kept: Path) -> None:
    before = content(nights.site)
    for table in tables(nights.site.engine):
        nights.site.execute(f"DROP TABLE {{{table}}}")
    assert not restore(nights.config(), kept, dry_run=True).done
    assert restore(nights.config(), kept).done
    assert content(nights.site) == before


DAMAGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "cut short": (lambda b: b[:-40], "cut short or damaged"),
    "a hole": (lambda b: b[:-60] + bytes(4) + b[-56:], "damaged|not those that were"),
    "something else": (
        lambda _: b"course;who\nLAW1;1\n",
        "is no backup of Greffe's: it is not compressed with gzip$",
    ),
    "no text": (lambda _: gzip.compress(b"\xff\xfe\n"), "is no backup"),
    "nothing": (lambda _: b"", "is no backup"),
}


def test_damaged_or_of_another_site_or_schema(one: Nights) -> None:
    kept = one.directory / "kept.jsonl.gz"
    backup(one.config(), kept)
    before, whole = content(one.site), kept.read_bytes()
    spoilt = kept.with_name("spoilt.jsonl.gz")
    for name, (spoil, words) in DAMAGES.items():
        spoilt.write_bytes(spoil(whole))
        with pytest.raises(RefusedError) as error:
            restore(one.config(), spoilt, replace=True)
        assert re.search(words, str(error.value)), name
    for change in (lambda ls: ls.pop(3), lambda ls: ls.insert(3, ls[2])):
        with pytest.raises(RefusedError, match="not those that were"):
            restore(one.config(), rewrite(kept, change, sign=False), replace=True)
    with pytest.raises(RefusedError, match="format 2"):
        restore(one.config(), rewrite(kept, head(greffe_backup=2)), replace=True)
    for changes, words in (
        ({"site": "elsewhere"}, "another Moodle"),
        ({"schema": "99"}, "schema 99"),
        ({"schema": "0"}, "greffe migrate"),
    ):
        with pytest.raises(RefusedError) as error:
            restore(one.config(), rewrite(kept, head(**changes)), replace=True)
        assert words in f"{error.value} {error.value.todo}"
    one.site.execute("DELETE FROM {config} WHERE name = 'siteidentifier'")
    nameless = rewrite(kept, head(site="", place="mariadb://elsewhere:3306/sante, prefix 'mdl_'"))
    with pytest.raises(
        RefusedError, match="neither has an identifier, and it was made on mariadb://elsewhere"
    ) as error:
        restore(one.config(), nameless, replace=True)
    assert "(-c)" in error.value.todo
    backup(one.config(), nameless)
    assert restore(one.config(), nameless, replace=True, dry_run=True).rows
    name_it(one.site)
    odd = json.loads(gzip.decompress(kept.read_bytes()).splitlines()[0])["tables"]
    odd[0]["columns"][0] = "id) VALUES (1); --"
    with pytest.raises(RefusedError, match="other columns"):
        restore(one.config(), rewrite(kept, head(tables=odd)), replace=True)
    assert content(one.site) == before


def test_a_restore_that_was_cut_off(nights: Nights, kept: Path) -> None:
    """Nobody works with half of it, and the same command begins anew."""
    before = content(nights.site)
    change = json.dumps({"id": "no number", "runid": 1}).encode() + b"\n"

    def broken(lines: list[bytes]) -> None:
        at = next(i for i, line in enumerate(lines) if b'"runid"' in line and b'"action"' in line and i)
        lines[at] = change

    with pytest.raises(DatabaseError):
        restore(nights.config(), rewrite(kept, broken), replace=True)
    assert version(nights.site) == RESTORING
    for command in (
        nights.night,
        lambda: runs(nights.config()),
        lambda: backup(nights.config(), kept.with_name("x")),
    ):
        with pytest.raises(SiteNotReadyError, match="restore"):
            command()
    assert restore(nights.config(), kept).done
    assert content(nights.site) == before


def test_beside_the_plugin_nothing_is_told_or_sent_twice(nights: Nights, kept: Path) -> None:
    nights.site.insert("config_plugins", plugin="local_greffe", name="version", value="2026112500")
    restore(nights.config(), kept, replace=True)
    changes = nights.site.fetch("SELECT relayed, outcome FROM {local_greffe_change}")
    assert changes
    assert all(c["relayed"] > 0 and c["outcome"] == "older" for c in changes)
    states = nights.site.fetch("SELECT state, subject FROM {local_greffe_message} ORDER BY id")
    assert states == [{"state": "refused", "subject": NASTY}, {"state": "sent", "subject": ""}]


def test_another_greffe_is_at_work(nights: Nights, kept: Path) -> None:
    from greffe.commands._session import open_site

    nights.more["moodle"] = {"lock_wait": "1s"}
    config = nights.config()
    with open_site(config) as session, session.locked(()):
        for command in (lambda: backup(config, kept), lambda: restore(config, kept), lambda: migrate(config)):
            with pytest.raises(SiteNotReadyError, match="another greffe"):
                command()


def test_memory_does_not_grow_with_the_journal(nights: Nights) -> None:
    with nights.site.rows() as rows:
        rows.insert("local_greffe_change", [{"runid": 1, "oldrow": "x" * 200} for _ in range(5_000)])
    before, file = content(nights.site), nights.directory / "large.jsonl.gz"
    tracemalloc.start()
    try:
        backup(nights.config(), file)
        restore(nights.config(), file, replace=True)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 9e6
    assert content(nights.site) == before


def test_without_tables(moodle_site: MoodleSite, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="no tables here yet"):
        backup(Nights(moodle_site, tmp_path).config(), tmp_path / "x.gz")
    assert not (tmp_path / "x.gz").exists()


def test_on_the_command_line(
    nights: Nights, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config, file = nights.directory / "greffe.toml", nights.directory / "b.jsonl.gz"
    config.write_text(moodle_table(nights.site.server, nights.site.dbname), encoding="utf-8")
    monkeypatch.setenv(PASSWORD, nights.site.password)
    assert run(["-c", str(config), "backup", str(file)]) == Exit.DONE
    assert f"are in {file}" in capsys.readouterr().out
    assert run(["-c", str(config), "restore", str(file), "--json"]) == Exit.REFUSED
    assert json.loads(capsys.readouterr().out)["kind"] == "RefusedError"
    assert run(["-c", str(config), "restore", str(file), "--replace", "--dry-run"]) == Exit.DONE
    assert "are whole, and would come back" in capsys.readouterr().out
    before = content(nights.site)
    monkeypatch.setattr("sys.stdin", None)  # nobody who could answer
    assert run(["-c", str(config), "restore", str(file), "--replace"]) == Exit.USAGE
    assert "give --yes" in capsys.readouterr().err
    assert content(nights.site) == before
    replace_when_asked(str(config), str(file), monkeypatch, capsys)
    assert content(nights.site) == before
    assert run(["-c", str(config), "restore", str(file), "--replace", "--yes", "--json"]) == Exit.DONE
    assert json.loads(capsys.readouterr().out)["done"] is True
    assert run(["-c", str(config), "backup", str(nights.directory / "no" / "b.gz")]) == Exit.USAGE
    assert run(["-c", str(config), "restore", str(nights.directory / "none.gz")]) == Exit.USAGE


def replace_when_asked(
    config: str, file: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says what goes and what comes; only a yes replaces anything."""
    for answer, end in (("n", "Nothing was done."), ("y", f"are back from {file}.")):
        monkeypatch.setattr("sys.stdin", Terminal(answer + "\n"))
        assert run(["-c", config, "restore", file, "--replace"]) == Exit.DONE
        out = capsys.readouterr().out
        assert "of Greffe's tables go" in out
        assert out.rstrip().endswith(end)


def test_from_mariadb_to_postgresql_and_back(
    mariadb_server: Server, postgresql_server: Server, tmp_path: Path
) -> None:
    """Moodle moves to another database, and Greffe's register with it."""
    with fresh_site(mariadb_server, "") as first, fresh_site(postgresql_server, "") as second:
        for site in (first, second):
            name_it(site)
        with connected(first) as db:
            ensure_tables(db)
        run_id = first.insert("local_greffe_run", kind="nightly", state="done", error=NASTY, counts=None)
        first.insert(
            "local_greffe_change", runid=run_id, action="enrol", oldrow=None, newrow=json.dumps({"é": NASTY})
        )
        first.insert("local_greffe_message", subject=NASTY, state="sent")
        before, there, back = content(first), tmp_path / "there.gz", tmp_path / "back.gz"
        backup(Nights(first, tmp_path).config(), there)
        restore(Nights(second, tmp_path).config(), there)
        assert content(second) == before
        backup(Nights(second, tmp_path).config(), back)
        first.execute("DELETE FROM {local_greffe_run}")
        restore(Nights(first, tmp_path).config(), back, replace=True)
        assert content(first) == before
