"""How long ago, in the words of Moodle's own pages (format_time)."""

from __future__ import annotations

from greffe.language import LANGUAGES

_YEAR, _DAY, _HOUR, _MINUTE = 365 * 86400, 86400, 3600, 60
#: unit in seconds, and its words for one and for several, in English and French
_UNITS = (
    (_YEAR, ("year", "years"), ("année", "années")),
    (_DAY, ("day", "days"), ("jour", "jours")),
    (_HOUR, ("hour", "hours"), ("heure", "heures")),
    (_MINUTE, ("min", "mins"), ("min", "min")),
    (1, ("sec", "secs"), ("s", "s")),
)
_NOW = ("now", "maintenant")


def elapsed(seconds: int, language: str) -> str:
    """The largest unit and the one below it: ``57 days 4 hours``, ``57 jours 4 heures``; a year has 365 days."""
    at = LANGUAGES.index(language)
    rest = abs(seconds)
    for number, (size, *words) in enumerate(_UNITS):
        if rest >= size:
            parts = [(rest // size, words[at])]
            for below, *smaller in _UNITS[number + 1 : number + 2]:
                parts.append((rest % size // below, smaller[at]))
            return " ".join(f"{n} {word[n != 1]}" for n, word in parts if n)
    return _NOW[at]
