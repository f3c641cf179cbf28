"""A list on a terminal: the columns that it has room for; plain ones where the output is no terminal."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from greffe.listing import Kind, Listing
from greffe.report.lists.columns import draw
from greffe.report.lists.reader import Reader, shown

_FIRST = {
    "students": ("lastname", "firstname", "status", "idnumber", "last_access", "groups", "email", "method"),
    "courses": ("course", "status", "roles", "last_access", "method", "groups", "shortname", "end", "start", "category"),
    "cohort": ("lastname", "firstname", "missing", "idnumber", "courses", "email", "joined"),
    "no-method": ("course", "why", "shortname", "people", "visible", "methods", "category", "idnumber"),
    "promotion": ("where", "lastname", "firstname", "course", "idnumber", "status", "roles", "method", "email"),
}  # fmt: skip
"""List → what is shown rather than the others where there is not room for all."""


def show(out: Console, listing: Listing, reader: Reader) -> int:
    """Print the list; how many rows. Widths are those of the first rows; a text that is longer goes on below."""
    out.print(Text(shown(reader.titled(listing)), "bold"))
    for line in reader.tallied(listing):
        out.print(Text(f"• {shown(line)}"))
    headings = dict(zip((c.key for c in listing.columns), reader.headings(listing), strict=True))
    first = [key for key in _FIRST.get(listing.name, headings) if key not in listing.alike]
    rows = ([[shown(text)] for text in row] for row in reader.texts(listing))
    numbers = {c.key for c in listing.columns if c.kind is Kind.NUMBER}
    number, left_out = draw(out, headings, rows, first, right=numbers)
    below(out, reader, number, left_out)
    for note in reader.notes(listing):
        out.print(Text(f"• {shown(note)}"))
    return number


def below(out: Console, reader: Reader, number: int, left_out: list[str]) -> None:
    """How many rows there were, and which columns had no room."""
    out.print(Text(reader.count(number) if number else reader.say("no_rows"), "dim"))
    if left_out:
        out.print(Text(reader.say("left_out", columns=", ".join(left_out)), "dim"))
