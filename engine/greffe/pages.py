"""HTML made from templates: every text from outside is escaped, and none can steer how it is shown."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from greffe.rules.text import visible


def environment(package: str) -> Environment:
    """The templates of a package."""
    return Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        # direction marks and control characters could make a name read as another
        finalize=lambda value: visible(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
