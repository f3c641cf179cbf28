"""From one academic year to the next: what a text that a template made last year would be this year.

A template is a row of pieces: fixed text, expressions over the year's column, expressions over other columns. The first two
are known for both years; what stands in the place of the third is carried over as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from greffe.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Turned:
    """One template between two years."""

    pattern: re.Pattern[str]
    """What it made in the old year; what stands for other columns are its groups."""
    pieces: tuple[str | None, ...]
    """What it makes in the new year; None: the next group."""
    yearly: bool
    """Whether the year is in it at all."""

    def __call__(self, text: str) -> str | None:
        """The text in the new year; None where the template cannot have made this one."""
        found = self.pattern.fullmatch(text)
        if found is None:
            return None
        carried = iter(found.groups())
        return "".join(next(carried) if piece is None else piece for piece in self.pieces).strip()


def turn(template: str, year_column: str, old: str, new: str, owner: str) -> Turned:
    """Prepare a template. Raises ConfigError where it does more than put pieces in a row, or mixes the year with other
    columns in one expression; ``owner`` names it."""
    from jinja2 import nodes
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    env: Any = ImmutableSandboxedEnvironment(autoescape=False)
    pattern, pieces, yearly = "", list[str | None](), False
    for statement in env.parse(template).body:
        if not isinstance(statement, nodes.Output):
            raise ConfigError(
                f"{owner}: {template!r} has conditions or loops, so its years cannot be told from its text",
                todo="Take this year's cohorts from the feed, and change the methods by [[link]] rules.",
            )
        for piece in statement.nodes:
            if isinstance(piece, nodes.TemplateData):
                pattern += re.escape(piece.data)
                pieces.append(piece.data)
                continue
            columns = _columns(piece)
            if columns == {year_column}:
                before, after = (_value(env, piece, year_column, y) for y in (old, new))
                pattern += re.escape(before)
                pieces.append(after)
                yearly = True
            elif year_column in columns:
                raise ConfigError(
                    f"{owner}: {template!r} mixes {year_column} with other columns in one expression",
                    todo=f"Give {year_column} an expression of its own: {{{{ … }}}}{{{{ {year_column} }}}}.",
                )
            else:
                pattern += "(.+?)"
                pieces.append(None)
    return Turned(re.compile(pattern, re.DOTALL), tuple(pieces), yearly)


def _columns(expression: Any) -> set[str]:
    """The columns that an expression uses, as ``{{ COD_ANU }}`` or as ``{{ row["COD_ANU"] }}``."""
    from jinja2 import nodes

    found = {n.name for n in _walk(expression) if isinstance(n, nodes.Name)}
    if "row" in found:
        found.discard("row")
        found |= {
            str(n.arg.value)
            for n in _walk(expression)
            if isinstance(n, nodes.Getitem) and isinstance(n.arg, nodes.Const)
        }
    return found


def _walk(expression: Any) -> list[Any]:
    from jinja2 import nodes

    return [expression, *expression.find_all(nodes.Node)]


def _value(env: Any, expression: Any, column: str, year: str) -> str:
    from jinja2 import nodes

    tree = nodes.Template([nodes.Output([expression], lineno=1)], lineno=1)
    tree.set_environment(env)
    values = {column: year}
    return str(env.from_string(tree).render(values, row=values))
