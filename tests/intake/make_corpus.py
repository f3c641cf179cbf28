"""Writes the corpus: small files as people send them. ``python -m tests.intake.make_corpus`` from the root.

What each must be read as stands beside it, in a JSON file; for a new file it is written as it is read, to be looked at
and put right by hand. A reading that is there is never written over.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from tests.intake.reading import reading
from tests.intake.sheets import Cell, Formula, Sheets, ods, xlsx

CORPUS = Path(__file__).parent / "corpus"
ONE, MANY, METHODS, COHORTS, MEMBERS = "people of one course", "people", "methods", "cohorts", "members"


@dataclass(frozen=True)
class Case:
    """A file, and how it is opened."""

    name: str
    data: bytes
    wants: Sequence[str]
    options: dict[str, object] = field(default_factory=dict)


def table(rows: Iterable[Sequence[str]], mark: str = ";", end: str = "\r\n") -> str:
    """Rows as Excel saves them: quotes only where they are needed."""
    return "".join(
        mark.join(
            f'"{c.replace(chr(34), chr(34) * 2)}"' if any(x in c for x in (mark, '"', "\n")) else c
            for c in row
        )
        + end
        for row in rows
    )


L1 = [["numéro étudiant", "groupe"], ["21900123", "TD1"], ["21900124", "TD 2 – été"]]
PLAIN = [["21900123", "TD1"], ["21900124", ""], ["zoe.petit", "TD2"]]
FLAT = [
    ["add", "student", "21900123", "DRT-L1-01"],
    ["add", "student", "21900124", "DRT-L1-01", "1788213600", "1814306400"],
    ["del", "teacher", "P123", "DRT-L1-02"],
]
UPLOAD = [
    ["username", "firstname", "course1", "role1", "group1", "course2", "type2", "enrolperiod2", "cohort1"],
    ["zoe.petit", "Zoé", "DRT-L1-01", "student", "TD1", "DRT-L1-02", "2", "30", "ETAPE_L1DRT_2026"],
    ["luc", "Luc", "", "", "", "", "", "", ""],
]
METHOD = [
    ["operation", "method", "shortname", "metacohort", "disabled", "group", "role"],
    ["add", "cohort", "DRT-L1-01", "ETAPE_L1DRT_2026", "0", "Promo L1", "student"],
    ["add", "cohort", "DRT-L1-02", "ETAPE_L1DRT_2026", "1", "", ""],
    ["upd", "meta", "DRT-L1-03", "DRT-L1-01", "1", "", ""],
    ["del", "meta", "DRT-L1-04", "DRT-L1-01", "0", "", ""],
]
COURSES = [
    ["shortname", "fullname", "enrolment_1", "enrolment_1_role", "enrolment_1_cohortidnumber", "enrolment_1_groupname",
     "enrolment_2", "enrolment_2_metacoursename", "enrolment_2_disable", "enrolment_2_delete"],
    ["DRT-L1-01", "Droit", "cohort", "student", "ETAPE_L1DRT_2026", "Promo L1", "meta", "DRT-L1-00", "1", "0"],
    ["DRT-L1-02", "Droit 2", "", "", "", "", "meta", "DRT-L1-00", "0", "1"],
    ["DRT-L1-03", "Droit 3", "manual", "", "", "", "", "", "", ""],
]  # fmt: skip
COHORT = [
    ["name", "idnumber", "description", "category_idnumber", "visible"],
    ["L1 Droit 2026", "ETAPE_L1DRT_2026", "Première année\nde droit", "DROIT", "1"],
    ["L2 Droit 2026", "ETAPE_L2DRT_2026", "", "", "non"],
    ["L3", "", "", "", ""],
]
MEMBER = [["add", "ETAPE_L1DRT_2026", "21900123"], ["del", "ETAPE_L1DRT_2026", "21900124"], ["upd", "X", "1"]]
LINKS = [["add", "DRT-PARENT", "DRT-ENFANT"], ["del", "DRT-PARENT", "DRT-ENFANT-2"]]
CLIENT = [
    ["username", "course_shortname", "groupname"],
    ["zoe.petit", "DRT-L1-01", "TD1"],
    ["luc", "DRT-L1-01", ""],
]
PEOPLE = [
    ["person", "course", "role", "group", "grouping", "start", "end", "action"],
    ["21900123", "DRT-L1-01", "student", "TD1", "TD", "2026-09-01", "30/06/2027", "add"],
    ["p123", "DRT-L1-01", "editingteacher", "", "", "", "", ""],
    ["21900124", "DRT-L1-01", "", "", "", "", "", "del"],
]
NATIVE_METHODS = [
    ["action", "method", "course", "cohort", "parent", "role", "group", "enabled"],
    ["add", "cohort", "DRT-L1-01", "ETAPE_L1DRT_2026", "", "student", "Promo L1", "1"],
    ["add", "meta", "DRT-L1-02", "", "DRT-L1-01", "", "", "oui"],
    ["update", "cohort", "DRT-L1-03", "ETAPE_L1DRT_2026", "", "", "", "non"],
    ["remove", "meta", "DRT-L1-04", "", "DRT-L1-01", "", "", ""],
    ["add", "meta", "DRT-L1-05", "ETAPE_L1DRT_2026", "DRT-L1-01", "", "", ""],
]
NATIVE_MEMBERS = [
    ["action", "cohort", "person"],
    ["add", "ETAPE_L1DRT_2026", "21900123"],
    ["", "ETAPE_L1DRT_2026", "x@u.fr"],
]
NATIVE_COHORTS = [
    ["cohorte", "intitulé", "catégorie", "visible"],
    ["ETAPE_L1DRT_2026", "L1 Droit", "DROIT", "0"],
]
LETTERS = {";": "semicolon", ",": "comma", "\t": "tab", "|": "pipe"}


def cases() -> list[Case]:
    """All of them."""
    return [*formats(), *encodings(), *doubts(), *habits(), *damage(), *quarrels(), *workbooks()]


def formats() -> list[Case]:
    """Each format as its tool documents it, and with the other separators."""
    found = []
    for name, rows, wants in (
        ("01-methods", METHOD, METHODS),
        ("02-courses", COURSES, METHODS),
        ("03-mass-enrol", L1, ONE),
        ("06-flatfile", FLAT, MANY),
        ("07-upload-users", UPLOAD, MANY),
        ("08-cohorts", COHORT, COHORTS),
        ("09-cohort-sync", MEMBER, MEMBERS),
        ("10-metalink", LINKS, METHODS),
        ("11-bulk-client", CLIENT, MANY),
        ("native-people", PEOPLE, MANY),
        ("native-methods", NATIVE_METHODS, METHODS),
        ("native-members", NATIVE_MEMBERS, MEMBERS),
        ("native-cohorts", NATIVE_COHORTS, COHORTS),
    ):
        found += [
            Case(f"{name}-{LETTERS[mark]}.csv", table(rows, mark).encode(), [wants]) for mark in LETTERS
        ]
    for mark, word in LETTERS.items():
        found.append(
            Case(
                f"04-user-enrols-{word}.csv",
                table([["21900123", "TD1"], ["zoe.petit", "TD2"]], mark).encode(),
                [ONE],
                {"format": "4"},
            )
        )
    bulk = "zoe.petit@univ.fr\n# Groupe TD1\nluc@univ.fr\n!parti@univ.fr\n\n#\nnul@univ.fr\n# TD2\nmarie@univ.fr\nno address\n"
    found += [
        Case("05-bulk-enrol.txt", bulk.encode(), [ONE]),
        Case("05-bulk-enrol-cr.txt", b"a@univ.fr\r# TD1\rb@univ.fr\r", [ONE]),
        Case("05-only-addresses.txt", b"a@univ.fr\nb@univ.fr\n", [ONE]),
        Case("05-addresses-with-names.txt", "# TD1\nZoé Martin <zoe.martin@univ.fr>\n!<b@univ.fr>\n".encode(), [ONE]),
        Case("06-apostrophes.csv", b"'add','student','21900123','DRT-L1-01'\n", [MANY]),
        Case("06-wrong-times.csv", table([
            ["add", "student", "1", "C", "20260901", "0"],
            ["add", "student", "2", "C", "1814306400", "1788213600"],
            ["add", "student", "3", "C", "2026-09-01", ""],
            ["add", "student", "4", "C", "03/04/2026", ""],
            ["add", "", "5", "C"],
            ["add", "student", "", "C"],
            ["change", "student", "6", "C"],
            ["add", "student", "7"],
        ], ",").encode(), [MANY]),
        Case("07-by-idnumber.csv", b"idnumber,course1,enrolstatus1,enroltimestart1\n21900123,C1,1,2026-09-15\n21900124,C1,0,25/12/2026\n21900125,C1,2,\n21900126,C1,,03/04/2026\n", [MANY]),
        Case("07-idnumber-or-email.csv", b"idnumber,email,course1\n21900123,a@univ.fr,C1\n", [MANY]),
        Case("07-chosen-email.csv", b"username,email,course1\nzoe,a@univ.fr,C1\n", [MANY], {"person_key": "email"}),
        Case("07-accounts.csv", b"username,deleted,course1,role2,cohort1\nzoe,1,C1,,\nluc,0,C1,student,\nmax,,,,42\n", [MANY]),
        Case("08-places.csv", table([
            ["idnumber", "name", "context", "category", "category_path", "contextid"],
            ["A", "A", "System", "", "", ""], ["B", "B", "DROIT", "", "", ""], ["C", "C", "", "12", "", ""],
            ["D", "D", "", "", "Droit / L1", ""], ["E", "E", "", "", "", "15"], ["F", "", "", "", "", ""],
        ]).encode(), [COHORTS]),
        Case("02-groups.csv", table([
            ["shortname", "enrolment_1", "enrolment_1_cohortidnumber", "enrolment_1_addtogroup", "enrolment_1_groupname", "enrolment_1_startdate"],
            ["C1", "cohort", "E1", "0", "", ""], ["C2", "cohort", "E1", "1", "", ""], ["C3", "cohort", "E1", "0", "TD1", ""],
            ["C4", "cohort", "E1", "", "TD1", "01/09/2026"], ["C5", "cohort", "", "", "", ""], ["C6", "", "E1", "", "", ""],
        ]).encode(), [METHODS]),
        Case("01-blank-group-after-one.csv", b"shortname,metacohort,method,operation,disabled,role,group\nA,E1,cohort,add,0,,TD1\nB,E1,cohort,add,0,,\nC,E1,cohort,upd,0,teacher,TD3\nD,E1,cohort,mod,2,,\nE,E1,self,add,0,,\n", [METHODS]),
        Case("native-named.csv", "Qui;Quoi;Où;Jusqu'à\n21900123;student;C1;2027-01-31\n".encode(), [MANY], {"columns": {"person": "Qui", "course": "où", "role": "Quoi", "end": "Jusqu'à"}}),
        Case("native-french.csv", table([
            ["Identifiant", "Cours", "Rôle", "Groupe", "Début", "Fin", "Action"],
            ["zoe", "C1", "student", "TD1", "1/9/2026 8h30", "2026-12-20T18:00", "ajouter"],
        ]).encode(), [MANY]),
        Case("native-without-course.csv", table([["person", "course"], ["21900123", ""]]).encode(), [MANY]),
    ]  # fmt: skip
    return found


def encodings() -> list[Case]:
    """The same people as Windows, Macs and Excel's many ways to save write them."""
    text = table(L1)
    keyed = table([["identifiant", "groupe"], ["zoé", "TD1"]])
    return [
        Case("enc-utf8-bom.csv", codecs.BOM_UTF8 + text.encode(), [ONE]),
        Case("enc-utf16-le.csv", codecs.BOM_UTF16_LE + table(L1, "\t").encode("utf-16-le"), [ONE]),
        Case("enc-utf16-be.csv", codecs.BOM_UTF16_BE + text.encode("utf-16-be"), [ONE]),
        Case("enc-utf16-no-mark.csv", text.encode("utf-16-le"), [ONE]),
        Case("enc-utf32.csv", codecs.BOM_UTF32_LE + text.encode("utf-32-le"), [ONE]),
        Case("enc-cp1252.csv", text.encode("cp1252"), [ONE]),
        Case("enc-macroman.csv", table(L1, end="\r").encode("mac-roman"), [ONE]),
        Case("enc-latin1.csv", table([L1[0], ["21900123", "Économie"]]).encode("latin-1"), [ONE]),
        Case("enc-doubt-person.csv", keyed.encode("cp1252"), [ONE]),
        Case("enc-doubt-person-settled.csv", keyed.encode("cp1252"), [ONE], {"encoding": "windows-1252"}),
        Case(
            "enc-doubt-course.csv", table([["person", "course"], ["1", "ÉCO-1"]]).encode("mac-roman"), [MANY]
        ),
        Case("enc-doubt-cohort.csv", table([["add", "ÉTAPE", "1"]]).encode("cp1252"), [MEMBERS]),
        Case("enc-utf8-by-chance.csv", table([["identifiant"], ["ÀÉ"]]).encode("mac-roman"), [ONE]),
        Case("enc-greek.csv", table([["identifiant", "groupe"], ["ζωη", "α"]]).encode(), [ONE]),
        Case(
            "enc-replacement.csv",
            table([["identifiant", "groupe"], ["zoe", "\ufffdt\ufffd"]]).encode(),
            [ONE],
        ),
        Case("enc-nbsp-cp1252.csv", b"identifiant;groupe\r\n21900123\xa0;TD1\xa0\r\n", [ONE]),
        Case(
            "enc-damaged-utf8.csv",
            "identifiant;groupe\nzoé;été\nl".encode() + b"\xe9" + "a;éàè\n".encode(),
            [ONE],
        ),
        Case("enc-wrong-option.csv", text.encode("cp1252"), [ONE], {"encoding": "utf-8"}),
        Case(
            "enc-mark-against-option.csv",
            codecs.BOM_UTF8 + text.encode(),
            [ONE],
            {"encoding": "windows-1252"},
        ),
        Case("enc-unknown-option.csv", text.encode(), [ONE], {"encoding": "ebcdic"}),
    ]


