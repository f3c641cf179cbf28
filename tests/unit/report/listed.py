"""Lists to be written: one with everything that a file can trip over, one as a faculty would send."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from itertools import cycle, islice
from zoneinfo import ZoneInfo

from greffe.listing import Cell, Column, Kind, Listing

PARIS = ZoneInfo("Europe/Paris")
MADE = 1_790_000_000
"""2026-09-21 16:13:20 in Paris."""
COLUMNS = (
    Column("lastname"),
    Column("firstname"),
    Column("idnumber"),
    Column("roles", Kind.WORDS),
    Column("groups", Kind.TEXTS),
    Column("last_access", Kind.MOMENT),
    Column("status", Kind.WORD),
    Column("people", Kind.NUMBER),
    Column("end", Kind.MOMENT),
)
LONG = "é" * 2000
AWKWARD: tuple[tuple[Cell, ...], ...] = (
    ("Évrard-Ñuñez", "Zoé", "00012345", ("student",), ("TD 1", "TP « été »"), 1_758_000_000, "active", 12345, 0),
    ("=cmd|' /C calc'!A0", "@SUM(1+1)", "+33612345678", (), (), 0, "suspended", 0, 1_798_761_599),
    ("-2+3", "\t=1+1", "2026-09-01", ("Tuteur",), ("=1;2",), None, "not-current", None, None),
    ("שלום עולם", "مرحبا", "1E5", ("editingteacher", "student"), ("a\tb",), 1, "active", -5, 1),
    ("two\nlines", 'quote " and ; and ,', "http://example.org/", (), (LONG,), 0, "odd", 1, 0),
    ("<script>alert(1)</script>", "&amp; <b>", "'=1", ("</td>",), ("  two  blanks ",), 1_000_000_000_000_000, "active", 2, 0),
    ("\u202egnp.exe\u200b", "bell\x07 nul-less\x1b[2J", "mailto:a@b.c", (), (), 0, "active", 3, 0),
)  # fmt: skip
"""Accents, formulas, numbers that are none, links, markup, letters from right to left, tabs, line ends, control characters,
moments that are 0 or beyond every calendar."""


def awkward(zone: tzinfo | None = PARIS) -> Listing:
    """The list of all that."""
    return Listing(
        "participants", "Droit & <libertés>", "Université d’Été", MADE, COLUMNS, iter(AWKWARD), zone=zone
    )


LAST = ("Abadie", "Bélanger", "Çelik", "Da Silva", "Durand", "Élie", "Etchegaray", "Fournier", "Le Goff", "Lefèvre",
        "N’Diaye", "Œuvrard", "Ruiz-Martín", "Zola")  # fmt: skip
FIRST = ("Zoé", "Ali", "Ève", "Noël", "Inès", "Maxence", "Aïcha", "Léo", "Chloé", "Hugo", "Jeanne")


def promotion(rows: int) -> Listing:
    """Students of one course."""
    return Listing(
        "students", "Droit constitutionnel I", "Université de l’Exemple", MADE, COLUMNS, _students(rows), zone=PARIS
    )  # fmt: skip


def _students(rows: int) -> Iterator[tuple[Cell, ...]]:
    names = zip(cycle(LAST), cycle(FIRST), strict=False)
    for n, (last, first) in enumerate(islice(names, rows)):
        yield (
            last, first, f"22{n:06}", ("student",), (f"TD {n % 4 + 1}", f"TP {n % 7 + 1}"),
            (MADE - 7_777 * (n * 37 % 101)) if n % 9 else 0, ("active", "active", "active", "suspended", "not-current")[n % 5],
            n * 37 % 101, MADE + 86_400 * 200 if n % 3 else 0,
        )  # fmt: skip
