"""What a page of the guide has typed, word by word."""

from __future__ import annotations

from tests.docs.pages import Command, page

INSTALLATION = "docs/fr/installation.md"


def typed(name: str, until: str) -> list[str]:
    """The commands of a page that stand above a heading, in order."""
    end = page(name).text.splitlines().index(until)
    return [c.text for c in _commands(name) if c.line <= end]


def documented(begins: str, holds: str = "") -> str:
    """The command of the installation that begins so and holds this."""
    return next(c.text for c in _commands(INSTALLATION) if c.text.startswith(begins) and holds in c.text)


def from_wheels() -> str:
    """How a machine that reaches no package index installs Greffe, from /wheels."""
    return documented("PIPX_HOME=", "--no-index").replace("RÉPERTOIRE", "/wheels")


def shown(name: str, language: str, begins: str) -> str:
    """The first piece of a file in that language that begins so."""
    blocks = page(name).blocks()
    return next(b.text for b in blocks if b.language == language and b.text.startswith(begins))


def _commands(name: str) -> list[Command]:
    return [command for block in page(name).blocks() for command in block.commands()]
