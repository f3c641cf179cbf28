"""Documents as tables on a terminal; plain columns where the output is not one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TextIO

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from greffe.apply.journal import RunRecord
from greffe.model import Action
from greffe.moodle.findings import Finding
from greffe.plan.verdict import limit_words
from greffe.report.document import ChangeLine, CohortLine, CourseLine, Document, FeedLine
from greffe.report.layers import by_layer, columns, falls_short, fate, gravest_first, more_noun
from greffe.report.texts import (
    ACTIONS,
    COHORT_ACTIONS,
    COURSE_ACTIONS,
    KINDS,
    REASONS,
    Limit,
    along,
    approval,
    changed,
    command_line,
    count,
    figures,
    file_line,
    headline,
    history_words,
    limits_once,
    lines_words,
    moment,
    people,
    refusal_words,
    visible,
)

_PLAIN_WIDTH = 200
_ROOMY = 100
"""From this width on a terminal has room for a table of eight columns in single lines."""
_STYLES = {"done": "green", "running": "cyan", "partial": "yellow", "held": "yellow", "planned": "cyan"}


class _Console(Console):
    """A reader that has gone (head, less) is the command line's affair; rich would end the process with exit code 1."""

    def on_broken_pipe(self) -> None:
        """The error goes on."""
        raise  # noqa: PLE0704 - called where it is handled


def console(file: TextIO) -> Console:
    """Where tables go. A pipe or a file gets no colours, no frames and lines that are not folded at 80."""
    return (
        _Console(file=file, highlight=False)
        if file.isatty()
        else _Console(file=file, highlight=False, width=_PLAIN_WIDTH, no_color=True)
    )


def show(out: Console, document: Document, limit: int = 20) -> None:
    """One run or plan. ``limit``: longest list of courses, people and codes."""
    style = "red" if document.exit in (1, 7) else _STYLES.get(document.state, "")
    out.print(_text(headline(document), f"bold {style}"))
    _file(out, document, limit)
    if document.counts or document.planned:
        _counts(out, document)
    if document.cohorts:
        _cohorts(out, document, limit)
    if document.courses:
        _courses(out, document, limit)
    if document.changes:
        changes(out, document.changes, limit)
    for feed in document.feeds:
        if not (document.part and feed.good):
            _feed(out, feed, limit)
    _waiting(out, document, limit)
    for note in document.notes:
        hanging(out, "• ", note)
    _verdicts(out, document, limit)
    _refused(out, document, limit)
    _history(out, document, limit)
    if document.plan_file:
        out.print(f"\nplan file: {escape(document.plan_file)}")
    if document.report:
        out.print(f"\nreport: {escape(document.report)}", soft_wrap=True)


def _file(out: Console, d: Document, limit: int) -> None:
    """How a file was read, and what became of its lines."""
    if d.file:
        out.print(_text(f"{d.file}: {d.read_as}" if d.read_as else d.file, "dim"))
    if d.lines:
        out.print(_text(lines_words(d)))
    for line in d.refused_lines[:limit]:
        hanging(out, "✗ ", file_line(line), "yellow")
    _more(out, len(d.refused_lines) - limit, "line")


def changes(out: Console, lines: Sequence[ChangeLine], limit: int) -> None:
    """Single changes."""
    heads = ["where", "action", "person", "role", "group", "why", "feed:line"]
    table = _table(out, "Changes", heads, whole={1, 6})
    for c in lines[:limit]:
        where = f"{c.feed}:{c.line}" if c.feed else ""
        why = REASONS.get(c.reason, c.reason) + (f" (taken back by run {c.undone})" if c.undone else "")
        place = f"cohort {c.cohort}" if c.cohort else c.course
        _row(table, place, c.action, c.person, c.role, c.group, why, where)
    out.print(table)
    _more(out, len(lines) - limit, "change")


def runs(out: Console, records: Iterable[RunRecord]) -> None:
    """The list of runs."""
    table = _table(
        out,
        "",
        ["run", "began", "kind", "state", "changes", "took", "by", "plan"],
        right={0, 4, 5},
        whole={3, 7},  # the digest is what `approve` is given
    )
    narrow = out.is_terminal and out.width < _ROOMY
    for r in records:
        state = _text(r.state, _STYLES.get(r.state, "red"))
        if r.reason:
            state.append("\n" if narrow else " ").append(visible(f"({r.reason})"))
        kind = f"{r.kind} {r.undoes}" if r.undoes else r.kind
        took = f"{r.ended - r.started} s" if r.ended else ""
        table.add_row(
            str(r.id), moment(r.started), kind, state, f"{r.changes:,}", took, _text(r.operator), r.digest[:12]
        )  # fmt: skip
    out.print(table)


def listing(
    out: Console, title: str, columns: list[str], rows: Iterable[Sequence[object]], right: set[int] | None = None
) -> None:  # fmt: skip
    """Any small table. ``right``: columns of numbers."""
    table = _table(out, title, columns, right=right)
    for row in rows:
        _row(table, *row)
    out.print(table)


