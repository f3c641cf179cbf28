"""The links of a chain one by one: each from the rows that Moodle has and from what the next night would do."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from greffe.apply import journal
from greffe.apply.journal import ChangeRecord
from greffe.commands._outlook import Outlook, Prospect
from greffe.commands._tracing import Sought, Traced
from greffe.methods.byhand import MANUAL, SELF
from greffe.methods.database import METHOD
from greffe.model import Action
from greffe.moodle.catalogue import Catalogue
from greffe.moodle.database import Database
from greffe.report.texts import REASONS, count, moment
from greffe.view.chain import Cause, Link, Step
from greffe.view.lines import Led, Registration
from greffe.view.standing import Account, Cohort, Enrolment, Method, Standing, accounts

Lead = tuple[Registration, Led]

_REMEMBERED = 5000
"""Rows of a person's journal that are looked at, the newest."""
_TELLING = 5
"""Digits of a number that is more than a line's or a run's."""
_NAMED = {
    "database": "External database",
    "cohort": "Cohort sync",
    "meta": "Course meta link",
    "manual": "Manual enrolments",
    "self": "Self enrolment",
}

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


@dataclass(frozen=True, slots=True)
class Goal:
    """What registrations lead to."""

    name: str
    codes: Collection[str] = ()
    """What lines could name it by."""
    feeds: Collection[str] = ()
    """Those that are known to lead there; none: any may."""


