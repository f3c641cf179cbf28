"""In which order participants are listed."""

from __future__ import annotations

from greffe.view.asked import SORTS
from tests.integration.participants.roster import Roster, fill

NAMES = (
    "Abc 1", "Aerts", "Æsir", "Çapek", "Capet", "Côté", "Cotillard", "D’Alembert", "d'Artagnan", "Dalle", "de Gaulle",
    "De La Tour", "Debré", "des Prés", "Dès-Vosges", "Desnos", "Du Bellay", "Dubois", "Édouard", "Eluard", "ÉTIENNE",
    "Fe\u0301val", "Fevre", "L'Hôpital", "La Fontaine", "Lafontaine", "Le Goff", "Legoff", "Łukasz", "Müller", "N’Diaye", "Ndiaye",
    "Nguyễn", "O'Brien", "Obrien", "Œuvrard", "Ofman", "Ørsted", "Saint Jean", "Saint-Just", "Saintonge", "Straße", "Strate",
    "van der Meer", "Van Gogh", "Vandermeer", "von Braun", "Zoë", "Zola",
)  # fmt: skip
"""Family names in the order in which a French reader looks for them (docs/decisions/0020)."""


def test_names_stand_where_a_french_reader_looks(roster: Roster) -> None:
    manual = roster.course("C1")
    mixed = sorted(NAMES, key=lambda name: name[::-1])
    fill(
        roster, manual, [{"lastname": n, "firstname": "Zoé", "email": f"{i}@x"} for i, n in enumerate(mixed)]
    )
    assert roster.names() == list(NAMES)
    assert roster.names(descending=True) == list(NAMES)[::-1]


def test_equal_names_are_told_apart_by_first_names(roster: Roster) -> None:
    manual = roster.course("C1")
    pairs = [("Côté", "Anne-Marie"), ("COTE", "Anne"), ("cote", "Élise"), ("Coté", "Eloi"), ("Cote", "Anna")]
    fill(roster, manual, [{"lastname": a, "firstname": b, "email": b} for a, b in pairs])
    found = [r["firstname"] for r in roster.rows("C1")]
    assert found == ["Anna", "Anne", "Anne-Marie", "Élise", "Eloi"]
    assert [r["firstname"] for r in roster.rows("C1", sort="firstname", descending=True)] == found[::-1]


def test_the_databases_own_order_is_to_be_had(roster: Roster) -> None:
    manual = roster.course("C1")
    fill(roster, manual, [{"lastname": n, "firstname": "", "email": n} for n in ("Zola", "Élie", "abel")])
    ours = [
        r["lastname"]
        for r in roster.site.fetch("SELECT lastname FROM {user} WHERE username LIKE 'm%%' ORDER BY lastname")
    ]
    assert roster.names(as_moodle=True) == ours
    assert roster.names() == ["abel", "Élie", "Zola"]


def test_every_column_sorts_both_ways(roster: Roster) -> None:
    manual = roster.course("C1")
    for n in range(9):
        roster.enrol(f"p{n}", manual, timecreated=5 + n % 3)
    for sort in SORTS:
        rising = roster.names(sort=sort)
        falls = sort in ("name", "idnumber", "email", "enrolled")
        assert (roster.names(sort=sort, descending=True, as_moodle=True) == rising) is not falls, sort
    assert roster.names(sort="enrolled", descending=True) == [
        "p2",
        "p5",
        "p8",
        "p1",
        "p4",
        "p7",
        "p0",
        "p3",
        "p6",
    ]


def test_the_end_that_never_comes_is_the_last(roster: Roster) -> None:
    manual = roster.course("C1")
    for name, start, end in (("a", 9, 0), ("b", 0, 50), ("c", 5, 20)):
        roster.enrol(name, manual, timestart=start, timeend=end)
    assert roster.names(sort="end") == ["c", "b", "a"]
    assert roster.names(sort="start") == ["b", "c", "a"]
