"""A sample university: who studies and teaches what, from a seed, so that every demonstration tells the same story."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

SEED = 2026
STUDENTS = 5000
TEACHERS = 200
LEVELS = {"DRT": (1, 2, 3), "INF": (1, 2, 3), "PSY": (1, 2, 3), "BIO": (1, 2), "GEO": (1,)}
"""Diploma → its years: twelve étapes."""
SUBJECTS = {
    "DRT": "Droit: Droit civil|Droit constitutionnel|Histoire du droit|Droit pénal|Droit administratif|"
    "Droit des affaires|Procédure civile|Libertés fondamentales",
    "INF": "Info: Algorithmique|Programmation|Bases de données|Réseaux|Systèmes|Logique|Génie logiciel|Architecture",
    "PSY": "Psycho: Psychologie sociale|Psychologie clinique|Cognition|Développement|Neurosciences|Statistiques|"
    "Psychopathologie|Ergonomie",
    "BIO": "Bio: Biologie cellulaire|Génétique|Biochimie|Physiologie|Écologie|Botanique|Zoologie|Microbiologie",
    "GEO": "Géo: Géomorphologie|Cartographie|Urbanisme|Climatologie|Démographie|Aménagement|Territoires|Paysages",
}
FORMS = ("CM", "TD", "TP")
SHARED = (
    "Anglais B1|Anglais B2|Anglais C1|Espagnol B1|Espagnol B2|Allemand B1|Allemand B2|Italien A2|Sport & santé|"
    "Compétences numériques <Pix>|Méthodologie|Projet professionnel"
)
_FAMILIES = (
    "Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent Lefèvre Michel Garcia David "
    "Bertrand Roux Vincent Fournier Morel Girard André Mercier Dupont Lambert Bonnet François Martínez Legrand Garnier "
    "Faure Rousseau Blanc Guérin Müller Henry Roussel Nicolas Perrin Mathieu Clément Gauthier Dumont Lopez Fontaine "
    "Chevalier Robin N'Guessan Œuvrard Benali Traoré Nguyễn D'Angelo Lemaître"
)
_GIVEN = (
    "Emma Louise Jade Alice Chloé Lina Léa Manon Zoé Inès Camille Sarah Anaïs Noémie Maëlle Gabriel Léo Raphaël Louis "
    "Arthur Jules Hugo Lucas Adam Noé Théo Mathis Yanis Loïc Benoît Jérôme Aïcha Fatou Amine Sofía"
)
FAMILIES, GIVEN = _FAMILIES.split(), _GIVEN.split()


@dataclass(frozen=True, slots=True)
class Element:
    """A teaching element (ELP), and the course that Moodle has for it."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Registration:
    """An inscription administrative with the elements chosen under it."""

    stage: str
    """COD_ETP, such as L2DRT."""
    elements: tuple[str, ...]
    state: str = "E"
    """ETA_IAE: E valid, A cancelled."""
    payment: str = "P"
    """ETA_PMT_IAE: P paid, A awaiting."""
    main: bool = True


@dataclass(frozen=True, slots=True)
class Student:
    """A person with a student number."""

    number: str
    family: str
    given: str
    registrations: tuple[Registration, ...]
    kept: tuple[str, ...] = ()
    """Elements whose result is kept from an earlier year (TEM_PRC_ICE = 'O')."""


@dataclass(frozen=True, slots=True)
class Teaching:
    """A teacher's place in a course, as the timetable knows it."""

    uid: str
    element: str
    responsible: bool


