"""Which encoding a text file is written in, and where that cannot be told from its bytes.

UTF-8 proves itself: hardly anything else happens to be valid UTF-8 and makes sense. Bytes that are not could be
Windows-1252 or MacRoman (both from Excel), and each gives other letters. In a group's name the likelier one is taken and
told; in what people or courses are looked up by, it is asked.
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from greffe.errors import ArgumentError, BatchfileError
from greffe.intake.cells import tidy
from greffe.intake.lines import Doubt
from greffe.intake.textfile import Record
from greffe.rules.text import shown

BLOCK = 1 << 18
NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with BOM",
    "utf-16": "UTF-16",
    "windows-1252": "Windows-1252",
    "latin-1": "Latin-1",
    "mac-roman": "MacRoman",
}
"""As ``--encoding`` takes them → as they are told."""
_READINGS = ("windows-1252", "mac-roman")
"""Latin-1 is Windows-1252 with less in it."""
_LETTERS = frozenset("àâäçéèêëîïôöùûüÿœæÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒÆ«»’‘“”–—…€°\u00a0")
"""What French texts are made of beyond ASCII."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, ""),
    (codecs.BOM_UTF32_BE, ""),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a file's bytes become text."""

    name: str
    certain: bool = True
    """Whether its bytes allow no other reading."""


def settle(path: Path, raw: IO[bytes], wanted: str) -> Encoding:
    """Read the whole file once and judge its bytes; raises BatchfileError where they are no text in any encoding."""
    head = raw.read(4)
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if marked == "":
        raise BatchfileError(f"{path}: is UTF-32", todo="Save it as CSV UTF-8.")
    if wanted:
        name = _known(wanted)
        if marked and name not in (marked, marked.removesuffix("-sig")):
            raise ArgumentError(
                f"{path}: begins with the mark of {NAMES[marked]}; --encoding says {NAMES[name]}"
            )
        return Encoding(_valid(path, raw, marked or name))
    if marked:
        return Encoding(_valid(path, raw, marked))
    return _from_bytes(path, raw)


def _known(wanted: str) -> str:
    try:
        wanted = codecs.lookup(wanted).name
    except LookupError:
        wanted = ""
    for name in NAMES:
        if codecs.lookup(name).name == wanted:
            return name
    raise ArgumentError(f"--encoding takes {', '.join(NAMES)}")


def _valid(path: Path, raw: IO[bytes], name: str) -> str:
    """Raise BatchfileError, with the line, unless all bytes are text in that encoding."""
    decoder = codecs.getincrementaldecoder(name)()
    raw.seek(0)
    line = 1
    try:
        while block := raw.read(BLOCK):
            line += decoder.decode(block).count("\n")
        decoder.decode(b"", final=True)
    except UnicodeError as e:
        raise BatchfileError(
            f"{path}: is not valid {NAMES[name]} (after line {line})",
            todo="Name another encoding with `--encoding`, or have the file saved again.",
        ) from e
    return name


def _from_bytes(path: Path, raw: IO[bytes]) -> Encoding:
    raw.seek(0)
    # bytes that are not UTF-8 come out as lone surrogates
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    used: Counter[int] = Counter()
    seen: set[str] = set()
    good = bad = nuls = size = 0
    while block := raw.read(BLOCK):
        size += len(block)
        nuls += block.count(0)
        text = decoder.decode(block)
        if not text.isascii():
            used.update(block)
            seen.update(text)
            wrong = sum("\udc80" <= c <= "\udcff" for c in text)
            bad += wrong
            good += sum(c > "\x7f" for c in text) - wrong
    bad += len(decoder.decode(b"", final=True))
    if nuls > size // 4:
        raise BatchfileError(
            f"{path}: looks like UTF-16 without its mark",
            todo="Save it as CSV UTF-8, or say `--encoding utf-16`.",
        )
    if not bad:
        return Encoding("utf-8", certain=all(map(_usual, seen)))
    if good > bad:
        raise BatchfileError(
            f"{path}: is UTF-8, but damaged (places: {bad:,})",
            todo="Have the file saved again; or name the encoding with `--encoding`, if it is another after all.",
        )
    return Encoding(_likelier(used), certain=False)


def _usual(c: str) -> bool:
    """A character of western European texts."""
    return c < "\u0250" or "\u1e00" <= c < "\u1f00" or "\u2000" <= c < "\u2123" or c == "\ufeff"


def _likelier(used: Counter[int]) -> str:
    """Windows-1252, unless MacRoman makes more of the bytes what French is written with."""
    scores = {}
    for name in ("windows-1252", "mac-roman"):
        table = bytes(range(128, 256)).decode(name, "replace")
        scores[name] = sum(n for byte, n in used.items() if byte > 127 and table[byte - 128] in _LETTERS)
    undefined = any(bytes((byte,)).decode("windows-1252", "replace") == "\ufffd" for byte in used)
    return "mac-roman" if undefined or scores["mac-roman"] > scores["windows-1252"] else "windows-1252"


def doubtful(records: Iterable[Record], columns: Iterable[int] | None, taken: str) -> Doubt | None:
    """The first cell that people or courses are looked up by and that another encoding would read otherwise.

    ``records`` are in Latin-1, one character for one byte, without the header; ``columns`` None: all.
    """
    wanted = None if columns is None else sorted(columns)
    for record in records:
        whole = wanted is None or record.problem
        cells = record.cells if whole else [record.cells[i] for i in wanted or () if i < len(record.cells)]
        for cell in cells:
            readings = {} if cell.isascii() else _read(cell, taken)
            if readings:
                said = ", or ".join(f"{shown(text)} in {NAMES[name]}" for name, text in readings.items())
                return Doubt("--encoding", f"line {record.line}: is it {said}?", tuple(readings))
    return None


def _number(text: str) -> bool:
    """Whether it is digits between which a spreadsheet has put its no-break spaces: no other reading is a number."""
    digits = text.replace("\N{NO-BREAK SPACE}", "").replace(" ", "")
    return digits.isascii() and digits.isdigit()


def _read(cell: str, taken: str) -> dict[str, str]:
    """Encoding → how the cell reads in it; nothing where the encoding that is taken leaves no doubt."""
    raw = cell.encode("latin-1")
    readings: dict[str, str] = {}
    for name in _READINGS if taken in _READINGS else (taken, *_READINGS):
        with suppress(UnicodeDecodeError):
            readings[name] = tidy(raw.decode(name))
    own = readings.get(taken, "")
    # what is plain ASCII once trimmed has no letter to guess: a no-break space at its end
    if taken in readings and (own.isascii() or _number(own)):
        return {}
    if taken == "utf-8":
        # bytes of another encoding can be UTF-8 by chance, but hardly what French is written with in both
        french = {n: text for n, text in readings.items() if all(c < "\x80" or c in _LETTERS for c in text)}
        return {} if all(map(_usual, own)) or not french else {taken: own, **french}
    return readings