def findings(out: Console, found: Sequence[Finding]) -> None:
    """What a look at a site found: what stops a night first."""
    marks = {
        "stop": ("✗", "bold red"), "bad": ("✗", "yellow"), "refused": ("✗", "yellow"), "warn": ("!", "yellow"),
        "ok": ("✓", "green"),
    }  # fmt: skip
    for severity, (mark, style) in marks.items():
        for one in (f for f in found if f.severity == severity):
            out.print(Text.assemble((f"{mark} ", style), visible(one.what)), soft_wrap=True)
            if one.todo:
                out.print(_text(f"  → {one.todo}"), soft_wrap=True)
    stops = sum(f.severity == "stop" for f in found)
    out.print()
    if stops:
        what = "1 thing stops" if stops == 1 else f"{stops} things stop"
        out.print(_text(f"{what} a night.", "bold red"))
    elif any(f.severity == "bad" for f in found):
        out.print(
            _text(
                "A night would run, leave alone what the bad feeds reach, and end with exit code 5.",
                "bold yellow",
            )
        )
    elif any(f.severity == "refused" for f in found):
        out.print(
            _text(
                "A night would run, leave as it is what is refused, and end with exit code 10.", "bold yellow"
            )
        )
    elif looks := sum(f.severity == "warn" for f in found):
        out.print(_text(f"Nothing stops a night. {count(looks, 'thing')} to look at.", "bold yellow"))
    else:
        out.print(_text("Nothing stops a night.", "bold green"))


def _counts(out: Console, d: Document) -> None:
    held = falls_short(d)
    made = "would change" if d.state == "planned" else "changed"
    layers = by_layer(d)
    heads = ["", made, *(["planned"] if held else []), *(name for name, _ in layers)]
    table = _table(out, "", heads, right=set(range(1, len(heads))))
    for action, what, done, planned in changed(d):
        cells = [what, f"{done:,}"] + ([f"{planned:,}"] if held else [])
        table.add_row(*cells, *(_number(counts.get(action, 0)) for _, counts in layers))
    out.print(table)
    if d.along:
        out.print(_text(f"  along with them: {along(d.along)}", "dim"))


def _cohorts(out: Console, d: Document, limit: int) -> None:
    rows = [(c, c.idnumber, c.members) for c in gravest_first(d.cohorts)[:limit]]
    _places(out, d, "cohort", columns(COHORT_ACTIONS, d.cohorts), rows)
    _more(out, len(d.cohorts) - limit, "cohort")


def _courses(out: Console, d: Document, limit: int) -> None:
    rows = [(c, c.name, c.active) for c in gravest_first(d.courses)[:limit]]
    _places(out, d, "course", columns(COURSE_ACTIONS, d.courses), rows)
    _more(out, len(d.courses) - limit, more_noun(d))


def _places(
    out: Console, d: Document, noun: str, used: list[Action], rows: Sequence[tuple[CourseLine | CohortLine, str, int]]
) -> None:  # fmt: skip
    """``rows``: (line, its name, people who were there before)."""
    unmade = d.held or d.stopped or d.state == "held"
    title = f"{noun.capitalize()}s{' (planned, nothing made)' if unmade else ''}"
    heads = [noun, "had", *(ACTIONS[a][1] for a in used), ""]
    table = _table(out, title, heads, right=set(range(1, len(used) + 2)))
    for line, name, had in rows:
        words = ", ".join(w for w in (fate(line), "losses held" if line.held else "") if w)
        _row(table, name, f"{had:,}", *(_number(line.counts.get(a, 0)) for a in used), words)
    out.print(table)


def _number(number: int) -> str:
    return f"{number:,}" if number else ""


def _feed(out: Console, f: FeedLine, limit: int) -> None:
    word = _text("good", "green") if f.good else _text("bad", "bold red")
    out.print()
    out.print(
        Text.assemble(
            ("Feed ", "bold"), (visible(f.name), "bold"), ": ", word, (f"  {visible(f.source)}", "dim")
        )
    )
    if told := [f"{n:,} {words}" for words, n in figures(f.figures)]:
        hanging(out, "  ", ", ".join(told))
    for problem in f.problems:
        hanging(out, "  ✗ ", problem, "red")
    if not f.good:
        out.print(_text("  frozen: nobody is added and nobody removed where it answers", "red"))
    for note in f.notes:
        out.print(_text(f"  • {note}"))
    _names(out, "codes without course", list(f.unknown_codes), limit)
    _names(out, "codes of several courses", f.ambiguous_codes, limit)
    _names(out, "several accounts answer to", f.ambiguous_people, limit)
    _names(out, "unknown roles", f.unknown_roles, limit)


def _names(out: Console, what: str, names: list[str], limit: int) -> None:
    if names:
        more = f" and {len(names) - limit:,} more" if len(names) > limit else ""
        out.print(_text(f"  {what}: {', '.join(names[:limit])}{more}", "yellow"))