@dataclass(slots=True)
class Steps:
    """Everything that is known of one person, and the links that can be told of him."""

    db: Database
    catalogue: Catalogue
    outlook: Outlook
    traced: Traced
    sought: Sought
    several: list[Account]
    """The accounts that answer to the name, where it is more than one."""
    standing: Standing
    now: int
    tables: bool
    """Whether Greffe's own tables are there."""
    _past: dict[int, list[tuple[int, ChangeRecord]]] = field(default_factory=lambda: defaultdict(list))
    """Row → what runs did to it, newest first."""
    _writers: dict[int, list[str]] = field(default_factory=dict)
    """Who wrote a row → all that he is called."""
    _whole_after: int | None = None
    """The journal lacks no run after this second since 1970; None: not looked for yet."""

    def __post_init__(self) -> None:
        account = self.standing.account
        if self.tables and account is not None:
            for run, change in islice(journal.history(self.db, person=account.id), _REMEMBERED):
                self._past[change.object].append((run, change))

    # -- from the feeds ------------------------------------------------------------------------------------
    def registration(
        self, leads: Sequence[Lead], goal: Goal, prospect: Prospect | None, *, there: bool
    ) -> list[Step]:
        """The line and its rule. ``prospect``: what a night does where nothing leads there; ``there``: whether he is there all
        the same."""
        if not leads:
            return [self._no_line(goal, prospect, there=there)]
        # what came furthest: where a line of this year fails, last year's explains nothing
        registration, led = min(
            leads,
            key=lambda lead: (
                (lead[0].cause is not None) + (lead[1].cause is not None),
                lead[0].cause is Cause.OTHER_YEAR,
            ),
        )
        more = f", and {count(len(leads) - 1, 'more line')}" if len(leads) > 1 else ""
        what, cause, todo = f"{registration}{more}", registration.cause, ""
        bad = self.outlook.night.feeds.bad.get(registration.feed)
        if cause is not None:
            words, mend = _LEFT_OUT[cause]
            account = self.standing.account
            width = len(account.field(registration.match)) if account else 0
            what = f"{what} {words}" + (f": {registration.said}" if registration.said else "")
            todo = mend.format(feed=registration.feed, width=width)
        elif bad and not there:
            cause = Cause.BAD_FEED
            what = f"{what}; but the feed {registration.feed} cannot be trusted tonight: {_problem(bad)}"
            todo = "Have the extract delivered again; until then nothing that it reaches is touched."
        first = step(Link.REGISTRATION, what, made=registration.delivered, cause=cause, todo=todo)
        first.source, first.line = registration.source, registration.line
        found = [first]
        found.append(self._rule(led, goal.name))
        return found

    def _rule(self, led: Led, where: str) -> Step:
        if led.cause is Cause.VALUE_REFUSED:
            return step(
                Link.RULE,
                led.said,
                cause=led.cause,
                todo="Correct the value in the student records, or the rule; `greffe plan` lists what is refused.",
            )
        given = [self.role_name(led.role)] if led.role else []
        given += [f"group {led.group}"] if led.group else []
        given += [f"from {moment(led.start)[:10]}"] if led.start else []
        given += [f"until {moment(led.end)[:10]}"] if led.end else []
        given += ["without an enrolment"] if led.alone else []
        return step(Link.RULE, f"{led.rule} takes it to {where}" + (f": {', '.join(given)}" if given else ""))

    def _no_line(self, goal: Goal, prospect: Prospect | None, *, there: bool) -> Step:
        wanted = {self.catalogue.same(c) for c in goal.codes if c}
        for r in self.traced.lines:
            if not r.led and wanted & {self.catalogue.same(text) for text in r.codes.values()}:
                todo = f"Look at `when` and the templates of the rules of [feed.{r.feed}]; if they are right, nothing is missing."
                return step(
                    Link.RULE, f"{r} is for no rule", made=r.delivered, cause=Cause.NO_RULE, todo=todo
                )
        what = f"no line of any feed leads to {goal.name}" + self._elsewhere()
        if there and prospect is not None:
            return step(
                Link.REGISTRATION, f"{what}; {prospect.why}", cause=prospect.cause, todo=prospect.todo
            )
        bad = {n: _problem(p) for n, p in self.outlook.night.feeds.bad.items()} | self.traced.broken
        if bad := {n: p for n, p in bad.items() if n in goal.feeds or not goal.feeds}:
            return step(
                Link.REGISTRATION,
                f"no line that could be read leads to {goal.name}; {', '.join(f'{n}: {p}' for n, p in bad.items())}",
                cause=Cause.BAD_FEED,
                todo="Have the extract delivered again; until then nothing that it reaches is touched.",
            )
        if there:
            return step(
                Link.REGISTRATION,
                f"{what}; nights change nothing there: a rule keeps leavers, or is in doubt",
                cause=Cause.LEFT_ALONE,
                todo="`greffe plan` tells what is in doubt; where leavers are kept, unenrol in Moodle.",
            )
        return step(
            Link.REGISTRATION,
            what,
            cause=Cause.NO_REGISTRATION,
            todo="Have it registered in the student records: the next extract brings the enrolment.",
        )

    def _elsewhere(self) -> str:
        if not self.traced.lines:
            return ", and none names this person at all"
        feeds = Counter(r.feed for r in self.traced.lines)
        return ", though this person is named in " + " and ".join(
            f"{count(n, 'line')} of {f}" for f, n in feeds.items()
        )

    def course(self, course: int, leads: Sequence[Lead], name: str) -> Step:
        """Whether the code is a course, and rules may fill it."""
        blocked = [
            led
            for _, led in leads
            if led.cause in (Cause.UNKNOWN_COURSE, Cause.AMBIGUOUS_COURSE, Cause.HIDDEN_COURSE)
        ]
        if blocked and len(blocked) == len(leads):
            led = blocked[0]
            if led.cause is Cause.UNKNOWN_COURSE:
                todo = f"Give a course the idnumber (or what the rule finds it by) {led.said}; or have the code corrected."
                return step(
                    Link.COURSE, f"no course of the site has {led.said!r}", cause=led.cause, todo=todo
                )
            if led.cause is Cause.AMBIGUOUS_COURSE:
                todo = "Leave it to one of them, in Moodle's course settings."
                return step(Link.COURSE, f"several courses have {led.said!r}", cause=led.cause, todo=todo)
            todo = 'Show the course in Moodle; or give its rule hidden_courses = "enrol".'
            return step(
                Link.COURSE,
                f"{name} is hidden, and its rule skips hidden courses",
                "course",
                course,
                cause=led.cause,
                todo=todo,
            )
        hidden = "" if self.catalogue.courses[course].visible else ", hidden from students"
        return step(Link.COURSE, f"{name}{hidden}", "course", course)

    def account(self) -> Step:
        """Whether Moodle knows him, as one person."""
        account = self.standing.account
        if self.several:
            who = ", ".join(f"{a} (id {a.id})" for a in self.several)
            todo = "Merge the accounts, or leave the number to one of them; no night touches them before."
            return step(
                Link.ACCOUNT,
                f"several accounts answer to {self.sought.text}: {who}",
                "user",
                cause=Cause.AMBIGUOUS_PERSON,
                todo=todo,
            )
        if account is None:
            todo = "Have the account made (the directory, or a person): the places come when it appears, or with the next night."
            return step(
                Link.ACCOUNT,
                f"no account answers to {self.sought.text}: the places wait for one",
                cause=Cause.NO_ACCOUNT,
                todo=todo,
            )
        if account.deleted:
            todo = "Make a new account with the same number: a deleted one does not come back."
            return step(
                Link.ACCOUNT,
                f"the account {account.username} is deleted",
                "user",
                account.id,
                cause=Cause.DELETED_ACCOUNT,
                todo=todo,
            )
        also = "; it is suspended and cannot log in" if account.suspended else ""
        also = also or ("; it is not confirmed and cannot log in" if not account.confirmed else "")
        return step(
            Link.ACCOUNT,
            f"{account}, idnumber {account.idnumber or '(none)'}{also}",
            "user",
            account.id,
            account.made,
        )

    # -- in Moodle -----------------------------------------------------------------------------------------
    def cohort(self, cohort: Cohort | None, idnumber: str, run: int) -> Step:
        """Whether the cohort is there."""
        refused = self._refused(idnumber)
        if cohort is None:
            if refused:
                return step(
                    Link.COHORT,
                    refused,
                    cause=Cause.COHORT_REFUSED,
                    todo="Do as it says; `greffe plan` shows whether it was enough.",
                )
            coming = self.outlook.joins(idnumber)
            why = f"there is no cohort {idnumber}" + (f"; {coming.why}" if coming else "")
            todo = (
                coming.todo
                if coming
                else "Make it, by a [[cohort]] rule or in Moodle; or link the method to another."
            )
            return step(Link.COHORT, why, cause=coming.cause if coming else Cause.NO_COHORT, todo=todo)
        name = f"{cohort.idnumber or cohort.name}" + (f" ({cohort.name})" if cohort.idnumber else "")
        if refused and all(m.cohort != cohort.id for m in self.standing.cohorts):
            return step(
                Link.COHORT,
                f"{name}: {refused}",
                "cohort",
                cohort.id,
                cause=Cause.COHORT_REFUSED,
                todo="Do as it says; `greffe plan` shows whether it was enough.",
            )
        return step(Link.COHORT, name, "cohort", cohort.id, cohort.made, run)

    def _refused(self, idnumber: str) -> str:
        name = f"cohort {idnumber}"
        return next((r.reason for r in self.outlook.night.refused if r.course == name), "")

    def membership(self, cohort: Cohort, *, registered: bool) -> Step:
        """Whether he is in it."""
        row = next((m for m in self.standing.cohorts if m.cohort == cohort.id), None)
        name = cohort.idnumber or cohort.name
        if row is not None:
            run = self.run_of(row.id, {Action.JOIN_COHORT})
            pruned = "" if self._journal_whole(row.made) else ", or by a run whose journal has been pruned"
            by = "" if run else f"; put in by hand or by somebody else's program{pruned}"
            return step(Link.MEMBERSHIP, f"member of {name}{by}", "cohort_members", row.id, row.made, run)
        coming = self.outlook.joins(cohort.idnumber)
        out = self._last({Action.LEAVE_COHORT}, cohort=cohort.id)
        was = f" since run {out[0]} on {moment(out[1].made)[:10]}" if out else ""
        if coming is not None:
            return step(
                Link.MEMBERSHIP, f"not in {name}{was}; {coming.why}", cause=coming.cause, todo=coming.todo
            )
        if registered:
            return step(
                Link.MEMBERSHIP,
                f"not in {name}{was}, although registered",
                cause=Cause.LEFT_ALONE,
                todo="`greffe plan` lists what a night leaves alone, and why.",
            )
        todo = (
            f"Add a member, by hand in Moodle or with a file: `greffe cohorts FILE` with a line for {name}."
        )
        return step(Link.MEMBERSHIP, f"not in {name}{was}", cause=Cause.NOT_MEMBER, todo=todo)

    def method(
        self, method: Method | None, kind: str, of: str, coming: Prospect | None, run: int = 0
    ) -> Step:
        """Whether the method is there and on."""
        name = f"{_NAMED.get(kind, kind)}" + (f" of {of}" if of else "")
        if method is None:
            why = f"the course has no method {name}" + (f" yet; {coming.why}" if coming else "")
            todo = (
                coming.todo
                if coming
                else "`greffe plan --course` tells whether a night would make it; else add it in Moodle."
            )
            return step(Link.METHOD, why, cause=coming.cause if coming else Cause.NO_METHOD, todo=todo)

        def told(what: str, cause: Cause | None = None, todo: str = "") -> Step:
            return step(Link.METHOD, what, "enrol", method.id, method.made, run, cause=cause, todo=todo)

        if kind not in self.catalogue.plugins_enabled:
            return told(
                f"{name}: the whole site has this method switched off",
                Cause.PLUGIN_OFF,
                "Enable it under Site administration > Plugins > Enrolments > Manage enrol plugins.",
            )
        if not method.on:
            return told(
                f"{name}: switched off in this course",
                Cause.METHOD_OFF,
                "Switch it on (the eye) on the course's page of enrolment methods; of a [[link]] rule: enabled = true.",
            )
        return told(name)

    def enrolment(
        self,
        course: int,
        row: Enrolment | None,
        coming: Prospect | None,
        otherwise: Prospect,
        *,
        due: str = "",
    ) -> Step:
        """Whether he is enrolled and active. ``coming``: what a night would do; ``otherwise``: what is said where none does
        anything; ``due``: when a leaver is unenrolled."""
        if row is None:
            why = coming or otherwise
            out = self._last({Action.UNENROL}, course=course)
            was = f" since run {out[0]} on {moment(out[1].made)[:10]}" if out else ""
            return step(Link.ENROLMENT, f"not enrolled{was}; {why.why}", cause=why.cause, todo=why.todo)
        run = self.run_of(row.id, {Action.ENROL, Action.REACTIVATE, Action.SET_TIMES, Action.SUSPEND})

        def told(what: str, cause: Cause | None = None, todo: str = "") -> Step:
            made = row.changed or row.made
            return step(Link.ENROLMENT, what, "user_enrolments", row.id, made, run, cause=cause, todo=todo)

        if row.status:
            return told(*self._shut_out(row, coming, otherwise, due))
        if row.start > self.now:
            return told(
                f"enrolled, from {moment(row.start)} on",
                Cause.NOT_BEGUN,
                "Wait; or change the start: where the rule takes it from, or on the participants page.",
            )
        if 0 < row.end <= self.now:
            todo = "Change the end where the rule takes it from: in the student records, or in `end` of the rule."
            if row.method in (MANUAL, SELF):
                todo = "Change the end on the participants page, or with `greffe renew`."
            elif row.method != METHOD:
                todo = "Change the end where it comes from, in the parent course; the method takes that over."
            return told(f"enrolled, until {moment(row.end)}: that is over", Cause.ENDED, todo)
        until = f" until {moment(row.end)}" if row.end else ""
        by = "" if run else f" by {self._writer(row)}"
        return told(f"enrolled and active{until}{by or self._as_said(row)}")

    def _writer(self, row: Enrolment) -> str:
        """Who wrote a row last, as far as it tells: a run writes as the site's admin, and so do Moodle's tasks and other programs
        (moodle-writes §0.1), so that an admin's number names nobody."""
        if row.by not in self.catalogue.admins:
            return self.person_name(row.by)
        alike = "a person, a task of Moodle's or another program that writes as the site's admin"
        return (
            alike if self._journal_whole(row.changed) else f"a run whose journal has been pruned, or {alike}"
        )

    def _journal_whole(self, at: int) -> bool:
        """Whether the journal would have what a run wrote then: nothing of that time has been pruned."""
        if self._whole_after is None:
            found = self.db.query("journal_whole_after") if self.tables else []
            self._whole_after = int(found[0][0]) if found else -1
        return at > self._whole_after

    def _as_said(self, row: Enrolment) -> str:
        """Which line of which feed had him enrolled, when he was."""
        past = (
            c
            for _, c in self._past.get(row.id, [])
            if c.action in (Action.ENROL, Action.REACTIVATE) and c.feed
        )
        made = next(past, None)
        return f", as {made.feed} line {made.line} said" if made else ""

    def _shut_out(
        self, row: Enrolment, coming: Prospect | None, otherwise: Prospect, due: str
    ) -> tuple[str, Cause, str]:
        """A suspended enrolment: who did it, why it stays so, and what would mend it."""
        cause, who = self._suspended(row)
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

    def _suspended(self, row: Enrolment) -> tuple[Cause, str]:
        """Who suspended the enrolment: a run of Greffe's, if nobody has written the row since."""
        past = self._past.get(row.id, [])
        last = next(
            ((r, c) for r, c in past if c.action in (Action.SUSPEND, Action.ENROL, Action.REACTIVATE)), None
        )
        if last and last[1].action == Action.SUSPEND and row.changed <= last[1].made:
            why = REASONS.get(last[1].reason, last[1].reason)
            return Cause.SUSPENDED, f"suspended by run {last[0]} on {moment(last[1].made)[:10]}: {why}"
        who = f"suspended on {moment(row.changed)} by {self._writer(row)}"
        if row.by in self.catalogue.admins and not self._journal_whole(row.changed):
            return Cause.SUSPENDED_UNKNOWN, who
        return Cause.SUSPENDED_BY_HAND, f"{who}, not by Greffe"

    def role(self, method: Method, wanted: Mapping[int, Prospect | None], otherwise: str) -> Step:
        """Whether he holds what the way gives. ``wanted``: role → what a night would do about it."""
        held = self.standing.roles_by(method)
        for role, coming in wanted.items():
            if all(h.role != role for h in held):
                why = f"; {coming.why}" if coming else ""
                todo = coming.todo if coming else otherwise
                return step(
                    Link.ROLE, f"has not the role {self.role_name(role)}{why}", cause=Cause.NO_ROLE, todo=todo
                )
        if not held:
            return step(
                Link.ROLE,
                "no role comes with it",
                cause=Cause.NO_ROLE if method.method == METHOD else None,
                todo="Give one on the participants page, if there is to be one.",
            )
        names = ", ".join(dict.fromkeys(self.role_name(h.role) for h in held))
        first = held[0]
        return step(
            Link.ROLE,
            names,
            "role_assignments",
            first.id,
            first.made,
            self.run_of(first.id, {Action.ASSIGN_ROLE}),
        )

    def group(
        self, course: int, names: Collection[str], coming: Prospect | None, otherwise: str
    ) -> list[Step]:
        """Whether he is in the groups that the way puts him into; nothing where it puts him into none."""
        found = []
        for name in sorted(names):
            row = next((g for g in self.standing.groups if g.course == course and g.name == name), None)
            if row is None:
                why = f"; {coming.why}" if coming else ""
                found.append(
                    step(
                        Link.GROUP,
                        f"not in the group {name}{why}",
                        cause=Cause.NO_GROUP,
                        todo=coming.todo if coming else otherwise,
                    )
                )
            else:
                run = self.run_of(row.id, {Action.JOIN_GROUP})
                found.append(step(Link.GROUP, name, "groups_members", row.id, row.made, run))
        return found

    # -- words and runs ------------------------------------------------------------------------------------
    def role_name(self, role: int) -> str:
        """Its shortname."""
        return next((name for name, i in self.catalogue.roles.items() if i == role), f"role {role} (gone)")

    def person_name(self, user: int) -> str:
        """Who wrote a row."""
        if user not in self._writers:
            self._writers[user] = [
                name for a in accounts(self.db, [user] if user else []) for name in a.names
            ]
        return next(iter(self._writers[user]), "nobody that is known")

    def people(self) -> list[list[str]]:
        """Everybody whom a sentence may name, each by all that he is called."""
        account, text = self.standing.account, self.sought.text
        as_named = [text, *dict.fromkeys(r.person for r in self.traced.lines)]
        # lines can quote the number without its zeros; a short one would be any number of a sentence
        as_named += [short for n in as_named if (short := n.lstrip("0")) != n and len(short) >= _TELLING]
        mine = [] if self.several else [[*(account.names if account else []), *as_named]]
        several = [a.names for a in self.several] + ([as_named] if self.several else [])
        found = [*mine, *several, *self._writers.values()]
        return [names for texts in found if (names := [*dict.fromkeys(filter(None, texts))])]

    def run_of(self, row: int, actions: Collection[Action]) -> int:
        """The last run of which the row is, 0: none."""
        return next((run for run, c in self._past.get(row, []) if c.action in actions and not c.undone), 0)

    def _last(
        self, actions: Collection[Action], *, course: int = 0, cohort: int = 0
    ) -> tuple[int, ChangeRecord] | None:
        """The last change of such a kind to him there, that was not taken back."""
        found = [
            (run, c)
            for rows in self._past.values()
            for run, c in rows
            if c.action in actions and not c.undone and c.course == course and c.cohort == cohort
        ]
        return max(found, key=lambda f: f[1].id, default=None)


def step(
    link: Link,
    what: str,
    table: str = "",
    row: int = 0,
    made: int = 0,
    run: int = 0,
    *,
    cause: Cause | None = None,
    todo: str = "",
) -> Step:
    """One link; with ``cause`` one that does not hold."""
    return Step(
        link=link,
        what=what,
        table=table,
        row=row,
        made=made,
        run=run,
        cause=cause.value if cause else "",
        todo=todo if cause else "",
    )


def _problem(sentences: Sequence[str]) -> str:
    """What is wrong with a feed, inside a sentence."""
    return " ".join(sentences).removesuffix(".")
