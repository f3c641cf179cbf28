"""The document in its three forms, with texts that mean harm."""

from __future__ import annotations

import io
import re
import stat
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from greffe.commands.reporting import names_of_reports, report_name
from greffe.model import Action, Reason
from greffe.report import terminal
from greffe.report.document import (
    CohortLine,
    CourseLine,
    Document,
    FeedLine,
    FileLine,
    HistoryLine,
    VerdictLine,
)
from greffe.report.html import Chapter, render, write
from greffe.report.layers import by_layer, fate
from greffe.report.texts import ACTIONS, REASONS, figures, headline, moment, visible
from tests.unit.report.documents import HOSTILE, hostile

REFUSED = FileLine(line=3, column="cohort", value="L1", reason="no cohort has this idnumber")


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.links: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [v or "" for name, v in attrs if name in ("href", "src", "srcset", "action")]


def test_html_escapes_every_text_from_outside() -> None:
    text = render([hostile(), hostile()])
    tags = _Tags()
    tags.feed(text)
    assert "script" not in tags.seen
    assert "alert(1)" in text
    assert "<script" not in text
    assert "{{ 7*7 }}" in text
    assert not any(name.startswith("on") for name in tags.attributes)


def test_html_needs_nothing_else() -> None:
    text = render([hostile()])
    tags = _Tags()
    tags.feed(text)
    assert tags.links == []
    assert "url(" not in text
    assert "@import" not in text
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    assert 'name="viewport"' in text


def test_html_lets_its_own_style_pass_and_no_other() -> None:
    page = render([hostile()])
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    source = b64encode(sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{source}'; base-uri 'none'" in page
    assert not re.search(r"<script|\sstyle=|\son\w+=", page)


def test_html_tells_what_a_person_must_know() -> None:
    text = render([hostile()])
    plain = re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL))
    for words in (
        "Run 7 made 3 changes",
        "losses held",
        "greffe approve abababababab",
        "1,200 rows",
        "Frozen",
    ):
        assert words in plain
    assert "0 of 40" in plain
    assert "40 of 50: enrolments losing something" in plain
    assert plain.index("greffe approve") < plain.index("Guards")


def test_html_counts_what_it_leaves_out() -> None:
    document = hostile()
    document.verdicts *= 33
    assert "and 13 more" in render([document])
    document.courses = [CourseLine(id=n, name=f"C{n}", counts={"enrol": 1}) for n in range(25)]
    text = render([document], longest=10)
    assert text.count("<tr><td>C") >= 10
    assert "and 15 more" in text


def test_report_is_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text("older, and open to all")
    file.chmod(0o644)
    write([hostile()], file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("is_terminal", [True, False])
def test_terminal_is_not_steered(is_terminal: bool) -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=is_terminal, width=400, color_system=None, highlight=False)
    terminal.show(console, hostile(), limit=20)
    text = out.getvalue()
    assert "\x1b]" not in text
    assert "\x07" not in text
    assert "[bold]{{ 7*7 }}&" in text
    assert "<script>alert(1)</script>" in text


def test_a_pipe_gets_plain_columns() -> None:
    out = io.StringIO()
    terminal.show(terminal.console(out), hostile())
    assert "\x1b" not in out.getvalue()
    assert "─" not in out.getvalue()


def test_lists_are_cut_and_counted() -> None:
    document = hostile()
    (one,) = document.verdicts
    document.verdicts = [msgspec.structs.replace(one, name=f"{n}{HOSTILE}") for n in range(30)]
    document.courses *= 30
    out = io.StringIO()
    terminal.show(terminal.console(out), document, limit=10)
    assert out.getvalue().count("and 20 more") == 2


