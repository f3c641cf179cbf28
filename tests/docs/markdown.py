"""What generated pages are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def generated(title: str, about: str, *, french: bool = False) -> str:
    """The head of a page, with a word to those who would edit it."""
    return f"# {title}\n\n<!-- {'écrit par' if french else 'written by'} ci/docs -->\n\n{about}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: bool = False) -> str:
    """A table; ``numbers``: its first column holds numbers."""
    ruler = ["---:" if numbers and not n else "---" for n in range(len(heads))]
    lines = [heads, ruler, *([cell(c) for c in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |".replace("|  |", "| |") for line in lines)


def cell(text: str) -> str:
    """A text that may stand in a table: on one line, its bars escaped, code in single quotes."""
    plain = " ".join(text.replace("\\|", "|").split()).replace("``", "`")
    return plain.replace("|", "\\|")
