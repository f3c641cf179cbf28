"""Numbers as sentences say them, wherever sentences are made."""

from __future__ import annotations


def count(number: int, noun: str) -> str:
    """``1 change``, ``2,000 changes``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def people(number: int) -> str:
    """``1 person``, ``20 people``."""
    return "1 person" if number == 1 else f"{number:,} people"