def test_json_holds_the_same_data() -> None:
    document = hostile()
    again = msgspec.json.decode(msgspec.json.encode(document), type=Document)
    assert again == document


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (Document(kind="plan"), "Nothing to do: Moodle is as the registrations want it."),
        (
            Document(kind="plan", counts={"enrol": 1}, courses=[CourseLine(id=2, name="A", counts={"enrol": 1})]),
            "Tonight would make 1 change in 1 course.",
        ),
        (
            Document(kind="plan", held=True, planned={"suspend": 2000}),
            "The guards hold this plan: none of its 2,000 changes would be made before it is approved.",
        ),
        (
            Document(kind="batch", stopped=True, planned={"enrol": 1}, refused_lines=[REFUSED]),
            "1 line of the file is refused: the one change is not made. Correct it, or do the rest with --skip-refused.",
        ),
        (
            Document(kind="batch", stopped=True, refused_lines=[REFUSED, REFUSED]),
            "2 lines of the file are refused, and nothing else is to do. Correct them.",
        ),
        (
            Document(kind="nightly", run=3, state="held", held=True, planned={"suspend": 1}),
            "Run 3 is held by the guards: its one change was not made; it waits for an approval.",
        ),
        (
            Document(kind="nightly", run=3, state="held", held=True, planned={"suspend": 2000}),
            "Run 3 is held by the guards: none of its 2,000 changes was made; it waits for an approval.",
        ),
        (
            Document(kind="nightly", run=3, state="done"),
            "Run 3 found nothing to do: Moodle is as the registrations want it.",
        ),
        (
            Document(kind="nightly", run=3, state="partial", feeds=[FeedLine(name="ip", source="", good=False, figures={})]),
            "Run 3 changed nothing. Feed ip cannot be trusted: what it reaches is left as it is.",
        ),
        (Document(kind="undo", undoes=2), "Nothing is left to take back of run 2."),
        (
            Document(kind="plan", held=True, part=True, verdicts=[
                VerdictLine(level="course", name="DRT101", kind="removals", value=40, of=50, limit="30% and 10"),
                VerdictLine(level="feed", name="ip", kind="removals", value=40, of=50, limit="10% and 50"),
                VerdictLine(level="feed", name="ip", kind="emptied", value=40, of=50, limit="10% and 50"),
            ]),
            "Nothing is to do here. The guards hold the whole plan (a limit of ip): nothing is made anywhere before it is approved.",
        ),
        (
            Document(kind="plan", held=True, part=True, planned={"suspend": 1}, verdicts=[
                VerdictLine(level="feed", name="ip", kind="removals", value=40, of=50, limit="10% and 50"),
            ]),
            "The guards hold the whole plan (a limit of ip): the one change here would not be made before it is approved.",
        ),
    ],
)  # fmt: skip
def test_headlines(document: Document, sentence: str) -> None:
    assert headline(document) == sentence


def test_one_is_counted_as_one() -> None:
    told = figures({"rows": 1, "kept": 1, "other_years": 1, "people": 1, "codes": 2, "places": 1})
    words = ["row", "row that counts", "of other years", "person", "codes", "place"]
    assert [word for word, _ in told] == words


def test_what_no_plan_had_is_in_the_table_too() -> None:
    """The rows of both tables add up to the headline, whatever was made."""
    document = Document(
        kind="nightly", run=1, state="done", planned={"enrol": 4, "suspend": 2}, counts={"enrol": 3, "join-group": 7},
        courses=[CourseLine(id=2, name="A", counts={"enrol": 3, "join-group": 7})],
    )  # fmt: skip
    out = io.StringIO()
    terminal.show(terminal.console(out), document)
    rows = [line.split() for line in out.getvalue().splitlines()]
    assert headline(document) == "Run 1 made 10 changes in 1 course."
    assert ["enrolments", "added", "3", "4"] in rows
    assert ["enrolments", "suspended", "0", "2"] in rows
    assert ["put", "into", "groups", "7", "0"] in rows
    assert re.findall(r'<td class="n">(\d+)', render([document]))[:3] == ["3", "0", "7"]


def test_visible_keeps_what_can_be_read() -> None:
    assert visible("Économie & <Pix> 日本") == "Économie & <Pix> 日本"
    french = "Droit\N{NO-BREAK SPACE}: l’État\N{NARROW NO-BREAK SPACE}?"
    assert visible(french + "\0") == french + "\ufffd"
    assert visible("a\x1b[2Jb\r\n\u202e") == "a\ufffd[2Jb\ufffd\ufffd\ufffd"


def test_a_moment_that_no_calendar_holds_is_shown_as_it_stands() -> None:
    assert moment(0) == ""
    assert moment(10**15) == "1000000000000000"
    assert moment(1_790_000_000).startswith("2026-09-2")


def test_every_action_has_words_and_fits_the_journal() -> None:
    assert set(ACTIONS) == set(Action)
    assert max(len(a.value) for a in Action) <= 20


def test_every_reason_has_words() -> None:
    assert set(REASONS) == {r.value for r in Reason}


def test_leavers_who_keep_their_grades_and_history_that_stays_are_told() -> None:
    document = Document(
        kind="undo", state="done", run=9, graded=2, history=[HistoryLine(course="C1", rows=60, people=["a", "b"])]
    )  # fmt: skip
    assert "2 leavers keep a suspended enrolment, since an unenrolment would delete grades." in headline(
        document
    )
    out = io.StringIO()
    terminal.show(terminal.console(out), document)
    assert "C1: the grades are back; their history keeps 60 rows" in out.getvalue()
    text = render([document])
    assert "Kept in the grade history" in text
    assert "<td>60</td><td>a, b</td>" in text


