"""The HTML report: one file that needs nothing else, readable on a phone and on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from greffe import __version__
from greffe.model import Action
from greffe.pages import environment
from greffe.plan.plan import LOSSES
from greffe.plan.verdict import limit_words
from greffe.privatefile import private_file
from greffe.report.document import CohortLine, CourseLine, Document
from greffe.report.layers import by_layer, columns, falls_short, fate, gravest_first
from greffe.report.texts import (
    ACTIONS,
    COHORT_ACTIONS,
    COURSE_ACTIONS,
    HTML,
    KINDS,
    REASONS,
    along,
    approval,
    changed,
    figures,
    headline,
    limits_once,
    moment,
    people,
)

LONGEST = 200
"""Rows of a table; what is beyond is counted."""
LIMITS = 20
"""Limits of the guards that are listed, feeds first."""
BARS = 15
"""Courses drawn as bars."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """The runs of one site, in a report on several."""

    documents: list[Document]
    heading: str
    intro: str = ""
    config_file: str = ""
    config: str = ""
    """What stands in that file, without secrets."""


def render(
    parts: Sequence[Document | Chapter], title: str = "", intro: str = "", *, longest: int = LONGEST
) -> str:
    """One report on one or several runs; every text from outside is escaped. ``longest``: rows of a table."""
    chapters = [p if isinstance(p, Chapter) else Chapter([p], "") for p in parts]
    documents = [d for c in chapters for d in c.documents]
    return page(
        "night.html",
        title=title or _title(documents[0]),
        intro=intro,
        version=__version__,
        t=HTML,
        chapters=[(c, [_section(d) for d in c.documents]) for c in chapters],
        several=len(documents) > 1,
        longest=longest,
    )


def page(template: str, **values: Any) -> str:
    """A template of the reports, filled in."""
    templates = environment("greffe.report")
    templates.filters.update(moment=moment, limit=limit_words, number=lambda n: f"{n:,}", people=people)
    return templates.get_template(template).render(**values)


def write(
    parts: Sequence[Document | Chapter],
    path: Path,
    title: str = "",
    intro: str = "",
    *,
    longest: int = LONGEST,
) -> None:
    """Write the report, readable by its owner only: it names people. Raises OSError."""
    text = render(parts, title, intro, longest=longest)
    with private_file(path) as file:
        file.write(text)


def _title(document: Document) -> str:
    if document.run:
        return HTML["title_run"].format(run=document.run)
    return HTML["title_plan"]


def _section(d: Document) -> dict[str, Any]:
    """What the template needs beside the document."""
    # what was planned but held is drawn as an outline behind what was made
    actions = changed(d)
    top = max((max(made, planned) for _, _, made, planned in actions), default=1)
    courses = gravest_first(d.courses)
    used = columns(COURSE_ACTIONS, courses)
    layers = by_layer(d)
    return {
        "d": d,
        "title": _title(d) if d.run or d.state == "planned" else "",
        "headline": headline(d),
        "mood": _mood(d),
        "actions": [
            {"words": what, "made": made, "planned": planned, "width": width(max(made, planned), top),
             "made_width": width(made, top), "loss": a in LOSSES, "layers": [c.get(a, 0) for _, c in layers]}
            for a, what, made, planned in actions
        ],
        "layers": [name for name, _ in layers],
        "short": falls_short(d),
        "bars": _bars(courses[:BARS], used),
        "heads": [ACTIONS[a][1] for a in used],
        "courses": [(c, [c.counts.get(a, 0) for a in used], fate(c)) for c in courses],
        **_cohorts(d.cohorts),
        "figures": lambda feed: figures(feed.figures),
        "kinds": KINDS,
        "verdicts": limits_once(d.verdicts),
        "limits": LIMITS,
        "along": along(d.along),
        "approval": approval(d),
        "changes": [(c, REASONS.get(c.reason, c.reason)) for c in d.changes],
        "course_count": len({c.id for c in courses}),
    }  # fmt: skip


def _cohorts(cohorts: Sequence[CohortLine]) -> dict[str, Any]:
    used = columns(COHORT_ACTIONS, cohorts)
    return {
        "cohort_heads": [ACTIONS[a][1] for a in used],
        "cohorts": [(c, [c.counts.get(a, 0) for a in used], fate(c)) for c in gravest_first(cohorts)],
    }


def _bars(courses: Sequence[CourseLine], used: Sequence[Action]) -> list[dict[str, Any]]:
    # the same figures as the table's, so that a bar is as long as its row adds up to
    sizes = [sum(c.counts.get(a, 0) for a in used) for c in courses]
    top = max(sizes, default=0) or 1
    bars = []
    for c, size in zip(courses, sizes, strict=True):
        lost = sum(c.counts.get(a, 0) for a in used if a in LOSSES)
        bars.append(
            {"name": c.name, "size": size, "gain": width(size - lost, top), "loss": width(lost, top), "held": c.held}
        )  # fmt: skip
    return [b for b in bars if b["size"]]


def width(number: int, top: int) -> float:
    """Of 100; something that is not nothing stays visible."""
    return round(max(100 * number / top, 0.6), 1) if number else 0


def _mood(d: Document) -> str:
    if d.state in ("failed", "interrupted", "killed"):
        return "bad"
    return (
        "warn"
        if d.state in ("held", "partial") or d.held or d.bad_feeds or d.holds_places or d.refused
        else "good"
    )
