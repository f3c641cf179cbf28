"""Every sentence and heading that people read in reports, in one place."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from greffe.model import Action
from greffe.plan.verdict import Verdict
from greffe.report.document import Document, FileLine, RefusedLine, VerdictLine
from greffe.rules.text import visible as visible  # noqa: PLC0414 - part of this module's texts
from greffe.rules.words import count as count  # noqa: PLC0414 - likewise
from greffe.rules.words import people as people  # noqa: PLC0414 - likewise

Limit = TypeVar("Limit", VerdictLine, Verdict)

ACTIONS: dict[str, tuple[str, str]] = {
    Action.CREATE_COHORT: ("cohorts created", "new"),
    Action.ADOPT_COHORT: ("cohorts adopted", "adopt"),
    Action.UPDATE_COHORT: ("cohorts changed", "changed"),
    Action.RELEASE_COHORT: ("cohorts given back to hand care", "released"),
    Action.DELETE_COHORT: ("cohorts deleted", "deleted"),
    Action.RESTORE_COHORT: ("cohorts brought back", "back"),
    Action.JOIN_COHORT: ("put into cohorts", "in"),
    Action.LEAVE_COHORT: ("taken out of cohorts", "out"),
    Action.CREATE_METHOD: ("methods created", "+method"),
    Action.UPDATE_METHOD: ("methods changed", "method"),
    Action.ADOPT_METHOD: ("methods adopted", "adopt"),
    Action.RELEASE_METHOD: ("methods given back to hand care", "released"),
    Action.DISABLE_METHOD: ("methods switched off", "off"),
    Action.DELETE_METHOD: ("methods deleted", "−method"),
    Action.RESTORE_METHOD: ("methods brought back", "+method"),
    Action.CREATE_GROUP: ("groups created", "groups"),
    Action.CREATE_GROUPING: ("groupings created", "groupings"),
    Action.JOIN_GROUPING: ("groups put into groupings", "+grouping"),
    Action.LEAVE_GROUPING: ("groups taken out of groupings", "−grouping"),
    Action.ENROL: ("enrolments added", "enrol"),
    Action.REACTIVATE: ("enrolments reactivated", "reactivate"),
    Action.SET_TIMES: ("times changed", "times"),
    Action.SUSPEND: ("enrolments suspended", "suspend"),
    Action.UNENROL: ("enrolments ended", "unenrol"),
    Action.ASSIGN_ROLE: ("roles given", "+role"),
    Action.REMOVE_ROLE: ("roles taken away", "−role"),
    Action.JOIN_GROUP: ("put into groups", "+group"),
    Action.LEAVE_GROUP: ("taken out of groups", "−group"),
    Action.JOIN_CONVERSATION: ("put into group conversations", "+talk"),
    Action.LEAVE_CONVERSATION: ("taken out of group conversations", "−talk"),
    Action.DELETE_GRADE: ("grades deleted", "−grade"),
    Action.RESTORE_GRADE: ("grades brought back", "+grade"),
    Action.FORGET_VISIT: ("last visits forgotten", "−visit"),
    Action.RESTORE_VISIT: ("last visits brought back", "+visit"),
    Action.UNSUBSCRIBE: ("forum subscriptions ended", "−forum"),
    Action.SUBSCRIBE: ("forum subscriptions brought back", "+forum"),
    Action.DROP_DIGEST: ("forum digest settings deleted", "−digest"),
    Action.RESTORE_DIGEST: ("forum digest settings brought back", "+digest"),
    Action.DROP_TRACKING: ("forum tracking settings deleted", "−tracking"),
    Action.RESTORE_TRACKING: ("forum tracking settings brought back", "+tracking"),
    Action.FORGET_READING: ("forum reading marks deleted", "−read"),
    Action.RESTORE_READING: ("forum reading marks brought back", "+read"),
}
"""Action → (what was done, column heading), in the order in which people read it."""

COHORT_ACTIONS = tuple(a for a in map(Action, ACTIONS) if "cohort" in a.value)
"""What happens to cohorts…"""
COURSE_ACTIONS = tuple(a for a in map(Action, ACTIONS) if a not in COHORT_ACTIONS)
"""…and in courses."""

KINDS = {
    "additions": "enrolments added",
    "changes": "enrolments changed",
    "suspensions": "enrolments suspended",
    "removals": "enrolments losing something",
    "at-most": "enrolments losing something",
    "everybody": "everybody would leave",
    "emptied": "courses emptied",
    "member-additions": "members joining",
    "member-removals": "members leaving",
    "member-at-most": "members leaving",
    "member-everybody": "everybody would leave",
    "member-emptied": "cohorts emptied",
}

REASONS = {
    "registered": "registered",
    "left-feed": "no longer in the feed",
    "has-grades": "no longer in the feed, but has grades",
    "purged": "no longer in the feed, suspended for long enough",
    "role-changed": "role changed",
    "group-changed": "group changed",
    "times-changed": "times changed",
    "duplicate": "duplicate",
    "member": "in the cohort or the parent course",
    "not-member": "no longer in the cohort or the parent course",
    "rule-changed": "as the rule says",
    "not-named": "nothing leads there any more",
    "new-year": "last year's cohort is replaced by this year's",
    "released": "given back to hand care",
    "asked": "asked for",
    "converted": "kept by hand",
    "not-in-file": "not in the file",
    "undo": "taken back",
}

FATES = {
    "already": "so already",
    "done": "done",
    "spared": "only suspended or switched off, for grades",
    "later": "not done: the calendar leaves them out",
    "held": "held by a guard",
    "refused": "refused",
}
"""What became of lines of a file, in reading order."""

FIGURES = {
    "rows": "rows",
    "kept": "rows that count",
    "other_years": "of other years",
    "not_required": "without the required registration",
    "duplicates": "said twice",
    "people": "people",
    "unknown_people": "without account",
    "ambiguous_people": "ambiguous",
    "empty_people": "naming nobody",
    "codes": "codes",
    "unknown_codes": "codes without course",
    "places": "places",
    "cohorts": "cohorts",
}
"""Figure of a feed → its words, in reading order."""
_ONE = {
    "rows": "row",
    "kept": "row that counts",
    "people": "person",
    "codes": "code",
    "unknown_codes": "code without course",
    "places": "place",
    "cohorts": "cohort",
}


def figures(of: Mapping[str, int]) -> list[tuple[str, int]]:
    """(words, number) of a feed in reading order, without zeros: ``rows that count``, of one ``row that counts``."""
    found = [(key, words, of.get(key, 0)) for key, words in FIGURES.items()]
    return [(_ONE.get(key, words) if n == 1 else words, n) for key, words, n in found if n]


def by_action(counts: dict[str, int]) -> list[tuple[str, str, int]]:
    """(action, words, number) in reading order, without zeros."""
    known = [(a.value, ACTIONS[a][0], counts[a]) for a in map(Action, ACTIONS) if counts.get(a)]
    return known + [(a, a, n) for a, n in counts.items() if a not in ACTIONS and n]


def changed(d: Document) -> list[tuple[str, str, int, int]]:
    """(action, words, made, planned) in reading order. What was made adds up to what the headline says, also where an
    action is in no plan."""
    actions = by_action(d.counts | d.planned)
    return [
        (action, words, d.counts.get(action, 0), d.planned.get(action, 0)) for action, words, _ in actions
    ]


def along(counts: dict[str, int]) -> str:
    """What went along with a run's changes: ``3 roles taken away, 2 grades deleted``; '' for nothing."""
    return ", ".join(f"{number:,} {words}" for _, words, number in by_action(counts))


