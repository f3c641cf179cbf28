"""A night, a result or an undoing as a document for people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from greffe.apply.transaction import Refused
from greffe.commands._file.batch import Batched
from greffe.commands._named.lookup import course_id
from greffe.commands._night.planner import Night
from greffe.commands.methods import Synced
from greffe.commands.nightly import Result
from greffe.commands.undo import Undoing
from greffe.config import Config
from greffe.errors import ConfigError, Exit
from greffe.model import FEED_SHIFT, LINE_MASK, Action, Batch
from greffe.moodle.catalogue import Catalogue
from greffe.plan.cohorts import CohortPlan
from greffe.plan.guards import Judgement
from greffe.plan.plan import ALONG, CoursePlan, Plan
from greffe.report.document import (
    ChangeLine,
    CohortLine,
    CourseLine,
    Document,
    FeedLine,
    FileLine,
    HistoryLine,
    RefusedLine,
    VerdictLine,
    WaitingLine,
)

BEYOND = ALONG | {Action.CREATE_GROUP}
"""What a run may come to beyond its plan. Whether a method's ``new_group`` is there is seen when it is made; groups of
course rules are in the plan."""


class ReportError(ConfigError):
    """The report could not be written."""

    todo = "Make [run] reports a directory that Greffe's account can write; `greffe show` has the figures."


def of_plan(
    night: Night, *, course: str | None = None, cohort: str | None = None, person: str | None = None
) -> Document:
    """What ``plan`` found; of one course, cohort or person, if it was asked for one, every single change too."""
    document = _of(night.plan, night.allowed or night.plan, night.judgement)
    _add_night(document, night)
    if (course, cohort, person) != (None, None, None):
        document.part = True
        document.digest = ""  # only a complete plan can be approved
        document.changes = list(_changes(night.plan, night.catalogue, _people(night)))
        document.waiting = [] if person is not None else _waiting_for(document, night, course, cohort)
        name = None if course is None else night.catalogue.courses[course_id(night.catalogue, course)].name
        document.refused = [r for r in document.refused if _concerns(r, name, cohort)]
    document.exit = exit_of_plan(document)
    return document


def _concerns(line: RefusedLine, course: str | None, cohort: str | None) -> bool:
    """Whether a refusal is about this course or cohort, or about one person's (neither of the two): a rule that leads
    nowhere may be about any."""
    if line.course.startswith("[[cohort]]"):
        return course is None
    if line.course.startswith("[[course]]"):
        return cohort is None
    if cohort is not None:
        return line.course == f"cohort {cohort}"
    # the lines of links and of their circles name courses within a sentence
    named = course and re.search(rf"(?<!\w){re.escape(course)}(?!\w)", f"{line.course} {line.reason}")
    return bool(named) and not line.course.startswith("cohort ")


def _waiting_for(
    document: Document, night: Night, course: str | None, cohort: str | None
) -> list[WaitingLine]:
    if course is None:
        here = [w for w in document.waiting if cohort in w.cohorts]
        return [msgspec.structs.replace(w, courses=[], cohorts=[str(cohort)]) for w in here]
    name = night.catalogue.courses[course_id(night.catalogue, course)].name
    return [
        msgspec.structs.replace(w, courses=[name], cohorts=[]) for w in document.waiting if name in w.courses
    ]


def of_result(result: Result, kind: str = "nightly", plan: Plan | None = None) -> Document:
    """What a run did. ``plan``: what was applied, where no night stands behind it."""
    if result.night is None:
        document = _of(plan, plan, Judgement([])) if plan else Document(kind=kind)
    else:
        night = result.night
        document = _of(night.plan, night.allowed or night.plan, night.judgement)
        _add_night(document, night)
    document.kind = kind
    _add_result(document, result)
    document.refused = _refused(result.refused, result.night)
    return document


def of_release(plan: Plan) -> Document:
    """What giving cohorts back would do."""
    document = _of(plan, plan, Judgement([]))
    document.kind, document.digest = "release", ""
    document.exit = exit_of_plan(document)
    return document


def of_undoing(undoing: Undoing) -> Document:
    """What taking a run back would do, or did."""
    document = _of(undoing.plan, undoing.plan, undoing.judgement)
    document.kind, document.undoes = "undo", undoing.record.id
    # a plan names each person once in a place, although several of his rows may come back there
    document.planned = dict(undoing.rows)
    document.counts = {} if document.held else dict(undoing.rows)
    if undoing.result is None:
        document.exit = exit_of_plan(document)
        return document
    _add_result(document, undoing.result)
    document.refused = _refused(undoing.refused, None)
    document.history = [
        HistoryLine(course=k.course, rows=k.rows, people=[f"id {u}" for u in k.users])
        for k in undoing.history
    ]
    return document


def of_synced(synced: Synced) -> Document:
    """What bringing methods in step, or a new year, would do, or did."""
    document = _of(synced.plan, synced.allowed, synced.judgement)
    document.kind, document.refused = synced.kind, _refused(synced.refused, None)
    document.notes = list(synced.notes)
    if synced.season is not None:
        document.season, document.until = synced.season.kind, str(synced.season.until)
        document.later = synced.later
    if synced.result is None:
        document.exit = exit_of_plan(document)
        return document
    _add_result(document, synced.result)
    return document


_WELL = (Exit.DONE, Exit.CHANGES_PENDING)
"""How a look or a run ends that nothing stood in the way of."""


def of_batch(batched: Batched) -> Document:
    """What a file's lines would do, or did."""
    document = of_synced(batched)
    document.file, document.read_as = batched.source, batched.read_as
    document.lines, document.stopped = batched.lines.counts(), batched.stopped
    document.refused_lines = [
        FileLine(line=r.line, column=r.column, value=r.value, reason=r.why)
        for _, r in sorted(batched.lines.refused.items())
    ]
    if batched.stopped:
        document.counts = {}
    if batched.later and not batched.stopped and document.exit in (*_WELL, Exit.REFUSED):
        document.exit = Exit.HELD  # no night makes what a file asks for
    if batched.stopped or (document.refused_lines and document.exit in _WELL):
        document.exit = Exit.REFUSED
    return document


