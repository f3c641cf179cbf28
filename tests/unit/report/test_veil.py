"""``--anonymise``: who is named becomes P1, P2, …; whatever could name somebody is marked as that."""

from __future__ import annotations

import inspect as python
from collections.abc import Iterator

import msgspec
import pytest
from msgspec import inspect

from greffe.apply.journal import RunRecord
from greffe.model import FeedCounts
from greffe.moodle.findings import warn
from greffe.report import account, advice, audits, document, past, pruned
from greffe.report.document import ChangeLine, Document, FeedLine, FileLine, RefusedLine, WaitingLine
from greffe.report.veil import anonymised, sentence
from greffe.view import chain
from greffe.view.chain import Chain, Explanation, Link, Step, without_ids

#: texts that name no person: Greffe's own words, names of courses, cohorts, groups, roles and feeds, codes, versions, places
HARMLESS = {
    "Advice.commands", "Advice.courses", "Advice.file", "Advice.route", "Advice.where", "Advice.who", "Advice.why",
    "Advised.read_as", "Audit.about", "Audit.cost", "Audit.mend", "Audit.name", "Audit.severity", "Audit.why",
    "AuditReport.fix_plan", "AuditReport.greffe", "AuditReport.left_out", "AuditReport.site", "ChangeLine.action",
    "ChangeLine.cohort", "ChangeLine.course", "ChangeLine.feed", "ChangeLine.group", "ChangeLine.reason", "ChangeLine.role",
    "Chain.course", "Chain.of", "Chain.stand", "Chain.way", "CohortLine.changed", "CohortLine.idnumber", "CohortLine.name", "CohortSeen.idnumber", "CohortSeen.name", "CourseLine.changed",
    "CourseLine.method", "CourseLine.name", "Document.command", "Document.digest", "Document.greffe", "Document.heading",
    "Document.kind", "Document.read_as", "Document.season", "Document.site", "Document.state", "Document.story", "Document.until",
    "Explanation.course", "Explanation.greffe", "Explanation.site", "Explanation.stand", "FeedCounts.feed", "FeedLine.ambiguous_codes", "FeedLine.name", "FeedLine.unknown_roles", "FileLine.column", "Finding.severity",
    "HistoryLine.course", "PastLine.action", "PastLine.cohort", "PastLine.course", "PastLine.feed", "PastLine.group", "PastLine.kind",
    "PastLine.now", "PastLine.reason", "PastLine.role", "PastLine.was", "Part.kept", "Part.what", "Pruning.greffe", "Pruning.site", "RefusedLine.action", "RefusedLine.course",
    "RunRecord.digest", "RunRecord.host", "RunRecord.kind", "RunRecord.reason", "RunRecord.state", "RunRecord.version",
    "Step.cause", "Step.table", "Verdict.cohort", "Verdict.kind", "Verdict.level", "Verdict.limit", "Verdict.name", "VerdictLine.kind", "VerdictLine.level", "VerdictLine.limit",
    "VerdictLine.name", "WaitingLine.cohorts", "WaitingLine.courses", "WaitingLine.feed",
}  # fmt: skip


def structs(kind: inspect.Type) -> Iterator[inspect.StructType]:
    """All structs within a type."""
    if isinstance(kind, inspect.StructType):
        yield kind
        for one in kind.fields:
            yield from structs(one.type)
    elif isinstance(kind, inspect.ListType):
        yield from structs(kind.item_type)
    elif isinstance(kind, inspect.UnionType):
        for below in kind.types:
            yield from structs(below)
    elif isinstance(kind, inspect.Metadata):
        yield from structs(kind.type)


def bare(kind: inspect.Type) -> bool:
    """Whether it is text without a mark."""
    if isinstance(kind, inspect.ListType):
        return bare(kind.item_type)
    if isinstance(kind, inspect.UnionType):
        return any(map(bare, kind.types))
    return isinstance(kind, inspect.StrType | inspect.LiteralType | inspect.AnyType)


def test_every_text_that_is_shown_is_marked_or_known_to_be_harmless() -> None:
    rooms = (account, advice, audits, chain, document, past, pruned)
    shown = {
        kind
        for room in rooms
        for _, kind in python.getmembers(room, python.isclass)
        if issubclass(kind, msgspec.Struct) and kind is not msgspec.Struct
    }
    found = {s.cls.__name__: s for kind in {*shown, RunRecord} for s in structs(inspect.type_info(kind))}
    texts = {f"{name}.{f.name}" for name, s in found.items() for f in s.fields if bare(f.type)}
    assert texts - HARMLESS == set(), "mark it (greffe/personal.py), or say here that it can name nobody"
    assert HARMLESS - texts == {"Finding.severity"}


