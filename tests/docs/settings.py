"""The page of the configuration, from the classes that read it: their types, defaults and words."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from inspect import cleandoc

import msgspec
from msgspec import inspect

from greffe.config import Config
from greffe.config.words import words
from tests.docs.docstrings import below_fields
from tests.docs.french import TABLES
from tests.docs.markdown import generated, table

_NO_KEYS = {"path"}
"""Fields of the configuration that no file can give."""


def shapes() -> list[tuple[str, inspect.StructType]]:
    """Each table of a file with its heading, in reading order: ``[moodle]``, then ``password = { … }`` of it."""
    top = inspect.type_info(Config)
    assert isinstance(top, inspect.StructType)
    found: dict[type, tuple[str, inspect.StructType]] = {}
    for field in top.fields:
        if field.encode_name in _NO_KEYS:
            continue
        name = field.encode_name
        if isinstance(field.type, inspect.DictType):
            heading, kind = f"[{name}.NAME]", field.type.value_type
        elif isinstance(field.type, inspect.ListType):
            heading, kind = f"[[{name}]]", field.type.item_type
        else:
            heading, kind = f"[{name}]", field.type
        for one in _structs(kind):
            for title, shape in _with_inner(heading, one):
                found.setdefault(shape.cls, (title, shape))
    return list(found.values())


def _with_inner(heading: str, kind: inspect.StructType) -> Iterator[tuple[str, inspect.StructType]]:
    yield heading, kind
    for field in kind.fields:
        for inner in _structs(field.type):
            yield from _with_inner(f"{heading} {field.encode_name}", inner)


def _structs(kind: inspect.Type) -> Iterator[inspect.StructType]:
    if isinstance(kind, inspect.StructType):
        yield kind
    elif isinstance(kind, inspect.UnionType):
        for one in kind.types:
            yield from _structs(one)
    elif isinstance(kind, inspect.ListType):
        yield from _structs(kind.item_type)


def english() -> str:
    """docs/en/reference/configuration.md."""
    parts = [
        generated(
            "Configuration",
            "Every key of `greffe.toml`: what may stand there, what holds without it, and what it means. A key that is not here is an\n"
            "error. `greffe init` writes a commented file; how the tables work together is told by the [guides](../README.md).",
        ),
        *(_section(heading, shape) for heading, shape in shapes()),
    ]
    return "\n\n".join(parts) + "\n"


def french() -> str:
    """docs/fr/reference/configuration.md."""
    place = "../../en/reference/configuration.md"
    rows = [(f"[`{h}`]({place}#{_slug(h)})", TABLES.get(h, "")) for h, _ in shapes() if " " not in h]
    parts = [
        generated(
            "Configuration",
            f"Les tables de `greffe.toml`. Les clés, leurs valeurs et leur sens : [la référence, en anglais]({place}) ; leur emploi :\n"
            "[les guides](../README.md). Une clé inconnue est une erreur.",
            french=True,
        ),
        table(["table", "ce qu’elle règle"], rows),
    ]
    return "\n\n".join(parts) + "\n"


def _section(heading: str, shape: inspect.StructType) -> str:
    said = below_fields(shape.cls)
    rows = [(f"`{f.encode_name}`", _values(f.type), _default(f), said.get(f.name, "")) for f in shape.fields]
    about = cleandoc(shape.cls.__doc__ or "").replace("``", "`")
    return f"## `{heading}`\n\n{about}\n\n" + table(["key", "value", "default", "meaning"], rows)


def _values(kind: inspect.Type) -> str:
    inner = [shape.cls for shape in _structs(kind)]
    places = [title for title, shape in shapes() if shape.cls in inner]
    found = [f"`{w}`" if w[0] == '"' else w for w in words(kind) if w[0] != "{"]
    return ", ".join([*dict.fromkeys(found), *(f"[`{{ … }}`](#{_slug(p)})" for p in places)])


def _default(field: inspect.Field) -> str:
    if field.required:
        return "must be given"
    value = field.default
    if field.default_factory is not msgspec.NODEFAULT:
        value = field.default_factory()
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, msgspec.Struct):
        return ""
    return f"`{msgspec.json.encode(value).decode()}`"


def _slug(heading: str) -> str:
    return "".join(c for c in heading.lower() if c.isalnum() or c in " -_").replace(" ", "-")