def doubts() -> list[Case]:
    """What could be read in two ways, and the same once it is said which."""
    two = table(PLAIN).encode()
    three = table(MEMBER[:2], ",").encode()
    names = table(
        [["Nom", "N° étudiant", "Courriel", "Groupe"], ["Petit", "21900123", "z@univ.fr", "TD1"]]
    ).encode()
    both = b"21900123;TD,1\n21900124;TD,2\n"
    return [
        Case("doubt-3-or-4.csv", two, [ONE]),
        Case("doubt-3-settled.csv", two, [ONE], {"format": "3"}),
        Case("doubt-4-settled.csv", two, [ONE], {"format": "4"}),
        Case("doubt-3-or-4-heading.csv", b"qui;sous-groupe\n21900123;TD1\n", [ONE]),
        Case("doubt-one-column.csv", b"21900123\n21900124\n", [ONE]),
        Case("doubt-9-or-10.csv", three, [METHODS, MEMBERS]),
        Case("doubt-9-settled.csv", three, [METHODS, MEMBERS], {"format": "9"}),
        Case("doubt-separator.csv", both, [ONE]),
        Case("doubt-separator-settled.csv", both, [ONE], {"separator": ";", "format": "4"}),
        Case("doubt-person-key.csv", names, [ONE]),
        Case("doubt-person-key-settled.csv", names, [ONE], {"person_key": "idnumber"}),
        Case("doubt-two-columns-same.csv", b"courriel;email\na@univ.fr;b@univ.fr\n", [ONE]),
        Case(
            "doubt-two-columns-named.csv",
            b"courriel;email\na@univ.fr;b@univ.fr\n",
            [ONE],
            {"columns": {"person": "email"}},
        ),
        Case("doubt-header-twice.csv", b"identifiant;groupe;Groupe\nzoe;TD1;TD2\n", [ONE]),
        Case("doubt-misspelt.csv", b"person;course;grop\nzoe;C1;TD1\n", [MANY]),
        Case("other-command.csv", table(FLAT, ",").encode(), [ONE]),
        Case("other-command-members.csv", table(METHOD, ",").encode(), [MANY]),
        Case("unknown-format.csv", b"Bonjour;voici la liste\n21900123;TD1\n", [MANY]),
        Case("group-before-person.csv", "groupe;numéro étudiant\nTD1;21900123\n".encode(), [ONE]),
    ]


