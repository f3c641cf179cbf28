"""The tokens of a PHP file, as far as plain assignments need them.

What cannot be told for certain stays a token without a value: a string with a variable inside, a heredoc, a shell
command. (The PHP parsers on PyPI stop at PHP 5 and read only what they know; here the unknown must stay visible.)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_BLANK = re.compile(r"\s+|/\*.*?\*/|(?://|#(?!\[))(?:(?!\?>)[^\r\n])*", re.DOTALL)
_HEREDOC = re.compile(r"<<<[ \t]*([\"']?)([A-Za-z_]\w*)\1(?:\r\n|\n|\r)")
_OPEN = re.compile(r"<\?(?:php(?=\s|$)|=)", re.IGNORECASE)
#: compiled at first use, since most nights read no PHP and this takes as long as all the rest of the module
_LEXEME = (
    r"(?P<var>\$[A-Za-z_\x80-\U0010ffff][\w\x80-\U0010ffff]*)"
    r"|(?P<id>[A-Za-z_\\\x80-\U0010ffff][\w\\\x80-\U0010ffff]*)"
    r"|(?P<num>\.?\d[\w.]*)"
    r"|(?P<op><=>|\*\*=|\.\.\.|<<=|>>=|===|!==|\?\?=|\?->|[-+*/.%&|^]=|->|=>|::|==|!=|<>|<=|>=|&&|\|\||\?\?|\+\+|--|#\[|.)"
)
_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|u\{([0-9A-Fa-f]+)\}|([nrtvef\\$\"]))")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", "v": "\v", "e": "\x1b", "f": "\f"}
_NEWLINE = re.compile(r"\r\n|\n|\r")

Kind = Literal["var", "id", "num", "str", "op"]


class UnfinishedError(ValueError):
    """The file ends inside a string or a comment; ``line`` is where that began."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}: what begins here does not end")
        self.line = line


@dataclass(frozen=True, slots=True)
class Token:
    """One token. ``value`` is a string's text; None where that depends on something else."""

    kind: Kind
    text: str
    line: int
    value: str | None = None


class Scanner:
    """Walks the text once; ``tokens()`` gives everything up to the end or ``__halt_compiler``."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._counted = 0
        self._line = 1

    def tokens(self) -> list[Token]:
        """All tokens of the PHP parts; a closing tag counts as ``;``, as in PHP. Raises UnfinishedError."""
        found: list[Token] = []
        self._outside()
        while (token := self._next()) is not None:
            if token.text.lower() == "__halt_compiler":
                break
            found.append(token)
        return found

    def _here(self) -> int:
        self._line += len(_NEWLINE.findall(self._text, self._counted, self._at))
        self._counted = self._at
        return self._line

    def _outside(self) -> None:
        m = _OPEN.search(self._text, self._at)
        self._at = m.end() if m else len(self._text)

    def _next(self) -> Token | None:
        text = self._text
        while m := _BLANK.match(text, self._at):
            self._at = m.end()
        line = self._here()
        if self._at >= len(text):
            return None
        if text.startswith("?>", self._at):
            self._outside()
            return Token("op", ";", line)
        if text.startswith("/*", self._at):
            raise UnfinishedError(line)
        if m := _HEREDOC.match(text, self._at):
            end = re.compile(rf"^[ \t]*{m[2]}\b", re.MULTILINE).search(text, m.end())
            if end is None:
                raise UnfinishedError(line)
            self._at = end.end()
            return Token("str", "heredoc", line)
        mark = text[self._at]
        if mark == "'":
            return self._single(line)
        if mark in '"`':
            return self._double(mark, line)
        m = re.compile(_LEXEME, re.DOTALL).match(text, self._at)
        assert m is not None  # noqa: S101 - the last alternative takes any character
        self._at = m.end()
        kind: Kind = m.lastgroup  # type: ignore[assignment]
        return Token(kind, m[0], line)

    def _single(self, line: int) -> Token:
        m = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL).match(self._text, self._at)
        if m is None:
            raise UnfinishedError(line)
        self._at = m.end()
        value = re.sub(r"\\([\\'])", r"\1", m[1])
        return Token("str", "'", line, None if _foreign(value) else value)

    def _double(self, mark: str, line: int) -> Token:
        text, parts, certain = self._text, bytearray(), mark == '"'
        self._at += 1
        while self._at < len(text):
            rest = text[self._at]
            if rest == mark:
                self._at += 1
                try:
                    return Token("str", mark, line, parts.decode() if certain else None)
                except UnicodeDecodeError:
                    return Token("str", mark, line)
            if rest == "\\":
                if m := _ESCAPE.match(text, self._at):
                    parts += _unescape(m)
                    self._at = m.end()
                else:
                    parts += text[self._at : self._at + 2].encode(errors="surrogateescape")
                    self._at += 2
            elif text.startswith(("{$", "${"), self._at):
                certain = False
                self._skip_expression(line)
            else:
                if rest == "$" and re.match(r"[A-Za-z_\x80-\U0010ffff]", text[self._at + 1 : self._at + 2]):
                    certain = False
                parts += rest.encode(errors="surrogateescape")
                self._at += 1
        raise UnfinishedError(line)

    def _skip_expression(self, line: int) -> None:
        # an expression inside a string may hold strings of its own
        self._at = self._text.index("{", self._at) + 1
        depth = 1
        while depth:
            token = self._next()
            if token is None:
                raise UnfinishedError(line)
            if token.kind == "op":
                depth += (token.text == "{") - (token.text == "}")


def _unescape(m: re.Match[str]) -> bytes:
    octal, hexa, point, simple = m.groups()
    if octal:
        return bytes([int(octal, 8) & 0xFF])
    if hexa:
        return bytes([int(hexa, 16)])
    if point:
        number = int(point, 16)
        return chr(number).encode(errors="surrogatepass") if number <= 0x10FFFF else b"\xff"
    return _SIMPLE.get(simple, simple).encode()


def _foreign(text: str) -> bool:
    """Whether the text holds bytes that were no UTF-8."""
    return any("\udc80" <= c <= "\udcff" for c in text)
