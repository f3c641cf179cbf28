"""Letters about nights of every kind of end."""

from __future__ import annotations

import msgspec

from greffe.errors import ConfigError, DatabaseError, GreffeError, InterruptedRunError, SiteNotReadyError
from greffe.report.document import Document, FeedLine, RefusedLine, VerdictLine, WaitingLine
from greffe.telling.condition import of_document, of_error
from greffe.telling.letter import Letter, as_html
from greffe.telling.memory import Memory
from greffe.telling.writing import Writer

NOW = 1_795_000_000
PERSON = "22012345"
WAITING = [WaitingLine(person=PERSON, feed="ip", line=3, courses=["DRT101"])]
LIMITS = [
    VerdictLine(level="feed", name="ip", kind="removals", value=1234, of=10250, limit="10% and 50")
] * 12

SHRUNK = "It shrank from 60,722 rows on the last good night to 30,360 (−50%; shrink = 30%)."


def night(**values: object) -> Document:
    """A document of run 41."""
    shape = {
        "kind": "nightly",
        "run": 41,
        "digest": "3f9c2ab81d07aa",
        "planned": {"suspend": 2870},
        "waiting": WAITING,
    }
    return Document(**(shape | values))  # type: ignore[arg-type]


BAD = FeedLine(
    name="ip", source="/srv/ip.csv", good=False, figures={}, problems=[SHRUNK, f"line 7: {PERSON} is odd"]
)

ENDS = {
    "all": of_document(night(state="held", exit=4, held=True, verdicts=LIMITS)),
    "places": of_document(night(state="done", exit=4, counts={"enrol": 1})),
    "feed": of_document(night(state="partial", exit=5, feeds=[BAD])),
    "refused": of_document(night(state="done", exit=10, refused=[RefusedLine(course="X", action="", reason="r", people=[PERSON])])),
    "config": of_error(ConfigError("x.toml: there is no key abov")),
    "locked": of_error(SiteNotReadyError("another Greffe is at work")),
    "database": of_error(DatabaseError(f"the site's database said: Duplicate entry '{PERSON}' for key 'x'")),
    "stopped": of_error(InterruptedRunError("stopped")),
    "bug": of_error(GreffeError("KeyError: a fault in Greffe itself")),
}  # fmt: skip


def letter(end: str, language: str = "en", *, before: int = 0) -> Letter:
    """Of a night that has been so for ``before`` seconds."""
    memory = Memory()
    memory.note(ENDS[end], NOW - before)
    return Writer("ecampus", "/etc/greffe/ecampus.toml", language).of(ENDS[end], memory, NOW, "24h")


def html_of_a_held_night(language: str) -> str:
    """As the mail program gets it: for three days, with limits of a feed, a course and a cohort."""
    verdicts = [
        VerdictLine(level="feed", name="ip", kind="removals", value=1234, of=10250, limit="10% and 50"),
        VerdictLine(level="course", name="DRT101 Introduction au droit", kind="everybody", value=412, of=412, limit="5"),
        VerdictLine(level="cohort", name="L1MED-2026", kind="member-removals", value=220, of=412, limit="30%"),
    ]  # fmt: skip
    report = "/var/lib/greffe/reports/greffe-localhost-moodle-mdl_-run-41.html"
    ending = of_document(night(state="held", exit=4, held=True, verdicts=verdicts, report=report))
    memory = Memory()
    memory.note(ending, NOW - 3 * 86400 - 7200)
    letter = Writer("ecampus", "/etc/greffe/ecampus.toml", language).of(ending, memory, NOW, "24h")
    facts = [(k, "moodle.univ.example" if v == letter.host else v) for k, v in letter.facts]
    return as_html(msgspec.structs.replace(letter, host="moodle.univ.example", facts=facts))
