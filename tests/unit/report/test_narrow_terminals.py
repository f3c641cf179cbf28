"""Tables at the width of a terminal of old: what must stay whole does, and what may be folded is folded between words."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from greffe.apply.journal import RunRecord
from greffe.model import Action
from greffe.report import terminal
from greffe.report.account import Account
from greffe.report.account import show as show_account
from greffe.report.document import ChangeLine, CourseLine, Document, FileLine
from greffe.report.lists.columns import choose

DIGEST = "86100ccff5072c04d7bcbe428a92e7a7bd8b8f7c506c720e4e16b4766f10edae"


def _drawn(draw: Callable[[Console], None], width: int = 80) -> list[str]:
    out = io.StringIO()
    draw(Console(file=out, force_terminal=True, width=width, color_system=None, highlight=False))
    return out.getvalue().splitlines()


def _run(**more: object) -> RunRecord:
    said: dict[str, object] = {
        "id": 5, "kind": "nightly", "state": "done", "reason": "courses-held", "started": 1_795_911_083,
        "ended": 1_795_911_085, "operator": "greffe", "changes": 67_236, "digest": DIGEST, "host": "vm", "version": "0.1.0", "undoes": 0,
        "counts": {}, "verdicts": [], "approved_by": "", "feeds": [], "error": "",
    }  # fmt: skip
    return RunRecord(**{**said, **more})  # type: ignore[arg-type]


def test_the_digest_that_is_to_be_approved_stays_in_one_piece() -> None:
    lines = _drawn(lambda out: terminal.runs(out, [_run()]))
    assert any(DIGEST[:12] in line for line in lines)
    assert any("(courses-held)" in line for line in lines)
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("width", [80, 120])
def test_many_kinds_of_changes_leave_room_for_the_course(width: int) -> None:
    kinds = (
        Action.ENROL, Action.REACTIVATE, Action.UNENROL, Action.ASSIGN_ROLE, Action.REMOVE_ROLE, Action.JOIN_GROUP,
        Action.LEAVE_GROUP,
    )  # fmt: skip
    counts = {kind.value: 1_234 for kind in kinds}
    course = CourseLine(
        id=1, name="Anglais médical avancé ← MED3-2026", method="cohort", active=459, counts=counts
    )
    document = Document(
        kind="undo", site="", made=0, state="planned", exit=3, counts=counts, courses=[course]
    )
    lines = _drawn(lambda out: terminal.show(out, document), width)
    assert any("Anglais" in line for line in lines)
    assert sum(line.count("1,234") for line in lines) == 2 * len(kinds)
    assert any("reactivate" in line and "unenrol" in line for line in lines)


def test_a_title_is_not_folded_at_the_width_of_its_table() -> None:
    course = CourseLine(id=1, name="INF", method="", active=1, counts={"enrol": 1})
    document = Document(
        kind="batch", site="", made=0, state="held", exit=4, planned={"enrol": 1}, courses=[course]
    )
    assert "Courses (planned, nothing made)" in _drawn(lambda out: terminal.show(out, document))


def test_what_was_done_stays_in_one_piece() -> None:
    change = ChangeLine(
        course="Tutorat médecine ← Médecine 2 Physiologie", action="remove-role", person="26500318", role="student",
        reason="gone", feed="ia", line=2010, undone=4,
    )  # fmt: skip
    lines = _drawn(lambda out: terminal.changes(out, [change], 20))
    assert any("remove-role" in line and "26500318" in line and "ia:2010" in line for line in lines)


def test_figures_of_a_run_have_no_empty_heading_and_end_at_one_edge() -> None:
    account = Account(run=_run(counts={"enrol": 214, "leave-cohort": 7}), changes=[], first=1, more=False)
    lines = _drawn(lambda out: show_account(out, account))
    figures = [
        line.rstrip() for line in lines if line.startswith(("enrolments added", "taken out of cohorts"))
    ]
    assert len({len(line) for line in figures}) == 1
    assert not any("─" in line for line in lines)


def test_a_page_beyond_the_last_change_says_so() -> None:
    account = Account(run=_run(), changes=[], first=100_000, more=False)
    assert "The run has no change 100000." in _drawn(lambda out: show_account(out, account))


def test_a_heading_stands_in_two_lines_where_there_is_room() -> None:
    headings = {"name": "Name", "access": "Last access to course", "run": "Run"}
    rows = [(("Aïcha André",), ("never",), ("1",))]
    (_, access, _), left_out = choose(40, headings, rows, list(headings))
    assert (access.width, left_out) == (len("Last access"), [])
    (_, access, _), left_out = choose(24, headings, rows, list(headings))
    assert (access.width, left_out) == (len("access"), [])


def test_what_is_folded_stands_below_the_words() -> None:
    reason = "nobody has this idnumber, username or e-mail address, nor has anybody had it"
    refused = FileLine(line=3, column="person", value="99999999", reason=reason)
    document = Document(
        kind="batch", site="", made=0, state="planned", exit=10, file="a.csv", refused_lines=[refused]
    )
    lines = _drawn(lambda out: terminal.show(out, document), 60)
    at = next(n for n, line in enumerate(lines) if line.startswith("✗ line 3"))
    assert lines[at + 1].startswith("  ")
    assert " ".join(line.strip() for line in lines[at:]).endswith(reason)


def test_a_pipe_gets_such_a_line_whole() -> None:
    out = io.StringIO()
    terminal.hanging(terminal.console(out), "✗ ", "a b " * 20)
    assert out.getvalue().rstrip() == "✗ " + ("a b " * 20).rstrip()
