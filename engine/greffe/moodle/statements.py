"""The SQL files of ``sql/``, read once, by name.

A file holds blocks; a block is a line ``-- name: word``, comment lines that say what it does and why it is written
as it is, and one statement. Tables stand in braces, as Moodle writes them (``{user_enrolments}``), and get the
site's prefix and the engine's quoting here, the only place where an identifier enters SQL. ``{in:ids}`` is
membership in a list parameter; ``{each}…{/each}`` repeats structure (one column per role), never a value. A few blocks
serve several tables: ``{table}`` is the one that is meant, ``{columns}`` are names of its columns, and
``{column}…{/column}`` is repeated for each of them, with ``{name}`` in it. ``{whole:word}`` is a name that takes no prefix
(``Database.text_of``). ``{spelled:column}`` is what a text sorts by as people read it. ``{clock}`` is the engine's own word for now in Unix seconds, ``{join}`` its join that keeps the order
of the tables, ``{fence}`` what keeps a planner from taking a subquery apart where that leads it astray, and ``{along:table columns}`` its hint to take the index that begins with these columns.

The audits (``sql/audit/``) have a file each, named as the block in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import MappingProxyType

from greffe.errors import ConfigError
from greffe.sqlroot import sql_root

_BLOCK = re.compile(r"^-- name: (\w+)[ \t]*\n((?:--.*\n)*)", re.MULTILINE)
_TABLE = re.compile(r"\{(?!rows\})([a-z_0-9]+)\}")
_EACH = re.compile(r"\{each\}(.*?)\{/each\}", re.DOTALL)
_IN = re.compile(r"\{in:([a-z_]+)\}")
_SPELLED = re.compile(r"\{spelled:([a-z_.]+)\}")
_COLUMN = re.compile(r"\{column\}(.*?)\{/column\}", re.DOTALL)
_ALONG = re.compile(r"\{along:([a-z_]+) ([a-z_,]+)\}")
#: what stands in braces and is no table
_WORDS = {
    "table",
    "columns",
    "column",
    "name",
    "number",
    "each",
    "hint",
    "order",
    "clock",
    "join",
    "fence",
    "rights",
}
_PLAIN = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Statement:
    """One named statement as its file gives it."""

    name: str
    about: str
    text: str
    file: Path


def parse(file: Path) -> list[Statement]:
    """The blocks of one file, in order."""
    text = file.read_text(encoding="utf-8")
    starts = list(_BLOCK.finditer(text))
    ends = [m.start() for m in starts[1:]] + [len(text)]
    return [
        Statement(
            m[1],
            "\n".join(line.removeprefix("--").strip() for line in m[2].splitlines()),
            text[m.end() : end].strip().removesuffix(";"),
            file,
        )
        for m, end in zip(starts, ends, strict=True)
    ]


@cache
def library(engine: str) -> dict[str, Statement]:
    """Every statement that runs on an engine (``mariadb`` or ``postgresql``): shared ones, Greffe's own tables', its own,
    audits."""
    found: dict[str, Statement] = {}
    for room in ("shared", f"own/{engine}", f"own/{engine}/migrations", engine, *_audit_rooms(engine)):
        for file in sorted((sql_root() / room).glob("*.sql")):
            for statement in parse(file):
                if statement.name in found:
                    raise ValueError(f"{file}: {statement.name} is also in {found[statement.name].file}")
                found[statement.name] = statement
    return found


def _audit_rooms(engine: str) -> tuple[str, ...]:
    return "audit", f"audit/{engine}"


def audits(engine: str) -> list[Statement]:
    """The audits that an engine can run, by name."""
    rooms = {sql_root() / room for room in _audit_rooms(engine)}
    return sorted((s for s in library(engine).values() if s.file.parent in rooms), key=lambda s: s.name)


def find(engine: str, name: str) -> Statement:
    """The statement of that name; ConfigError says which names are like it where there is none."""
    try:
        return library(engine)[name]
    except KeyError:
        like = get_close_matches(name.casefold(), library(engine), 2)
        raise ConfigError(
            f"there is no statement {name!r}" + (f"; did you mean {' or '.join(like)}?" if like else ""),
            todo="`greffe sql` lists them all, with what each is for.",
        ) from None


def tables_of(statement: Statement) -> set[str]:
    """The tables that a statement names, without prefix."""
    return set(_TABLE.findall(statement.text)) - _WORDS


def render(
    statement: Statement,
    quote: Callable[[str], str],
    membership: str,
    *,
    spelling: str = "{}",
    hint: str = "",
    order: str = "",
    each: Iterable[int] = (),
    table: str = "",
    columns: Sequence[str] = (),
    words: Mapping[str, str] = MappingProxyType({}),
    along: Callable[[str, str], str] = lambda _table, _columns: "",
) -> str:
    """The statement's text as it will run, parameters still as ``%(name)s``.

    ``quote`` gives a table's full, quoted name; ``membership`` is the engine's form of "in this list", ``spelling`` its
    form of a text as it sorts (by itself: as it is stored); ``hint`` and
    ``order`` take the places of ``{hint}`` and ``{order}``; what stands between ``{each}`` and ``{/each}`` is repeated
    for each whole number, which takes the place of ``{number}``. ``columns`` are names as Moodle gives them: small
    letters, digits and ``_``, none of which needs quoting. ``words`` take the places of ``{clock}``, ``{join}`` and ``{fence}``, and ``along``
    gives the hint for a table and the first columns of an index.
    """
    if odd := [c for c in columns if not _PLAIN.fullmatch(c)]:
        raise ValueError(f"{statement.name}: {odd[0]!r} is no name of a column of Moodle's")
    text = _EACH.sub(lambda m: "".join(m[1].replace("{number}", str(int(n))) for n in each), statement.text)
    text = text.replace("{hint}", hint).replace("{order}", order)
    for word, meant in words.items():
        text = text.replace(f"{{{word}}}", meant)
    text = _ALONG.sub(lambda m: along(m[1], m[2]), text)
    text = _IN.sub(lambda m: membership.format(m[1]), text)
    text = _SPELLED.sub(lambda m: spelling.format(m[1]), text)
    text = _COLUMN.sub(lambda m: ", ".join(m[1].replace("{name}", c) for c in columns), text)
    text = text.replace("{columns}", ", ".join(columns))
    if table:
        text = text.replace("{table}", quote(table))
    return _TABLE.sub(lambda m: quote(m[1]), text)
