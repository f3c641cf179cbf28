"""The command line: parses, calls one command, prints; nothing else.

Only click is imported until a command runs: a night without changes must not pay for tables it does not draw.
"""

from __future__ import annotations

import sys
from typing import NoReturn

from greffe.cli.running import run

__all__ = ["main", "run"]


def main() -> NoReturn:
    """The command ``greffe``."""
    sys.exit(run(sys.argv[1:]))
