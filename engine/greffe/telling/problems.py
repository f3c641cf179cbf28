"""Why a feed is bad, in French: what ``greffe.feed.trust`` says in English. What a reader of a file says stays as it is.

The plugin's pages have the same sentences under the same names (``problem:…``, ``cause:…``).
"""

from __future__ import annotations

import re

PROBLEMS = {
    "nolines": ("It has a header and not one row.", "Elle a un en-tête et pas une ligne."),
    "noanswer": ("The query gave not one row.", "La requête n’a pas donné une ligne."),
    "noentries": ("The directory gave not one row.", "L’annuaire n’a pas donné une ligne."),
    "fewone": ("It has {} row, fewer than min_rows = {}.", "Elle a {} ligne, moins que min_rows = {}."),
    "few": ("It has {} rows, fewer than min_rows = {}.", "Elle a {} lignes, moins que min_rows = {}."),
    "shrank": (
        "It shrank from {} rows on the last good night to {} (−{}; shrink = {}).",
        "Elle est passée de {} lignes la dernière bonne nuit à {} (−{} ; shrink = {}).",
    ),
    "olddays": (
        "It was delivered {}, {} days ago; max_age = {}.",
        "Elle a été livrée {}, il y a {} jours ; max_age = {}.",
    ),
    "old": ("It was delivered {}, {} ago; max_age = {}.", "Elle a été livrée {}, il y a {} ; max_age = {}."),
    "cut": (
        "Its last line does not end with a newline, as it did on the last good night: it was cut short.",
        "Sa dernière ligne ne finit pas par un saut de ligne, contrairement à la dernière bonne nuit : elle a été coupée.",
    ),
    "years": (
        "All {} rows are of academic years that are not open ({}): was last year's file delivered again?",
        "Ses {} lignes sont toutes d’années universitaires qui ne sont pas ouvertes ({}) : le fichier de l’an dernier a-t-il été livré de nouveau ?",
    ),
    "yearsone": (
        "All 1 row are of academic years that are not open ({}): was last year's file delivered again?",
        "Sa seule ligne est d’une année universitaire qui n’est pas ouverte ({}) : le fichier de l’an dernier a-t-il été livré de nouveau ?",
    ),
    "none": ("Of its {} rows none counts: {}.", "De ses {} lignes aucune ne compte : {}."),
    "noneone": ("Of its 1 row none counts: {}.", "Sa seule ligne ne compte pas : {}."),
    "people": (
        "It names {} people in {} rows; on the last good night it named {} in {}: are rows repeated, or is the person column wrong?",
        "Elle nomme {} personnes en {} lignes ; la dernière bonne nuit, {} en {} : des lignes se répètent-elles, ou la colonne de la personne est-elle fausse ?",
    ),
    "peopleone": (
        "It names 1 person in {} rows; on the last good night it named {} in {}: are rows repeated, or is the person column wrong?",
        "Elle nomme 1 personne en {} lignes ; la dernière bonne nuit, {} en {} : des lignes se répètent-elles, ou la colonne de la personne est-elle fausse ?",
    ),
    "nobody": (
        "The person column {} is empty in every row.",
        "La colonne de la personne, {}, est vide à chaque ligne.",
    ),
    "strangers": (
        "Moodle does not know {} of its {} people by {} ({}; unknown_people = {}).",
        "Moodle ne connaît pas {} de ses {} personnes par {} ({} ; unknown_people = {}).",
    ),
    "strangerone": (
        "Moodle does not know 1 of its 1 person by {} ({}; unknown_people = {}).",
        "Moodle ne connaît pas, par {}, la seule personne qu’elle nomme ({} ; unknown_people = {}).",
    ),
    "zeros": (
        "Moodle does not know {} of its {} people by {} ({}; unknown_people = {}); {} of them are ids that lost leading zeros: set pad{}.",
        "Moodle ne connaît pas {} de ses {} personnes par {} ({} ; unknown_people = {}) ; {} d’entre elles sont des numéros qui ont perdu leurs zéros de tête : posez pad{}.",
    ),
    "codes": (
        "Not one of its {} codes is a course of the site; on the last good night {} of {} were: did the codes change their form?",
        "Pas un de ses {} codes n’est un cours du site ; la dernière bonne nuit, {} sur {} l’étaient : les codes ont-ils changé de forme ?",
    ),
    "codeone": (
        "Not one of its 1 code is a course of the site; on the last good night {} of {} were: did the codes change their form?",
        "Son seul code n’est pas un cours du site ; la dernière bonne nuit, {} sur {} l’étaient : les codes ont-ils changé de forme ?",
    ),
}
"""Name → in English, in French; ``{}`` for what differs. Of two that fit, the first is meant."""

CAUSES = {
    "year": ("{} row of other academic years", "{} ligne d’autres années universitaires"),
    "years": ("{} rows of other academic years", "{} lignes d’autres années universitaires"),
    "unmatched": ("{} row without a match in {}", "{} ligne sans correspondance dans {}"),
    "unmatcheds": ("{} rows without a match in {}", "{} lignes sans correspondance dans {}"),
    "code": ("{} unknown code", "{} code inconnu"),
    "codes": ("{} unknown codes", "{} codes inconnus"),
    "roles": (
        "its rules give roles that the site does not have",
        "ses règles donnent des rôles que le site n’a pas",
    ),
    "rules": (
        "keep and the rules' when leave out all of them",
        "keep et le when des règles les écartent toutes",
    ),
}
"""Why no row counts, as parts of such a sentence."""


def _pattern(english: str, value: str) -> re.Pattern[str]:
    return re.compile(re.escape(english).replace(r"\{\}", value) + r"\b" * english[-1].isalpha())


_PROBLEMS = [(_pattern(english, "(.+)"), french) for english, french in PROBLEMS.values()]
_CAUSES = [(_pattern(english, r"(\S+)"), french) for english, french in CAUSES.values()]
_PERCENT = re.compile(r"(?<=\d)%")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")


def problem(sentence: str, language: str) -> str:
    """Why a feed is bad; as it is, where there is no French for it."""
    for pattern, french in _PROBLEMS if language == "fr" else ():
        if found := pattern.fullmatch(sentence):
            return french.format(*map(_value, found.groups()))
    return sentence


def _value(text: str) -> str:
    for pattern, french in _CAUSES:
        if found := pattern.search(text):
            text = text[: found.start()] + french.format(*found.groups()) + text[found.end() :]
    return _PERCENT.sub(" %", _THOUSANDS.sub(" ", text))
