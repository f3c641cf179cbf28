"""What a Markdown page holds: its fenced blocks, the commands in them, its links and its headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_FENCE = re.compile(r"^(?P<indent>\s*)```(?P<language>[\w-]*)\s*$")
_REHEARSAL = re.compile(r"^\s*<!-- rehearsal: (?P<words>.+?) -->\s*$")
_HEADING = re.compile(r"^#{1,6}\s+(?P<title>.+?)\s*$")
_LINK = re.compile(r"(?<!\\)\]\((?P<target>[^()\s]+)\)")
_ANCHOR = re.compile(r'<a id="(?P<id>[^"]+)"')
_CODE = re.compile(r"`[^`\n]+`")


@dataclass(frozen=True, slots=True)
class Command:
    """A line that somebody is told to type, and what the page says that it answers."""

    page: str
    line: int
    text: str
    """Without its prompt and its comment."""
    output: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """For people: page and line."""
        return f"{self.page}:{self.line}: {self.text}"


@dataclass(slots=True)
class Block:
    """A fenced block."""

    page: str
    line: int
    language: str
    lines: list[str] = field(default_factory=list)
    rehearsal: str = ""
    """What happens before it, for the rehearsal alone: a comment of the page that no reader sees."""

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self.lines) + "\n"

    @property
    def prompted(self) -> bool:
        """Whether commands stand behind a prompt, with what they answer below them."""
        return self.language == "console" or (not self.language and self.text.startswith("$ "))

    def commands(self) -> list[Command]:
        """What is typed, in order; a line that ends with a backslash goes on."""
        if self.language not in ("sh", "console") and not self.prompted:
            return []
        found: list[Command] = []
        numbered = iter(enumerate(self.lines, self.line + 1))
        for number, line in numbered:
            if self.prompted and not line.startswith("$ "):
                if found and self.language == "console":
                    last = found.pop()
                    found.append(Command(last.page, last.line, last.text, (*last.output, line)))
                continue
            typed = line.removeprefix("$ ")
            while typed.endswith("\\"):
                typed = typed.removesuffix("\\") + next(numbered)[1].strip()
            if typed := without_comment(typed):
                found.append(Command(self.page, number, typed))
        return found


def without_comment(line: str) -> str:
    """A shell line without what stands behind a ``#``."""
    return re.sub(r"(^|\s+)#\s.*$", "", line).strip()


@dataclass(frozen=True, slots=True)
class Page:
    """A page by its path below the checkout."""

    name: str
    text: str

    @property
    def prose(self) -> str:
        """Its text without fenced blocks."""
        lines, inside = [], False
        for line in self.text.splitlines():
            if _FENCE.match(line):
                inside = not inside
            elif not inside:
                lines.append(line)
        return "\n".join(lines)

    def blocks(self) -> Iterator[Block]:
        """Its fenced blocks, in order."""
        block: Block | None = None
        indent = rehearsal = ""
        for number, line in enumerate(self.text.splitlines(), 1):
            if fence := _FENCE.match(line):
                if block is None:
                    block = Block(self.name, number, fence["language"], rehearsal=rehearsal)
                    indent, rehearsal = fence["indent"], ""
                else:
                    yield block
                    block = None
            elif block is not None:
                block.lines.append(line.removeprefix(indent))
            elif note := _REHEARSAL.match(line):
                rehearsal = note["words"]

    def links(self) -> list[str]:
        """Targets within the checkout, as written."""
        found = _LINK.findall(_CODE.sub("", self.prose))
        return [target for target in found if not re.match(r"[a-z]+:", target)]

    def spans(self) -> list[str]:
        """Commands of Greffe that stand in the text."""
        return [s.strip("`") for s in _CODE.findall(self.prose) if s.startswith("`greffe ")]

    def anchors(self) -> set[str]:
        """What a link can name in it: headings as code forges make ids of them, and explicit ones."""
        found: set[str] = set(_ANCHOR.findall(self.text))
        for line in self.prose.splitlines():
            if heading := _HEADING.match(line):
                slug = base = _slug(heading["title"])
                count = 0
                while slug in found:
                    count += 1
                    slug = f"{base}-{count}"
                found.add(slug)
        return found


def _slug(title: str) -> str:
    plain = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", title).replace("`", "").lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


@cache
def page(name: str) -> Page:
    """A page by its path below the checkout."""
    return Page(name, (ROOT / name).read_text(encoding="utf-8"))


def names() -> list[str]:
    """The pages that users read: the README and both languages."""
    found = [f for language in ("en", "fr") for f in sorted((DOCS / language).rglob("*.md"))]
    return ["README.md", *(str(f.relative_to(ROOT)) for f in found)]
