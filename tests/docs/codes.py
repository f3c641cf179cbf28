"""The pages of codes, from the enums: how a command ended, why a change was made, what guards count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from inspect import cleandoc

from greffe.cli import exits
from greffe.errors import Exit, GreffeError
from greffe.model import Action, Reason
from greffe.report.metrics import STATES
from greffe.report.texts import ACTIONS, KINDS
from tests.docs import french as said
from tests.docs.docstrings import below_fields
from tests.docs.markdown import generated, table
from tests.docs.pages import ROOT

_TEXT = re.compile(r"^\$string\['([^']+)'\] = '((?:[^'\\]|\\.)*)';$", re.MULTILINE)


@cache
def words(language: str) -> dict[str, str]:
    """What Moodle's pages call it: the plugin's language file."""
    file = ROOT / "moodle_plugin/local/greffe/lang" / language / "local_greffe.php"
    return dict(_TEXT.findall(file.read_text(encoding="utf-8")))


def exits_english() -> str:
    """docs/en/reference/exit-codes.md."""
    rows = [(str(code.value), f"[{_linked(code)}](../stuck.md#code-{code.value})") for code in Exit]
    errors = [(str(e.exit.value), e.__name__, cleandoc(e.__doc__ or ""), e.todo) for e in _errors() if e.todo]
    about = (
        "With `--json` an error is a document with `error`, `todo`, `exit` and `kind`, which is one of these. The next step is the usual\n"
        "one; an error that knows better says so."
    )
    parts = [
        generated(
            "Exit codes",
            "They are part of Greffe's interface: monitoring and timers tell the cases apart by them. `greffe health` has those of\n"
            "Nagios ([monitoring](../monitoring.md)). What to do in each case: [the morning it got stuck](../stuck.md).",
        ),
        table(["exit code", "meaning"], rows, numbers=True),
        exits.WINS.strip(),
        "## Errors",
        about,
        table(
            ["exit code", "kind", "what it means", "the next step"],
            sorted(errors, key=lambda r: int(r[0])),
            numbers=True,
        ),
    ]
    return "\n\n".join(parts) + "\n"


def exits_french() -> str:
    """docs/fr/reference/codes-de-sortie.md."""
    rows = [(str(code.value), said.EXITS.get(code, "")) for code in Exit]
    linked = [(code, f"{text} ([que faire](../coince.md#code-{code}))") for code, text in rows]
    parts = [
        generated(
            "Codes de sortie",
            "Ils font partie de l’interface de Greffe : la supervision et le planificateur distinguent les cas par eux. `greffe health`\n"
            "a ceux de Nagios ([supervision](../supervision.md)).",
            french=True,
        ),
        table(["code", "sens"], linked, numbers=True),
        said.WINS,
    ]
    return "\n\n".join(parts) + "\n"


def reasons_english() -> str:
    """docs/en/reference/reason-codes.md."""
    meaning = below_fields(Reason)
    heads = ["code", "in reports", "meaning"]
    about = (
        "The words that the journal, JSON documents, reports and Moodle's pages share. `greffe show` gives the action and the reason\n"
        "of every change of a run."
    )
    titles = [
        "Reasons: why a change was made",
        "Actions: what was done",
        "States of a run",
        "What guards count",
    ]
    return _reasons("en", "Reason codes", about, heads, {r: meaning[r.name] for r in Reason}, titles)


def reasons_french() -> str:
    """docs/fr/reference/motifs.md."""
    heads = ["code", "dans les pages de Moodle", "sens"]
    about = (
        "Les mots que partagent le journal, les documents JSON, les rapports et les pages de Moodle. `greffe show` donne l’action et\n"
        "le motif de chaque changement d’une exécution."
    )
    titles = [
        "Motifs : pourquoi un changement a été fait", "Actions : ce qui a été fait", "États d’une exécution",
        "Ce que comptent les garde-fous",
    ]  # fmt: skip
    return _reasons("fr", "Motifs et autres codes", about, heads, said.REASONS, titles)


def _reasons(
    language: str, title: str, about: str, heads: list[str], meaning: dict[Reason, str], titles: list[str]
) -> str:
    known = words(language)
    tables = [
        table(heads, [(f"`{r}`", known[f"reason:{r}"], meaning.get(r, "")) for r in Reason]),
        table(heads[:2], [(f"`{a}`", known[f"action:{a}"]) for a in map(Action, ACTIONS)]),
        table(heads, [(f"`{s}`", known[f"state:{s}"], known[f"explained:{s}"]) for s in STATES]),
        table(heads[:2], [(f"`{k}`", known[f"guardkind:{k}"]) for k in KINDS]),
    ]
    parts = [generated(title, about, french=language == "fr")]
    for heading, body in zip(titles, tables, strict=True):
        parts += [f"## {heading}", body]
    return "\n\n".join(parts) + "\n"


def _linked(code: Exit) -> str:
    return exits.MEANING[code]


def _errors(kind: type[GreffeError] = GreffeError) -> Iterator[type[GreffeError]]:
    for each in kind.__subclasses__():
        if each.__module__ == "greffe.errors":
            yield each
            yield from _errors(each)