def test_a_person_is_the_same_all_through_a_report() -> None:
    shown = Document(
        kind="plan",
        approved_by="A. Martin",
        config_file="/home/amartin/ecampus.toml",
        notes=["22000001 waits for 'Zoé Ångström', zoe@univ.fr, since id 4711 left; 220000011 is another number."],
        changes=[ChangeLine(course="22000001-L1", action="enrol", reason="registered", person="22000001")],
        waiting=[WaitingLine(person="22000002", feed="ip", line=3, courses=["L1"])],
        refused=[RefusedLine(course="L1", action="enrol", reason="no 22000002 there", people=["id 4711", "22000001"])],
        refused_lines=[FileLine(line=2, column="person", value="zoe@univ.fr", reason="there is no 'zoe@univ.fr'")],
        feeds=[
            FeedLine(
                name="ip", source="/home/amartin/ip.csv", good=False, figures={"rows": 3}, ambiguous_people=["22000002"],
                problems=["line 4: it begins with '22000009;\\'Ångström\\''"],
            )
        ],
    )  # fmt: skip
    veiled = anonymised(shown)
    # numbers are given in the order of the fields
    names = {"A. Martin": "P1", "22000002": "P2", "id 4711": "P3", "22000001": "P4"}
    assert veiled.approved_by == names["A. Martin"]
    assert veiled.waiting[0].person == veiled.feeds[0].ambiguous_people[0] == names["22000002"]
    assert veiled.refused[0].people == [names["id 4711"], names["22000001"]]
    assert veiled.changes[0].person == names["22000001"]
    assert veiled.changes[0].course == "22000001-L1", "the name of a course"
    assert veiled.notes == [
        f"{names['22000001']} waits for '…', P5, since P3 left; 220000011 is another number."
    ]
    assert veiled.refused[0].reason == "no P2 there"
    assert (veiled.refused_lines[0].value, veiled.refused_lines[0].reason) == ("P5", "there is no '…'")
    assert (veiled.feeds[0].source, veiled.config_file) == ("ip.csv", "ecampus.toml")
    assert veiled.feeds[0].problems == ["line 4: it begins with '…'"]
    assert shown.changes[0].person == "22000001", "what it was made of is as it was"
    assert anonymised(veiled) == veiled


def test_lists_of_structs_and_structs_in_structs() -> None:
    counts = FeedCounts(feed="ip", source="postgresql://greffe@sis/apogee", notes=["'Zoé' is no role"])
    record = RunRecord(
        id=1, kind="nightly", state="done", reason="", digest="d", operator="amartin", host="web1", version="1", undoes=0,
        changes=0, counts={}, verdicts=[], approved_by="", feeds=[counts], error="no such file: '/home/amartin/x'", started=1, ended=2,
    )  # fmt: skip
    (found,) = anonymised([record])
    assert (found.operator, found.approved_by, found.host) == ("P1", "", "web1")
    assert (found.feeds[0].notes, found.feeds[0].source) == (["'…' is no role"], counts.source)
    assert found.error == "no such file: '…'"
    assert (
        anonymised([warn("[feed.ip]: 'Zoé' is refused", "Look at «Zoé».")])[0].what
        == "[feed.ip]: '…' is refused"
    )


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("there is nobody with the idnumber 'x y'", "there is nobody with the idnumber '…'"),
        ('he said "x" and “y”', "he said '…' and '…'"),
        ("Moodle's own and Greffe's", "Moodle's own and Greffe's"),
        ("mail jean.o'neil+x@etu.univ.fr now", "mail … now"),
        (
            "[feed.ip] /x.csv: no column COD_ETU; it has Dupont, Jean",
            "[feed.ip] /x.csv: no column COD_ETU; it has …",
        ),
        ("no column A; did you mean B? It has B, Dupont", "no column A; did you mean B? It has …"),
        ("line 1: the header names Dupont more than once", "line 1: the header names … more than once"),
        ("It has 3 rows, fewer than min_rows = 5.", "It has 3 rows, fewer than min_rows = 5."),
    ],
)
def test_sentences(said: str, shown: str) -> None:
    assert sentence(said) == shown


def test_one_person_has_one_pseudonym_whatever_he_is_called() -> None:
    steps = [
        Step(link=Link.REGISTRATION, what="ip.csv line 3 (who=22000001, nom=Bob), as 'Bob' says", source="/home/x/ip.csv"),
        Step(link=Link.ACCOUNT, what="Zoé 'Zo' Ångström (li), idnumber 22000001", table="user", row=4711),
        Step(link=Link.ENROLMENT, what="suspended by Ana Prof (ap), not by Greffe; ask li, or 12", table="user_enrolments", row=9),
    ]  # fmt: skip
    shown = Explanation(
        greffe="1", site="s", made=1, person="Zoé 'Zo' Ångström (li)", person_id=4711, course="L1",
        chains=[Chain(way="database", steps=steps)],
        people=[["Zoé 'Zo' Ångström (li)", "Zoé 'Zo' Ångström", "li", "22000001", "", "id 4711", "12"], ["Ana Prof (ap)", "ap"]],
    )  # fmt: skip
    veiled = anonymised(without_ids(shown))
    assert (veiled.person, veiled.person_id, veiled.people) == ("P1", 0, [["P1"], ["P2"]])
    assert [(s.what, s.row) for s in veiled.chains[0].steps] == [
        ("ip.csv line 3 (who=P1, nom=Bob), as '…' says", 0),
        ("P1, idnumber P1", 0),
        ("suspended by P2, not by Greffe; ask P1, or 12", 9),
    ]
    assert veiled.chains[0].steps[0].source == "ip.csv"
