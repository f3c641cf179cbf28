"""What is wrong with a configuration, in the words of its file: which table, which key, what may stand there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import msgspec
from msgspec import inspect

_STEP = re.compile(r"\.([^.\[]+)|\[(\.\.\.|\d+)\]")
_PATTERNS = {
    "%": "a share such as 30%, or none",
    "\\d{4}-": "a day such as 2026-07-01, or 07-01 for every year",
    "never": "a number of days such as 400d, or never",
    "s|m|h|d": "a duration such as 36h (s, m, h or d)",
}
"""What a pattern of the configuration is known by → its words."""
_TYPES: dict[type[inspect.Type], str] = {
    inspect.IntType: "a whole number",
    inspect.StrType: "a text in quotes",
    inspect.BoolType: "true or false",
    inspect.ListType: "a list in [ ]",
    inspect.DictType: "a table in { }",
}


def explain(error: msgspec.ValidationError, raw: dict[str, Any], shape: type[msgspec.Struct]) -> str:
    """One sentence for an error of converting ``raw`` to ``shape``. No value is repeated: it could be a password."""
    message, _, path = str(error).partition(" - at ")
    steps = _named(path.strip("`").removeprefix("$"), message, raw, shape)
    # what was converted of itself has no name of its own
    where = _place(steps)
    if found := re.search(r"missing required field `(.+)`", message):
        return f"{where}the key {found[1]} is missing"
    kind = _kind(inspect.type_info(shape), steps)
    if found := re.search(r"unknown field `(.+)`", message):
        known = [f.encode_name for f in kind.fields] if isinstance(kind, inspect.StructType) else []
        return f"{where}there is no key {found[1]}; there are {', '.join(k for k in known if k != 'path')}"
    if len(steps) == 1 and isinstance(kind, inspect.ListType) and isinstance(_at(raw, steps), dict):
        return f"{where}there may be several, so it is written in two brackets: [[{steps[0]}]]"
    return f"{where}give {' or '.join(dict.fromkeys(words(kind)))}" if kind else f"{where}{message}"


def _named(path: str, message: str, raw: dict[str, Any], shape: type[msgspec.Struct]) -> list[str | int]:
    """The steps to the place; msgspec does not tell which key of a table it was, so each is tried alone."""
    steps: list[str | int] = []
    for name, at in _STEP.findall(path):
        if at != "...":
            steps.append(name or int(at))
            continue
        for key in _at(raw, steps):
            alone = deepcopy(raw)
            table = _at(alone, steps)
            for other in [k for k in table if k != key]:
                del table[other]
            try:
                msgspec.convert(alone, shape)
            except msgspec.ValidationError as e:
                if str(e).startswith(message):
                    steps.append(key)
                    break
        else:
            return steps
    return steps


def _at(node: Any, steps: list[str | int]) -> Any:
    for step in steps:
        node = node[step]
    return node


def _place(steps: list[str | int]) -> str:
    """``[feed.ip] max_age: ``, ``[[course]] number 2, leavers: ``, ``[[link]] number 1, row 3, cohort: ``."""
    if not steps:
        return ""
    if len(steps) > 1 and isinstance(steps[1], int):
        words = [f"[[{steps[0]}]] number {steps[1] + 1}", *_key(steps[2:])]
        return f"{', '.join(words)}: "
    deeper = steps[0] in ("feed", "guards") and len(steps) > 1
    head, rest = (f"[{steps[0]}.{steps[1]}]", steps[2:]) if deeper else (f"[{steps[0]}]", steps[1:])
    return f"{head}{' ' if rest else ''}{', '.join(_key(rest))}: "


def _key(steps: list[str | int]) -> list[str]:
    """``purge.after``; ``row 3, cohort``; ``blackout number 1, to``: places of a list are counted from 1, as tables are."""
    words: list[str] = []
    fresh = True
    for step in steps:
        if isinstance(step, int):
            listed = words.pop()
            words.append(f"row {step + 1}" if listed == "table" else f"{listed} number {step + 1}")
        elif fresh:
            words.append(step)
        else:
            words[-1] += f".{step}"
        fresh = isinstance(step, int)
    return words


def _kind(kind: inspect.Type, steps: list[str | int]) -> inspect.Type | None:
    """The type that is wanted at the end of the steps."""
    for step in steps:
        below = [k for one in _choices(kind) if (k := _below(one, step)) is not None]
        if not below:
            return None
        kind = below[0]
    return kind


def _below(kind: inspect.Type, step: str | int) -> inspect.Type | None:
    if isinstance(kind, inspect.StructType):
        return next((f.type for f in kind.fields if f.encode_name == step), None)
    if isinstance(kind, inspect.DictType):
        return kind.value_type
    return kind.item_type if isinstance(kind, inspect.ListType) else None


def _choices(kind: inspect.Type) -> tuple[inspect.Type, ...]:
    return kind.types if isinstance(kind, inspect.UnionType) else (kind,)


def words(kind: inspect.Type) -> Iterator[str]:
    for one in _choices(kind):
        if isinstance(one, inspect.LiteralType):
            yield from (f'"{v}"'.replace("\t", "\\t") for v in one.values)
        elif isinstance(one, inspect.EnumType):
            yield from (f'"{v.value}"' for v in one.cls)
        elif isinstance(one, inspect.StructType) and not any(f.required for f in one.fields):
            yield from (f"{{ {f.encode_name} = … }}" for f in one.fields)
        elif isinstance(one, inspect.StructType):
            yield f"{{ {', '.join(f'{f.encode_name} = …' for f in one.fields)} }}"
        elif isinstance(one, inspect.StrType) and one.pattern:
            yield next((words for part, words in _PATTERNS.items() if part in one.pattern), "another text")
        elif not isinstance(one, inspect.NoneType):
            yield _TYPES.get(type(one), "another value") + _range(one)


def _range(kind: inspect.Type) -> str:
    least, most = getattr(kind, "ge", None), getattr(kind, "le", None)
    if least is None:
        return ""
    return f" from {least} on" if most is None else f" from {least} to {most}"
