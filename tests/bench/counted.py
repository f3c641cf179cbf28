"""``counted.py FILE ARGUMENTS…``: the command ``greffe`` with these arguments; FILE gets its number of SQL statements.

The engine counts its statements on each connection; this only adds the connections up when the command has ended.
"""

from __future__ import annotations

import sys
from pathlib import Path

from greffe.cli import run
from greffe.moodle.database import Database, Settings

connections: list[Database] = []
_init = Database.__init__


def _noted(self: Database, settings: Settings) -> None:
    connections.append(self)
    _init(self, settings)


Database.__init__ = _noted  # type: ignore[method-assign]
code = run(sys.argv[2:])
Path(sys.argv[1]).write_text(str(sum(c.statements for c in connections)), encoding="ascii")
sys.exit(code)
