"""One site's ``greffe.toml``: its shape, its defaults, and where its secrets come from.

Each table has a module of its own. Secrets never stand on a command line: a password comes from the environment, a file or a
command.
"""

from __future__ import annotations

from greffe.config.reading import load, parse
from greffe.config.site import Config

__all__ = ["Config", "load", "parse"]