def _add_result(document: Document, result: Result) -> None:
    """How a run ended: what it made of its plan, and apart from that what went along."""
    document.run, document.state, document.exit = result.run, result.state, int(result.exit)
    planned, refused = document.counts, Counter[str]()
    for one in result.applied.refused:
        refused[one.action] += len(one.users) or 1
    document.counts, document.along = {}, {}
    for action, number in result.counts.items():
        beyond = number - max(planned.get(action, 0) - refused[action], 0) if action in BEYOND else 0
        if beyond > 0:
            document.along[action] = beyond
        if number > beyond:
            document.counts[action] = number - max(beyond, 0)


def write_report(config: Config, document: Document) -> Path | None:
    """The night's HTML report in ``[run] reports``; None where no directory is configured. Raises ReportError."""
    if config.run.reports is None:
        return None
    from greffe.report.html import write

    path = Path(config.run.reports) / report_name(document.site, document.run)
    try:
        write([document], path)
    except OSError as e:
        # the night itself is over, and its exit code must go on telling how
        raise ReportError(f"no report was written: {path}: {e.strerror}") from e
    document.report = str(path)
    return path


def report_name(site: str, run: int | str) -> str:
    """The file of one run's report; several sites may share a directory."""
    # user:…@host cannot be in it, but slashes and colons are no part of a file name
    place = re.sub(r"[^A-Za-z0-9._-]+", "-", site.partition("://")[2]).strip("-")
    return f"greffe-{place}-run-{run}.html"


def names_of_reports(site: str) -> re.Pattern[str]:
    """What one site's reports are called, whichever run they are of."""
    any_run = "@"  # no place has it
    return re.compile(re.escape(report_name(site, any_run)).replace(any_run, r"\d+"))


def _of(plan: Plan, allowed: Plan, judgement: Judgement) -> Document:
    held = judgement.held_places
    shown = plan if judgement.stops else allowed
    lines = {c.place: _course(c, held=c.place in held) for c in shown.courses}
    for part in plan.courses:
        if part.place in held and part.place not in lines:
            lines[part.place] = msgspec.structs.replace(_course(part, held=True), counts={})
    cohorts = {c.idnumber: _cohort(c, held=c.idnumber in judgement.held_cohorts) for c in shown.cohorts}
    for cohort in plan.cohorts:
        if cohort.idnumber in judgement.held_cohorts and cohort.idnumber not in cohorts:
            cohorts[cohort.idnumber] = CohortLine(
                idnumber=cohort.idnumber, name=cohort.name, counts={}, held=True, members=cohort.members
            )
    return Document(
        kind="plan",
        site=plan.site,
        made=plan.made,
        digest=judgement.digest or plan.digest,
        approved_by=judgement.approved_by,
        held=judgement.stops,
        planned=plan.counts(),
        counts={} if judgement.stops else allowed.counts(),
        cohorts=[cohorts[c] for c in sorted(cohorts)],
        courses=[lines[c] for c in sorted(lines)],
        verdicts=[
            VerdictLine(level=v.level, name=v.name, kind=v.kind, value=v.value, of=v.of, limit=v.limit)
            for v in sorted(judgement.verdicts, key=lambda v: v.level != "feed")
        ],
    )


