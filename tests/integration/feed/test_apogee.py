"""The ready queries for APOGÉE, on tables of its names: who comes, and who is left out for which reason."""

from __future__ import annotations

import pytest

from tests.integration.feed.sis import Sis

TABLES = (
    "create table INDIVIDU (COD_IND integer primary key, COD_ETU varchar(8))",
    "create table ANNEE_UNI (COD_ANU varchar(4) primary key, ETA_ANU_IAE varchar(1))",
    "create table VERSION_ETAPE (COD_ETP varchar(6), COD_VRS_VET integer, LIB_WEB_VET varchar(120))",
    "create table ELEMENT_PEDAGOGI (COD_ELP varchar(8), LIB_ELP varchar(60), ETA_ELP varchar(1), TEM_SUS_ELP varchar(1))",
    """create table INS_ADM_ETP (COD_ANU varchar(4), COD_IND integer, COD_ETP varchar(6), COD_VRS_VET integer,
       COD_DIP varchar(7), COD_VRS_VDI integer, COD_CGE varchar(3), COD_CMP varchar(3), ETA_IAE varchar(1),
       ETA_PMT_IAE varchar(1), TEM_IAE_PRM varchar(1))""",
    """create table IND_CONTRAT_ELP (COD_ANU varchar(4), COD_IND integer, COD_ETP varchar(6), COD_VRS_VET integer,
       COD_ELP varchar(8), TEM_PRC_ICE varchar(1), COD_LSE varchar(8))""",
)
PEOPLE = {1: "00000001", 2: "00000002", 3: "00000003", 4: "00000004", 5: "00000005"}
YEARS = {"2024": "F", "2025": "O", "2026": "O"}
IA = [
    ("2026", 1, "L1DRT", "E", "P", "O"),
    ("2026", 1, "L1ECO", "E", "P", "N"),  # a second étape
    ("2026", 2, "L1DRT", "A", "P", "O"),  # cancelled
    ("2026", 3, "L1DRT", "E", "A", "O"),  # not paid yet
    ("2024", 4, "L1DRT", "E", "P", "O"),  # a year that is closed
    ("2025", 5, "L9XXX", "E", "P", "O"),  # an étape without a name
]
IP = [
    ("2026", 1, "L1DRT", "DRT101", "N"),
    ("2026", 1, "L1ECO", "DRT101", "N"),  # the same element through the other étape
    ("2026", 1, "L1DRT", "DRT102", "O"),  # a result kept from an earlier year
    ("2026", 1, "L2DRT", "DRT201", "N"),  # no registration for that étape
    ("2025", 1, "L1DRT", "DRT101", "N"),  # nor for that year
    ("2026", 1, "L1DRT", "OLD100", "N"),  # an element that is closed
    ("2026", 1, "L1DRT", "SUS100", "N"),  # and one that is suspended
    ("2026", 2, "L1DRT", "DRT101", "N"),
    ("2026", 3, "L1DRT", "DRT101", "N"),
    ("2024", 4, "L1DRT", "DRT101", "N"),
]


@pytest.fixture
def apogee(sis: Sis) -> Sis:
    sis.run(*TABLES)
    for statement, rows in (
        ("insert into INDIVIDU values (%s, %s)", list(PEOPLE.items())),
        ("insert into ANNEE_UNI values (%s, %s)", list(YEARS.items())),
        ("insert into VERSION_ETAPE values (%s, 101, %s)", [("L1DRT", "Licence 1 Droit"), ("L1ECO", "Licence 1 Éco")]),
        ("insert into ELEMENT_PEDAGOGI values (%s, %s, %s, %s)", [
            ("DRT101", "Droit civil", "O", "N"), ("DRT102", "Droit public", "O", "N"), ("DRT201", "Droit pénal", "O", "N"),
            ("OLD100", "Ancien", "F", "N"), ("SUS100", "Suspendu", "O", "O"),
        ]),
        ("insert into INS_ADM_ETP values (%s, %s, %s, 101, 'LDRT', 1, 'DRO', 'D01', %s, %s, %s)", IA),
        ("insert into IND_CONTRAT_ELP values (%s, %s, %s, 101, %s, %s, null)", IP),
    ):  # fmt: skip
        sis.run(statement, rows=rows)
    return sis


def answer(apogee: Sis, name: str) -> tuple[list[str], list[tuple[str, ...]]]:
    table = apogee.ask_ready(name)
    return [column.upper() for column in table.columns], sorted(tuple(cells) for _, cells in table.rows())


def test_registrations_that_are_valid_paid_and_of_an_open_year(apogee: Sis) -> None:
    columns, rows = answer(apogee, "apogee/ia")
    assert columns == [
        "COD_ETU", "COD_ANU", "COD_ETP", "COD_VRS_VET", "COD_DIP", "COD_VRS_VDI", "COD_CGE", "COD_CMP", "TEM_IAE_PRM",
        "LIB_WEB_VET",
    ]  # fmt: skip
    assert [(row[0], row[1], row[2], row[8], row[9]) for row in rows] == [
        ("00000001", "2026", "L1DRT", "O", "Licence 1 Droit"),
        ("00000001", "2026", "L1ECO", "N", "Licence 1 Éco"),
        ("00000005", "2025", "L9XXX", "O", ""),
    ]


def test_elements_of_people_with_a_valid_registration(apogee: Sis) -> None:
    columns, rows = answer(apogee, "apogee/ip")
    assert columns == ["COD_ETU", "COD_ANU", "COD_ETP", "COD_VRS_VET", "COD_ELP", "LIB_ELP"]
    assert rows == [
        ("00000001", "2026", "L1DRT", "101", "DRT101", "Droit civil"),
        ("00000001", "2026", "L1ECO", "101", "DRT101", "Droit civil"),
    ]


def test_years_that_are_open(apogee: Sis) -> None:
    assert answer(apogee, "apogee/years") == (["COD_ANU"], [("2025",), ("2026",)])