def _waiting(out: Console, d: Document, limit: int) -> None:
    if not d.waiting:
        return
    table = _table(
        out,
        f"{people(len(d.waiting))} waiting for an account",
        ["person", "first line", "courses and cohorts"],
        whole={1},
    )
    for w in d.waiting[: max(limit // 2, 1)]:
        places = w.courses + w.cohorts
        more = f" and {len(places) - 3} more" if len(places) > 3 else ""
        _row(table, w.person, f"{w.feed}:{w.line}", ", ".join(places[:3]) + more)
    out.print(table)
    _more(out, len(d.waiting) - max(limit // 2, 1), "person", "people")


def verdicts(out: Console, reached: Iterable[Limit], limit: int, *, all_of_them: str) -> None:
    """Limits that were reached. ``all_of_them``: the command that shows every one, up to its number."""
    table = _table(out, "Guards", ["level", "name", "reached", "value", "of", "limit"], right={3, 4})
    lines = limits_once(reached)
    for v in lines[:limit]:
        what = KINDS.get(v.kind, v.kind)
        _row(table, v.level, v.name, what, f"{v.value:,}", f"{v.of:,}", limit_words(v.limit))
    out.print(table)
    if len(lines) > limit:
        more = f"{len(lines) - limit:,} more limits; all of them: {all_of_them} {len(lines)}"
        out.print(_text(f"  … and {more}", "dim"), soft_wrap=True)


def _verdicts(out: Console, d: Document, limit: int) -> None:
    if not d.verdicts:
        return
    shown = command_line(d.config_file, f"show {d.run} --limit") if d.run else "--limit"
    verdicts(out, d.verdicts, limit, all_of_them=shown)
    if d.approved_by:
        out.print(_text(f"approved by {d.approved_by}", "green"))
    elif d.part:
        out.print("The guards judge the complete plan: `greffe plan` names it.")
    elif d.digest:
        out.print(f"plan {d.digest}", soft_wrap=True)
        if d.state == "planned":
            who = {
                "methods": "A sync", "undo": "The undo itself", "rollover": "The rollover itself",
                "batch": "The same command without --dry-run",
            }.get(d.kind, "A night")  # fmt: skip
            out.print(f"{who} records this plan; if it is right, then let it pass with:")
        else:
            out.print("If this plan is right, let it pass with:")
        out.print(_text(f"  {approval(d)}", "bold"), soft_wrap=True)


def _refused(out: Console, d: Document, limit: int) -> None:
    for r in d.refused[:limit]:
        hanging(out, "✗ ", f"{r.course}: {refusal_words(r)}: {r.reason}", "yellow")
        _names(out, "concerned", r.people, limit)
    _more(out, len(d.refused) - limit, "refusal")


def _history(out: Console, d: Document, limit: int) -> None:
    for h in d.history[:limit]:
        out.print(_text(f"• {h.course}: {history_words(h.rows)} of {people(len(h.people))}"))
        _names(out, "concerned", h.people, limit)
    _more(out, len(d.history) - limit, "course")


def hanging(out: Console, head: Text | str, body: Text | str, style: str = "") -> None:
    """A line with a mark before it: what a terminal folds stands below the words, not below the mark."""
    head, body = (t if isinstance(t, Text) else _text(t, style) for t in (head, body))
    if not out.is_terminal:
        out.print(Text.assemble(head, body))
        return
    for number, line in enumerate(body.wrap(out, max(out.width - head.cell_len, 1))):
        out.print(Text.assemble(" " * head.cell_len if number else head, line))


def _table(
    out: Console, title: str, heads: list[str], right: set[int] | None = None, whole: set[int] | None = None
) -> Table:
    """``right``: columns of numbers. ``whole``: others whose texts are not folded, since half of one says nothing; as numbers, they
    leave the folding to the columns of names."""
    right = right or set()
    table = Table(
        box=box.SIMPLE_HEAD if out.is_terminal else None, show_edge=False, show_header=any(heads),
        padding=(0, 1, 0, 0) if out.is_terminal else (0, 1), header_style="bold",
    )  # fmt: skip
    for at, head in enumerate(heads):
        kept = at in right or at in (whole or ())
        table.add_column(
            head, justify="right" if at in right else "left", no_wrap=kept, overflow="ellipsis" if kept else "fold"
        )  # fmt: skip
    out.print()
    if title:  # a title of the table's own would be folded at the table's width
        out.print(_text(title, "bold"))
    return table


def _row(table: Table, *cells: object) -> None:
    table.add_row(*(_text(str(c)) for c in cells))


def _more(out: Console, number: int, noun: str, plural: str = "") -> None:
    if number > 0:
        out.print(_text(f"  … and {number:,} more {noun if number == 1 else plural or noun + 's'}", "dim"))


def _text(text: str, style: str = "") -> Text:
    """As it is: neither markup nor an escape sequence from a feed or a site may steer the terminal."""
    return Text(visible(text), style)
