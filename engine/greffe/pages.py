"""Texts made from templates: whatever comes from outside is escaped in HTML, and cannot steer how it is shown."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from greffe.rules.text import visible


def environment(package: str, *, plain: bool = False) -> Environment:
    """The templates of a package. Its pages extend ``page.html``, which all share; ``plain``: of texts, which have nothing to escape."""
    found = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("greffe")]),
        autoescape=not plain,  # noqa: S701 - plain text is not escaped
        undefined=StrictUndefined,
        # direction marks and control characters could make a name read as another
        finalize=lambda value: visible(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=plain,
    )
    found.filters["source"] = _source
    return found


def _source(text: str) -> str:
    """How a page's own policy names one style or script: that text is let pass, and no other."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
