"""Commands as an operator types them, on a site with its greffe.toml."""

from __future__ import annotations

import io
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from greffe.cli import run
from tests.lab.site import MoodleSite
from tests.lab.toml import PASSWORD, moodle_table

HOSTILE = "<script>alert(1)</script>"


class Terminal(io.StringIO):
    """Somebody who sits there and types."""

    def isatty(self) -> bool:
        return True


@dataclass
class Commands:
    """The command line with the greffe.toml of a directory."""

    directory: Path
    capsys: pytest.CaptureFixture[str]
    err: str = ""
    """What the last command said there."""

    def __call__(self, *arguments: str) -> tuple[int, str]:
        """Exit code and stdout."""
        self.capsys.readouterr()
        code = run(["-c", str(self.directory / "greffe.toml"), *arguments])
        out, self.err = self.capsys.readouterr()
        return code, out

    def json(self, *arguments: str) -> tuple[int, Any]:
        """Exit code and the document; stdout holds nothing else."""
        code, out = self(*arguments, "--json")
        document = json.loads(out)
        if isinstance(document, dict) and "exit" in document:
            assert document["exit"] == code
        return code, document


@dataclass
class Site(Commands):
    """A site with its greffe.toml, and the command line for it."""

    site: MoodleSite = field(kw_only=True)

    def configure(self, more: str = "") -> None:
        """Write greffe.toml."""
        (self.directory / "greffe.toml").write_text(
            moodle_table(self.site.server, self.site.dbname)
            + f"[feed.ip]\ncsv = '{self.directory / 'ip.csv'}'\nperson = 'who'\n"
            f"[[course]]\nfeed = 'ip'\ncourse = '{{{{ course }}}}'\n"
            f"[run]\nreports = '{self.directory / 'reports'}'\n{more}",
            encoding="utf-8",
        )

    def deliver(self, people: range | list[str], course: str = "C1") -> None:
        """Tonight's extract."""
        who = [f"s{n}" if isinstance(n, int) else n for n in people]
        rows = "".join(f"{w};{course}\n" for w in who)
        (self.directory / "ip.csv").write_text("who;course\n" + rows, encoding="utf-8")


@pytest.fixture
def site(moodle_site: MoodleSite, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Site:
    """One course with a name that means harm, and a hundred people."""
    os.environ[PASSWORD] = moodle_site.password
    moodle_site.add_courses(
        [{"shortname": HOSTILE, "idnumber": "C1"}, {"shortname": "Two", "idnumber": "C2"}]
    )
    moodle_site.add_users([{"username": f"u{n}", "idnumber": f"s{n}"} for n in range(100)])
    (tmp_path / "reports").mkdir()
    found = Site(tmp_path, capsys, site=moodle_site)
    found.configure()
    found.deliver(range(100))
    return found
