"""What belongs where on a machine, after Debian's customs: configuration in /etc, state in /var/lib, logs in /var/log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from greffe.setup.written import marked

ACCOUNT = "greffe"
_TEMPLATES = Path(__file__).parent / "templates"
_UNITS = "/etc/systemd/system"
#: comments of the files that are no shell's and no unit's
_COMMENTS = {".1": '.\\"'}


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory."""

    path: str
    mode: int
    own: bool
    """Whether it is the account's own; else it is root's, and the account reads it."""


@dataclass(frozen=True, slots=True)
class File:
    """A file with all its text."""

    path: str
    text: str
    mode: int = 0o644
    theirs: bool = False
    """Whether it is whoever administers this machine who writes it: once it is there, it is left alone."""


def directories(site: str) -> list[Directory]:
    """Those of one site, each after the one that it is in."""
    return [
        Directory("/etc/greffe", 0o750, own=False),
        Directory("/var/lib/greffe", 0o750, own=True),
        Directory(f"/var/lib/greffe/{site}", 0o750, own=True),
        Directory(f"/var/lib/greffe/{site}/reports", 0o750, own=True),
        Directory("/var/log/greffe", 0o750, own=True),
    ]


def configuration(site: str) -> str:
    """Where a site's configuration is."""
    return f"/etc/greffe/{site}.toml"


def cron_file(site: str) -> str:
    """Where cron looks for its night."""
    return f"/etc/cron.d/greffe-{site}"


def secrets(site: str) -> File:
    """Where its passwords can stand."""
    return File(f"/etc/greffe/{site}.env", _filled("env", site, ""), 0o640, theirs=True)


def scheduled(site: str, program: str, *, cron: bool) -> list[File]:
    """What runs the night: units for all sites, or one line of cron for this one."""
    if cron:
        return [File(cron_file(site), _filled("cron", site, program), theirs=True)]
    names = ("greffe@.service", "greffe@.timer", "greffe-failed@.service")
    return [_written(f"{_UNITS}/{name}", _filled(name, site, program)) for name in names]


def helpers(texts: Mapping[str, str]) -> list[File]:
    """What helps at the terminal: ``texts`` by their paths below /usr/local/share."""
    return [_written(f"/usr/local/share/{path}", text) for path, text in texts.items()]


def _written(path: str, text: str) -> File:
    return File(path, marked(text, _COMMENTS.get(Path(path).suffix, "#")))


def _filled(template: str, site: str, program: str) -> str:
    text = (_TEMPLATES / template).read_text(encoding="utf-8")
    return text.replace("@SITE@", site).replace("@PROGRAM@", program)
