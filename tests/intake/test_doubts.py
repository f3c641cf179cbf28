"""Whatever the bytes: lines, refusals, doubts or an error with a next step; and no doubt is ever decided in silence."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greffe.errors import GreffeError
from greffe.intake.lines import CohortLine, Line, MemberLine, MethodLine, PersonLine, RefusedLine
from greffe.intake.opening import OpenedFile, open_batchfile
from greffe.intake.wants import Wants
from tests.intake.make_corpus import cases

SEVERAL = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252", "mac-roman", "latin-1")
WORDS = st.sampled_from(
    ["person", "course", "groupe", "identifiant", "courriel", "username", "course1", "cohort1", "enrolperiod1", "cohort",
     "name", "idnumber", "method", "parent", "action", "operation", "shortname", "metacohort", "disabled",
     "enrolment_1", "enrolment_1_metacoursename", "add", "del", "meta", "21900123", "zoé", "É1", "a@univ.fr", "# TD1",
     "!a@univ.fr", '"', '""', '="00123"', "2,19E+07", "\u00a0", "\0", "\ufeff", "", "=1+1", "2026-09-01", "0", "1", "99999999999999999999"]
)  # fmt: skip
MARKS = st.sampled_from([";", ",", "\t", "|", "\n", "\r\n", "\r", " "])
WANTS = st.one_of(
    st.sampled_from(Wants).map(lambda w: [w]),
    st.just([Wants.METHODS, Wants.MEMBERS]),
    st.just([Wants.COHORTS, Wants.MEMBERS]),
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "format": st.sampled_from([*map(str, range(1, 12)), "native"]),
        "separator": st.sampled_from([";", ",", "tab", "|", "none"]),
        "encoding": st.sampled_from(["utf-8", "utf-16", "windows-1252", "mac-roman", "latin-1"]),
        "person_key": st.sampled_from(["idnumber", "username", "email", "any"]),
        "columns": st.dictionaries(
            st.sampled_from(["person", "course", "cohort", "name"]), WORDS, max_size=2
        ),
        "sheet": st.sampled_from(["L1", "Feuil1"]),
    },
)
TEXTS = st.lists(st.tuples(WORDS, MARKS), max_size=40).map(lambda pairs: "".join(w + m for w, m in pairs))


def read(
    path: Path, wants: Collection[Wants], **options: Any
) -> tuple[OpenedFile, list[Line | RefusedLine]] | None:
    """All that a file gives; None for an error that says what to do."""
    try:
        file = open_batchfile(path, wants=wants, **options)
        assert file.told
        assert all(d.choices and d.question and d.option.startswith("--") for d in file.doubts)
        if file.doubts:
            with pytest.raises(GreffeError):
                list(file.lines())
            return file, []
        lines = list(file.lines())
        notes = file.notes
        # a second walk says the same
        assert list(file.lines()) == lines
        assert file.notes == notes
        known = {number for number, _ in file.rows()}
        assert {line.line for line in lines} <= known
        assert all(line.why and line.cells for line in lines if isinstance(line, RefusedLine))
    except GreffeError as e:
        failed = e
    else:
        return file, lines
    assert str(failed)
    assert failed.todo
    return None


def looked_up(line: Line | RefusedLine) -> str:
    """What a line is looked up by."""
    match line:
        case PersonLine():
            return line.person + line.course
        case MemberLine():
            return line.person + line.cohort
        case MethodLine():
            return line.course + line.source
        case CohortLine():
            return line.idnumber
    return ""


@SEVERAL
@given(data=st.binary(max_size=300), wants=WANTS, options=OPTIONS)
def test_any_bytes(
    batch: Callable[..., Path], data: bytes, wants: list[Wants], options: dict[str, Any]
) -> None:
    read(batch(data), wants, **options)


@settings(SEVERAL, max_examples=400)
@given(text=TEXTS, encoding=st.sampled_from(ENCODINGS), wants=WANTS, options=OPTIONS)
def test_any_table(
    batch: Callable[..., Path], text: str, encoding: str, wants: list[Wants], options: dict[str, Any]
) -> None:
    read(batch(text.encode(encoding, "replace")), wants, **options)


@settings(SEVERAL, max_examples=300)
@given(
    case=st.sampled_from(cases()),
    seed=st.integers(0, 1 << 32),
    hits=st.integers(0, 6),
    options=OPTIONS,
    wants=WANTS,
)
def test_any_damage_to_the_corpus(
    batch: Callable[..., Path], case: Any, seed: int, hits: int, options: dict[str, Any], wants: list[Wants]
) -> None:
    data = bytearray(case.data)
    chance = random.Random(seed)
    for _ in range(hits if data else 0):
        place = chance.randrange(len(data))
        match chance.randrange(3):
            case 0:
                data[place] = chance.randrange(256)
            case 1:
                del data[place : place + chance.randrange(1, 20)]
            case _:
                data[place:place] = bytes(chance.choices(b'";,\t\n\r\0\xe9=', k=3))
        if not data:
            break
    read(batch(bytes(data)), [Wants(w) for w in case.wants], **case.options)
    read(batch(bytes(data)), wants, **options)


@settings(SEVERAL, max_examples=400)
@given(text=TEXTS, encoding=st.sampled_from(["cp1252", "mac-roman", "latin-1"]), wants=WANTS)
def test_no_letter_that_is_looked_up_by_is_guessed(
    batch: Callable[..., Path], text: str, encoding: str, wants: list[Wants]
) -> None:
    data = text.encode(encoding, "replace")
    with contextlib.suppress(UnicodeDecodeError):
        data.decode("utf-8")
        return
    found = read(batch(data), wants)
    assert not found or all(looked_up(line).isascii() for line in found[1])


KEYS = st.text("éèàçôïÉÀ", min_size=1, max_size=4)


@SEVERAL
@given(
    key=KEYS,
    encoding=st.sampled_from(["cp1252", "mac-roman"]),
    place=st.integers(0, 2),
    more=st.integers(0, 300),
)
def test_an_accent_in_a_key_is_asked_about(
    batch: Callable[..., Path], key: str, encoding: str, place: int, more: int
) -> None:
    row = ["21900123", "C1", "student"]
    row[place] = f"x{key}y"
    text = "person;course;role\n" + "1;C;student\n" * more + ";".join(row) + "\n"
    file = open_batchfile(batch(text.encode(encoding)), wants=Wants.PEOPLE)
    assert [d.option for d in file.doubts] == ["--encoding"]
    name = {"cp1252": "windows-1252"}.get(encoding, encoding)
    # one of them only, where the other has no such letter
    assert name in file.doubts[0].choices
    settled = open_batchfile(batch(text.encode(encoding)), wants=Wants.PEOPLE, encoding=name)
    assert f"x{key}y" in [getattr(list(settled.lines())[-1], field) for field in ("person", "course", "role")]


@SEVERAL
@given(
    marks=st.lists(st.sampled_from([";", ",", "\t", "|"]), min_size=2, max_size=2, unique=True),
    rows=st.integers(1, 30),
)
def test_two_separators_are_asked_about(batch: Callable[..., Path], marks: list[str], rows: int) -> None:
    text = "".join(f"2190{n}{marks[0]}TD{marks[1]}{n}\n" for n in range(rows))
    file = open_batchfile(batch(text), wants=Wants.ONE_COURSE, format="4")
    assert [d.option for d in file.doubts] == ["--separator"]


@SEVERAL
@given(
    keys=st.lists(st.from_regex(r"[a-z0-9.]{3,10}", fullmatch=True), min_size=1, max_size=20),
    group=st.sampled_from(["", ";TD1"]),
)
def test_a_first_line_that_may_be_a_heading_is_asked_about(
    batch: Callable[..., Path], keys: list[str], group: str
) -> None:
    from greffe.intake.headers import PERSON_WORDS, plain

    text = "".join(f"{key}{group}\n" for key in keys)
    file = open_batchfile(batch(text), wants=Wants.ONE_COURSE)
    if plain(keys[0]) in PERSON_WORDS:
        return
    assert [d.option for d in file.doubts] == ["--format"]
    assert file.doubts[0].choices == ("3", "4")


@SEVERAL
@given(keys=st.lists(st.from_regex(r"[A-Z0-9]{3,10}", fullmatch=True), min_size=2, max_size=2))
def test_members_or_links_are_asked_about(batch: Callable[..., Path], keys: list[str]) -> None:
    path = batch(f"add,{keys[0]},{keys[1]}\n")
    file = open_batchfile(path, wants=[Wants.METHODS, Wants.MEMBERS])
    assert {c for d in file.doubts for c in d.choices} == {"9", "10"}
    for code in ("9", "10"):
        assert not open_batchfile(path, wants=[Wants.METHODS, Wants.MEMBERS], format=code).doubts