def habits() -> list[Case]:
    """What Excel does to lists, in French."""
    return [
        Case("excel-as-text.csv", b'num\xc3\xa9ro \xc3\xa9tudiant;groupe\r\n="00123";TD1\r\n"=""00124""";TD2\r\n', [ONE]),
        Case("excel-scientific.csv", "numéro étudiant;groupe\n2,19E+07;TD1\n2.19001E+07;TD1\n21900125;1E+05\n2E05;TD1\n".encode(), [ONE]),
        Case("excel-nbsp.csv", "numéro étudiant;groupe\n\u00a021900123\u202f;\u00a0TD1\n21\u202f900\u00a0124;TD\u00a02\n".encode(), [ONE]),
        Case("excel-empty-columns.csv", "numéro étudiant;groupe;;;\n21900123;TD1;;;\n;;;;\n21900124;TD2;;; \n;;;;\n;;;;\n".encode(), [ONE]),
        Case("excel-cr.csv", table(L1, end="\r").encode(), [ONE]),
        Case("excel-lf.csv", table(L1, end="\n").encode(), [ONE]),
        Case("excel-crcrlf.csv", table(L1, end="\r\r\n").encode(), [ONE]),
        Case("excel-no-last-newline.csv", table(L1).encode().rstrip(b"\r\n"), [ONE]),
        Case("excel-header-again.csv", table([*L1, L1[0], ["21900125", ""]]).encode(), [ONE]),
        Case("excel-formulas.csv", b"identifiant;groupe\nzoe;=1+1\nluc;\"=HYPERLINK(\"\"http://x\"\")\"\nmax;'=2+2\n=cmd|' /C calc'!A0;TD\n", [ONE]),
        Case("excel-dates.csv", table([
            ["person", "course", "start", "end"],
            ["1", "C", "1/9/2026", "30/06/2027 23:59"], ["2", "C", "01-09-2026", "01.10.2026"],
            ["3", "C", "01/09/26", ""], ["4", "C", "13/25/2026", ""], ["5", "C", "46266", ""],
            ["6", "C", "2026-10-25 02:30", ""], ["7", "C", "2026-03-29 02:30", ""], ["8", "C", "2026-10-25T02:30+02:00", "0"],
            ["9", "C", "1788213600", ""], ["10", "C", "31/02/2026", ""], ["11", "C", "demain", ""],
            ["12", "C", "2027-01-01", "2026-01-01"], ["13", "C", "1960-01-01", ""],
        ]).encode(), [MANY]),
        Case("mail-names.csv", "email;groupe\nZoé Martin <zoe.martin@univ.fr>;TD1\n\"Dupont, Luc <luc.dupont@univ.fr>\";TD2\n<b@univ.fr>;\nZoé <personne>;\na <b@univ.fr> <c@univ.fr>;\n".encode(), [ONE]),
        Case("excel-leading-blank-lines.csv", b"\r\n;\r\n" + table(L1).encode(), [ONE]),
    ]  # fmt: skip


