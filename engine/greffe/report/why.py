"""``why`` and ``why-not`` on a terminal: the verdict, then each chain link by link."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from greffe.report import terminal
from greffe.report.texts import count, moment, visible
from greffe.view.chain import Chain, Explanation, Link, Stand, Step

_STANDS = {
    Stand.ACTIVE: "{who} is in {course}, active.",
    Stand.SUSPENDED: "{who} is in {course}, but suspended.",
    Stand.NOT_CURRENT: "{who} is in {course}, but not current.",
    Stand.ABSENT: "{who} is not in {course}.",
}
_ORIGINS = frozenset({Link.REGISTRATION, Link.MEMBERSHIP, Link.PARENT, Link.ENROLMENT})
"""What a place comes from: the first of these in a chain."""


def show(out: Console, found: Explanation, limit: int) -> None:
    """One course link by link; all courses line by line."""
    if found.course:
        _course(out, found, limit)
    else:
        _courses(out, found, limit)
    for note in found.notes:
        out.print(Text(visible(f"• {note}")))


def _course(out: Console, found: Explanation, limit: int) -> None:
    verdict = _STANDS[Stand(found.stand)].format(who=found.person, course=found.course)
    good = found.stand == Stand.ACTIVE
    out.print(Text(visible(verdict), "bold green" if good else "bold yellow"))
    first = found.chains[0].broken if found.chains else None
    if not good and first is not None:
        terminal.hanging(out, "  ", f"{first.link}: {first.what}")
        terminal.hanging(out, "  → ", first.todo, "bold")
    for chain in found.chains[:limit]:
        _chain(out, chain)
    _more(out, len(found.chains) - limit, "way")


def _chain(out: Console, chain: Chain) -> None:
    of = f" of {chain.of}" if chain.of else ""
    out.print()
    out.print(Text(visible(f"By {chain.way}{of}: {chain.stand}"), "bold"))
    for step in chain.steps:
        mark, style = ("✗", "yellow") if step.cause else ("✓", "green")
        words = Text(visible(step.what))
        if where := _where(step):
            words.append(f"  [{visible(where)}]", "dim")
        terminal.hanging(out, Text.assemble((f"  {mark} ", style), (f"{step.link:<13}", "bold")), words)
        if step.todo:
            terminal.hanging(out, "    → ", step.todo, style)


def _where(step: Step) -> str:
    """The row, when, by which run."""
    row = f"{step.table} {step.row}" if step.row else ""
    return ", ".join(w for w in (row, moment(step.made), f"run {step.run}" if step.run else "") if w)


def _courses(out: Console, found: Explanation, limit: int) -> None:
    of_courses = [c for c in found.chains if c.course]
    of_cohorts = [c for c in found.chains if not c.course]
    if not found.chains:
        out.print(Text(visible(f"{found.person} is in no course and no cohort, and nothing leads into one."), "bold"))  # fmt: skip
        return
    there = len({c.course_id for c in of_courses if c.stand == Stand.ACTIVE})
    courses = count(there, "course") if there else "no course"
    out.print(Text(visible(f"{found.person} is active in {courses}."), "bold"))
    for title, chains in (("Courses", of_courses), ("Cohorts", of_cohorts)):
        rows = [(c.course or c.of, _way(c), c.stand, _short(c)) for c in chains[:limit]]
        if rows:
            terminal.listing(out, title, ["", "by", "stands", "why"], rows)
            _more(out, len(chains) - limit, "way")


def _way(chain: Chain) -> str:
    return f"{chain.way} of {chain.of}" if chain.course and chain.of else chain.way


def _short(chain: Chain) -> str:
    """The link that breaks; of a whole chain where it begins."""
    broken = chain.broken
    if broken is not None:
        return f"✗ {broken.link}: {broken.what}"
    tells = (s.what for s in chain.steps if s.link in _ORIGINS)
    return next(tells, chain.steps[0].what if chain.steps else "")


def _more(out: Console, number: int, noun: str) -> None:
    if number > 0:
        out.print(Text(f"  … and {count(number, f'more {noun}')}: --limit shows them", "dim"))