@dataclass(slots=True)
class University:
    """Everything that the extracts of one night are made of."""

    year: str
    elements: dict[str, list[Element]] = field(default_factory=dict)
    """Étape → its own elements; '' → those that all share."""
    students: list[Student] = field(default_factory=list)
    teachers: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Uid → family name, given name."""
    teachings: list[Teaching] = field(default_factory=list)
    no_account: set[str] = field(default_factory=set)
    """Student numbers and uids that Moodle does not know."""
    two_accounts: set[str] = field(default_factory=set)
    """Student numbers that two accounts carry."""

    @property
    def courses(self) -> list[Element]:
        """Every element that has a course."""
        return [e for elements in self.elements.values() for e in elements]


def found(year: str) -> University:
    """The university on its first night."""
    dice = random.Random(SEED)
    university = University(year)
    for diploma, years in LEVELS.items():
        short, _, subjects = SUBJECTS[diploma].partition(": ")
        for level in years:
            names = [f"{short} L{level} {s} {form}" for s in subjects.split("|") for form in FORMS]
            university.elements[f"L{level}{diploma}"] = [
                Element(f"{diploma}{level}E{n:02}", name) for n, name in enumerate(names, 1)
            ]
    university.elements[""] = [Element(f"TRV{n:02}", name) for n, name in enumerate(SHARED.split("|"), 1)]
    stages = [s for s in university.elements if s]
    for n in range(STUDENTS):
        university.students.append(_student(dice, university, n, stages))
    _teachers(dice, university)
    numbers = [s.number for s in university.students]
    university.no_account = {*dice.sample(numbers, 60), *dice.sample(sorted(university.teachers), 4)}
    university.two_accounts = set(dice.sample(sorted(set(numbers) - university.no_account), 2))
    return university


def next_day(before: University) -> University:
    """A normal day later: leavers, arrivals, changed options, a replaced teacher, new accounts."""
    dice = random.Random(SEED + 1)
    students = list(before.students)
    enrolled = [i for i, s in enumerate(students) if all(_valid(r) for r in s.registrations)]
    awaiting = [i for i, s in enumerate(students) if any(r.payment == "A" for r in s.registrations)]
    leaving, changing = (chosen := dice.sample(enrolled, 65))[:25], chosen[25:]
    for i in leaving:
        gone = tuple(replace(r, state="A") for r in students[i].registrations)
        students[i] = replace(students[i], registrations=gone)
    for i in awaiting[:15]:
        paid = tuple(replace(r, payment="P") for r in students[i].registrations)
        students[i] = replace(students[i], registrations=paid)
    for i in changing:
        students[i] = _other_option(dice, before, students[i])
    stages = [s for s in before.elements if s]
    students += [_student(dice, before, STUDENTS + n, stages, simple=True) for n in range(30)]
    replaced, successor = before.teachings[0].uid, max(set(before.teachers) - before.no_account)
    teachings = [replace(t, uid=successor) if t.uid == replaced else t for t in before.teachings]
    waiting = sorted(before.no_account & {s.number for s in before.students})
    return replace(
        before, students=students, teachings=teachings, no_account=before.no_account - set(waiting[:20])
    )


def _valid(registration: Registration) -> bool:
    return registration.state == "E" and registration.payment == "P"


def _student(
    dice: random.Random, university: University, n: int, stages: list[str], *, simple: bool = False
) -> Student:
    # every thirtieth number is from the years whose numbers begin with zeros
    number = f"{2_000_000 + n * 7:08}" if n % 30 == 0 else f"{22_100_000 + n * 3:08}"
    weights = [4 - int(s[1]) for s in stages]
    stage = dice.choices(stages, weights)[0]
    main = _registration(dice, university, stage)
    fate = 1.0 if simple else dice.random()
    registrations: tuple[Registration, ...] = (main,)
    if fate < 0.012:
        registrations = (replace(main, state="A"),)
    elif fate < 0.024:
        registrations = (replace(main, payment="A"),)
    elif fate < 0.054:
        # a second étape, with the shared elements of the first once more: the same course twice
        second = _registration(dice, university, dice.choice([s for s in stages if s != stage]))
        own = tuple(e for e in second.elements if not e.startswith("TRV"))
        shared = tuple(e for e in main.elements if e.startswith("TRV"))
        registrations = (main, replace(second, elements=own + shared, main=False))
    taken = set(main.elements)
    others = [e.code for e in university.elements[stage] if e.code not in taken]
    kept = tuple(dice.sample(others, 2)) if not simple and dice.random() < 0.06 else ()
    return Student(number, dice.choice(FAMILIES), dice.choice(GIVEN), registrations, kept)


def _registration(dice: random.Random, university: University, stage: str) -> Registration:
    own = dice.sample([e.code for e in university.elements[stage]], dice.randint(8, 10))
    shared = dice.sample([e.code for e in university.elements[""]], dice.randint(1, 2))
    return Registration(stage, tuple(sorted(own) + sorted(shared)))


def _other_option(dice: random.Random, university: University, student: Student) -> Student:
    first, *rest = student.registrations
    others = [
        e.code for e in university.elements[first.stage] if e.code not in {*first.elements, *student.kept}
    ]
    elements = (dice.choice(others), *first.elements[1:])
    return replace(student, registrations=(replace(first, elements=elements), *rest))


def _teachers(dice: random.Random, university: University) -> None:
    while len(university.teachers) < TEACHERS:
        family, given = dice.choice(FAMILIES), dice.choice(GIVEN)
        university.teachers[f"ens{len(university.teachers) + 1:03}"] = (family, given)
    uids = sorted(university.teachers)
    for n, element in enumerate(university.courses):
        university.teachings.append(Teaching(uids[n % TEACHERS], element.code, responsible=True))
        if dice.random() < 0.5:
            other = dice.choice([u for u in uids if u != uids[n % TEACHERS]])
            university.teachings.append(Teaching(other, element.code, responsible=False))
