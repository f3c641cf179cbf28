"""The lines of the feeds that name one person, each read by the same rules as a night reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from greffe.commands._explaining.lines import Led, Registration, Sought, Traced, at_line
from greffe.commands._night.feeds import LastGood, terms_of
from greffe.commands._night.terms import Terms
from greffe.config import Config
from greffe.errors import FeedError
from greffe.feed import filters
from greffe.feed.opening import open_feed
from greffe.model import USER_SHIFT, FeedCounts, Table
from greffe.moodle.catalogue import Catalogue
from greffe.rules.cohorts import CompiledCohort
from greffe.rules.compiled import Compiled
from greffe.rules.desired import Desired
from greffe.rules.reading import Reading
from greffe.rules.text import clean, pad
from greffe.view.chain import Cause


class _Row:
    """One row of a feed as a feed of its own."""

    def __init__(self, of: Table, line: int, cells: Sequence[str]) -> None:
        self.name, self.source, self.columns, self.delivered = of.name, of.source, of.columns, of.delivered
        self.final_newline, self.notes, self.refused = True, (), ()
        self.line, self.cells = line, cells

    def rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        yield self.line, self.cells

    def close(self) -> None:
        """Nothing is open."""


def trace(config: Config, catalogue: Catalogue, last_good: LastGood, now: int, sought: Sought) -> Traced:
    """Every line that names the person, in the order of the feeds. A feed that cannot be read gives what it has."""
    found = Traced([], {})
    used = {rule.feed for rule in config.course} | {rule.feed for rule in config.cohort}
    for name in config.feed:
        if name not in used:
            continue
        try:
            terms = terms_of(config, catalogue, last_good, now, name)
            before = len(found.lines)
            for registration in _Tracer(terms, catalogue, sought).lines():
                found.lines.append(registration)
            _look_at_required(config, terms, found.lines[before:])
        except FeedError as e:
            found.broken[name] = str(e)
    return found


def _look_at_required(config: Config, terms: Terms, lines: Sequence[Registration]) -> None:
    """Of lines whose registration the feed of ``requires`` has not: whether it has one that does not count. Raises FeedError."""
    keys = {r.key for r in lines if r.key}
    if not keys or terms.feed.requires is None or terms.required is None:
        return
    name = terms.feed.requires.feed
    other = config.feed[name]
    found: dict[filters.Key, str] = {}
    with closing(open_feed(name, other)) as table:
        key_of = filters.key_of(table, terms.required.join.there, terms.required.join.widths)
        judging = [c for c in (*other.keep, other.year_column) if c in table.columns]
        for line, cells in table.rows():
            if (key := key_of(cells)) in keys:
                codes = {c: clean(cells[table.columns.index(c)]) for c in judging}
                found[key] = at_line(table.source, line, codes)
    for registration in lines:
        if registration.key:
            there = found.get(registration.key)
            registration.said = f"{there} does not count" if there else f"{name} has no line of it"


class _Tracer:
    """One feed."""

    def __init__(self, terms: Terms, catalogue: Catalogue, sought: Sought) -> None:
        self.terms, self.catalogue, self.sought = terms, catalogue, sought
        who = terms.feed.who
        assert who is not None  # noqa: S101 - the configuration was checked
        self.who = who
        self.wanted = pad(clean(sought.named(who.match)), who.pad)
        nobody = replace(terms.site, people={}, ambiguous=(), alike=lambda _: {})
        self.open = terms.unfiltered()
        self.to_nobody = replace(self.open, site=nobody)
        """Everybody waits then, wherever a line leads him: so it is told."""

    def lines(self) -> Iterator[Registration]:
        with closing(open_feed(self.terms.name, self.terms.feed)) as table:
            if not self.wanted or self.who.column not in table.columns:
                return
            at = table.columns.index(self.who.column)
            columns = self._columns(table)
            known: dict[str, str] = {}
            for line, cells in table.rows():
                cell = cells[at]
                how = known.get(cell)
                if how is None:
                    how = known[cell] = self._names(cell)
                if how and (found := self._line(_Row(table, line, cells), how, columns)):
                    yield found

    def _names(self, cell: str) -> str:
        """Whether a cell names him: ``him``, ``zeros`` (but for them), '' (no)."""
        text = pad(clean(cell), self.who.pad)
        same = self.catalogue.same
        if text and (text == self.wanted or same(text) == same(self.wanted)):
            return "him"
        if self.sought.account and cell == self.sought.named(self.who.match):
            return "him"  # the account's own field may have blanks around it
        digits = text.isascii() and text.isdigit() and self.wanted.isdigit()
        return "zeros" if digits and text.lstrip("0") == self.wanted.lstrip("0") else ""

    def _columns(self, table: Table) -> list[str]:
        """Those that the feed's filters and rules use, without the person's."""
        names = set(self.terms.feed.keep)
        if self.terms.years is not None:
            names.add(self.terms.feed.year_column)
        for number, rule in self.terms.rules:
            names |= Compiled(rule, number, table.columns).columns
        for number, of_cohort in self.terms.cohorts:
            names |= CompiledCohort(of_cohort, number, table.columns).columns
        return [c for c in table.columns if c in names and c != self.who.column]

    def _line(self, row: _Row, how: str, columns: Sequence[str]) -> Registration | None:
        if how == "him" and not self._is_his(row):
            return None
        at = {c: row.columns.index(c) for c in (*columns, self.who.column)}
        found = Registration(
            feed=self.terms.name,
            source=row.source,
            line=row.line,
            delivered=row.delivered,
            codes={c: clean(row.cells[at[c]]) for c in columns},
            person=pad(clean(row.cells[at[self.who.column]]), self.who.pad),
            match=self.who.match,
            cause=Cause.ZEROS_LOST if how == "zeros" else self._left_out(row),
            led=list(self._led(row)),
        )
        if found.cause is Cause.NOT_REQUIRED:
            found.key = self._key(row)
        return found

    def _left_out(self, row: _Row) -> Cause | None:
        """Why the line does not count; None: it does."""
        counts = FeedCounts(feed=self.terms.name)
        if not list(filters.selected(row, self.terms.feed, self.terms.years, counts)):
            return Cause.OTHER_YEAR if counts.other_years else Cause.NOT_KEPT
        if self.terms.required is not None and self._key(row) not in self.terms.required.keys:
            return Cause.NOT_REQUIRED
        return None

    def _key(self, row: _Row) -> filters.Key:
        """What the feed that this one requires would have to have."""
        return self.terms.required.key_of(row)(row.cells) if self.terms.required else ()

    def _is_his(self, row: _Row) -> bool:
        """Whether the night takes the line to be about him, or about nobody whom Moodle knows as one person."""
        desired, _ = self.open.expand(row)
        places = [
            *desired.roles.values(),
            *desired.others.values(),
            *(c.marks for c in desired.cohorts.values()),
        ]
        people = {mark >> USER_SHIFT for marks in places for mark in marks}
        return not people or (self.sought.account is not None and people == {self.sought.account.id})

    def _led(self, row: _Row) -> Iterator[Led]:
        """What each rule alone makes of the line."""
        for number, rule in self.terms.rules:
            into, reading = replace(self.to_nobody, rules=[(number, rule)], cohorts=[]).expand(row)
            yield from self._of_rule(f"[[course]] number {number}", into, reading)
        for number, of_cohort in self.terms.cohorts:
            into, reading = replace(self.to_nobody, rules=[], cohorts=[(number, of_cohort)]).expand(row)
            yield from self._of_rule(f"[[cohort]] number {number}", into, reading)

    def _of_rule(self, rule: str, into: Desired, reading: Reading) -> Iterator[Led]:
        for w in into.waiting[self.terms.name]:
            yield Led(rule, w.course, w.role, w.group, *w.times, alone=w.alone, cohort=w.cohort)
        if into.waiting[self.terms.name]:
            return
        course = next(iter(into.named), 0)
        if reading.refused_values:
            yield Led(rule, course, cause=Cause.VALUE_REFUSED, said="; ".join(reading.refused_values))
        elif reading.unknown_codes:
            yield Led(rule, cause=Cause.UNKNOWN_COURSE, said=next(iter(reading.unknown_codes)))
        elif reading.ambiguous_codes:
            yield Led(rule, cause=Cause.AMBIGUOUS_COURSE, said=next(iter(reading.ambiguous_codes)))
        elif into.named:
            yield Led(rule, course, cause=Cause.HIDDEN_COURSE)
