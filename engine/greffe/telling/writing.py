"""A night, a week or a test as a letter. What goes in are counts, names of courses and feeds, and commands to type: nobody is named."""

from __future__ import annotations

import os
from typing import Any

from greffe.errors import GreffeError
from greffe.report.document import Document
from greffe.report.health import Check, Status
from greffe.report.texts import command_line, limits_once
from greffe.telling.condition import Condition, Kind
from greffe.telling.discretion import discreet, said
from greffe.telling.letter import Letter, Section, Step
from greffe.telling.memory import Memory
from greffe.telling.problems import problem
from greffe.telling.week import Week
from greffe.telling.words import (
    WORDS,
    counted,
    failure_key,
    lasted,
    limit_kind,
    limit_name,
    limit_of,
    number,
    pause,
    when,
)

LISTED = 10
"""Lines of a list; the rest is counted."""
_WORTH_TELLING = 3600
"""Seconds from which on it is said since when something is so: a first mail and one a second later say the same."""
_MOODS = {Kind.HELD: "warn", Kind.FEED: "warn", Kind.REFUSED: "warn", Kind.FAILURE: "bad"}


class Writer:
    """Letters about one site in one language."""

    def __init__(self, site: str, config_file: str, language: str) -> None:
        self.site, self.config_file, self.language = site, config_file, language
        self._words = WORDS[language]

    def of(self, condition: Condition, memory: Memory, now: int, again: str) -> Letter:
        """How a night left the site, where that is not well. ``again``: how often it is told."""
        for_how_long = now - memory.since
        d = condition.document
        state, todo, lead, sections, steps = (
            self._ended(condition.kind, d) if d else self._failed(condition.error)
        )
        if for_how_long >= _WORTH_TELLING:
            age = lasted(for_how_long, self.language)
            state = self._w("for", what=state, age=age)
            lead = f"{lead} {self._w('again', age=age, again=pause(again, self.language))}"
        return self._letter(
            condition.kind.value,
            state,
            todo,
            _MOODS.get(condition.kind, "bad"),
            lead,
            facts=[*self._facts(d), *([(self._w("since"), when(memory.since))] if memory.since else [])],
            sections=sections,
            steps=steps,
            data={"since": memory.since, "exit": condition.exit} | _figures(d, condition.error),
        )

    def recovered(self, condition: Condition, memory: Memory, now: int) -> Letter:
        """A good night after others."""
        d = condition.document
        lead = self._w(
            "recovered_lead",
            run=condition.run,
            made=self._c(d.done if d else 0),
            was=self._w(f"was_{memory.was.value}"),
            age=lasted(now - memory.was_since, self.language),
        )
        return self._letter(
            "recovered",
            self._w("recovered"),
            self._w("recovered_todo"),
            "good",
            lead,
            facts=self._facts(d),
            data={"since": memory.was_since, "was": memory.was.value, "exit": 0} | _figures(d, None),
        )

    def summary(self, week: Week, checks: list[Check]) -> Letter:
        """What the last days came to."""
        open_checks = [c for c in checks if c.status is not Status.OK]
        good = week.good == len(week.nights) and not open_checks
        nights = self._nights(len(week.nights))
        if not week.nights:
            state = self._w("summary_none")
        elif week.good == len(week.nights):
            state = self._w("summary_good")
        else:
            state = self._w("summary_bad", good=week.good, nights=nights)
        lead = self._w(
            "summary_lead",
            nights=nights,
            days=counted(week.days, "day", self.language),
            good=week.good,
            changes=self._c(sum(week.changes.values())),
        )
        steps = [Step(text=self._w("summary_look"), command=self._command("health"))] if open_checks else []
        return self._letter(
            "summary",
            state,
            self._w("summary_todo_good" if good else "summary_todo_bad"),
            "good" if good else "warn",
            lead,
            facts=[(self._w("waiting"), self._n(week.waiting))],
            sections=self._week(week, open_checks),
            steps=steps,
            data={
                "days": week.days,
                "nights": len(week.nights),
                "good": week.good,
                "changes": week.changes,
                "waiting": week.waiting,
                "open": {c.name: int(c.status) for c in open_checks},
            },
        )

    def test(self) -> Letter:
        """To see that it arrives."""
        return self._letter(
            "test",
            self._w("test"),
            self._w("test_todo"),
            "good",
            f"{self._w('test_lead')} {self._w('quiet')}",
        )

    def _ended(self, kind: Kind, d: Document) -> tuple[str, str, str, list[Section], list[Step]]:
        show = Step(text="", command=self._command(f"show {d.run}"))
        if kind is Kind.HELD:
            which = "held_all" if d.held else "held_places"
            lead = self._w(
                f"{which}_lead",
                run=d.run,
                planned=self._c(sum(d.planned.values())),
                made=self._c(d.done),
                places=self._n(len(d.held_courses) + len(d.held_cohorts)),
            )
            approve = self._command(f"approve {d.digest[:12]}")
            steps = [
                Step(text=self._w("held_look"), command=show.command),
                Step(text=self._w("held_approve"), command=approve),
                Step(text=self._w("held_correct")),
            ]
            return self._w(which), self._w("held_todo", run=d.run), lead, self._limits(d), steps
        if kind is Kind.FEED:
            names = [f.name for f in d.bad_feeds]
            feeds = ", ".join(names)
            sections = [
                Section(
                    title=self._w("feed", name=f.name),
                    lines=[discreet(problem(p, self.language), values=False) for p in f.problems[:LISTED]],
                )
                for f in d.bad_feeds
            ]
            steps = [
                Step(text=self._w("feed_deliver"), command=self._command("doctor")),
                Step(text=self._w("feed_meant"), command=self.config_file),
            ]
            state = self._w("feed_one" if len(names) == 1 else "feed_many", feeds=feeds)
            lead = self._w("feed_lead", run=d.run, made=self._c(d.done), feeds=feeds)
            return state, self._w("feed_todo"), lead, [*sections, *self._limits(d)], steps
        refused = self._c(sum(len(r.people) or 1 for r in d.refused))
        lead = self._w("refused_lead", run=d.run, made=self._c(d.done), refused=refused)
        steps = [Step(text=self._w("refused_look"), command=show.command)]
        return self._w("refused", refused=refused), self._w("refused_todo", run=d.run), lead, [], steps

    def _failed(self, error: GreffeError | None) -> tuple[str, str, str, list[Section], list[Step]]:
        error = error or GreffeError("")
        key = failure_key(int(error.exit))
        lines = [line for line in (said(error), discreet(error.todo)) if line]
        command = {"INTERRUPTED": "nightly", "BUG": "--debug nightly"}.get(key, "doctor")
        return (
            self._w("failure"),
            self._w(f"failure_todo_{key}"),
            self._w("failure_lead"),
            [Section(title=self._w("engine"), lines=lines)],
            [Step(text=self._w(f"failure_{key}"), command=self._command(command))],
        )

    def _limits(self, d: Document) -> list[Section]:
        reached = limits_once(d.verdicts)
        lines = [
            self._w(
                "limit",
                name=limit_name(v.name, self.language),
                value=self._n(v.value),
                of=self._n(v.of),
                kind=limit_kind(v.kind, self.language),
                limit=limit_of(v.limit, self.language),
            )
            for v in reached[:LISTED]
        ]
        if len(reached) > LISTED:
            lines.append(self._w("more", n=self._n(len(reached) - LISTED)))
        return [Section(title=self._w("limits"), lines=lines)] if lines else []

    def _week(self, week: Week, open_checks: list[Check]) -> list[Section]:
        nights = [
            self._w(
                "night_line",
                when=when(n.started),
                run=n.run,
                state=self._w(f"state_{n.state}"),
                changes=self._c(n.changes),
            )
            for n in week.nights[-LISTED:]
        ]
        changes = [self._w(key, n=self._n(n)) for key, n in week.changes.items() if n]
        feeds = [
            self._w("feed_line", name=f.name, nights=self._nights(f.nights), bad=f.bad, rows=self._n(f.rows))
            for f in week.feeds
        ]
        left = [
            self._w("open_line", check=self._w(f"check_{c.name}"), status=self._w(f"status_{int(c.status)}"))
            for c in open_checks
        ]
        found = (("open", left), ("nights", nights), ("changes", changes), ("feeds", feeds))
        return [Section(title=self._w(key), lines=lines) for key, lines in found if lines]

    def _facts(self, d: Document | None) -> list[tuple[str, str]]:
        if d is None:
            return []
        facts = [
            (self._w("run"), str(d.run)),
            (self._w("planned"), self._n(sum(d.planned.values()))),
            (self._w("made"), self._n(d.done)),
            (self._w("waiting"), self._n(len(d.waiting))),
        ]
        return [*facts, *([(self._w("report"), d.report)] if d.report else [])]

    def _letter(self, event: str, state: str, todo: str, mood: str, lead: str, **rest: Any) -> Letter:
        host = os.uname().nodename
        facts = [
            (self._w("site"), self.site),
            *rest.pop("facts", []),
            (self._w("config"), self.config_file),
            (self._w("host"), host),
        ]
        return Letter(
            event=event,
            language=self.language,
            site=self.site,
            host=host,
            subject=self._w("subject", site=self.site, state=state, todo=todo),
            mood=mood,
            lead=lead,
            facts=facts,
            **rest,
        )

    def _w(self, key: str, **values: Any) -> str:
        return self._words[key].format(**values)

    def _n(self, value: int) -> str:
        return number(value, self.language)

    def _c(self, value: int) -> str:
        return counted(value, "change", self.language)

    def _nights(self, value: int) -> str:
        return counted(value, "night", self.language)

    def _command(self, words: str) -> str:
        return command_line(self.config_file, words)


def _figures(d: Document | None, error: GreffeError | None) -> dict[str, Any]:
    """What a webhook says of a run in figures and names."""
    found: dict[str, Any] = {"error": type(error).__name__ if error else ""}
    if d is None:
        return found
    return found | {
        "run": d.run,
        "state": d.state,
        "digest": d.digest,
        "planned": d.planned,
        "counts": d.counts,
        "feeds": {f.name: f.good for f in d.feeds},
        "limits": [
            {"level": v.level, "name": v.name, "kind": v.kind, "value": v.value, "of": v.of}
            for v in d.verdicts[:LISTED]
        ],
        "waiting": len(d.waiting),
    }
