"""Lines about a run for machines and for who looks later: text, JSON, or the journal of systemd.

One id goes through all lines of an invocation, and the run's number once there is one. No line at the default level names a
person. As a library Greffe writes none, unless whoever uses it listens to the logger ``greffe``. What only some forms need
is imported by these: every command begins here, and few of them write lines.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

FORMATS = ("text", "json", "journald")
JOURNAL = Path("/run/systemd/journal/socket")
_LOGGER = logging.getLogger("greffe")
_LOGGER.addHandler(logging.NullHandler())  # else Python itself would print warnings
_INVOCATION: ContextVar[tuple[str, str]] = ContextVar("greffe_invocation", default=("", ""))
_RUN: ContextVar[int] = ContextVar("greffe_run", default=0)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
"""Level → as syslog numbers them."""


def event(name: str, text: str, *, level: int = logging.INFO, **fields: object) -> None:
    """One line. ``name`` stays the same whatever the words are; ``fields`` are figures and names of places, never of people."""
    if _LOGGER.isEnabledFor(level):
        facts = {"id": _INVOCATION.get()[1], "site": _INVOCATION.get()[0], "run": _RUN.get(), "event": name}
        _LOGGER.log(level, "%s", text, extra={"facts": {k: v for k, v in facts.items() if v} | fields})


def about_run(run: int) -> None:
    """From now on lines are about this run."""
    _RUN.set(run)


def start(form: str | None, file: str | None = None, level: str = "info", site: str = "") -> None:
    """Write lines from now on, in place of what was started before. ``form``: one of FORMATS; None: only where stderr is the
    journal. ``file``: where text and JSON go instead of stderr. Raises OSError."""
    stop()
    # one id through a service's lines and systemd's own about it
    number = _INVOCATION.get()[1] or os.environ.get("INVOCATION_ID") or os.urandom(16).hex()
    _INVOCATION.set((site, number))
    if form is None and not in_journal():
        return
    handler: logging.Handler
    if form in (None, "journald"):
        handler = Journal(JOURNAL) if JOURNAL.exists() else _Stream(sys.stderr)
        handler.setFormatter(_Prefixed())
    else:
        handler = _file(file) if file else _Stream(sys.stderr)
        handler.setFormatter(_Json() if form == "json" else _Text())
    _LOGGER.addHandler(handler)
    _LOGGER.setLevel(level.upper())


def stop() -> None:
    """Close what ``start`` opened."""
    for handler in list(_LOGGER.handlers):
        if not isinstance(handler, logging.NullHandler):
            _LOGGER.removeHandler(handler)
            with suppress(OSError):  # what it could not write it has said
                handler.close()
    _LOGGER.setLevel(logging.NOTSET)
    _RUN.set(0)


def in_journal() -> bool:
    """Whether stderr is the journal, as systemd says."""
    try:
        there = os.fstat(sys.stderr.fileno())
    except (AttributeError, OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{there.st_dev}:{there.st_ino}"


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    found: dict[str, Any] = getattr(record, "facts", {})
    return found


def _in_one_line(record: logging.LogRecord) -> str:
    """A course's name must forge no line of its own, nor steer the terminal that shows it."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", record.getMessage())


class _Patient(logging.Handler):
    """A line that cannot be written (a full disk, a file that logrotate has made for another account) ends no night, and costs
    no traceback: it is said once."""

    _said = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write it."""
        try:
            super().emit(record)
        except OSError:  # opening the file anew
            self.handleError(record)

    def handleError(self, _record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say that lines are lost, the first time."""
        if not self._said and sys.stderr is not None:
            self._said = True
            with suppress(OSError, ValueError):  # it may be what cannot be written
                sys.stderr.write(f"greffe: lines of the log are lost: {sys.exc_info()[1]}\n")


class _Stream(_Patient, logging.StreamHandler[TextIO]):
    """stderr."""


def _file(path: str) -> logging.Handler:
    from logging.handlers import WatchedFileHandler

    class Watched(_Patient, WatchedFileHandler):
        """logrotate may move it away while a night runs."""

    return Watched(path, encoding="utf-8", errors="backslashreplace")


class _Text(logging.Formatter):
    """``2026-11-28 02:00:01 INFO ecampus 1f0c… run 41: it ended: done``."""

    def format(self, record: logging.LogRecord) -> str:
        facts = _facts(record)
        moment = datetime.fromtimestamp(record.created, UTC).astimezone()
        run = f" run {facts['run']}" if "run" in facts else ""
        words = f"{moment:%Y-%m-%d %H:%M:%S} {record.levelname} {facts.get('site', '-')} {facts.get('id', '-')[:8]}{run}"
        return f"{words}: {_in_one_line(record)}"


class _Json(logging.Formatter):
    """One object a line."""

    def format(self, record: logging.LogRecord) -> str:
        import json

        moment = datetime.fromtimestamp(record.created, UTC)
        line = {"time": moment.isoformat(timespec="milliseconds"), "level": record.levelname.lower()}
        return json.dumps(
            line | _facts(record) | {"message": record.getMessage()}, ensure_ascii=False, default=str
        )


class _Prefixed(logging.Formatter):
    """``<4>text``: the journal takes the number for the priority of a line on stderr."""

    def format(self, record: logging.LogRecord) -> str:
        facts = _facts(record)
        run = f" (run {facts['run']})" if "run" in facts else ""
        return f"<{_PRIORITIES.get(record.levelno, 6)}>{facts.get('site', 'greffe')}: {_in_one_line(record)}{run}"


class Journal(_Patient):
    """systemd's own protocol: fields that ``journalctl GREFFE_RUN=41`` finds. One datagram a line."""

    def __init__(self, path: Path) -> None:
        import socket

        super().__init__()
        self._path = str(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    def emit(self, record: logging.LogRecord) -> None:
        """Send it."""
        fields = {
            "MESSAGE": record.getMessage(),
            "PRIORITY": _PRIORITIES.get(record.levelno, 6),
            "SYSLOG_IDENTIFIER": "greffe",
        }
        fields |= {f"GREFFE_{k.upper()}": v for k, v in _facts(record).items()}
        try:
            self._socket.sendto(b"".join(_field(k, v) for k, v in fields.items()), self._path)
        except OSError:
            self.handleError(record)

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()
        super().close()


def _field(name: str, value: object) -> bytes:
    """``NAME=value``, or with its length where the value has lines of its own."""
    import json

    text = (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)).encode(
        errors="replace"
    )
    if b"\n" not in text:
        return name.encode() + b"=" + text + b"\n"
    return name.encode() + b"\n" + len(text).to_bytes(8, "little") + text + b"\n"
