"""How Moodle puts a person's name together (core_user::get_fullname), for somebody who may see full names."""

from __future__ import annotations

import re
from collections.abc import Mapping

FIELDS = ("firstnamephonetic", "lastnamephonetic", "middlename", "alternatename", "firstname", "lastname")
"""Columns of a person's name, in the order in which a format's words are looked for."""
_EMPTY = "EMPTY"
_AROUND_NOTHING = re.compile(rf"(?:[^\w\s]|_)*{_EMPTY}(?:[^\w\s]|_)*")


def full_name(parts: Mapping[str, str], form: str) -> str:
    """A name in the form of the site's ``alternativefullnameformat``; '' or ``language``: first and last name.

    A field that is empty takes the marks around it along: no ``James () Kirk``.
    """
    if form in ("", "language"):
        return f"{parts['firstname']} {parts['lastname']}"
    name = form
    for field in (f for f in FIELDS if f in form):
        name = name.replace(field, parts[field] or _EMPTY)
    name = re.sub(r"\s{2,}", " ", _AROUND_NOTHING.sub(" ", name)).strip()
    return name or parts["firstname"]
