"""What to do with a list of people: as data, and on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from rich.console import Console
from rich.text import Text

from greffe.personal import Cell, FilePath, Person, Said
from greffe.report import terminal
from greffe.report.texts import command_line, count, people, visible

_COURSES = 10
"""Courses that are named; the files have them all."""
ROUTES = {
    "cohort-sync": "cohort sync with the administrative cohorts",
    "methods": "cohort-sync methods made in bulk, by a file",
    "file": "a file of people into the course",
    "renew": "renew the enrolments that are there",
    "nothing": "nothing: it is so already",
}
"""Route → in words, as in the table of docs/en/batches.md."""


class CohortSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A cohort that an advice rests on."""

    idnumber: str
    name: str
    members: int


class Advice(msgspec.Struct, kw_only=True):
    """What suits some of the courses."""

    where: str
    """``one course``, ``many courses``."""
    who: str
    """``whole promotions``, ``other people``."""
    route: str
    """``cohort-sync``, ``methods``, ``file``, ``renew``, ``nothing``: as in the table of docs/en/batches.md."""
    why: list[str]
    courses: list[str]
    people: int
    cohorts: list[CohortSeen] = []
    """Those that cover the list, exactly or nearly; where it is other people's, the one that comes closest."""
    missing: int = 0
    """On the list, in none of these cohorts…"""
    missing_people: list[Person] = []
    """…and some of them, as the file calls them."""
    extra: int = 0
    """In the cohorts, not on the list…"""
    extra_people: list[Person] = []
    """…and some of them, by student number, else username."""
    file: str = ""
    """What the commands' file is called, where it is still to be written…"""
    lines: list[Cell] = []
    """…and what stands in it (the first lines, where it is long)."""
    commands: list[str] = []
    """Ready to be typed."""


class Advised(msgspec.Struct, kw_only=True):
    """What suits a file."""

    read_as: str
    people: int
    refused: int
    """Lines that name nobody, or no course."""
    refusals: list[Said]
    """Some of them, in words."""
    advice: list[Advice]
    files: list[FilePath] = []
    """What was written for the commands."""


def for_site(advised: Advised, config_file: str) -> Advised:
    """The same, with commands that can be typed for this site."""
    advice = [
        msgspec.structs.replace(
            a, commands=[command_line(config_file, command.removeprefix("greffe ")) for command in a.commands]
        )
        for a in advised.advice
    ]
    return msgspec.structs.replace(advised, advice=advice)


def show(out: Console, advised: Advised) -> None:
    """What was read, then each advice with its reasons and its commands."""
    out.print(Text(visible(f"{advised.read_as}: {people(advised.people)}"), "bold"))
    if advised.refused:
        out.print(Text(f"{count(advised.refused, 'line')} left out:", "yellow"))
        _lines(out, advised.refusals, advised.refused, "yellow")
    for each in advised.advice:
        _advice(out, each)
    if advised.files:
        out.print(Text(visible(f"Written: {', '.join(advised.files)}")))


def _advice(out: Console, a: Advice) -> None:
    route = ROUTES[a.route]
    if a.route == "file" and a.where == "many courses":
        route = "a file of people into many courses"
    out.print(Text(f"\n{a.where.capitalize()}, {a.who}: {route}", "bold green"))
    more = f" and {len(a.courses) - _COURSES} more" if len(a.courses) > _COURSES else ""
    out.print(Text(visible(f"  {people(a.people)} in {', '.join(a.courses[:_COURSES])}{more}")))
    for why in a.why:
        out.print(Text(visible(f"  · {why}")))
    if a.cohorts and a.who == "whole promotions":
        rows = [(c.idnumber, c.name, f"{c.members:,}") for c in a.cohorts]
        terminal.listing(out, "", ["cohort", "name", "members"], rows)
    if a.who == "whole promotions":
        for words, names, number in (
            ("on the list, not in the cohort", a.missing_people, a.missing),
            ("in the cohort, not on the list", a.extra_people, a.extra),
        ):
            if number:
                out.print(Text(f"  {words}:"))
                _lines(out, names, number)
    if a.file:
        out.print(Text(visible(f"  Put into {a.file} (or let --into write it):")))
        for line in a.lines:
            out.print(Text(visible(f"    {line}")))
    for command in a.commands:
        out.print(Text(visible(f"  $ {command}"), "bold"), soft_wrap=True)


def _lines(out: Console, lines: Sequence[str], of: int, style: str = "") -> None:
    for line in lines:
        out.print(Text(visible(f"    {line}"), style))
    if of > len(lines):
        out.print(Text(f"    … and {of - len(lines):,} more", "dim"))
