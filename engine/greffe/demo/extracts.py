"""The registrations of university and campus as the student information system and the timetable deliver them, traps included.

Each trap is one that was met in the field (registrations.md): numbers that a spreadsheet robbed of their zeros, a
no-break space glued to a code, one student in two étapes, results kept from earlier years, registrations that were
cancelled or never paid, rows of another year, codes that are no course.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from greffe.demo.campus import PROMOTIONS, Campus, shared
from greffe.demo.university import Student, University

ENCODING = "cp1252"
VERSION = "110"
"""COD_VRS_VET of every étape."""
_NBSP = "\N{NO-BREAK SPACE}"

IP = (
    "COD_ANU",
    "COD_ETU",
    "LIB_NOM_PAT_IND",
    "LIB_PR1_IND",
    "COD_ETP",
    "COD_VRS_VET",
    "COD_ELP",
    "TEM_PRC_ICE",
)
IA = ("COD_ANU", "COD_ETU", "COD_ETP", "COD_VRS_VET", "ETA_IAE", "ETA_PMT_IAE", "TEM_IAE_PRM")
ADE = ("UID", "NOM", "COD_ELP", "ROLE")
PROMOTION = ("COD_ETU", "COD_ETP", "COD_VRS_VET", "COD_ANU", "LIB_WEB_VET", "ETA_IAE", "ETA_PMT_IAE")
SHARED = ("COURS", "ETAPE")


def deliver(university: University, directory: Path) -> None:
    """Write ip.csv, ia.csv and ade.csv."""
    _write(directory / "ip.csv", IP, _ip(university))
    _write(directory / "ia.csv", IA, _ia(university))
    _write(directory / "ade.csv", ADE, _ade(university), encoding="utf-8-sig")


def deliver_campus(campus: Campus, directory: Path) -> None:
    """Write the health campus's ia.csv and liens.csv."""
    _write(directory / "ia.csv", PROMOTION, _promotions(campus))
    _write(directory / "liens.csv", SHARED, shared(), encoding="utf-8-sig")


def cut_short(file: Path, part: float) -> None:
    """Keep the first part of a file's rows, as an export does that ended early but tidily."""
    with file.open("rb") as source:
        lines = source.readlines()
    file.write_bytes(b"".join(lines[: int(len(lines) * part)]))


def _ip(university: University) -> Iterator[tuple[str, ...]]:
    for n, student in enumerate(university.students):
        # the spreadsheet on the way took the number for a number
        number = str(int(student.number))
        for registration in student.registrations:
            stage, rows = registration.stage, [(e, "N") for e in registration.elements]
            if registration.main:
                rows += [(e, "O") for e in student.kept]
            # the year's own element carries no teaching, so Moodle has no course for it
            rows.append((f"{stage}AN", "N"))
            for element, kept in rows:
                code = element + _NBSP if n % 40 == 7 else element
                yield university.year, number, *_name(student), stage, VERSION, code, kept
        if n % 25 == 3:
            old = str(int(university.year) - 2)
            for element in student.registrations[0].elements[:4]:
                yield old, number, *_name(student), student.registrations[0].stage, VERSION, element, "N"


def _ia(university: University) -> Iterator[tuple[str, ...]]:
    for student in university.students:
        for r in student.registrations:
            main = "O" if r.main else "N"
            yield university.year, str(int(student.number)), r.stage, VERSION, r.state, r.payment, main


def _promotions(campus: Campus) -> Iterator[tuple[str, ...]]:
    for r in campus.registrations:
        name, _ = PROMOTIONS[r.stage]
        yield str(int(r.number)), r.stage, VERSION, r.year, name, r.state, r.payment


def _ade(university: University) -> Iterator[tuple[str, ...]]:
    for t in university.teachings:
        name = " ".join(university.teachers[t.uid]).replace(" ", "; ", 1)
        yield t.uid, name, t.element, "RESP" if t.responsible else "INTERV"


def _name(student: Student) -> tuple[str, str]:
    return student.family.upper(), student.given


def _write(
    file: Path, header: tuple[str, ...], rows: Iterable[tuple[str, ...]], encoding: str = ENCODING
) -> None:
    with file.open("w", encoding=encoding, errors="replace", newline="") as out:
        writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
        writer.writerow(header)
        writer.writerows(rows)
