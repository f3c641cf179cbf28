"""A document whose every name means harm."""

from __future__ import annotations

from greffe.report.document import (
    ChangeLine,
    CourseLine,
    Document,
    FeedLine,
    HistoryLine,
    RefusedLine,
    VerdictLine,
    WaitingLine,
)

HOSTILE = "<script>alert(1)</script>\x1b]0;owned\x07[bold]{{ 7*7 }}&"


def hostile() -> Document:
    """A document whose every text comes from somebody who means harm."""
    return Document(
        kind="nightly", site=HOSTILE, made=1_790_000_000, state="done", run=7, digest="ab" * 32,
        planned={"enrol": 3, "suspend": 40}, counts={"enrol": 3}, exit=4,
        courses=[CourseLine(id=2, name=HOSTILE, counts={"enrol": 3}, held=True, active=50)],
        feeds=[
            FeedLine(
                name=HOSTILE, source=HOSTILE, good=False, figures={"rows": 1200, "people": 9}, problems=[HOSTILE],
                notes=[HOSTILE], unknown_codes={HOSTILE: 2}, ambiguous_codes=[HOSTILE], ambiguous_people=[HOSTILE],
                unknown_roles=[HOSTILE],
            )
        ],
        verdicts=[VerdictLine(level="course", name=HOSTILE, kind="removals", value=40, of=50, limit="30% and 10")],
        waiting=[WaitingLine(person=HOSTILE, feed=HOSTILE, line=3, courses=[HOSTILE])],
        refused=[RefusedLine(course=HOSTILE, action="unenrol", reason=HOSTILE, people=[HOSTILE])],
        history=[HistoryLine(course=HOSTILE, rows=12, people=[HOSTILE])], graded=3,
        changes=[ChangeLine(course=HOSTILE, action="enrol", reason="registered", person=HOSTILE, feed=HOSTILE, line=3)],
    )  # fmt: skip