def damage() -> list[Case]:
    """Lines that cannot be done, each refused alone."""
    return [
        Case(
            "bad-quotes.csv",
            b'identifiant;groupe\nzoe;TD "A"\nluc;"TD1\nmax;TD2\nana;"TD"3\nlea;"TD ""4"""\n',
            [ONE],
        ),
        Case("bad-quote-over-lines.csv", b'identifiant;groupe\nzoe;"TD1\nluc;TD2"\nmax;TD3\n', [ONE]),
        Case("bad-widths.csv", b"person;course;group\nzoe;C1\nluc;C1;TD1;oups\nmax;C1;TD1;;\n", [MANY]),
        Case("bad-nul.csv", b"identifiant;groupe\nzo\0e;TD1\nluc;TD2\n", [ONE]),
        Case("bad-other-separator.csv", b'identifiant;groupe\nzoe;TD1\n"luc,TD2";\n', [ONE]),
        Case("bad-empty.csv", b"", [ONE]),
        Case("bad-blank.csv", b"\r\n;;\r\n \t\r\n", [ONE]),
        Case("bad-only-header.csv", table(L1[:1]).encode(), [ONE]),
        Case("bad-pdf.csv", b"%PDF-1.7\n", [ONE]),
        Case("bad-xls.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", [ONE]),
        Case("bad-gzip.csv", b"\x1f\x8b\x08\x00", [ONE]),
        Case("bad-zip.xlsx", b"PK\x03\x04rest", [ONE]),
        Case("bad-format-5-in-4.csv", b"zoe;TD1\n#TD2;x\n!luc;TD3\n", [ONE], {"format": "4"}),
        Case("refused-again.csv", b"refused_because;person;course\nunknown person;zoe;C1\n;luc;C1\n", [MANY]),
    ]


