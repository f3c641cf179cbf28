"""What letters say: in both languages the same, of everything a night can end in, and never a name."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from string import Formatter

import pytest

from greffe.config import parse
from greffe.errors import ArgumentError, ConfigError, DatabaseError, FeedError, RefusedError
from greffe.feed.header import positions
from greffe.feed.opening import open_feed
from greffe.plan.verdict import NO_FEED
from greffe.report.document import FeedLine, VerdictLine
from greffe.report.texts import KINDS
from greffe.telling.condition import Kind, of_document
from greffe.telling.discretion import discreet, said
from greffe.telling.letter import as_html, as_text
from greffe.telling.memory import Memory
from greffe.telling.problems import problem
from greffe.telling.webhook import body
from greffe.telling.words import WORDS, limit_kind, limit_name, limit_of
from greffe.telling.writing import Writer
from tests.telling.letters import (
    ENDS,
    NOW,
    PERSON,
    SHRUNK,
    letter,
    night,
)


def test_both_languages_say_the_same_things() -> None:
    for key, english in WORDS["en"].items():
        french = WORDS["fr"][key]
        names = [{name for _, name, _, _ in Formatter().parse(t) if name} for t in (english, french)]
        assert names[0] == names[1], key
        assert english != french or key in ("site", "config", "host", "check_drift"), key
    assert WORDS["en"].keys() == WORDS["fr"].keys()
    for kind in KINDS:
        assert limit_kind(kind, "fr") != kind
    assert problem(SHRUNK, "fr").startswith("Elle est passée de 60 722 lignes")


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


def test_limits_are_told_in_french() -> None:
    assert limit_of("10% and 50", "fr") == "10 %, à partir de 50 inscriptions"
    assert limit_of("30% and 5 members", "fr") == "30 %, à partir de 5 membres"
    assert limit_of("5 people", "fr") == "5 personnes"
    assert limit_name("all cohort methods", "fr") == "toutes les méthodes cohort"
    assert limit_name(NO_FEED, "fr") == "plus aucune extraction"
    assert [limit_name(name, "fr") for name in ("ip", "all of them")] == ["ip", "all of them"]
    assert limit_name("all cohort methods", "en") == "all cohort methods"


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("end", ENDS)
def test_every_letter_of_ours_can_be_seen(end: str, language: str) -> None:
    found = letter(end, language, before=3 * 86400)
    assert "\N{REPLACEMENT CHARACTER}" not in as_html(found) + as_text(found)


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
    assert (
        said(DatabaseError("Duplicate entry 'O'Brien-5' for key 'mdl_x'"))
        == "Duplicate entry ‘…’ for key ‘…’"
    )
    assert said(DatabaseError("Key (idnumber)=(Dupont) already exists")) == "Key (idnumber)=… already exists"
    assert said(ConfigError("no table 'mial'")) == "no table 'mial'"


@pytest.mark.parametrize(
    ("feed", "content"),
    [
        ("csv", "COD_ETU;NOM\nedupont;Dupont\nedupont;d'\"Artagnan;one too many\n"),
        ("csv", "edupont;Dupont\n"),
        ("csv", "edupont;Dupont\nCOD_ETUD;Dupont\n"),
        ("csv", "edupont;Dupont;Dupont\n"),
        ("ldif", "dn: uid=edupont\nsupannEtuId: 7\ncn Dupont\n"),
        ("ldif", "dn: uid=edupont\ncn: Dupont\n\nuid: edupont\n"),
        ("ldif", "dn: uid=edupont\nsupannEtuId:: Dupont\nsupannEtuInscription: [anneeinsc=2026]\n"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_a_reader_quotes_of_a_feed_stays_out_of_a_mail(
    feed: str, content: str, language: str, tmp_path: Path
) -> None:
    file = tmp_path / "people"
    file.write_text(content, encoding="utf-8")
    table = parse({"moodle": {}, "feed": {"ip": {feed: str(file), "person": "COD_ETU"}}}, "x.toml").feed["ip"]

    def read() -> None:
        with closing(open_feed("ip", table)) as rows:
            positions(rows, ["COD_ETU"])
            list(rows.rows())

    with pytest.raises(FeedError) as raised:
        read()
    bad = FeedLine(name="ip", source="", good=False, figures={}, problems=[str(raised.value)])
    ending = of_document(night(state="partial", exit=5, feeds=[bad]))
    found = Writer("ecampus", "x.toml", language).of(ending, Memory(), NOW, "24h")
    for text in (as_text(found), as_html(found), body(found, NOW).decode(), said(raised.value)):
        assert "upont" not in text
        assert "Artagnan" not in text
    assert str(file) in as_text(found)
    assert said(RefusedError("'edupont' may not send")) == "‘…’ may not send"
    assert "edupont" not in said(ArgumentError("there is nobody with the idnumber, username or id 'edupont'"))


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
