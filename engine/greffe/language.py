"""Which language people read here."""

from __future__ import annotations

import os

LANGUAGES = ("en", "fr")


def language() -> str:
    """``fr`` where this machine speaks French, else ``en``."""
    spoken = next((v for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (v := os.environ.get(name))), "")
    return "fr" if spoken.lower().startswith("fr") else "en"