def methods() -> Document:
    """A night of cohorts, of methods that follow them, and of their children."""
    return Document(
        kind="nightly", state="done", run=1,
        planned={"create-cohort": 1, "join-cohort": 2, "create-method": 2, "enrol": 3, "update-method": 1, "suspend": 1},
        # a role that went along with what was suspended is no part of the plan
        counts={"create-cohort": 1, "join-cohort": 2, "create-method": 2, "enrol": 3, "update-method": 1, "suspend": 1,
                "remove-role": 1},
        cohorts=[CohortLine(idnumber="L1", name="L1", counts={"create-cohort": 1, "join-cohort": 2})],
        courses=[
            CourseLine(id=2, name="A ← L1", method="cohort", counts={"create-method": 1, "enrol": 2}),
            CourseLine(id=2, name="A ← L2", method="cohort", counts={"update-method": 1, "suspend": 1}, changed=["customint1"]),
            CourseLine(id=3, name="B ← A", method="meta", counts={"create-method": 1, "enrol": 1}),
        ],
    )  # fmt: skip


def test_what_happens_to_a_method_or_cohort_itself_is_a_word() -> None:
    document = methods()
    assert [fate(line) for line in document.cohorts] == ["new"]
    assert [fate(line) for line in document.courses] == ["new", "another cohort", "new"]
    usual = CourseLine(id=4, name="C", counts={"create-method": 1, "enrol": 9})
    assert fate(usual) == ""
    out = io.StringIO()
    terminal.show(terminal.console(out), document, limit=2)
    shown = out.getvalue()
    assert "+method" not in shown
    assert re.search(r"course +had +enrol +suspend", shown)
    assert "and 1 more method" in shown
    assert "planned" not in shown  # nothing was held back
    text = render([document])
    assert "Courses (2, 3 methods)" in text
    assert "<td>another cohort</td>" in text
    assert "held by a guard" not in text


def test_limits_are_one_line_for_each_place_and_say_where_all_of_them_are() -> None:
    limits = [
        VerdictLine(level="course", name=f"C{n}", kind=kind, value=40, of=50, limit="30% and 10")
        for n in range(30) for kind in ("suspensions", "removals")
    ]  # fmt: skip
    limits.append(VerdictLine(level="feed", name="ip", kind="removals", value=900, of=1000, limit="10%"))
    night = Document(kind="nightly", state="held", run=6, held=True, verdicts=limits, config_file="e.toml")
    out = io.StringIO()
    terminal.show(terminal.console(out), night, limit=20)
    shown = out.getvalue()
    assert re.search(r"\n +feed +ip +enrolments losing something +900 ", shown)
    assert shown.count("enrolments suspended") == 19
    assert shown.count("enrolments losing something") == 1
    assert "… and 11 more limits; all of them: greffe -c e.toml show 6 --limit 31" in shown


def test_counts_are_shown_for_each_method() -> None:
    document = methods()
    assert by_layer(document) == [
        ("cohort sync", {"create-method": 1, "enrol": 2, "update-method": 1, "suspend": 1}),
        ("meta links", {"create-method": 1, "enrol": 1}),
    ]
    out = io.StringIO()
    terminal.show(terminal.console(out), document)
    assert re.search(r"enrolments added +3 +2 +1", out.getvalue())
    assert "meta links" in render([document])
    # a run that ended early made less than its lines say
    document.counts = {"create-cohort": 1}
    document.planned = {}
    assert by_layer(document) == []


def test_a_report_on_several_sites_has_a_chapter_for_each() -> None:
    first, second = hostile(), hostile()
    first.command = "greffe nightly\ngreffe plan"
    text = render(
        [Chapter([first], "One", "the first", "one.toml", f"[moodle]\n# {HOSTILE}"), Chapter([second], "Two")]
    )
    tags = _Tags()
    tags.feed(text)
    assert "script" not in tags.seen
    assert [href for href in tags.links if href.startswith("#")] == ["#part1-1", "#part2-1"]
    assert "greffe nightly<br>greffe plan<br>" in text
    assert "[moodle]<br>" in text
    assert text.index("one.toml") < text.index("<h2>Two ")


def test_single_changes_are_in_the_html_too() -> None:
    text = render([hostile()])
    assert "Changes, one by one (1)" in text
    assert "<td>registered</td>" in text


def test_reports_of_a_site_are_known_by_its_whole_name() -> None:
    for site in ("mariadb://sis.univ.example/RUN mdl_", "postgresql://db/ecampus mdl_"):
        mine = names_of_reports(site)
        assert mine.fullmatch(report_name(site, 41))
        assert not mine.fullmatch(report_name(site.replace("RUN", "17").replace("ecampus", "ecampus-2"), 41))
