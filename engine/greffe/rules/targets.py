"""Where codes lead: decided once per distinct combination of the columns that filters and rules use."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from greffe.config.cohorts import CohortRule
from greffe.config.courses import CourseRule
from greffe.config.feeds import Feed
from greffe.rules.cohorts import Claim, CompiledCohort, WantedCohort
from greffe.rules.compiled import Compiled
from greffe.rules.desired import Desired, Times
from greffe.rules.moments import moment
from greffe.rules.reading import Reading
from greffe.rules.site import Site
from greffe.rules.text import RefusedValueError, clean, fold, holds, shown

Key = tuple[str, ...]

_GROUP = 254
"""Characters that a group's name has at most (``groups``)."""


class Seat(NamedTuple):
    """One place that a combination leads to: for whoever has to wait for it."""

    course: int
    role: int
    group: str
    times: Times | None
    """None: without limits."""
    alone: bool
    """Whether it is the role without an enrolment."""


class Target:
    """Where one combination of codes leads. ``arrays`` empty: nowhere; no ``seats`` or ``cohorts``: in doubt."""

    __slots__ = ("arrays", "cohorts", "limits", "named", "other_year", "rows", "seats")

    def __init__(self, *arrays: array[int]) -> None:
        self.rows = 0
        self.named: list[int] = []
        self.other_year = False
        self.arrays = list(arrays)
        """Of marks: each row that leads here adds its own."""
        self.seats: list[Seat] = []
        self.cohorts: list[tuple[str, Claim, bool]] = []
        """(key of the cohort, what is said of it, whether it may be adopted)."""
        self.limits: list[tuple[int, Times | None]] = []
        """Course, and from when to when it enrols there."""


class Targets:
    """Where the combinations of one feed lead, by all its rules."""

    def __init__(
        self,
        name: str,
        feed: Feed,
        columns: Sequence[str],
        rules: Sequence[tuple[int, CourseRule]],
        cohorts: Sequence[tuple[int, CohortRule]],
        years: Collection[str] | None,
        site: Site,
        reading: Reading,
    ) -> None:
        """``columns``: all that the feed has. Raises FeedError, ConfigError for a template that cannot be used."""
        self._name, self._feed, self._years, self._site, self._reading = name, feed, years, site, reading
        self._rules = [Compiled(rule, n, columns) for n, rule in rules]
        self._cohort_rules = [CompiledCohort(rule, n, columns) for n, rule in cohorts]
        self.filtering = set(feed.keep) | ({feed.year_column} if years is not None else set())
        """Columns that the feed's own filters look at."""
        used = self.filtering.union(
            *(r.columns for r in self._rules), *(r.columns for r in self._cohort_rules)
        )
        self.columns = sorted(used) or [columns[0]]
        """Those of which a combination is made."""
        self.known: dict[Key | str, Target] = {}
        """A combination of one column is that cell itself."""
        self.desired = Desired()
        """What was led to; marks are added by whoever walks the rows."""
        self.doubtful = array("Q")
        """Marks of people of rows that hold a refused value."""
        self.refused_at: dict[str, int] = {}
        """What cohort rules could not take → the first line."""
        self._alike: dict[str, dict[str, int]] = {}

    @property
    def fill_cohorts(self) -> bool:
        """Whether any of the rules is about cohorts."""
        return bool(self._cohort_rules)

    def evaluate(self, combination: Key | str, line: int) -> Target:
        """What ``known`` is to remember of a combination; ``line``: the first that has it."""
        target = Target()
        cells = (combination,) if isinstance(combination, str) else combination
        values = {c: clean(v) for c, v in zip(self.columns, cells, strict=True)}
        for column, keep in self._feed.keep.items():
            if values[column] not in ([keep] if isinstance(keep, str) else keep):
                return target
        if self._years is not None and values[self._feed.year_column] not in self._years:
            target.other_year = True
            return target
        for rule in self._rules:
            try:
                if rule.when(values):
                    self._lead(rule, values, target)
            except RefusedValueError as e:
                self._reading.refused_values[str(e)] = None
                target.arrays.append(self.doubtful)
        for of_cohorts in self._cohort_rules:
            try:
                if of_cohorts.when(values):
                    self._join(of_cohorts, values, target, line)
            except RefusedValueError as e:
                self.refused_at.setdefault(str(e), line)
                self._reading.cohorts_in_doubt = True
                target.arrays.append(self.doubtful)
        return target

    def _join(self, rule: CompiledCohort, values: dict[str, str], target: Target, line: int) -> None:
        spec = rule.spec(values, self._site.cohorts)
        if spec is not None:
            key = self._site.cohorts.same(spec.idnumber)
            target.arrays.append(self.desired.cohorts.setdefault(key, WantedCohort()).marks)
            target.cohorts.append((key, Claim(spec, self._name, line, rule.number), rule.rule.adopt))

    def _lead(self, rule: Compiled, values: dict[str, str], target: Target) -> None:
        code = clean(rule.course(values))
        if not code:
            return
        by_code, shared = self._site.courses(rule.rule.match)
        if code in shared:
            self._reading.ambiguous_codes.add(code)
            return
        course = by_code.get(code)
        if course is None:
            course = self._alike_course(rule.rule.match, code)
        if course is None:
            self._reading.unknown_codes[code] += 1
            return
        if rule.role.columns or self._role(rule, clean(rule.role({}))) is not None:
            target.named.append(course)  # a rule whose own role is none makes no methods either
        if rule.rule.hidden_courses == "skip" and course in self._site.hidden:
            return
        role_name = clean(rule.role(values))
        role = self._role(rule, role_name)
        if role is None:
            self._reading.unknown_roles.add(role_name)
            raise RefusedValueError(f"{rule.owner}, role: {shown(role_name)} is no role of the site")
        start = moment(rule.start(values), rule.owner) if rule.start else 0
        end = moment(rule.end(values), rule.owner) if rule.end else 0
        group = clean(rule.group(values)) if rule.group else ""
        if not holds(_GROUP, group):
            why = f"{rule.owner}, group: {shown(group)} is no name for a group, which has {_GROUP} characters at most"
            self._reading.refused_values[why] = None
            target.arrays.append(self.doubtful)
            group = ""
        if rule.role_alone(values):
            target.arrays.append(self.desired.others.setdefault((course, role), array("Q")))
            target.seats.append(Seat(course, role, "", None, alone=True))
            return
        target.arrays.append(self.desired.roles.setdefault((course, role), array("Q")))
        if group:
            target.arrays.append(self.desired.groups.setdefault((course, group), array("Q")))
        limits = (start, end) if rule.timed else None
        target.seats.append(Seat(course, role, group, limits, alone=False))
        target.limits.append((course, limits))

    def _role(self, rule: Compiled, name: str) -> int | None:
        role = self._site.roles.get(name)
        if role is None and rule.rule.default_role is not None:
            role = self._site.roles.get(rule.rule.default_role)
        return role

    def _alike_course(self, field: str, code: str) -> int | None:
        """The one course that the code may also mean. Moodle asks the external table for a course's rows, so that the
        collation there decides; blanks around a key, which nobody can see, count nowhere."""
        same = fold if self._feed.blind else clean
        if field not in self._alike:
            by_code, _ = self._site.courses(field)
            texts = {text: same(clean(text)) for text in by_code}
            once = {t for t, n in Counter(texts.values()).items() if n == 1}
            self._alike[field] = {t: by_code[text] for text, t in texts.items() if t in once}
        return self._alike[field].get(same(code))
