"""Who reads a list: his language, and the site's time zone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from greffe.language import LANGUAGES
from greffe.listing import Cell, Column, Kind, Listing
from greffe.report.elapsed import elapsed
from greffe.report.lists.texts import ASKED, HEADINGS, NOTES, SAYINGS, TITLES, WORDS, ZERO, Pair
from greffe.rules.text import visible
from greffe.view.asked import SORTS

_NOTE = re.compile(r"([a-z][a-z-]*)(?: (\d+))?(?:: (.+))?", re.DOTALL)


def shown(text: str) -> str:
    """On one line, without what could steer a terminal or make a name read as another."""
    return visible(" ".join(text.split()))


@dataclass(frozen=True, slots=True)
class Reader:
    """Puts cells into words."""

    language: str
    """``en`` or ``fr``."""
    zone: tzinfo | None = None
    """None: this machine's own."""

    def pick(self, pair: Pair) -> str:
        """The text in his language."""
        return pair[LANGUAGES.index(self.language)]

    def say(self, what: str, **values: str) -> str:
        """One of the lists' own sentences."""
        return self.pick(SAYINGS[what]).format(**values)

    def title(self, listing: Listing) -> str:
        """What kind of list it is."""
        return self.pick(TITLES[listing.name])

    def titled(self, listing: Listing) -> str:
        """What kind of list, and of what."""
        return self.say("titled", title=self.title(listing), about=listing.about)

    def headings(self, listing: Listing) -> list[str]:
        """One for each column."""
        return [self.pick(HEADINGS[c.key]) for c in listing.columns]

    def notes(self, listing: Listing) -> list[str]:
        """What is to be known of the list; a note that is no known code is a sentence already."""
        return [self._note(n) for n in listing.notes]

    def _note(self, note: str) -> str:
        found = _NOTE.fullmatch(note)
        if not found or found[1] not in NOTES:
            return note
        return self.pick(NOTES[found[1]]).format(n=self.number(int(found[2] or 0)), names=found[3] or "")

    def asked(self, listing: Listing) -> list[tuple[str, str]]:
        """(what, values): the filters and the order that it was asked for."""
        return [
            (self.pick(ASKED[key]), ", ".join(self._wanted(key, value) for value in values))
            for key, values in listing.asked.items()
        ]

    def _wanted(self, key: str, value: str) -> str:
        """One value of a filter: a word of Greffe's own, a number of seconds, or what the site calls it."""
        if key == "sort" and value in SORTS:
            column = {"name": "lastname"}.get(value, value.replace("-", "_"))
            return self.pick(HEADINGS[column]).lower()
        if key == "inactive-for" and int(value):
            return self.say("away", ago=elapsed(int(value), self.language))
        return self.word(f"asked-{key}", self.word(key, value))

    def tallied(self, listing: Listing) -> list[str]:
        """A line for each thing that is counted: how many rows of each kind it has."""
        found: dict[str, list[str]] = {}
        for each in listing.tally:
            counted = self.say("counted", kind=self.word(each.key, each.code), n=self.number(each.number))
            found.setdefault(each.of, []).append(counted)
        return [self.say("titled", title=of, about="; ".join(counts)) for of, counts in found.items()]

    def number(self, number: int) -> str:
        """With what stands between thousands here."""
        return f"{number:,}".replace(",", "," if self.language == "en" else "\u202f")

    def count(self, rows: int) -> str:
        """How many rows there are."""
        if rows == 1:
            return self.say("one_row")
        return self.say("rows" if rows else "none", n=self.number(rows))

    def word(self, key: str, code: str) -> str:
        """What a code of that column is called."""
        pair = WORDS.get(key, {}).get(code)
        return self.pick(pair) if pair else code

    def zero(self, key: str) -> str:
        """What stands for 0 in a column of moments."""
        pair = ZERO.get(key)
        return self.pick(pair) if pair else ""

    def local(self, seconds: int) -> datetime | None:
        """A moment on the site's clocks, with its offset; None for one that no calendar holds."""
        try:
            found = datetime.fromtimestamp(seconds, UTC).astimezone(self.zone)
        except (ValueError, OverflowError, OSError):
            return None
        # spreadsheets begin in 1900, and Moodle has no moment before 1970
        return found if found.year >= 1970 else None

    def made(self, listing: Listing) -> str:
        """When the list was made, as people write it here."""
        return self.moment(listing.made)

    def moment(self, seconds: int) -> str:
        """A moment as people write it here, to the minute."""
        found = self.local(seconds)
        if found is None:
            return str(seconds)
        return f"{found:%Y-%m-%d %H:%M}" if self.language == "en" else f"{found:%d/%m/%Y %H:%M}"

    def text(self, column: Column, cell: Cell) -> str:
        """A cell as people read it; '' for nothing to say."""
        if cell is None:
            return ""
        if isinstance(cell, tuple):
            parts = [self.part(column, c) for c in cell]
            # of dates of which one is none, it is to be seen which
            return ", ".join(p or "–" for p in parts) if any(parts) else ""
        return self.part(column, cell)

    def part(self, column: Column, cell: str | int) -> str:
        """A cell, or one of several things in it."""
        if isinstance(cell, str):
            return self.word(column.key, cell) if column.kind in (Kind.WORD, Kind.WORDS) else cell
        if column.kind in (Kind.MOMENT, Kind.MOMENTS):
            return self.moment(cell) if cell else self.zero(column.key)
        return self.number(cell)

    def only(self, column: Column, cell: Cell) -> Cell:
        """The moment itself where a cell of several holds but one: a spreadsheet has dates, but no list of them."""
        return cell[0] if column.kind is Kind.MOMENTS and isinstance(cell, tuple) and len(cell) == 1 else cell

    def texts(self, listing: Listing) -> Iterator[list[str]]:
        """Row by row."""
        for row in listing.rows:
            yield [self.text(c, cell) for c, cell in zip(listing.columns, row, strict=True)]
