"""The lines of the feeds that lead somebody to a place, and the rules that take them there; or why none does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from greffe.commands._explaining.known import Known
from greffe.commands._explaining.lines import Lead, Led, Registration
from greffe.commands._explaining.outlook import Prospect
from greffe.commands._explaining.step import day, step
from greffe.report.texts import count
from greffe.view.chain import Cause, Link, Step

_LEFT_OUT: dict[Cause, tuple[str, str]] = {
    Cause.OTHER_YEAR: (
        "is of an academic year that is not open",
        "Nothing, if the year is over; else open it: `years` in [feed.{feed}], or where that takes them from.",
    ),
    Cause.NOT_KEPT: (
        "does not count: `keep` of its feed leaves it out",
        "Have the registration put right in the student records; or change `keep` in [feed.{feed}].",
    ),
    Cause.NOT_REQUIRED: (
        "does not count without a registration in the feed that `requires` names",
        "Have the registration there put right (valid, paid); the next extract brings it.",
    ),
    Cause.ZEROS_LOST: (
        "names this person but for leading zeros, which were lost: Moodle has other digits",
        "Give the person's column the width in [feed.{feed}]: person = {{ column = …, pad = {width} }}.",
    ),
}
"""Why a line does not count → that in words, and what would mend it."""
_DELIVER = "Have the extract delivered again; until then nothing that it reaches is touched."


@dataclass(frozen=True, slots=True)
class Goal:
    """What registrations lead to."""

    name: str
    codes: Collection[str] = ()
    """What lines could name it by."""
    feeds: Collection[str] = ()
    """Those that are known to lead there; none: any may."""


def registration_links(
    known: Known, leads: Sequence[Lead], goal: Goal, prospect: Prospect | None, *, there: bool
) -> list[Step]:
    """The line and its rule. ``prospect``: what a night does where nothing leads there; ``there``: whether he is there all
    the same."""
    if not leads:
        return [_no_line(known, goal, prospect, there=there)]
    # what came furthest: where a line of this year fails, last year's explains nothing
    line, led = min(
        leads,
        key=lambda lead: (
            (lead[0].cause is not None) + (lead[1].cause is not None),
            lead[0].cause is Cause.OTHER_YEAR,
        ),
    )
    more = f", and {count(len(leads) - 1, 'more line')}" if len(leads) > 1 else ""
    return [_line(known, line, more, there=there), _rule(known, led, goal.name)]


def _line(known: Known, line: Registration, more: str, *, there: bool) -> Step:
    """``more``: how many others lead there, inside the sentence."""
    what, cause, todo = f"{line}{more}", line.cause, ""
    bad = known.night.feeds.bad.get(line.feed)
    if cause is not None:
        words, mend = _LEFT_OUT[cause]
        account = known.standing.account
        width = len(account.field(line.match)) if account else 0
        what = f"{what} {words}" + (f": {line.said}" if line.said else "")
        todo = mend.format(feed=line.feed, width=width)
    elif bad and not there:
        cause, todo = Cause.BAD_FEED, _DELIVER
        what = f"{what}; but the feed {line.feed} cannot be trusted tonight: {_problem(bad)}"
    told = step(Link.REGISTRATION, what, made=line.delivered, cause=cause, todo=todo)
    told.source, told.line = line.source, line.line
    return told


def _rule(known: Known, led: Led, where: str) -> Step:
    if led.cause is Cause.VALUE_REFUSED:
        todo = "Correct the value in the student records, or the rule; `greffe plan` lists what is refused."
        return step(Link.RULE, led.said, cause=led.cause, todo=todo)
    given = [known.role_name(led.role)] if led.role else []
    given += [f"group {led.group}"] if led.group else []
    given += [f"from {day(led.start)}"] if led.start else []
    given += [f"until {day(led.end)}"] if led.end else []
    given += ["without an enrolment"] if led.alone else []
    return step(Link.RULE, f"{led.rule} takes it to {where}" + (f": {', '.join(given)}" if given else ""))


def _no_line(known: Known, goal: Goal, prospect: Prospect | None, *, there: bool) -> Step:
    if line := _for_no_rule(known, goal):
        todo = f"Look at `when` and the templates of the rules of [feed.{line.feed}]; if they are right, nothing is missing."
        return step(Link.RULE, f"{line} is for no rule", made=line.delivered, cause=Cause.NO_RULE, todo=todo)
    what = f"no line of any feed leads to {goal.name}" + _elsewhere(known)
    if there and prospect is not None:
        return step(Link.REGISTRATION, f"{what}; {prospect.why}", cause=prospect.cause, todo=prospect.todo)
    if bad := _bad(known, goal):
        problems = ", ".join(f"{name}: {problem}" for name, problem in bad.items())
        what = f"no line that could be read leads to {goal.name}; {problems}"
        return step(Link.REGISTRATION, what, cause=Cause.BAD_FEED, todo=_DELIVER)
    if there:
        return step(
            Link.REGISTRATION,
            f"{what}; nights change nothing there: a rule keeps leavers, or is in doubt",
            cause=Cause.LEFT_ALONE,
            todo="`greffe plan` tells what is in doubt; where leavers are kept, unenrol in Moodle.",
        )
    todo = "Have it registered in the student records: the next extract brings the enrolment."
    return step(Link.REGISTRATION, what, cause=Cause.NO_REGISTRATION, todo=todo)


def _for_no_rule(known: Known, goal: Goal) -> Registration | None:
    """A line that names the goal, and that no rule takes anywhere."""
    same = known.catalogue.same
    wanted = {same(code) for code in goal.codes if code}
    return next(
        (
            line
            for line in known.traced.lines
            if not line.led and wanted & set(map(same, line.codes.values()))
        ),
        None,
    )


def _bad(known: Known, goal: Goal) -> dict[str, str]:
    """Feed that may lead there and cannot be trusted tonight → what is wrong with it."""
    bad = {name: _problem(said) for name, said in known.night.feeds.bad.items()} | known.traced.broken
    return {name: problem for name, problem in bad.items() if name in goal.feeds or not goal.feeds}


def _elsewhere(known: Known) -> str:
    if not known.traced.lines:
        return ", and none names this person at all"
    feeds = Counter(line.feed for line in known.traced.lines)
    return ", though this person is named in " + " and ".join(
        f"{count(n, 'line')} of {feed}" for feed, n in feeds.items()
    )


def _problem(sentences: Sequence[str]) -> str:
    """What is wrong with a feed, inside a sentence."""
    return " ".join(sentences).removesuffix(".")
