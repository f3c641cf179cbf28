"""What letters say: in both languages the same, of everything a night can end in, and never a name."""

from __future__ import annotations

import json
from string import Formatter

import pytest

from greffe.errors import ConfigError, DatabaseError, GreffeError, InterruptedRunError, SiteNotReadyError
from greffe.report.document import Document, FeedLine, RefusedLine, VerdictLine, WaitingLine
from greffe.report.texts import KINDS
from greffe.telling.condition import Kind, of_document, of_error
from greffe.telling.discretion import discreet, said
from greffe.telling.letter import Letter, as_html, as_text
from greffe.telling.memory import Memory
from greffe.telling.webhook import body
from greffe.telling.words import WORDS, limit_kind, problem
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


def test_both_languages_say_the_same_things() -> None:
    for key, english in WORDS["en"].items():
        french = WORDS["fr"][key]
        names = [{name for _, name, _, _ in Formatter().parse(t) if name} for t in (english, french)]
        assert names[0] == names[1], key
        assert english != french or key in ("site", "config", "host", "check_drift"), key
    assert WORDS["en"].keys() == WORDS["fr"].keys()
    for kind in KINDS:
        assert limit_kind(kind, "fr") != kind
    assert problem(SHRUNK, "fr").startswith("Elle est passée de 60,722 lignes")


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
    return as_html(Writer("ecampus", "/etc/greffe/ecampus.toml", language).of(ending, memory, NOW, "24h"))


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("end", ENDS)
def test_every_ending_is_a_letter_that_names_nobody(end: str, language: str) -> None:
    found = letter(end, language)
    assert found.subject.startswith(f"[Greffe] ecampus{WORDS[language]['colon']} ")
    assert " – " in found.subject  # and what to do
    whole = as_text(found) + as_html(found) + body(found, NOW).decode()
    assert PERSON not in whole
    assert "{" not in as_text(found)
    assert found.steps
    if ENDS[end].error is None:
        assert "greffe -c /etc/greffe/ecampus.toml " in as_text(found)
    json.loads(body(found, NOW))


def test_what_lasts_tells_its_age() -> None:
    assert letter("all").subject == "[Greffe] ecampus: HELD – look at run 41: approve it only if it is right"
    old = letter("all", before=3 * 86400 + 7200)
    assert (
        old.subject == "[Greffe] ecampus: HELD for 3 d 2 h – look at run 41: approve it only if it is right"
    )
    assert "It has been so for 3 d 2 h" in old.lead
    assert "nuit RETENUE depuis 3 j 2 h" in letter("all", "fr", before=3 * 86400 + 7200).subject
    assert old.sections[0].lines[-1] == "and 2 more"
    assert "aucun de ses 2 870 changements" in letter("all", "fr").lead
    assert "made 1 change;" in letter("places").lead


def test_html_is_escaped() -> None:
    limit = VerdictLine(level="course", name="<b>", kind="everybody", value=9, of=9, limit="5")
    ending = of_document(night(state="held", exit=4, held=True, verdicts=[limit]))
    found = Writer("a<i>", "x.toml", "en").of(ending, Memory(), NOW, "24h")
    assert "<b>:" not in as_html(found)
    assert "&lt;b&gt;:" in as_html(found)
    assert "<b>:" in as_text(found)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("the mail of jean.dupont@univ.fr is <x@y.fr>", "the mail of … is <…>"),
        ("22012345 and 2201234, 60,722 rows, 1,234,567 and 20261", "… and …, 60,722 rows, 1,234,567 and 20261"),
        ("/srv/apogee/20261128/ip-20261128.csv", "/srv/apogee/20261128/ip-20261128.csv"),
        ("x" * 700, "x" * 599 + "…"),
    ],
)  # fmt: skip
def test_discretion(text: str, left: str) -> None:
    assert discreet(text) == left


def test_a_database_quotes_nobody() -> None:
    assert said(DatabaseError("site's: entry 'Dupont' for key \"mdl_x\"")) == "site's: entry ‘…’ for key ‘…’"
    assert said(DatabaseError("Key (idnumber)=(Dupont) already exists")) == "Key (idnumber)=… already exists"
    assert said(ConfigError("no table 'mial'")) == "no table 'mial'"


def test_a_night_is_told_at_once_then_by_its_pause_then_once_more_when_it_is_over() -> None:
    day, memory = 86400, Memory()
    held, feed, good = ENDS["all"], ENDS["feed"], of_document(night(state="done", exit=0))

    def hear(ending: object, now: int) -> bool:
        memory.note(ending, now)  # type: ignore[arg-type]
        if due := memory.due("mail", now, day):
            memory.told["mail"] = now
        return due

    assert not hear(good, 0)
    assert [hear(held, at) for at in (day, day + 60, 2 * day - 600, 2 * day)] == [True, False, True, False]
    assert memory.since == day
    assert hear(ENDS["places"], 2 * day + 60)  # held otherwise: news, of the same age
    assert memory.since == day
    assert hear(feed, 3 * day)
    assert memory.since == 3 * day
    assert not hear(good, 4 * day)
    assert (memory.was, memory.was_since, memory.owed) == (Kind.FEED, 3 * day, ["mail"])
    memory.owed.clear()
    assert not hear(good, 5 * day)
    assert not memory.owed
    assert hear(ENDS["refused"], 6 * day)
    assert not hear(ENDS["refused"], 60 * day)
