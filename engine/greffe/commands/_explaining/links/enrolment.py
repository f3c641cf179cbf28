"""Whether somebody is enrolled and active; where not, who shut him out and what mends it."""

from __future__ import annotations

from greffe.commands._explaining.known import Known
from greffe.commands._explaining.outlook import Prospect
from greffe.commands._explaining.step import day, step
from greffe.methods.byhand import MANUAL, SELF
from greffe.methods.database import METHOD
from greffe.model import Action
from greffe.report.texts import REASONS, moment
from greffe.view.chain import Cause, Link, Step
from greffe.view.standing import Enrolment


def enrolment_link(
    known: Known,
    course: int,
    row: Enrolment | None,
    coming: Prospect | None,
    otherwise: Prospect,
    *,
    due: str = "",
) -> Step:
    """``coming``: what a night would do; ``otherwise``: what is said where none does anything; ``due``: when a leaver is
    unenrolled."""
    if row is None:
        why = coming or otherwise
        was = known.past.since(Action.UNENROL, course=course)
        return step(Link.ENROLMENT, f"not enrolled{was}; {why.why}", cause=why.cause, todo=why.todo)
    run = known.past.run_of(row.id, {Action.ENROL, Action.REACTIVATE, Action.SET_TIMES, Action.SUSPEND})

    def told(what: str, cause: Cause | None = None, todo: str = "") -> Step:
        made = row.changed or row.made
        return step(Link.ENROLMENT, what, "user_enrolments", row.id, made, run, cause=cause, todo=todo)

    if row.status:
        return told(*_shut_out(known, row, coming, otherwise, due))
    if row.start > known.now:
        todo = "Wait; or change the start: where the rule takes it from, or on the participants page."
        return told(f"enrolled, from {moment(row.start)} on", Cause.NOT_BEGUN, todo)
    if 0 < row.end <= known.now:
        return told(f"enrolled, until {moment(row.end)}: that is over", Cause.ENDED, _later(row.method))
    until = f" until {moment(row.end)}" if row.end else ""
    by = _as_said(known, row) if run else f" by {_writer(known, row)}"
    return told(f"enrolled and active{until}{by}")


def _later(method: str) -> str:
    """How to give somebody more time."""
    if method == METHOD:
        return "Change the end where the rule takes it from: in the student records, or in `end` of the rule."
    if method in (MANUAL, SELF):
        return "Change the end on the participants page, or with `greffe renew`."
    return "Change the end where it comes from, in the parent course; the method takes that over."


def _writer(known: Known, row: Enrolment) -> str:
    """Who wrote a row last, as far as it tells: a run writes as the site's admin, and so do Moodle's tasks and other programs
    (moodle-writes §0.1), so that an admin's number names nobody."""
    if row.by not in known.catalogue.admins:
        return known.people.writer(row.by)
    alike = "a person, a task of Moodle's or another program that writes as the site's admin"
    return alike if known.past.whole(row.changed) else f"a run whose journal has been pruned, or {alike}"


def _as_said(known: Known, row: Enrolment) -> str:
    """Which line of which feed had him enrolled, when he was."""
    made = known.past.of_row(row.id, {Action.ENROL, Action.REACTIVATE})
    return next((f", as {c.feed} line {c.line} said" for _, c in made if c.feed), "")


def _shut_out(
    known: Known, row: Enrolment, coming: Prospect | None, otherwise: Prospect, due: str
) -> tuple[str, Cause, str]:
    """A suspended enrolment: who did it, why it stays so, and what would mend it."""
    cause, who = _suspended(known, row)
    if coming:
        if coming.cause is not Cause.NOT_YET:
            return f"{who}; {coming.why}", coming.cause, coming.todo
        source = "the registration" if row.method == METHOD else "what the method follows"
        keep = f" To keep it suspended, end {source}: as long as that leads here, nights make it active."
        todo = coming.todo + ("" if cause is Cause.SUSPENDED else keep)
        return f"{who}; the next night makes it active again", cause, todo
    if due:
        why = f"{who}; unenrolled by the first night after {due}, as the rule's purge says"
        return why, Cause.PURGE_PENDING, "To prevent it, have it registered again before that."
    if cause is Cause.SUSPENDED:
        return who, cause, "The first night that finds a registration makes it active again."
    return who, cause, otherwise.todo


def _suspended(known: Known, row: Enrolment) -> tuple[Cause, str]:
    """Who suspended the enrolment: a run of Greffe's, if nobody has written the row since."""
    done = known.past.of_row(row.id, {Action.SUSPEND, Action.ENROL, Action.REACTIVATE})
    run, last = next(iter(done), (0, None))
    if last is not None and last.action == Action.SUSPEND and row.changed <= last.made:
        why = REASONS.get(last.reason, last.reason)
        return Cause.SUSPENDED, f"suspended by run {run} on {day(last.made)}: {why}"
    who = f"suspended on {moment(row.changed)} by {_writer(known, row)}"
    if row.by in known.catalogue.admins and not known.past.whole(row.changed):
        return Cause.SUSPENDED_UNKNOWN, who
    return Cause.SUSPENDED_BY_HAND, f"{who}, not by Greffe"
