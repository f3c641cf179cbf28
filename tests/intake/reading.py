"""A reading of a file as plain JSON: what was told, asked and noted, and each line without what it does not say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from greffe.errors import GreffeError
from greffe.intake.lines import Line, RefusedLine
from greffe.intake.opening import OpenedFile, open_batchfile
from greffe.intake.wants import Wants

NOW = 1_788_213_600 + 8 * 3600
"""The morning of 2026-09-01 in Paris."""
PARIS = ZoneInfo("Europe/Paris")


def opened(path: Path, how: Mapping[str, Any]) -> OpenedFile:
    """The file as a corpus's entry wants it read."""
    return open_batchfile(
        path, wants=[Wants(w) for w in how["wants"]], **how.get("options", {}), zone=PARIS, now=NOW
    )


def reading(path: Path, how: Mapping[str, Any]) -> dict[str, Any]:
    """What the reader makes of it."""
    try:
        file = opened(path, how)
        lines = [plain(line) for line in file.lines()] if not file.doubts else []
        return {
            "told": file.told,
            "header": list(file.header),
            "doubts": [
                {"option": d.option, "question": d.question, "choices": list(d.choices)} for d in file.doubts
            ],
            "notes": list(file.notes),
            "lines": lines,
        }
    except GreffeError as e:
        return {"error": f"{type(e).__name__}: {str(e).replace(str(path), path.name)}"}


def plain(line: Line | RefusedLine) -> dict[str, Any]:
    """A line by its class and by what it says beyond the defaults."""
    if isinstance(line, RefusedLine):
        return {"line": line.line, "refused": line.why, "column": line.column, "value": line.value}
    said = {f.name: getattr(line, f.name) for f in fields(line) if getattr(line, f.name) != f.default}
    return {"line": said.pop("line"), "is": type(line).__name__, **said}