def headline(document: Document) -> str:
    """What happened, in one sentence (or two)."""
    return " ".join([_main(document), *_besides(document)])


_WHAT = {"methods": "The sync", "rollover": "The new year", "release": "The release", "batch": "This"}
"""Kind of a run → what would make its changes."""


def _main(d: Document) -> str:
    changes, places = count(d.done, "change"), _places(d)
    if d.state == "planned":
        if d.held:
            if d.part:
                return _part_of_held(d)
            none = _none("its", sum(d.planned.values()), "would be made", "would not be made")
            return f"The guards hold this plan: {none} before it is approved."
        if d.stopped:
            return _stopped(d)
        if not d.done:
            if d.bad_feeds or d.holds_places or d.refused or d.refused_lines or d.later:
                return "Nothing would be changed."
            if d.undoes:
                return f"Nothing is left to take back of run {d.undoes}."
            return f"Nothing to do: {_in_step(d)}."
        what = f"Taking back run {d.undoes}" if d.undoes else _WHAT.get(d.kind, "Tonight")
        return f"{what} would make {changes} in {places}."
    name = f"Run {d.run}" if not d.undoes else f"Run {d.run}, which takes back run {d.undoes},"
    if d.state == "held":
        none = _none("its", sum(d.planned.values()), "was made", "was not made")
        return f"{name} is held by the guards: {none}; it waits for an approval."
    if d.state in ("failed", "interrupted", "killed"):
        return f"{name} was {d.state} after {changes}."
    if not d.done:
        if d.bad_feeds or d.holds_places or d.refused or d.refused_lines or d.later:
            return f"{name} changed nothing."
        if d.undoes:
            return f"Run {d.run} found nothing left to take back of run {d.undoes}."
        return f"{name} found nothing to do: {_in_step(d)}."
    return f"{name} made {changes} in {places}."


