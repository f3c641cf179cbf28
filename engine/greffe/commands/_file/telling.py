"""A file's report for whoever made it, and its refused lines as a file to be corrected: both read the file once more."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from greffe.commands._file.batch import Batched
from greffe.commands._file.lines import Fate, LineTold
from greffe.errors import ArgumentError
from greffe.intake import outcome
from greffe.intake.french import reason
from greffe.intake.lines import Line, MemberLine, MethodLine, PersonLine, RefusedLine
from greffe.intake.opening import OpenedFile
from greffe.intake.outcome import Outcome
from greffe.intake.refused import write_refused
from greffe.language import language

_FATES = {
    Fate.ALREADY: outcome.Fate.ALREADY,
    Fate.DONE: outcome.Fate.DONE,
    Fate.SPARED: outcome.Fate.LEFT,
    Fate.LATER: outcome.Fate.LEFT,
    Fate.HELD: outcome.Fate.LEFT,
    Fate.REFUSED: outcome.Fate.REFUSED,
}
LEFT = {
    Fate.SPARED: "suspended only: grades would go with the enrolment",
    Fate.HELD: "held until somebody has looked at it",
}
LATER = "not done: the calendar leaves it; give the file again after {}"
STOPPED = "not done, since other lines are refused"


def write_report(path: Path, file: OpenedFile, found: Batched, course: str = "") -> None:
    """What became of each line, as ``.csv`` or ``.html``; ``course``: of lines that name none.

    Raises ArgumentError for another ending, and where it cannot be written.
    """
    kind = path.suffix.lower()
    if kind not in (".csv", ".html"):
        raise ArgumentError(f"{path}: a report is a .csv or an .html", todo="Give --report people.html.")
    told = outcomes(file, found, course)
    try:
        if kind == ".csv":
            outcome.write_csv(path, told, language())
        else:
            outcome.write_html(
                path,
                told,
                title=Path(file.source).name,
                told=file.told,
                notes=found.notes,
                planned=found.result is None,
                language=language(),
            )
    except OSError as e:
        raise ArgumentError(
            f"{path}: cannot be written: {e.strerror}", todo="Name another file with --report."
        ) from e


def write_refusals(path: Path, file: OpenedFile, found: Batched) -> tuple[Path, ...]:
    """The refused lines, and why; nothing where there are none. Raises ArgumentError where it cannot be written."""
    if not found.lines.refused:
        return ()
    try:
        return write_refused(path, file, found.lines.refused.values(), language())
    except OSError as e:
        raise ArgumentError(
            f"{path}: cannot be written: {e.strerror}", todo="Name another file with --refused."
        ) from e


def outcomes(file: OpenedFile, found: Batched, course: str = "") -> Iterator[Outcome]:
    """Every line with what became of it, and with what it said, in a stream's memory."""
    said = groupby(file.lines(), key=lambda line: line.line)
    number, lines = next(said, (None, iter(())))
    for told in found.lines.told():
        while number is not None and number < told.line:
            number, lines = next(said, (None, iter(())))
        mine = [line for line in lines if not isinstance(line, RefusedLine)] if number == told.line else []
        yield _outcome(told, mine, found, course)


def _outcome(told: LineTold, lines: list[Line], found: Batched, course: str) -> Outcome:
    later = LATER.format(found.season.until) if told.fate is Fate.LATER and found.season else ""
    why = reason(told.why or later or LEFT.get(told.fate, ""), language())
    if told.column:
        why = f"{told.column}: {why}"
    fate = _FATES[told.fate]
    if found.stopped and told.fate is not Fate.REFUSED and told.fate is not Fate.ALREADY:
        fate, why = outcome.Fate.LEFT, reason(STOPPED, language())
    what, where, detail = _words(lines, course)
    return Outcome(told.line, fate, what or told.value, where, detail, why)


def _words(lines: list[Line], course: str) -> tuple[str, str, str]:
    """(who or what, the courses, what was asked)."""
    what, where, detail = dict[str, None](), dict[str, None](), dict[str, None]()
    for line in lines:
        match line:
            case PersonLine():
                what[line.person] = None
                where[line.course or course] = None
                detail |= dict.fromkeys(w for w in (line.role, line.group, line.grouping) if w)
            case MemberLine():
                what[line.person] = None
                detail[line.cohort] = None
            case MethodLine():
                what[line.source] = None
                where[line.course] = None
                detail |= dict.fromkeys(w for w in (line.method, line.role, line.group) if w)
            case _:
                what[line.idnumber] = None
                detail[line.name] = None
    return ", ".join(what), ", ".join(w for w in where if w), ", ".join(detail)
