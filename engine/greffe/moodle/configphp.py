"""Moodle's ``config.php``, read without running it.

Certain is only a plain literal, assigned once, outside any block: ``$CFG->dbname = 'moodle';``. Everything else that
could decide a setting (a variable, a condition, an included file, a second assignment) becomes a doubt that names
the line and the key to set by hand in ``[moodle]``; nothing is guessed, and nothing of the line's text is repeated,
since it may hold a password. What the settings mean: Moodle's config-dist.php.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from greffe.errors import ConfigError
from greffe.moodle.phptokens import Scanner, Token, UnfinishedError
from greffe.moodle.phpvalues import array, literal, reason

#: setting of config.php → key of [moodle] that overrides it
KEYS = {
    "dbtype": "type",
    "dbhost": "host",
    "dbname": "name",
    "dbuser": "user",
    "dbpass": "password",
    "prefix": "prefix",
    "dbport": "port",
    "dbsocket": "socket",
    "dbschema": "schema",
    "lock_factory": "lock_factory",
    "dataroot": "lock_root",
    "file_lock_root": "lock_root",
}
_OPTIONS = ("dbport", "dbsocket", "dbschema")
_INCLUDES = {"include", "include_once", "require", "require_once"}
_COMPARISONS = {"==", "===", "!=", "!==", "<>", ".", "?", "&&", "||", "??"}
_BEFORE_READ = {
    "=",
    ".",
    "==",
    "===",
    "!=",
    "!==",
    "<>",
    "!",
    "&&",
    "||",
    "?",
    ":",
    "=>",
    "return",
    "echo",
    "print",
}
_AFTER_READ = _COMPARISONS | {";", ",", ")", "]", ":"}
_OPENERS = {"if", "while", "for", "foreach", "switch"}
_CLOSERS = {"endif", "endwhile", "endfor", "endforeach", "endswitch"}


@dataclass(frozen=True, slots=True)
class Doubt:
    """A setting that a line may decide in a way that only running it would tell."""

    line: int
    setting: str
    why: str

    @property
    def key(self) -> str:
        """The key of ``[moodle]`` that settles it."""
        return KEYS[self.setting]


@dataclass(slots=True)
class ConfigPhp:
    """What a config.php says for certain, and what it does not."""

    path: str = "config.php"
    values: dict[str, str] = field(default_factory=dict, repr=False)
    """Setting → value; kept out of repr, since the password is among them."""
    doubts: list[Doubt] = field(default_factory=list)
    forced: int = 0
    """Line that names ``forced_plugin_settings``: they override the database unseen. 0: none."""


class _Reader:
    def __init__(self, tokens: Sequence[Token]) -> None:
        self._t = tokens
        self._depth = 0
        self.values: dict[str, str] = {}
        self.doubts: dict[str, Doubt] = {}
        self.passing: dict[str, Doubt] = {}
        self.forced = 0

    def read(self) -> None:
        at = 0
        while at < len(self._t):
            end = self._statement_end(at)
            if not self._statement(self._t[at:end]):
                return
            at = end

    # -- statements ----------------------------------------------------------------------------------------
    def _statement_end(self, at: int) -> int:
        """Where the statement that begins here ends: after its ``;``, or after the brace that it opens or closes."""
        nested = 0
        for i in range(at, len(self._t)):
            text = self._t[i].text if self._t[i].kind == "op" else ""
            if text in ("(", "[", "#["):
                nested += 1
            elif text in (")", "]"):
                nested -= 1
            elif text in ("{", "}") or (text == ";" and nested <= 0):
                return i + 1
        return len(self._t)

    def _statement(self, s: Sequence[Token]) -> bool:
        """Take one statement in; False where the file ends for our purposes."""
        first, words = s[0].text.lower(), {t.text.lower() for t in s if t.kind == "id"}
        if first in ("return", "exit", "die") and self._depth == 0:
            return False
        if words & _INCLUDES and self._include(s):
            return False
        if self._depth == 0 and self._assignment(s):
            self._suspect(s[3:], words)  # a second assignment may hide in the first one's value
            return True
        self._suspect(s, words)
        self._track(s, first)
        return True

    def _track(self, s: Sequence[Token], first: str) -> None:
        last = s[-1].text if s[-1].kind == "op" else ""
        if last == "{":
            self._depth += 1
        elif last == "}":
            self._depth = max(0, self._depth - 1)
        if first in _CLOSERS:
            self._depth = max(0, self._depth - 1)
        elif first in _OPENERS and self._opens_with_colon(s):
            self._depth += 1

    @staticmethod
    def _opens_with_colon(s: Sequence[Token]) -> bool:
        nested = 0
        for i, t in enumerate(s):
            if t.kind == "op":
                nested += (t.text == "(") - (t.text == ")")
                if t.text == ")" and nested == 0:
                    return i + 1 < len(s) and s[i + 1].text == ":"
        return False

    def _include(self, s: Sequence[Token]) -> bool:
        """Another file may set anything that is not set after it; Moodle's own setup.php ends the matter."""
        if any(t.kind == "str" and (t.value or "").endswith("lib/setup.php") for t in s):
            return self._depth == 0
        for setting in KEYS:
            self.passing[setting] = Doubt(s[0].line, setting, "includes another file, which may set it")
        return False

    def _assignment(self, s: Sequence[Token]) -> bool:
        texts = [t.text for t in s]
        if texts[:5] == ["$CFG", "=", "new", "stdClass", ";"] or texts[:7] == [
            "$CFG",
            "=",
            "new",
            "stdClass",
            "(",
            ")",
            ";",
        ]:
            self.values.clear()
            self.doubts.clear()
            self.passing.clear()
            return True
        if texts in (["unset", "(", "$CFG", ")", ";"], ["global", "$CFG", ";"]):
            return True
        if len(s) < 5 or texts[:2] != ["$CFG", "->"] or s[2].kind != "id" or texts[-1] != ";":
            return False
        name = texts[2]
        if name in KEYS and name not in _OPTIONS and texts[3] == "=":
            self._set(name, s[4:-1], s[0].line)
            return True
        if name == "dboptions" and texts[3] == "=":
            self._options(s[4:-1], s[0].line)
            return True
        if (
            name == "dboptions"
            and texts[3] == "["
            and len(s) > 7
            and texts[5:7] == ["]", "="]
            and s[4].value is not None
        ):
            self._option(s[4].value, s[7:-1], s[0].line)
            return True
        return False

    # -- values --------------------------------------------------------------------------------------------
    def _set(self, setting: str, tokens: Sequence[Token], line: int) -> None:
        value = literal(tokens)
        self.passing.pop(setting, None)
        if value is None:
            self._doubt(line, setting, reason(tokens))
        elif setting == "dbhost" and "," in value:
            self._doubt(line, setting, "names several servers")
        elif self.values.setdefault(setting, value) != value:
            self._doubt(line, setting, "is assigned a second time, with another value")

    def _options(self, tokens: Sequence[Token], line: int) -> None:
        pairs = array(tokens)
        if pairs is None:
            for setting in _OPTIONS:
                self._doubt(line, setting, reason(tokens))
            return
        for setting in _OPTIONS:
            self.passing.pop(setting, None)
        for key, value in pairs:
            at = (key or value)[0].line if key or value else line
            name = key[0].value if len(key) == 1 and key[0].kind == "str" else None
            if name is None:
                for setting in _OPTIONS:
                    self._doubt(at, setting, "has an option whose name is computed")
            else:
                self._option(name, value, at)

    def _option(self, name: str, tokens: Sequence[Token], line: int) -> None:
        if name == "readonly":
            self._doubt(
                line, "dbhost", "names read-only replicas; Greffe must reach the server that is written to"
            )
        elif name in _OPTIONS:
            self._set(name, tokens, line)

    # -- what may decide a setting unseen --------------------------------------------------------------------
    def _suspect(self, s: Sequence[Token], words: set[str]) -> None:
        everything = ""
        if not s:
            return
        if words & {"eval", "extract", "parse_str", "goto"}:
            everything = "runs code that may set it"
        for i, t in enumerate(s):
            if t.kind != "var" and not (t.kind == "op" and t.text == "$"):
                continue
            if t.text in ("$", "$GLOBALS"):
                everything = "sets a variable whose name is computed"
            if t.text != "$CFG":
                continue
            after = s[i + 1].text if i + 1 < len(s) else ""
            member = s[i + 2] if i + 2 < len(s) else None
            if after not in ("->", "?->") or member is None or member.kind != "id":
                before = [x.text.lower() for x in s[max(0, i - 2) : i]]
                if after == "=" and member is not None and member.text == "new":
                    for setting in KEYS:
                        self.passing[setting] = Doubt(t.line, setting, "begins anew under a condition")
                elif before[-1:] != ["global"] and before not in (["isset", "("], ["empty", "("]):
                    everything = "hands all settings on, or names one by a variable"
            elif member.text == "forced_plugin_settings":
                self.forced = self.forced or t.line
            elif member.text in KEYS or member.text == "dboptions":
                self._mention(member.text, s, i)
        if everything:
            for setting in KEYS:
                self._doubt(s[0].line, setting, everything)

    def _mention(self, name: str, s: Sequence[Token], i: int) -> None:
        before = s[i - 1].text.lower() if i else ""
        after = s[i + 3].text if i + 3 < len(s) else ";"
        asked = before == "(" and i > 1 and s[i - 2].text.lower() in ("isset", "empty")
        read = after in _AFTER_READ and before in _BEFORE_READ
        compared = before in ("(", "[", ",") and after in _COMPARISONS
        if asked or read or compared:
            return
        why = (
            "is set under a condition or in a block"
            if self._depth or s[0].text != "$CFG"
            else reason(s[i + 3 :])
        )
        for setting in _OPTIONS if name == "dboptions" else (name,):
            self._doubt(s[i].line, setting, why)
        if name == "dboptions" and any(t.value == "readonly" for t in s):
            self._doubt(s[i].line, "dbhost", why)

    def _doubt(self, line: int, setting: str, why: str) -> None:
        self.doubts.setdefault(setting, Doubt(line, setting, why))


def parse(text: str, path: str = "config.php") -> ConfigPhp:
    """Read the text of a config.php. Never raises for what it holds: what is unclear becomes a doubt."""
    try:
        reader = _Reader(Scanner(text.removeprefix("\ufeff")).tokens())
    except UnfinishedError as e:
        why = "begins a string or a comment that does not end"
        return ConfigPhp(path, {}, [Doubt(e.line, setting, why) for setting in KEYS])
    reader.read()
    doubts = reader.passing | reader.doubts
    return ConfigPhp(
        path,
        {k: v for k, v in reader.values.items() if k not in doubts},
        sorted(doubts.values(), key=lambda d: (d.line, list(KEYS).index(d.setting))),
        reader.forced,
    )


def read(path: str | Path) -> ConfigPhp:
    """Read a config.php file. Raises ConfigError where the file itself cannot be read."""
    try:
        # bytes that are no UTF-8 may stand in comments; in a value they become a doubt
        return parse(Path(path).read_bytes().decode("utf-8", "surrogateescape"), str(path))
    except OSError as e:
        raise ConfigError(
            f"{path}: cannot be read: {e.strerror}",
            todo="Let Greffe's account read the file, or set the connection by hand in [moodle].",
        ) from e
