"""How a file was read and what was odd about it, in French."""

from __future__ import annotations

from greffe.intake.tally import Oddity

_OWN = {
    "people": "personnes",
    "methods": "méthodes",
    "cohorts": "cohortes",
    "members of cohorts": "membres de cohortes",
}
"""What a file of Greffe's own columns is about; the other formats have the names of the tools that they come from."""
_READING = {
    "read as format {} ({}), one column, {}": "lu comme format {} ({}), une colonne, {}",
    "read as format {} ({}), tab, {}": "lu comme format {} ({}), tabulation, {}",
    "read as format {} ({}), {}, sheet {}": "lu comme format {} ({}), {}, feuille {}",
    "read as format {} ({}), {}, {}": "lu comme format {} ({}), {}, {}",
    **{
        f"read as Greffe's own format ({own}), {how}": f"lu comme format de Greffe ({french}), {said}"
        for own, french in _OWN.items()
        for how, said in (
            ("one column, {}", "une colonne, {}"),
            ("tab, {}", "tabulation, {}"),
            ("{}, sheet {}", "{}, feuille {}"),
            ("{}, {}", "{}, {}"),
        )
    },
    "not UTF-8: read as {}, the likelier one": "n’est pas en UTF-8 : lu en {}, le plus vraisemblable",
    "columns passed over: {} ({}: is {} meant?)": "colonnes laissées de côté : {} ({} : est-ce {} ?)",
    "columns passed over: {}": "colonnes laissées de côté : {}",
}
"""How a file was read."""
ODDITIES = {
    Oddity.NUMBER: "cellules que le tableur tient pour des nombres, si bien que leurs zéros de tête, s’il y en avait, sont perdus",
    Oddity.GROUPED: "nombres en tranches de trois chiffres, lus sans les espaces",
    Oddity.NO_BREAK: "espaces insécables dans un nom, gardées",
    Oddity.HEADER_AGAIN: "en-tête répété, passé",
    Oddity.DUPLICATE: "lignes qui disent la même chose qu’une précédente",
    Oddity.NOTHING: "lignes qui ne demandent rien",
    Oddity.TYPE: "anciens types de rôle, 1 lu comme student, 2 comme editingteacher, 3 comme teacher",
    Oddity.DATES: "dates d’une méthode, laissées de côté car cohortes et méta-cours n’en ont pas",
    Oddity.META_ROLE: "rôles d’un méta-cours, laissés de côté car il n’en a pas",
    Oddity.SHORT_START: "durées d’inscription sans début, qui commencent aujourd’hui",
}

NOTES = _READING | {
    f"{oddity}: {{}} (first: line {{}})": f"{french} : {{}} (d’abord : ligne {{}})"
    for oddity, french in ODDITIES.items()
}
"""English → French; ``{}`` for what differs."""
