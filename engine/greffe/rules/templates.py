"""Templates over the feed's columns: sandboxed, and strict about names.

A template is evaluated once per distinct combination of the columns it uses, never once per row. ``{{ COD_ELP }}``
and plain text, the usual ones, need no template engine at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from greffe.errors import ConfigError, FeedError
from greffe.rules.text import RefusedValueError, shown

_PLAIN = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")
_MARKUP = re.compile(r"\{\{|\{%|\{#")

Values = Mapping[str, str]


class Template:
    """One template: the columns it uses, and its result for a combination of them."""

    def __init__(self, text: str, columns: Sequence[str], owner: str) -> None:
        """``columns``: what the feed has; ``owner`` names the template in errors.

        Raises ConfigError for a template that is none, FeedError for a column that the feed has not got.
        """
        self.text = text
        self._owner = owner
        if not _MARKUP.search(text):
            self.columns: frozenset[str] = frozenset()
            self._render: Callable[[Values], str] = lambda _: text
        elif (plain := _PLAIN.fullmatch(text.strip())) and plain[1] in columns:
            name = plain[1]
            self.columns = frozenset([name])
            self._render = lambda values: values[name]
        else:
            self.columns, self._render = _compile(text, columns, owner)

    def __call__(self, values: Values) -> str:
        """The result, trimmed. Raises RefusedValueError that names the template and what went wrong."""
        try:
            return self._render(values).strip()
        except Exception as e:  # one cell can make a sound template raise anything, and must not end a night
            raise _refused(self._owner, self.text, values, self.columns, e) from e


def condition(
    text: str, columns: Sequence[str], owner: str
) -> tuple[frozenset[str], Callable[[Values], bool]]:
    """An expression over the columns as a yes or no, with the columns it uses; it too may refuse a value."""
    used, render = _compile("{{ 1 if (" + text + ") else '' }}", columns, owner)

    def holds(values: Values) -> bool:
        try:
            return bool(render(values))
        except Exception as e:
            raise _refused(owner, text, values, used, e) from e

    return used, holds


def _refused(
    owner: str, text: str, values: Values, used: frozenset[str], error: Exception
) -> RefusedValueError:
    given = ", ".join(f"{c} = {shown(values[c])}" for c in sorted(used))
    return RefusedValueError(f"{owner}: {text!r} cannot take {given}: {error}")


def _compile(text: str, columns: Sequence[str], owner: str) -> tuple[frozenset[str], Callable[[Values], str]]:
    from jinja2 import StrictUndefined, TemplateError, meta, nodes
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    env: Any = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    try:
        tree = env.parse(text)
        names = meta.find_undeclared_variables(tree)
        template = env.from_string(text)
    except TemplateError as e:
        raise ConfigError(f"{owner}: {text!r} is not a valid template: {e}") from e
    used = names - {"row"} - set(env.globals)
    if "row" in names:
        for item in tree.find_all(nodes.Getitem):
            if (
                isinstance(item.node, nodes.Name)
                and item.node.name == "row"
                and isinstance(item.arg, nodes.Const)
            ):
                used.add(str(item.arg.value))
    unknown = sorted(used - set(columns))
    if unknown:
        raise FeedError(
            f"{owner}: {text!r} names {', '.join(unknown)}, which the feed does not have; "
            f"it has {', '.join(columns)}"
        )
    return frozenset(used), lambda values: template.render(values, row=values)
