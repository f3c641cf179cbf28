"""A sample health campus: who is registered in which year of a diploma, from a seed, as the university beside it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from greffe.demo.university import FAMILIES, GIVEN, Element

SEED = 1432
PROMOTIONS = {
    "MED2": ("Médecine, 2e année", 480),
    "MED3": ("Médecine, 3e année", 460),
    "PHA2": ("Pharmacie, 2e année", 300),
    "PHA3": ("Pharmacie, 3e année", 290),
    "MAI2": ("Maïeutique, 2e année", 240),
    "MAI3": ("Maïeutique, 3e année", 230),
}
"""Étape → its name and its students: six years of diploma in three diplomas."""
UNITS = {
    "MED": "Anatomie|Physiologie|Sémiologie|Imagerie|Biochimie|Pharmacologie|Stage hospitalier",
    "PHA": "Chimie organique|Botanique|Galénique|Toxicologie|Microbiologie|Bactériologie|Stage en officine",
    "MAI": "Obstétrique|Gynécologie|Néonatalogie|Puériculture|Embryologie|Échographie|Stage en maternité",
}
"""Diploma → the units of each of its years."""
SHARED = {
    "Anglais médical": "MED2 PHA2 MAI2",
    "Anglais médical avancé": "MED3 PHA3 MAI3",
    "Santé publique": "MED2 PHA2",
    "Service sanitaire": "MED3 PHA3 MAI3",
    "Gestes d'urgence": "MED2 MAI2",
    "Numérique en santé": "MED2 PHA2 MAI2",
    "Biostatistiques": "MED2 PHA2",
    "Éthique": "MED3 MAI3",
    "Droit de la santé": "PHA3 MAI3",
    "Recherche documentaire": "MED3 PHA3",
    "Hygiène & prévention": "PHA2 MAI2",
    "Travail interprofessionnel": "MED3 PHA3 MAI3",
}
"""Course → the étapes that share it."""
CHILDREN = {
    "Tutorat médecine": "MED2-01 MED2-02",
    "Tutorat pharmacie": "PHA2-01",
    "Tutorat maïeutique": "MAI2-01",
    "Examens d'anglais": "COM-01 COM-02",
    "Gardes et astreintes": "MED3-07",
    "Simulation en santé": "MED3-03 MAI3-01",
}
"""Course → those that it is a meta-course of."""
LEAVING, ARRIVING = 6, 9


@dataclass(frozen=True, slots=True)
class Promotion:
    """A person in one year of a diploma, in one academic year."""

    number: str
    stage: str
    """COD_ETP, such as MED2."""
    year: str
    state: str = "E"
    """ETA_IAE: E valid, A cancelled."""
    payment: str = "P"


@dataclass(slots=True)
class Campus:
    """Everything that the extracts of one night are made of."""

    year: str
    people: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Student number → family name, given name."""
    registrations: list[Promotion] = field(default_factory=list)
    no_account: set[str] = field(default_factory=set)
    """Student numbers that Moodle does not know."""

    def now(self) -> dict[str, str]:
        """Who is in which étape this year, by valid and paid registrations."""
        return {
            r.number: r.stage
            for r in self.registrations
            if (r.year, r.state, r.payment) == (self.year, "E", "P")
        }


def courses() -> list[Element]:
    """Every course of the campus."""
    found = [
        Element(f"{stage}-{n:02}", f"{name.partition(',')[0]} {stage[-1]} {unit}")
        for stage, (name, _) in PROMOTIONS.items()
        for n, unit in enumerate(UNITS[stage[:3]].split("|"), 1)
    ]
    found += [Element(f"COM-{n:02}", name) for n, name in enumerate(SHARED, 1)]
    return found + [Element(f"ESP-{n:02}", name) for n, name in enumerate(CHILDREN, 1)]


def shared() -> list[tuple[str, str]]:
    """(course, étape) of the courses that several étapes share."""
    return [(f"COM-{n:02}", s) for n, stages in enumerate(SHARED.values(), 1) for s in stages.split()]


def children() -> list[tuple[str, str]]:
    """(course, parent)."""
    return [(f"ESP-{n:02}", p) for n, parents in enumerate(CHILDREN.values(), 1) for p in parents.split()]


def found(year: str) -> Campus:
    """The campus on its first night."""
    dice, campus = random.Random(SEED), Campus(year)
    numbers = _numbers(int(year) % 100)
    for stage, (_, size) in PROMOTIONS.items():
        _arrive(dice, campus, numbers, stage, size)
    some = dice.sample(sorted(campus.people), 34)
    campus.no_account = set(some[:18])
    fates = dict.fromkeys(some[18:26], ("A", "P")) | dict.fromkeys(some[26:], ("E", "A"))
    campus.registrations = [
        replace(r, state=fates[r.number][0], payment=fates[r.number][1]) if r.number in fates else r
        for r in campus.registrations
    ]
    return campus


def next_day(before: Campus) -> tuple[Campus, str]:
    """A normal day later, and the student who changes from médecine to maïeutique."""
    dice = random.Random(SEED + 1)
    campus = replace(before, people=dict(before.people))
    here = before.now()
    known = [n for n in sorted(here) if n not in before.no_account]
    leaving = dict.fromkeys(dice.sample(known, LEAVING))
    changing = dice.choice([n for n in known if here[n] == "MED2" and n not in leaving])
    campus.registrations = [
        replace(r, state="A") if r.number in leaving else replace(r, stage="MAI2") if r.number == changing else r
        for r in before.registrations
    ]  # fmt: skip
    numbers = _numbers(int(before.year) % 100, first=9000)
    for _ in range(ARRIVING):
        _arrive(dice, campus, numbers, dice.choice(list(PROMOTIONS)), 1)
    campus.no_account = set(sorted(before.no_account)[5:])
    return campus, changing


def next_year(before: Campus) -> Campus:
    """The year after: most go up a year, some repeat theirs, the third years go elsewhere, and a new second year comes."""
    dice = random.Random(SEED + 2)
    campus = replace(
        before, year=str(int(before.year) + 1), people=dict(before.people), registrations=list(before.registrations)
    )  # fmt: skip
    for number, stage in before.now().items():
        repeats = dice.random() < 0.07
        if stage.endswith("2") or repeats:
            goes = stage if repeats else f"{stage[:-1]}3"
            campus.registrations.append(Promotion(number, goes, campus.year))
    numbers = _numbers(int(campus.year) % 100)
    for stage, (_, size) in PROMOTIONS.items():
        if stage.endswith("2"):
            _arrive(dice, campus, numbers, stage, size)
    return campus


def _numbers(year: int, first: int = 0) -> Iterator[str]:
    n = first
    while True:
        # every thirtieth is from the years whose numbers begin with zeros
        yield f"{2_500_000 + (year * 10_000 + n) * 2:08}" if n % 30 == 7 else f"{year}{500_000 + n * 3}"
        n += 1


def _arrive(dice: random.Random, campus: Campus, numbers: Iterator[str], stage: str, size: int) -> None:
    for _ in range(size):
        number = next(numbers)
        campus.people[number] = dice.choice(FAMILIES), dice.choice(GIVEN)
        campus.registrations.append(Promotion(number, stage, campus.year))
