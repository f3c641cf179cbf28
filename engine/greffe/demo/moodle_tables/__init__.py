"""Moodle's tables, as far as Greffe reads or writes them, and the few rows that every site has.

For the demonstration, the integration tests and the bench; a real site brings its own. ``create_tables`` makes them,
``minimal_site`` fills in what a fresh installation has, ``add_users`` and ``add_courses`` add tens of thousands in
about a second.
"""

from __future__ import annotations

from .columns import Column, Engine, RowFormat, Table
from .ddl import TABLES, Branch, create_tables, quoting, tables
from .minimal_site import add_courses, add_users, minimal_site
from .rows import Rows

__all__ = [
    "TABLES",
    "Branch",
    "Column",
    "Engine",
    "RowFormat",
    "Rows",
    "Table",
    "add_courses",
    "add_users",
    "create_tables",
    "minimal_site",
    "quoting",
    "tables",
]
