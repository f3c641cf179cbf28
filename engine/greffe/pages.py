"""HTML made from templates: every text from outside is escaped, and none can steer how it is shown."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from greffe.rules.text import visible


def environment(package: str) -> Environment:
    """The templates of a package; they extend ``page.html``, which all pages share."""
    found = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("greffe")]),
        autoescape=True,
        undefined=StrictUndefined,
        # direction marks and control characters could make a name read as another
        finalize=lambda value: visible(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["source"] = _source
    return found


def _source(text: str) -> str:
    """How a page's own policy names one style or script: that text is let pass, and no other."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