def quarrels() -> list[Case]:
    """Lines that say the same, or the contrary of each other."""
    return [
        Case("twice-people.csv", table([
            ["person", "course", "role", "group", "end", "action"],
            ["zoe", "C1", "student", "TD1", "", "add"], ["ZOE", "C1", "student", "TD2", "", "add"],
            ["zoe", "C1", "teacher", "", "", "add"], ["zoe", "C1", "student", "TD1", "", "add"],
            ["luc", "C1", "student", "", "", "add"], ["luc", "C1", "", "", "", "del"],
            ["max", "C1", "student", "", "2027-01-01", "add"], ["max", "C1", "teacher", "", "2027-06-01", "add"],
            ["ana", "C1", "student", "", "2027-01-01", "add"], ["ana", "C1", "teacher", "", "", "add"],
            ["luc", "C2", "", "", "", "del"],
        ]).encode(), [MANY]),
        Case("twice-flatfile.csv", b"add,teacher,zoe,C1\ndel,student,zoe,C1\nadd,student,luc,C1\ndel,student,luc,C1\n", [MANY]),
        Case("twice-bulk.txt", b"a@univ.fr\n# TD1\na@univ.fr\n!b@univ.fr\nb@univ.fr\n", [ONE]),
        Case("twice-methods.csv", table([
            METHOD[0], ["add", "cohort", "C1", "E1", "0", "", "student"], ["add", "cohort", "C1", "E1", "0", "", "teacher"],
            ["add", "cohort", "C2", "E1", "0", "", "student"], ["add", "cohort", "C2", "E1", "0", "", "student"],
            ["add", "meta", "C3", "C2", "0", "", ""], ["del", "meta", "C3", "C2", "0", "", ""],
            ["add", "cohort", "C4", "E1", "0", "", "student"], ["upd", "cohort", "C4", "E1", "1", "", ""],
        ], ",").encode(), [METHODS]),
        Case("twice-cohorts.csv", b"name;idnumber\nA;E1\nB;E1\nC;E2\nC;E2\n", [COHORTS]),
        Case("twice-members.csv", b"add,E1,zoe\ndel,E1,Zoe\nadd,E2,zoe\nadd,E2,zoe\n", [MEMBERS]),
        Case("twice-in-one-row.csv", b"username,course1,enrolstatus1,course2,enrolstatus2\nzoe,C1,0,C1,1\n", [MANY]),
    ]  # fmt: skip