def _stopped(d: Document) -> str:
    """A file with lines that cannot be done, and nobody said that the rest is to be."""
    planned, lines = sum(d.planned.values()), len(d.refused_lines)
    refused = f"{count(lines, 'line')} of the file {'is' if lines == 1 else 'are'} refused"
    correct = f"Correct {'it' if lines == 1 else 'them'}"
    if not planned:
        return f"{refused}, and nothing else is to do. {correct}."
    return f"{refused}: {_none('the', planned, 'is made', 'is not made')}. {correct}, or do the rest with --skip-refused."


def _none(whose: str, number: int, made: str, not_made: str) -> str:
    """``none of its 3 changes was made``, ``its one change was not made``."""
    return (
        f"{whose} one change {not_made}"
        if number == 1
        else f"none of {whose} {count(number, 'change')} {made}"
    )


def _part_of_held(d: Document) -> str:
    """Of one course, cohort or person, where the whole plan is held."""
    names = ", ".join(dict.fromkeys(visible(v.name) for v in d.verdicts if v.level == "feed"))
    held = f"The guards hold the whole plan (a limit of {names})"
    planned = sum(d.planned.values())
    if not planned:
        return f"Nothing is to do here. {held}: nothing is made anywhere before it is approved."
    if planned == 1:
        return f"{held}: the one change here would not be made before it is approved."
    return f"{held}: none of the {count(planned, 'change')} here would be made before it is approved."


def _season(d: Document) -> str:
    """What the calendar's window keeps out."""
    kept = count(sum(d.later.values()), "change")
    if d.kind == "batch":  # what no night would make
        return _unmade(d, kept)
    if d.season == "blackout":
        return f"The calendar's blackout lasts until {d.until}: {kept} left for later."
    return f"Nobody loses anything until {d.until}, as the calendar says: {kept} left for later."


def _unmade(d: Document, kept: str) -> str:
    why = (
        "The calendar's blackout"
        if d.season == "blackout"
        else "The calendar's window, in which nobody loses anything,"
    )
    again = f" give the file again after {d.until}" if d.file else f" run this again after {d.until}"
    return (
        f"{why} lasts until {d.until}: {kept} not done;{again}."
        if d.later
        else f"{why} lasts until {d.until}."
    )


def _places(d: Document) -> str:
    """``3 cohorts and 1 course``."""
    found = [count(len(d.cohorts), "cohort")] if d.cohorts else []
    if d.courses or not d.cohorts:
        found.append(count(len({c.id for c in d.courses}), "course"))
    return " and ".join(found)


def _in_step(d: Document) -> str:
    if d.kind == "methods":
        return "its methods are in step with what they follow"
    if d.kind == "release":
        return "no cohort is Greffe's"
    if d.kind == "batch":
        return "everything is so already"
    return "Moodle is as the registrations want it"


def _besides(d: Document) -> Iterable[str]:
    if d.season:
        yield _season(d)
    if d.along:
        yield f"{count(sum(d.along.values()), 'row')} went along with them."
    if not (d.held or d.state == "held") and d.holds_places:
        held = [count(len(d.held_cohorts), "cohort")] if d.held_cohorts else []
        held += [count(len(d.held_courses), "course")] if d.held_courses else []
        yield f"What people would lose in {' and '.join(held)} is held."
    if bad := d.bad_feeds:
        names = ", ".join(f.name for f in bad)
        who, reach = ("Feed", "it reaches") if len(bad) == 1 else ("Feeds", "they reach")
        yield f"{who} {names} cannot be trusted: what {reach} is left as it is."
    if d.graded:
        who = "1 leaver keeps" if d.graded == 1 else f"{d.graded:,} leavers keep"
        yield f"{who} a suspended enrolment, since an unenrolment would delete grades."
    if d.undoes and d.done and d.state == "done":
        yield (
            "Where registrations ask for it, the next night makes what was taken back anew: correct them first, or "
            "stop the timer."
        )
    if d.refused_lines and not d.stopped:
        yield f"{count(len(d.refused_lines), 'line')} of the file refused."
    if d.refused:
        yield f"{count(sum(len(r.people) or 1 for r in d.refused), 'change')} refused."