def _course(part: CoursePlan, *, held: bool) -> CourseLine:
    return CourseLine(
        id=part.course,
        name=part.name,
        method=part.method,
        counts=_counts(part.batches),
        changed=sorted(part.was),
        held=held,
        active=sum(part.active.values()),
    )


def _cohort(part: CohortPlan, *, held: bool) -> CohortLine:
    return CohortLine(
        idnumber=part.idnumber,
        name=part.name,
        counts=_counts(part.batches),
        changed=sorted(part.was.keys() & part.columns),
        held=held,
        members=part.members,
    )


def _counts(batches: list[Batch]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for batch in batches:
        counts[batch.action.value] = counts.get(batch.action.value, 0) + batch.size
    return counts


def _add_night(document: Document, night: Night) -> None:
    document.feeds = [_feed(night, name) for name in night.feeds.readings]
    document.waiting = list(_waiting(night))
    document.graded = night.graded
    document.notes = list(night.notes)
    document.refused = _refused(night.refused, night)
    if night.season is not None:
        document.season, document.until = night.season.kind, str(night.season.until)
        document.later = night.later


def _feed(night: Night, name: str) -> FeedLine:
    reading = night.feeds.readings[name]
    counts = msgspec.to_builtins(reading.counts)
    problems, notes, source = counts.pop("problems"), counts.pop("notes"), counts.pop("source")
    del counts["feed"]
    return FeedLine(
        name=name,
        source=source,
        good=not problems,
        figures=counts,
        problems=problems,
        notes=notes,
        unknown_codes=dict(reading.unknown_codes.most_common()),
        ambiguous_codes=sorted(reading.ambiguous_codes),
        ambiguous_people=sorted(reading.ambiguous_people),
        unknown_roles=sorted(reading.unknown_roles),
        active=night.active.get(name, 0),
        courses=night.courses.get(name, 0),
        members=night.cohorts.members.get(name, 0),
        cohorts=night.cohorts.cohorts.get(name, 0),
    )


def _waiting(night: Night) -> Iterator[WaitingLine]:
    for feed, people in night.feeds.desired.waiting.items():
        found: dict[str, WaitingLine] = {}
        for one in people:
            line = found.setdefault(
                one.person, WaitingLine(person=one.person, feed=feed, line=one.line, courses=[])
            )
            if one.cohort:
                if one.cohort not in line.cohorts:
                    line.cohorts.append(one.cohort)
                continue
            # a night with course rules has read them; another must not ask now
            courses = night.catalogue.courses
            name = courses[one.course].name if one.course in courses else str(one.course)
            if name not in line.courses:
                line.courses.append(name)
        yield from found.values()


def _refused(refused: list[Refused], night: Night | None) -> list[RefusedLine]:
    names = _people(night) if refused and night is not None else {}
    return [
        RefusedLine(
            course=r.course,
            action=r.action,
            reason=r.reason,
            people=[names.get(u, f"id {u}") for u in r.users],
        )
        for r in refused
    ]


def _people(night: Night) -> Mapping[int, str]:
    """User id → what the first feed that names people calls them by; already loaded for the plan."""
    for feed in night.config.feed.values():
        if feed.who is not None:
            return {i: text for text, i in night.catalogue.people(feed.who.match).items()}
    return {}


def _changes(plan: Plan, catalogue: Catalogue, people: Mapping[int, str]) -> Iterator[ChangeLine]:
    roles = {i: name for name, i in catalogue.roles.items()}
    for part in plan.parts:
        for batch in part.batches:
            for at, user in enumerate(batch.users or [0]):
                source = batch.sources[at] if at < len(batch.sources) else 0
                yield ChangeLine(
                    course="" if isinstance(part, CohortPlan) else part.name,
                    cohort=part.idnumber if isinstance(part, CohortPlan) else "",
                    action=batch.action.value,
                    reason=batch.reason.value,
                    person=people.get(user, f"id {user}") if user else "",
                    role=roles.get(batch.role, "") if batch.role else "",
                    group=batch.group_name or (f"id {batch.group}" if batch.group else ""),
                    feed=plan.feeds[source >> FEED_SHIFT] if source else "",
                    line=source & LINE_MASK,
                )


def exit_of_plan(document: Document) -> int:
    """The exit code of a look at what would be done."""
    if document.held:
        return Exit.HELD
    if document.bad_feeds:
        return Exit.PARTIAL
    if document.holds_places:
        return Exit.HELD
    if document.refused:
        return Exit.REFUSED  # as the run itself would end, changes or not
    return Exit.CHANGES_PENDING if document.done else Exit.DONE
