"""The cells of one row, freed of what spreadsheets do to texts and numbers; what they damaged beyond repair is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence

from greffe.intake.lines import RefusedLine
from greffe.intake.tally import Oddity, Tally
from greffe.rules.text import clean, shown

_AS_TEXT = re.compile(r'="((?:[^"]|"")*)"')
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]\d{2,}")
_GROUPED = re.compile("[0-9]{1,3}(?:[\u00a0\u202f][0-9]{3})+")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet calculate a cell (OWASP, CSV injection)."""
_NO_BREAK = re.compile("[\u00a0\u202f]")

SEPARATORS = (";", ",", "\t", "|")
_SEPARATING = re.compile(r"[;,\t|]")
_NAMED_ADDRESS = re.compile(r"[^<>]*<\s*([^\s<>@;,|]+@[^\s<>@;,|]+)\s*>")

TRUE = frozenset({"1", "true", "yes", "oui", "vrai"})
FALSE = frozenset({"0", "false", "no", "non", "faux"})


class NumberText(str):
    """The text of a cell that a spreadsheet holds as a number: leading zeros, if there were any, are lost."""

    __slots__ = ()


class RefusedCellError(ValueError):
    """A cell that its line cannot be done with."""

    def __init__(self, index: int, why: str) -> None:
        super().__init__(why)
        self.index = index
        self.why = why


def guarded(text: str) -> str:
    """The text so that no spreadsheet calculates it: with an apostrophe before what looks like a formula."""
    return "'" + text if text.lstrip("'").startswith(_FORMULA) else text


def unguarded(text: str) -> str:
    """Takes back what ``guarded`` did, and ``="00123"``, by which a text is kept from becoming a number."""
    if text.startswith("'") and text.lstrip("'").startswith(_FORMULA):
        return text[1:]
    if text.startswith('="') and (found := _AS_TEXT.fullmatch(text)):
        return clean(found[1].replace('""', '"'))
    return text


def tidy(cell: str) -> str:
    """A cell's own text: trimmed, without what was put around it for a spreadsheet."""
    if cell.isalnum():
        return cell
    text = clean(cell)
    return unguarded(text) if text[:1] in ("'", "=") else text


def address(text: str) -> str:
    """Of what mail programs copy (``Paul Martin <paul.martin@univ.example>``) the address; any other text as it is."""
    found = _NAMED_ADDRESS.fullmatch(text) if text.endswith(">") else None
    return found[1] if found else text


class Row:
    """One row under its columns. A position below 0, or beyond the end, is a column that is not there: ''."""

    __slots__ = ("cells", "line", "names", "tally")

    def __init__(self, line: int, cells: Sequence[str], names: Sequence[str], tally: Tally) -> None:
        self.line = line
        self.cells = cells
        self.names = names
        self.tally = tally

    def text(self, index: int) -> str:
        """What stands there; raises RefusedCellError for what cannot be one line of text."""
        if index < 0 or index >= len(self.cells):
            return ""
        cell = self.cells[index]
        if cell.isalnum():
            return cell  # most are, and hold nothing that could be wrong
        text = self.prose(index)
        if "\n" in text or "\r" in text:
            raise RefusedCellError(index, "holds a line break: is a quote opened and closed on another line?")
        return text

    def prose(self, index: int) -> str:
        """A text of several lines."""
        if not 0 <= index < len(self.cells):
            return ""
        text = tidy(self.cells[index])
        if "\0" in text:
            raise RefusedCellError(index, "holds a NUL character")
        return text

    def name(self, index: int) -> str:
        """A name: of a group, of a role."""
        text = self.text(index)
        if not text or text.isalnum():
            return text
        if _SCIENTIFIC.fullmatch(text):
            raise RefusedCellError(index, _DAMAGED)
        if "\ufffd" in text:
            raise RefusedCellError(
                index, "lost letters when the file was saved in another encoding: fill it in again"
            )
        if not text.isascii() and _NO_BREAK.search(text) and not _GROUPED.fullmatch(text):
            self.tally.add(Oddity.NO_BREAK, self.line, text)
        return text

    def key(self, index: int) -> str:
        """What a person, course or cohort is looked up by."""
        text = self.name(index)
        if not text.isascii() and _GROUPED.fullmatch(text):
            self.tally.add(Oddity.GROUPED, self.line, text)
            text = text.replace("\u00a0", "").replace("\u202f", "")
        if text and isinstance(self.cells[index], NumberText):
            self.tally.add(Oddity.NUMBER, self.line, text)
        return text

    def needed(self, index: int, what: str) -> str:
        """A key that must be there."""
        return self.key(index) or self._missing(index, what)

    def _missing(self, index: int, what: str) -> str:
        raise RefusedCellError(index, f"no {what}")

    def person(self, index: int) -> str:
        """A person's key; one with a separator in it is two cells that were not told apart."""
        text = address(self.needed(index, "person"))
        if not text.isalnum() and _SEPARATING.search(text):
            raise RefusedCellError(index, "holds a separator: this line is written otherwise than the others")
        return text

    def flag(self, index: int) -> bool | None:
        """Yes, no, or None for an empty cell."""
        text = self.text(index).casefold()
        if not text:
            return None
        if text in TRUE or text in FALSE:
            return text in TRUE
        raise RefusedCellError(index, "is neither 1 nor 0")

    def column(self, index: int) -> str:
        """How the column is called: its header, or its number."""
        if 0 <= index < len(self.names) and self.names[index]:
            return self.names[index]
        return str(index + 1) if index >= 0 else ""

    def refused(self, index: int, why: str) -> RefusedLine:
        """This line, refused for that cell; ``index`` -1 for the line as a whole."""
        value = tidy(self.cells[index]) if 0 <= index < len(self.cells) else ""
        return RefusedLine(self.line, self.column(index), value, why, tuple(self.cells))


_DAMAGED = (
    "was turned into a number by a spreadsheet, and its last digits are lost: "
    "make the column text there, and fill it in again"
)


def quoted(cells: Sequence[str]) -> str:
    """A row as a sentence quotes it."""
    return " · ".join(shown(clean(c)) for c in cells[:6]) + (" …" if len(cells) > 6 else "")
