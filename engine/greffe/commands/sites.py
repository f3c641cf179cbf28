"""Several sites, one configuration each: every one in a process of its own.

So none can take another's memory, signals or environment along when it fails, and each has its own locks, journal and
reports as if it had been started alone.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any

import msgspec

from greffe.errors import ArgumentError, Exit
from greffe.report.document import Document
from greffe.report.texts import headline

LONGEST = 6 * 3600
"""Seconds that one site may take, as in the unit (TimeoutStartSec=)…"""
FINISHING = 600
"""…and that it has to finish or undo its transaction once it is stopped (TimeoutStopSec=)."""


class Outcome(msgspec.Struct, kw_only=True):
    """How the command ended for one site."""

    site: str
    """The name of its configuration."""
    file: str
    exit: int
    run: int = 0
    state: str = ""
    text: str = ""
    """In a sentence, or what was wrong."""
    said: str = ""
    """What it wrote to stderr."""
    document: Any = None
    """Its own document; None where it gave none."""


def sites(directory: Path) -> list[Path]:
    """The configurations of a directory, in the order of their names. Raises ArgumentError where there is none."""
    try:
        found = sorted(p for p in directory.iterdir() if p.suffix == ".toml" and p.is_file())
    except OSError as e:
        raise ArgumentError(
            f"{directory}: cannot be read: {e.strerror}", todo="Name the directory of the sites: --directory."
        ) from e
    if not found:
        raise ArgumentError(
            f"{directory}: holds no configuration (*.toml)",
            todo=f"Write one for each site: `greffe init --out {directory}/SITE.toml`; or name another --directory.",
        )
    return found


def for_each(
    files: Sequence[Path],
    words: str,
    parallel: int = 1,
    *,
    log: str | None = None,
    heard: Callable[[Outcome], None] | None = None,
) -> list[Outcome]:
    """Run ``greffe -c FILE WORDS --json`` for each file; how each ended, in the order of the files.

    ``heard``: told as each ends; None: what they write to stderr goes there at once. Where this process is asked to stop
    (SIGINT, SIGTERM), each that runs is, and is waited for; those that have not begun do not.
    """
    running: set[subprocess.Popen[str]] = set()
    lock, stopping = Lock(), False

    def one(file: Path) -> Outcome:
        options = ["--log", log] if log else []
        command = [sys.executable, "-P", "-m", "greffe", "-c", str(file), *options, *words.split(), "--json"]
        with lock:
            if stopping:
                return Outcome(
                    site=file.stem,
                    file=str(file),
                    exit=Exit.INTERRUPTED,
                    text="not begun: stopped by a signal",
                )
            process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE if heard else None,
                text=True,
                errors="replace",
                start_new_session=True,  # Ctrl-C reaches this process alone, which passes it on once
            )
            running.add(process)
        out, said, late = _heard_out(process)
        with lock:
            running.discard(process)
        outcome = _outcome(file, process.returncode, out, said or "")
        if late:
            outcome.text = f"stopped: it had not ended after {LONGEST // 3600} hours; the next night finishes"
        if heard:
            heard(outcome)
        return outcome

    with ThreadPoolExecutor(max_workers=parallel) as pool:
        waiting = [pool.submit(one, file) for file in files]
        while True:
            try:
                return [w.result() for w in waiting]
            except KeyboardInterrupt:
                with lock:
                    stopping = True
                    for process in running:
                        process.send_signal(signal.SIGTERM)


def _heard_out(process: subprocess.Popen[str]) -> tuple[str, str | None, bool]:
    """(stdout, stderr, whether it had to be stopped): whoever hangs must not keep the sites after it from their night."""
    late = False
    for limit, stop in ((LONGEST, process.terminate), (FINISHING, process.kill)):
        try:
            out, said = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            late = True
            stop()
        else:
            return out, said, late
    out, said = process.communicate()
    return out, said, late


def _outcome(file: Path, code: int, out: str, said: str) -> Outcome:
    known = code if code in set(Exit) else Exit.BUG
    found = Outcome(site=file.stem, file=str(file), exit=known, said=said)
    if code < 0:
        name = signal.Signals(-code).name
        found.exit, found.text = Exit.INTERRUPTED, f"ended by {name}; the next night finishes"
        return found
    try:
        found.document = msgspec.json.decode(out)
    except msgspec.MsgspecError:
        found.text = "gave no document"
        return found
    if "error" in found.document:
        found.text = found.document["error"].partition("\n")[0]  # a driver has many lines to say
        return found
    if "findings" in found.document:
        stops = [f["what"] for f in found.document["findings"] if f["severity"] not in ("ok", "warn")]
        found.text = "; ".join(stops) or "Nothing stops a night."
        return found
    document = msgspec.convert(found.document, Document)
    found.run, found.state, found.text = document.run, document.state, headline(document)
    return found
