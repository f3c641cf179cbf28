"""One thing to be told, in the reader's language: what a mail, a webhook and a terminal are made from."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from jinja2 import Environment

from greffe import __version__
from greffe.pages import environment
from greffe.telling.words import WORDS

_TOGETHER = re.compile(r" (?=[:;?!%»])|(?<=\d) (?=\d{3}\b)")
"""Spaces of French at which a line is not broken: before high signs, and within numbers."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Something to do."""

    text: str
    command: str = ""
    """As it is to be typed; '': nothing is to be typed."""


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A heading and lines."""

    title: str
    lines: list[str]


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """No line of it names a person."""

    event: str
    """held, feed, refused, failure, recovered, summary, test."""
    language: str
    site: str
    host: str
    subject: str
    """Site, state, and what to do."""
    mood: str
    """good, warn, bad."""
    lead: str
    facts: list[tuple[str, str]] = []
    sections: list[Section] = []
    steps: list[Step] = []
    data: dict[str, Any] = {}
    """For programs: figures and names under keys that do not change with the language."""


def as_html(letter: Letter) -> str:
    """The page that a mail program shows; every text is escaped."""
    page = _filled(environment("greffe.telling"), "mail.html", letter)
    return _TOGETHER.sub("\N{NO-BREAK SPACE}", page) if letter.language == "fr" else page


def as_text(letter: Letter) -> str:
    """The same for who reads plain text."""
    return _filled(environment("greffe.telling", plain=True), "mail.txt", letter)


def _filled(templates: Environment, name: str, letter: Letter) -> str:
    words = WORDS[letter.language]
    return templates.get_template(name).render(letter=letter, w=words, version=__version__)
