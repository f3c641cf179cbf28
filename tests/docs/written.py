"""The pages that are written from the code, by their paths."""

from __future__ import annotations

from collections.abc import Callable

from tests.docs import codes, commands, settings

PAGES: dict[str, Callable[[], str]] = {
    "docs/en/reference/commands.md": commands.english,
    "docs/en/reference/configuration.md": settings.english,
    "docs/en/reference/exit-codes.md": codes.exits_english,
    "docs/en/reference/reason-codes.md": codes.reasons_english,
    "docs/fr/reference/commandes.md": commands.french,
    "docs/fr/reference/configuration.md": settings.french,
    "docs/fr/reference/codes-de-sortie.md": codes.exits_french,
    "docs/fr/reference/motifs.md": codes.reasons_french,
}
