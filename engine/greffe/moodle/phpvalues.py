"""Values in a PHP file: plain literals and arrays of them, and in words why something is neither."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from greffe.moodle.phptokens import Token

_WHOLE = re.compile(r"0|[1-9]\d*")


def literal(tokens: Sequence[Token]) -> str | None:
    """The text of a plain literal, as PHP would turn it into a string; None for anything else."""
    if len(tokens) != 1:
        return None
    token = tokens[0]
    if token.kind == "str":
        return token.value
    if token.kind == "num":
        return token.text if _WHOLE.fullmatch(token.text) else None
    return {"null": "", "false": "", "true": "1"}.get(token.text.lower()) if token.kind == "id" else None


def array(tokens: Sequence[Token]) -> list[tuple[Sequence[Token], Sequence[Token]]] | None:
    """(key, value) of an array literal; None where it is none."""
    if (
        len(tokens) > 2
        and tokens[0].text.lower() == "array"
        and tokens[1].text == "("
        and tokens[-1].text == ")"
    ):
        inner = tokens[2:-1]
    elif len(tokens) > 1 and tokens[0].text == "[" and tokens[-1].text == "]":
        inner = tokens[1:-1]
    else:
        return None
    pairs: list[tuple[Sequence[Token], Sequence[Token]]] = []
    nested, start, arrow = 0, 0, -1
    for i in range(len(inner) + 1):
        text = inner[i].text if i < len(inner) and inner[i].kind == "op" else "," if i == len(inner) else ""
        nested += (text in ("(", "[", "{")) - (text in (")", "]", "}"))
        if nested < 0:
            return None
        if nested:
            continue
        if text == "=>" and arrow < 0:
            arrow = i
        elif text == ",":
            if i > start:
                pairs.append(
                    (inner[start:arrow], inner[arrow + 1 : i]) if arrow >= 0 else ((), inner[start:i])
                )
            start, arrow = i + 1, -1
    return pairs


def reason(tokens: Iterable[Token]) -> str:
    """Why a value is not certain, without a word of the value."""
    words = {t.text for t in tokens if t.kind in ("id", "var", "op")}
    strings = [t for t in tokens if t.kind == "str"]
    if words & {"getenv", "$_ENV", "$_SERVER"}:
        return "comes from the environment"
    if words & {"file_get_contents", "trim", "include", "require", "include_once", "require_once"}:
        return "is read from somewhere else"
    if words & {"array", "[", "Array"}:
        return "is a list"
    if "." in words:
        return "is put together from parts"
    if any(t.value is None for t in strings):
        return "is a string with a variable inside, or not UTF-8"
    if "?" in words or "??" in words:
        return "depends on a condition"
    if any(w.isidentifier() for w in words):
        return "is a constant, a variable or a function's result"
    return "is computed"
