"""What a database says of its own tables: columns and indexes, in words that both servers share."""

from __future__ import annotations

import re
from typing import NamedTuple

from .site import MoodleSite


class Column(NamedTuple):
    """One column: its name, the server's type with its size, and what it holds when nothing is said."""

    name: str
    type: str
    null: bool
    default: str | None


class Index(NamedTuple):
    """One index by what it does, not by name; the primary key is a unique index."""

    unique: bool
    columns: tuple[str, ...]
    pattern: bool = False
    """Made for LIKE 'start%' whatever the locale (PostgreSQL)."""


def columns(site: MoodleSite) -> dict[str, list[Column]]:
    """The columns of every table, in order; tables without the site's prefix."""
    if site.engine == "mariadb":
        found = site.fetch(
            "SELECT table_name AS tbl, column_name AS name, column_type AS type, is_nullable AS nullable,"
            " column_default AS preset FROM information_schema.columns WHERE table_schema = %s"
            " ORDER BY table_name, ordinal_position",
            site.dbname,
        )
    else:
        found = site.fetch(
            "SELECT table_name AS tbl, column_name AS name, is_nullable AS nullable, column_default AS preset,"
            " concat_ws(' ', data_type, character_maximum_length, numeric_precision, numeric_scale) AS type"
            " FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"
        )
    answer: dict[str, list[Column]] = {}
    for row in found:
        column = Column(row["name"], row["type"], row["nullable"] == "YES", _plain(row["preset"]))
        answer.setdefault(row["tbl"].removeprefix(site.prefix), []).append(column)
    return answer


def indexes(site: MoodleSite) -> dict[str, set[Index]]:
    """The indexes of every table; tables without the site's prefix."""
    if site.engine == "mariadb":
        found = site.fetch(
            "SELECT table_name AS tbl, MIN(non_unique) = 0 AS uniq, FALSE AS pattern,"
            " GROUP_CONCAT(column_name ORDER BY seq_in_index) AS cols"
            " FROM information_schema.statistics WHERE table_schema = %s GROUP BY table_name, index_name",
            site.dbname,
        )
    else:
        found = site.fetch(
            "SELECT t.relname AS tbl, x.indisunique AS uniq,"
            " (SELECT bool_or(o.opcname = 'varchar_pattern_ops') FROM unnest(x.indclass) AS k(class)"
            "  JOIN pg_opclass o ON o.oid = k.class) AS pattern,"
            " (SELECT string_agg(COALESCE(a.attname, pg_get_indexdef(x.indexrelid, k.n::int, TRUE)), ',' ORDER BY k.n)"
            "  FROM unnest(x.indkey) WITH ORDINALITY AS k(col, n)"
            "  LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.col) AS cols"
            " FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid"
            " JOIN pg_namespace s ON s.oid = t.relnamespace WHERE s.nspname = 'public'"
        )
    answer: dict[str, set[Index]] = {}
    for row in found:
        index = Index(bool(row["uniq"]), tuple(row["cols"].split(",")), bool(row["pattern"]))
        answer.setdefault(row["tbl"].removeprefix(site.prefix), set()).add(index)
    return answer


def _plain(preset: str | None) -> str | None:
    """A default without quotes and casts: MariaDB says ``'x'`` or ``NULL``, PostgreSQL ``'x'::character varying``."""
    if preset is None or preset == "NULL":
        return None
    if preset.startswith("nextval("):
        return None
    value = re.sub(r"::[\w ()]+(\([\d,]+\))?$", "", preset).strip("()")
    value = value[1:-1] if value.startswith("'") else value
    return re.sub(r"^(-?\d+)\.0+$", r"\1", value)