def workbooks() -> list[Case]:
    """The same from spreadsheets, with what their cells can hold."""
    rows: list[list[Cell]] = [
        ["numéro étudiant", "groupe", "début", "fin", "suspendu"],
        [21900123, "TD1", date(2026, 9, 1), datetime(2027, 1, 15, 12, 30), True],  # noqa: DTZ001 - as a cell has it
        ["00123", Formula("1+1", "2"), "01/09/2026", None, False],
        [None, None, None, None, None],
        [2.19e17, "TD1", None, None, None],
        [" 21900126\u00a0", 3, None, None, None],
    ]
    sheets: Sheets = {"Liste": rows, "Feuil2": []}
    two: Sheets = {"L1": L1, "L2": [L1[0], ["21900999", "TD9"]]}
    late: Sheets = {"Feuil1": [[None], [None, None], *[[None, *row] for row in L1]]}
    return [
        *(Case(f"book-cells.{kind}", write(sheets), [ONE]) for kind, write in (("xlsx", xlsx), ("ods", ods))),
        *(
            Case(f"book-two-sheets.{kind}", write(two), [ONE])
            for kind, write in (("xlsx", xlsx), ("ods", ods))
        ),
        *(
            Case(f"book-sheet-named.{kind}", write(two), [ONE], {"sheet": "L2"})
            for kind, write in (("xlsx", xlsx), ("ods", ods))
        ),
        *(
            Case(f"book-begins-late.{kind}", write(late), [ONE])
            for kind, write in (("xlsx", xlsx), ("ods", ods))
        ),
        Case("book-methods.xlsx", xlsx({"M": METHOD}), [METHODS]),
        Case("book-flatfile.ods", ods({"F": FLAT}), [MANY]),
        Case("book-addresses.xlsx", xlsx({"A": [["a@univ.fr"], ["# TD1"], ["b@univ.fr"]]}), [ONE]),
        Case("book-no-header.xlsx", xlsx({"A": PLAIN}), [ONE]),
        Case("book-named-csv.csv", xlsx({"A": L1}), [ONE]),
        Case("book-no-such-sheet.xlsx", xlsx({"A": L1}), [ONE], {"sheet": "B"}),
        Case("book-empty.ods", ods({"A": []}), [ONE]),
        Case("book-cut-short.xlsx", xlsx({"A": L1})[:700], [ONE]),
    ]


def main() -> None:
    """Write what is missing."""
    CORPUS.mkdir(exist_ok=True)
    for case in cases():
        path = CORPUS / case.name
        path.write_bytes(case.data)
        beside = path.with_name(f"{case.name}.json")
        if not beside.exists():
            how = {"wants": list(case.wants), "options": case.options}
            text = json.dumps({**how, "reading": reading(path, how)}, ensure_ascii=False, indent=1)
            beside.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
