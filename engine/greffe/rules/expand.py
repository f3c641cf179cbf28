"""Registrations become places: the one loop that sees every row of a feed.

Everything that can be decided from a combination of codes (filters, academic year, templates, course, role, group)
is decided once per distinct combination; everything about a person once per person. A row then costs two look-ups
and one append to the packed array of its place.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import NamedTuple

from greffe.config.cohorts import CohortRule
from greffe.config.courses import CourseRule
from greffe.config.feeds import Feed
from greffe.errors import ConfigError, FeedError
from greffe.model import FEED_SHIFT, MAX_LINE, USER_SHIFT, FeedCounts, Table
from greffe.rules.cohorts import Claim, CohortSite, CompiledCohort, WantedCohort
from greffe.rules.compiled import Compiled
from greffe.rules.moments import moment
from greffe.rules.text import RefusedValueError, clean, fold, holds, lost_zeros, pad, shown

Key = tuple[str, ...]
Times = tuple[int, int]
CourseRole = tuple[int, int]
CourseGroup = tuple[int, str]


@dataclass(slots=True)
class Site:
    """What the rules must know of the site; all of it mappings, so that the core needs no database."""

    people: Mapping[str, int]
    ambiguous: Collection[int]
    alike: Callable[[Iterable[str]], Mapping[str, list[int]]]
    """For people without an exact match: the ids that the database's own comparison finds."""
    courses: Callable[[str], tuple[Mapping[str, int], Collection[str]]]
    """For a course field: (text → id, texts that several courses share)."""
    hidden: Collection[int]
    roles: Mapping[str, int]
    cohorts: CohortSite = field(default_factory=CohortSite)


@dataclass(slots=True)
class Waiting:
    """Someone whom the feed names and Moodle does not know yet, and one place that waits for them."""

    person: str
    line: int
    course: int
    role: int
    group: str
    times: Times
    cohort: str = ""
    """The idnumber of the cohort that waits, where it is no course."""
    alone: bool = False
    """Whether the role waits without an enrolment."""


@dataclass(slots=True)
class Desired:
    """Who should be where. Marks are unsorted and may repeat; see ``greffe.model``."""

    roles: dict[CourseRole, array[int]] = field(default_factory=dict)
    others: dict[CourseRole, array[int]] = field(default_factory=dict)
    """Who gets the role alone, without being enrolled (Moodle's "other users")."""
    groups: dict[CourseGroup, array[int]] = field(default_factory=dict)
    named: set[int] = field(default_factory=set)
    """Courses that some row names, whether it leads to anybody or not: they have the method, as in Moodle."""
    times: dict[int, dict[int, Times | None]] = field(default_factory=dict)
    """Course → person → (start, end); None: without limits. Only for courses that a rule with times reaches."""
    places: dict[str, set[CourseRole]] = field(default_factory=dict)
    """Feed → the places that it produced tonight."""
    waiting: dict[str, list[Waiting]] = field(default_factory=dict)
    cohorts: dict[str, WantedCohort] = field(default_factory=dict)
    """By what tells idnumbers apart on this site."""


@dataclass(slots=True)
class Reading:
    """What a feed turned out to hold, beside the places."""

    counts: FeedCounts
    unknown_people: Counter[str] = field(default_factory=Counter)
    ambiguous_people: set[str] = field(default_factory=set)
    ambiguous_ids: set[int] = field(default_factory=set)
    """The accounts that ambiguous people may be: they get nothing tonight, and lose nothing."""
    doubtful_ids: set[int] = field(default_factory=set)
    """People of rows that hold a refused value: by those rows they get nothing, and they lose nothing."""
    unknown_codes: Counter[str] = field(default_factory=Counter)
    ambiguous_codes: set[str] = field(default_factory=set)
    unknown_roles: set[str] = field(default_factory=set)
    refused_values: dict[str, None] = field(default_factory=dict)
    """What rules could not take, as sentences, each once, in the order of the feed."""
    cohorts_in_doubt: bool = False
    """Whether a cohort rule refused a value: a cohort that is not named may then be meant all the same."""