def limits_once(reached: Iterable[Limit]) -> list[Limit]:
    """Limits as they are listed: feeds first, since they hold the whole run. Whoever is suspended loses something: where both
    limits are reached by the same figure, one line tells it."""
    found = sorted(reached, key=lambda v: v.level != "feed")
    suspended = {(v.level, v.name, v.value, v.of, v.limit) for v in found if v.kind == "suspensions"}
    return [
        v for v in found if v.kind != "removals" or (v.level, v.name, v.value, v.of, v.limit) not in suspended
    ]


def command_line(config_file: str, words: str) -> str:
    """A command as it is to be typed for this site."""
    named = config_file and config_file != "greffe.toml"
    return f"greffe -c {shlex.quote(config_file)} {words}" if named else f"greffe {words}"


def approval(d: Document) -> str:
    """The command that lets a held plan pass."""
    return command_line(d.config_file, f"approve {d.digest[:12]}")


def moment(seconds: int) -> str:
    """A moment of the database's clock, in this machine's own time zone; '' for none; one that no calendar holds as it is."""
    if not seconds:
        return ""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC).astimezone():%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError, OSError):
        return str(seconds)


def age(seconds: int) -> str:
    """How long, in its two largest units: ``26 h 5 min``, ``3 d 2 h``."""
    seconds = max(0, seconds)
    for large, name, small, part in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= large:
            rest = seconds % large // small
            return f"{seconds // large} {name}" + (f" {rest} {part}" if rest else "")
    return f"{seconds} s"


def lines_words(d: Document) -> str:
    """What became of a file's lines: ``214 lines: 200 done, 12 so already, 2 refused``."""
    words = FATES | ({"done": "to be done"} if d.state == "planned" else {})
    told = ", ".join(f"{n:,} {words.get(fate, fate)}" for fate, n in d.lines.items())
    return f"{count(sum(d.lines.values()), 'line')}: {told}"


def file_line(line: FileLine) -> str:
    """Where a refused line is, and why it is refused."""
    column = f", {line.column}" if line.column else ""
    value = f" {line.value!r}" if line.value else ""
    return f"line {line.line}{column}{value}: {line.reason}"


def refusal_words(line: RefusedLine) -> str:
    """What was not done, and for how many."""
    if not line.action:
        return "left as it is"
    return f"{line.action} refused" + (f" for {people(len(line.people))}" if line.people else "")


def history_words(rows: int) -> str:
    """What an undo says of deleted grades that are back."""
    return (
        f"the grades are back; their history keeps {count(rows, 'row')} about the deletion, as Moodle would,"
    )


HTML = {
    "title_run": "Greffe: run {run}",
    "title_plan": "Greffe: tonight's plan",
    "config": "What the rules say",
    "counts": "Changes",
    "along": "Along with them",
    "all": "all",
    "changes": "Changes, one by one",
    "where": "where",
    "role": "role",
    "group": "group",
    "counts_note": "Filled: made. Outlined: planned, held by a guard.",
    "cohorts": "Cohorts",
    "cohorts_planned": "Cohorts (planned; nothing was made)",
    "cohort": "cohort",
    "courses": "Courses",
    "by_methods": "{n} methods",
    "courses_planned": "Courses (planned; nothing was made)",
    "gain": "gained: enrolments, roles, groups",
    "loss": "lost: enrolments, roles, groups",
    "course": "course",
    "had": "had",
    "losses_held": "losses held",
    "guards": "Guards",
    "guards_quiet": "No limit was reached.",
    "approved_by": "Approved by",
    "approve_with": "If the plan is right, let it pass with",
    "name": "of what",
    "reached": "reached",
    "limit": "limit",
    "of": "of",
    "feeds": "Feeds",
    "good": "good",
    "bad": "bad",
    "frozen": "Frozen: nobody was added and nobody removed where it answers.",
    "unknown_codes": "Codes that are no course of the site",
    "ambiguous_codes": "Codes that several courses have",
    "ambiguous_people": "Several accounts answer to",
    "unknown_roles": "Unknown roles",
    "delivered": "delivered",
    "waiting": "Waiting for an account",
    "waiting_note": "Registered, but Moodle has no such person yet; taken in on the first night after the account appears.",
    "person": "person",
    "first_line": "first line",
    "refused": "Refused",
    "left": "left as it is",
    "history": "Kept in the grade history",
    "history_note": "Moodle keeps what became of a grade; these rows stay although the grades are back.",
    "rows": "rows",
    "action": "action",
    "why": "why",
    "more": "and {n} more",
    "run": "run",
    "site": "site",
    "made": "made",
    "plan": "plan",
}
"""Headings and notes of the HTML report."""
