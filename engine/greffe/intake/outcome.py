"""What became of each line, as a spreadsheet and as a page that can be sent to whoever made the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from markupsafe import Markup

from greffe import __version__
from greffe.intake.french import reason
from greffe.intake.spreadsheet import ENCODING, Writer
from greffe.pages import environment
from greffe.privatefile import private_file

LONGEST = 2000
"""Lines of each fate on the page; what is beyond is counted, and stands in the spreadsheet."""


class Fate(StrEnum):
    """What became of a line."""

    REFUSED = "refused"
    LEFT = "left"
    """Not done: a guard holds it, or it was not let through with the others."""
    DONE = "done"
    ALREADY = "already"
    """It was so before."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One line's fate."""

    line: int
    fate: Fate
    what: str
    """Who or what the line is about: a person, a cohort, ``cohort ETAPE_L1``."""
    where: str = ""
    """The course, if any."""
    detail: str = ""
    """What was asked or made: role, group, dates."""
    why: str = ""
    """Of a line that was not done: the reason, with the column."""


def write_csv(path: Path, outcomes: Iterable[Outcome], language: str = "en") -> None:
    """One row a line, in ``en`` or ``fr``; read with a stream's memory. Raises OSError."""
    words = TEXTS[language]
    with private_file(path, ENCODING, "") as file:
        writer = Writer(file)
        writer.write(words[head] for head in HEADS)
        for o in outcomes:
            writer.write((str(o.line), words[o.fate], o.what, o.where, o.detail, reason(o.why, language)))


def write_html(
    path: Path,
    outcomes: Iterable[Outcome],
    *,
    title: str,
    told: str,
    notes: Iterable[str] = (),
    planned: bool = False,
    language: str = "en",
) -> None:
    """One page that needs nothing else: refused lines first. Every text is escaped. Raises OSError.

    ``told``: how the file was read. ``planned``: nothing was written yet; what is done is what would be.
    """
    counts: Counter[Fate] = Counter()
    kept: dict[Fate, list[Outcome]] = {fate: [] for fate in Fate}
    for o in outcomes:
        counts[o.fate] += 1
        if len(kept[o.fate]) < LONGEST:
            kept[o.fate].append(o)
    templates = environment("greffe.intake")
    words = TEXTS[language]
    templates.filters.update(
        # Markup: in a name, the blank between thousands would be shown as what cannot be seen
        number=lambda n: Markup(f"{n:,}".replace(",", words["thousands"])),  # noqa: S704 - a number
        why=lambda why: reason(why, language),
    )
    page = templates.get_template("outcome.html").render(
        t=words,
        language=language,
        title=title,
        told=reason(told, language),
        notes=[reason(note, language) for note in notes],
        parts=[(fate, counts[fate], kept[fate]) for fate in Fate if counts[fate]],
        moods={Fate.REFUSED: "bad", Fate.LEFT: "warn", Fate.DONE: "good", Fate.ALREADY: "soft"},
        fates={
            fate: of_lines("to_do" if planned and fate is Fate.DONE else fate.value, counts[fate], language)
            for fate in Fate
        },
        planned=planned,
        total=counts.total(),
        version=__version__,
    )
    with private_file(path) as file:
        file.write(page)


def of_lines(fate: str, number: int, language: str) -> str:
    """What became of so many lines: in French it agrees with them, ``1 refusée``, ``2 refusées``."""
    one, many = _OF_LINES_FR.get(fate, (TEXTS["fr"][fate],) * 2)
    return TEXTS["en"][fate] if language == "en" else one if number < 2 else many


_OF_LINES_FR = {
    "done": ("faite", "faites"),
    "refused": ("refusée", "refusées"),
    "left": ("laissée de côté", "laissées de côté"),
}
HEADS = ("line", "fate", "what", "where", "detail", "why")
TEXTS = {
    "en": {
        "line": "line",
        "fate": "result",
        "what": "who or what",
        "where": "course",
        "detail": "asked",
        "why": "why not",
        "done": "done",
        "to_do": "to be done",
        "already": "already so",
        "refused": "refused",
        "left": "left out",
        "planned": "Nothing was changed yet: this is what would be done.",
        "lines": "lines",
        "nothing": "The file holds no line.",
        "more": "more of these, in the spreadsheet",
        "thousands": ",",
    },
    "fr": {
        "line": "ligne",
        "fate": "résultat",
        "what": "qui ou quoi",
        "where": "cours",
        "detail": "demande",
        "why": "motif",
        "done": "fait",
        "to_do": "à faire",
        "already": "déjà en place",
        "refused": "refusé",
        "left": "laissé de côté",
        "planned": "Rien n’est encore changé : voici ce qui serait fait.",
        "lines": "lignes",
        "nothing": "Le fichier n’a aucune ligne.",
        "more": "autres, dans le tableau",
        "thousands": "\u202f",
    },
}
"""What the two reports say."""