class Joined(NamedTuple):
    """A semi-join with another feed."""

    key_of: Callable[[Sequence[str]], Key]
    """The key of a row."""
    keys: Collection[Key]
    """Those that the other feed has."""
    doubted: Collection[str] = ()
    """People, as in a key, of lines that the other feed's reader refused: what is missing may have stood there."""
    person: int = 0
    """The place of the person in a key, where any are doubted."""


REFUSED_VALUE = "A value was refused"
"""How the note of a feed begins that tells of what rules could not take."""
_PERSON, _GROUP = 255, 254
"""How long the longest field of a person is, and a group's name (``user``, ``groups``)."""


class _Target:
    """Where one combination of codes leads. ``arrays`` empty: nowhere; no ``places`` or ``cohorts``: in doubt."""

    __slots__ = ("arrays", "cohorts", "limits", "named", "other_year", "places", "rows")

    def __init__(self) -> None:
        self.rows = 0
        self.named: list[int] = []
        self.other_year = False
        self.arrays: list[array[int]] = []
        self.places: list[tuple[int, int, str, Times | None, bool]] = []
        self.cohorts: list[tuple[str, Claim, bool]] = []
        """(key of the cohort, what is said of it, whether it may be adopted)."""
        self.limits: list[tuple[int, Times | None]] = []
        """Course, and from when to when it enrols there."""


def expand(
    table: Table,
    name: str,
    number: int,
    feed: Feed,
    rules: Sequence[tuple[int, CourseRule]],
    site: Site,
    into: Desired,
    *,
    cohorts: Sequence[tuple[int, CohortRule]] = (),
    years: Collection[str] | None = None,
    required: Joined | None = None,
    timed: bool = False,
) -> Reading:
    """Read one feed and add what its rules make of it to ``into``.

    ``number`` is the feed's number in marks; ``rules`` and ``cohorts`` come with their numbers in the configuration;
    ``years`` None means all; ``required``: the semi-join; ``timed``: whether any rule of the site gives
    times, so that who has them must be noted. Raises FeedError (with ``into`` untouched,
    since places are only merged at the end) and ConfigError.
    """
    who = feed.who
    if who is None:
        raise ConfigError(f"[feed.{name}] has no person column")
    columns = table.columns
    compiled = [Compiled(rule, n, columns) for n, rule in rules]
    of_cohorts = [CompiledCohort(rule, n, columns) for n, rule in cohorts]
    wanted = set(feed.keep) | {who.column} | ({feed.year_column} if years is not None else set())
    if missing := sorted(wanted - set(columns)):
        raise FeedError(
            f"[feed.{name}]: {table.source} has no column {', '.join(missing)}; it has {', '.join(columns)}"
        )
    return _Expansion(
        table, name, number, feed, compiled, of_cohorts, site, into, years, required, timed
    ).run()


