"""Every command that the documentation shows is typed, page by page, on a small campus."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from tests.docs import pages
from tests.docs.campus import Campus, campus_of, campus_template
from tests.docs.pages import Command
from tests.docs.session import Session
from tests.lab.server import Server
from tests.telling.post import Post, post


def shown() -> list[str]:
    """Pages that show a command."""
    return [n for n in pages.names() if any(b.commands() for b in pages.page(n).blocks())]


@pytest.fixture(scope="module")
def template(postgresql_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The campus that each page gets a copy of."""
    with campus_template(postgresql_server, tmp_path_factory.mktemp("first")) as name:
        yield name


@pytest.fixture(scope="module")
def letters() -> Iterator[Post]:
    """A mail server, for all pages."""
    with post() as server:
        yield server


@pytest.fixture
def campus(postgresql_server: Server, template: str, letters: Post, tmp_path: Path) -> Iterator[Campus]:
    """A campus for one page."""
    with campus_of(postgresql_server, template, tmp_path, letters.port) as made:
        yield made


def test_every_line_is_one_that_a_shell_reads() -> None:
    """Those too that cannot be typed here."""
    lines = [c.text for n in shown() for b in pages.page(n).blocks() for c in b.commands()]
    read = subprocess.run(["bash", "-n"], input="\n".join(lines), capture_output=True, text=True, check=False)
    assert (read.returncode, read.stderr) == (0, "")


@pytest.mark.parametrize(
    "line",
    [
        "greffe setup ecampus --yes",
        "greffe --debug setup ecampus --cron --yes",
        "greffe nightly --all",
        "greffe -c /etc/greffe/ecampus.toml health --all",
        "sudo /opt/greffe/bin/greffe new-command",
    ],
)
def test_what_could_touch_the_machine_is_not_typed(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def typed(words: list[str]) -> int:
        raise AssertionError(words)

    monkeypatch.setattr("tests.docs.session.run", typed)
    session = Session(cast("Campus", None), cast("pytest.CaptureFixture[str]", None), monkeypatch)
    session.line(Command("README.md", 1, line))
    assert session.wrong or "new-command" not in line


@pytest.mark.parametrize("name", shown())
def test_what_the_page_shows_can_be_typed(
    name: str, campus: Campus, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(campus.root)
    monkeypatch.setattr("tempfile.tempdir", str(campus.root / "tmp"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("GREFFE_CONFIG", str(campus.root / "greffe.toml"))
    session = Session(campus, capsys, monkeypatch)
    blocks = list(pages.page(name).blocks())
    for number, block in enumerate(blocks):
        session.goes_on |= any(b.language == "toml" for b in blocks[number:])
        session.block(block)
    assert not session.wrong, "\n\n".join(session.wrong)
