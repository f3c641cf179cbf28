"""Durations, shares and numbers, as they are written in a configuration."""

from __future__ import annotations

from typing import Annotated

import msgspec

Duration = Annotated[str, msgspec.Meta(pattern=r"^\d+(s|m|h|d)$")]
"""``36h``: see ``seconds``."""
Share = Annotated[str, msgspec.Meta(pattern=r"^(\d{1,3}(\.\d+)?%|none)$")]
"""``30%``: see ``share``."""
Number = Annotated[int, msgspec.Meta(ge=0)]
"""How many."""
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
"""Of a server."""


def seconds(duration: str) -> int:
    """``36h`` → 129600."""
    return int(duration[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[duration[-1]]


def share(text: str) -> float | None:
    """``10%`` → 0.1; ``none`` → None (no limit)."""
    return None if text == "none" else float(text[:-1]) / 100