class _Expansion:
    def __init__(
        self,
        table: Table,
        name: str,
        number: int,
        feed: Feed,
        rules: list[Compiled],
        cohort_rules: list[CompiledCohort],
        site: Site,
        into: Desired,
        years: Collection[str] | None,
        required: Joined | None,
        timed: bool,
    ) -> None:
        self.table, self.name, self.number, self.feed, self.rules, self.site = (
            table,
            name,
            number,
            feed,
            rules,
            site,
        )
        self.into, self.years, self.required = into, years, required
        self.cohort_rules = cohort_rules
        self.reading = Reading(FeedCounts(feed=name, source=table.source))
        self.roles: dict[CourseRole, array[int]] = {}
        self.others: dict[CourseRole, array[int]] = {}
        self.groups: dict[CourseGroup, array[int]] = {}
        self.cohorts: dict[str, WantedCohort] = {}
        self.alike: dict[str, dict[str, int]] = {}
        self.doubtful = array("Q")
        self._refused_at: dict[str, int] = {}
        """What cohort rules could not take → the first line."""
        self.timed = timed
        self.targets: dict[Key | str, _Target] = {}
        names = set(feed.keep) | ({feed.year_column} if years is not None else set())
        names = names.union(*(r.columns for r in rules), *(r.columns for r in cohort_rules))
        self.columns = sorted(names) or [table.columns[0]]

    def run(self) -> Reading:
        who = self.feed.who
        assert who is not None  # noqa: S101 - expand() has checked it
        at = self.table.columns.index(who.column)
        pick = itemgetter(*(self.table.columns.index(c) for c in self.columns))
        known: dict[str, int] = {}
        pending: list[tuple[str, _Target, int]] = []
        times: list[tuple[int, _Target]] = []
        targets, evaluate = self.targets, self._evaluate
        key_of, keys, doubted, person_at = self.required or (None, (), (), 0)
        unsure = _Target()
        unsure.arrays.append(self.doubtful)
        counts = self.reading.counts
        base = self.number << FEED_SHIFT
        rows = line = empty = not_required = 0
        for line, cells in self.table.rows():
            rows += 1
            combination = pick(cells)
            target = targets.get(combination)
            if target is None:
                target = targets[combination] = evaluate(combination, line)
            if key_of is not None and target.arrays and (key := key_of(cells)) not in keys:
                not_required += 1
                if not doubted or key[person_at] not in doubted:
                    continue
                self.reading.cohorts_in_doubt |= bool(target.cohorts)
                target = unsure
            target.rows += 1
            if not target.arrays:
                continue
            cell = cells[at]
            person = known.get(cell)
            if person is None:
                person = known[cell] = self._person(cell, who.pad, base)
            if person > 0:
                value = person | line
                for places in target.arrays:
                    places.append(value)
                if self.timed:
                    times.append((person >> USER_SHIFT, target))
            elif person == 0:
                pending.append((cell, target, line))
            elif person == -1:
                empty += 1
        for refused in self.table.refused:
            cell = refused.cells.get(who.column, "")
            person = self._person(cell, who.pad, base)
            if person > 0:
                self.doubtful.append(person | refused.line)
            elif person == 0:
                pending.append((cell, unsure, refused.line))
            self.reading.refused_values[f"line {refused.line}: {refused.why}"] = None
            self.reading.cohorts_in_doubt |= bool(self.cohort_rules)
        if line > MAX_LINE:
            raise FeedError(f"[feed.{self.name}]: more than {MAX_LINE} lines")
        counts.rows, counts.empty_people, counts.not_required = rows, empty, not_required
        counts.other_years = sum(t.rows for t in targets.values() if t.other_year)
        counts.kept = sum(t.rows for t in targets.values() if t.places or t.cohorts)
        counts.codes = sum(1 for t in targets.values() if t.rows and not t.other_year)
        waiting = self._resolve(pending, base, times)
        counts.people += len({p for p in known.values() if p > 0})
        counts.ambiguous_people = len(self.reading.ambiguous_people)
        counts.unknown_people = len(self.reading.unknown_people)
        if self.reading.unknown_people:
            counts.padded_people, counts.pad_width = lost_zeros(self.reading.unknown_people, self.site.people)
        counts.unknown_codes = len(self.reading.unknown_codes)
        self._merge(waiting, times)
        return self.reading

    # -- per combination of codes --------------------------------------------------------------------------
    def _evaluate(self, combination: Key | str, line: int) -> _Target:
        target = _Target()
        cells = (combination,) if isinstance(combination, str) else combination
        values = {c: clean(v) for c, v in zip(self.columns, cells, strict=True)}
        for column, keep in self.feed.keep.items():
            if values[column] not in ([keep] if isinstance(keep, str) else keep):
                return target
        if self.years is not None and values[self.feed.year_column] not in self.years:
            target.other_year = True
            return target
        for rule in self.rules:
            try:
                if rule.when(values):
                    self._lead(rule, values, target)
            except RefusedValueError as e:
                self.reading.refused_values[str(e)] = None
                target.arrays.append(self.doubtful)
        for of_cohorts in self.cohort_rules:
            try:
                if of_cohorts.when(values):
                    self._join(of_cohorts, values, target, line)
            except RefusedValueError as e:
                self._refused_at.setdefault(str(e), line)
                self.reading.cohorts_in_doubt = True
                target.arrays.append(self.doubtful)
        return target

    def _join(self, rule: CompiledCohort, values: dict[str, str], target: _Target, line: int) -> None:
        spec = rule.spec(values, self.site.cohorts)
        if spec is not None:
            key = self.site.cohorts.same(spec.idnumber)
            target.arrays.append(self.cohorts.setdefault(key, WantedCohort()).marks)
            target.cohorts.append((key, Claim(spec, self.name, line, rule.number), rule.rule.adopt))

    def _lead(self, rule: Compiled, values: dict[str, str], target: _Target) -> None:
        code = clean(rule.course(values))
        if not code:
            return
        by_code, shared = self.site.courses(rule.rule.match)
        if code in shared:
            self.reading.ambiguous_codes.add(code)
            return
        course = by_code.get(code)
        if course is None:
            course = self._alike_course(rule.rule.match, code)
        if course is None:
            self.reading.unknown_codes[code] += 1
            return
        if rule.role.columns or self._role(rule, clean(rule.role({}))) is not None:
            target.named.append(course)  # a rule whose own role is none makes no methods either
        if rule.rule.hidden_courses == "skip" and course in self.site.hidden:
            return
        role_name = clean(rule.role(values))
        role = self._role(rule, role_name)
        if role is None:
            self.reading.unknown_roles.add(role_name)
            raise RefusedValueError(f"{rule.owner}, role: {shown(role_name)} is no role of the site")
        start = moment(rule.start(values), rule.owner) if rule.start else 0
        end = moment(rule.end(values), rule.owner) if rule.end else 0
        group = clean(rule.group(values)) if rule.group else ""
        if not holds(_GROUP, group):
            why = f"{rule.owner}, group: {shown(group)} is no name for a group, which has {_GROUP} characters at most"
            self.reading.refused_values[why] = None
            target.arrays.append(self.doubtful)
            group = ""
        if rule.role_alone(values):
            target.arrays.append(self.others.setdefault((course, role), array("Q")))
            target.places.append((course, role, "", None, True))
            return
        target.arrays.append(self.roles.setdefault((course, role), array("Q")))
        if group:
            target.arrays.append(self.groups.setdefault((course, group), array("Q")))
        limits = (start, end) if rule.timed else None
        target.places.append((course, role, group, limits, False))
        target.limits.append((course, limits))

    def _role(self, rule: Compiled, name: str) -> int | None:
        role = self.site.roles.get(name)
        if role is None and rule.rule.default_role is not None:
            role = self.site.roles.get(rule.rule.default_role)
        return role

    def _alike_course(self, field: str, code: str) -> int | None:
        """The one course that the code may also mean. Moodle asks the external table for a course's rows, so that the
        collation there decides; blanks around a key, which nobody can see, count nowhere."""
        same = fold if self.feed.blind else clean
        if field not in self.alike:
            by_code, _ = self.site.courses(field)
            texts = {text: same(clean(text)) for text in by_code}
            once = {t for t, n in Counter(texts.values()).items() if n == 1}
            self.alike[field] = {t: by_code[text] for text, t in texts.items() if t in once}
        return self.alike[field].get(same(code))

    # -- per person ----------------------------------------------------------------------------------------
    def _person(self, cell: str, width: int, base: int) -> int:
        """A person's part of a mark; 0: no exact match (asked again later), -1: empty, -2: ambiguous."""
        text = pad(clean(cell), width)
        if not text:
            return -1
        found = self.site.people.get(text)
        if found is None and not width:
            found = self.site.people.get(cell)  # the account's own field may have blanks around it
        if found is None:
            return 0
        if found in self.site.ambiguous:
            self.reading.ambiguous_people.add(text)
            self.reading.ambiguous_ids.update(self.site.ambiguous)
            return -2
        return found << USER_SHIFT | base

    def _resolve(
        self, pending: list[tuple[str, _Target, int]], base: int, times: list[tuple[int, _Target]]
    ) -> list[Waiting]:
        """Ask the database for those without an exact match; who is still unknown waits."""
        width = self.feed.who.pad if self.feed.who else 0
        texts = {cell: pad(clean(cell), width) for cell, _, _ in pending}
        alike = self.site.alike(sorted({t for t in texts.values() if holds(_PERSON, t)})) if pending else {}
        self.reading.counts.people = len(set(texts.values()))
        waiting: list[Waiting] = []
        for cell, target, line in pending:
            text = texts[cell]
            found = alike.get(text, [])
            if len(found) > 1:
                self.reading.ambiguous_people.add(text)
                self.reading.ambiguous_ids.update(found)
            elif found:
                for places in target.arrays:
                    places.append(found[0] << USER_SHIFT | base | line)
                if self.timed:
                    times.append((found[0], target))
            else:
                self.reading.unknown_people[text] += 1
                if not holds(_PERSON, text):
                    continue  # no account can ever have it
                waiting += [
                    Waiting(text, line, c, r, g, t or (0, 0), alone=a) for c, r, g, t, a in target.places
                ]
                waiting += [
                    Waiting(text, line, 0, 0, "", (0, 0), c.spec.idnumber) for _, c, _ in target.cohorts
                ]
        return waiting

    # -- into the whole ------------------------------------------------------------------------------------
    def _merge(self, waiting: list[Waiting], times: list[tuple[int, _Target]]) -> None:
        into = self.into
        self.reading.doubtful_ids = {mark >> USER_SHIFT for mark in self.doubtful}
        for sentence, line in self._refused_at.items():
            self.reading.refused_values[f"{sentence} (line {line})"] = None
        if refused := list(self.reading.refused_values):
            more = f" (and {len(refused) - 1} more values)" if len(refused) > 1 else ""
            self.reading.counts.notes.append(
                f"{REFUSED_VALUE}; whom it concerns keeps what he has: {refused[0]}{more}."
            )
        self.reading.counts.duplicates = sum(
            len(marks) - len({mark >> USER_SHIFT for mark in marks}) for marks in self.roles.values()
        )
        for place, marks in self.roles.items():
            into.roles.setdefault(place, array("Q")).extend(marks)
        for place_group, marks in self.groups.items():
            into.groups.setdefault(place_group, array("Q")).extend(marks)
        for place, marks in self.others.items():
            into.others.setdefault(place, array("Q")).extend(marks)
        into.named.update(course for t in self.targets.values() if t.rows for course in t.named)
        for user, target in times:
            for course, limits in target.limits:
                people = into.times.setdefault(course, {})
                people[user] = wider(people[user], limits) if user in people else limits
        reached = [p for of in (self.roles, self.others) for p, marks in of.items() if marks]
        into.places[self.name] = {*reached, *((w.course, w.role) for w in waiting if w.course)}
        into.waiting[self.name] = waiting
        self.reading.counts.places = len(into.places[self.name])
        self._merge_cohorts()

    def _merge_cohorts(self) -> None:
        """Only what a row that counts has said."""
        for target in self.targets.values():
            if target.rows:
                for key, claim, adopt in target.cohorts:
                    self.cohorts[key].add(claim, adopt=adopt)
        named = {key: wanted for key, wanted in self.cohorts.items() if wanted.claims}
        for key, wanted in named.items():
            self.into.cohorts.setdefault(key, WantedCohort()).merge(wanted)
        self.reading.counts.cohorts = len(named)


def wider(one: Times | None, other: Times | None) -> Times | None:
    """The span that covers both; 0 is no limit, None is no limit on either side."""
    if one is None or other is None:
        return None
    start = 0 if 0 in (one[0], other[0]) else min(one[0], other[0])
    return start, 0 if 0 in (one[1], other[1]) else max(one[1], other[1])
