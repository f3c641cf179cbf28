"""The composite and labelled values of SupAnn directories, to the letter (registrations.md; SupAnn 2020, "Les attributs
composites", "Les attributs étiquetés").

A composite value is fields one after another, ``[key=value][key=value]``, without anything between them; no value
holds a bracket, and no key comes twice. A field's value may bear a label that says which nomenclature it is of,
``{UAI:0141408E}L1DRT``, and holds no other brace.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_FIELD = re.compile(r"\[([A-Za-z0-9_]+)=([^\[\]]*)\]")
_LABELLED = re.compile(r"(?:\{([^{}]+)\})?([^{}]*)")


class MalformedError(ValueError):
    """A value is not what SupAnn says; the message is the end of a sentence that begins with the value."""


class Labelled(NamedTuple):
    """A value and the nomenclature that it is of, '' where it says none."""

    label: str
    text: str


def fields(value: str) -> dict[str, str]:
    """The fields of a composite value by their keys, in small letters since these attributes are blind to case.

    A field without a value stays, as ''. Raises MalformedError.
    """
    found: dict[str, str] = {}
    at = 0
    while at < len(value):
        field = _FIELD.match(value, at)
        if field is None:
            raise MalformedError(f"is not [key=value][key=value]… from its character {at + 1} on")
        key = field[1].lower()
        if key in found:
            raise MalformedError(f"has the field {key} twice")
        found[key] = field[2]
        at = field.end()
    if not found:
        raise MalformedError("is empty")
    return found


def labelled(value: str) -> Labelled:
    """Label and text of one field's value. Raises MalformedError."""
    found = _LABELLED.fullmatch(value)
    if found is None:
        raise MalformedError("has braces that are no {label} before a text")
    return Labelled(found[1] or "", found[2])
