"""Keys that differ in case, accents or spaces: what Moodle takes for the same depends on the database."""

from __future__ import annotations

from tests.moodle.scenario import Course, Differs, Night, Row, Scenario, Settings, User
from tests.moodle.scenarios.common import COURSES

_PEOPLE = (
    User("E1789", username="mdupont", email="Marie.Dupont@example.org"),
    User("Élève-7", username="zoe.lefevre", email="zoé.lefèvre@example.org"),
    User("E1790 ", username="jmartin", email="jean.martin@example.org"),
    User("E1791", username="mdupont", email="marie@example.net", host=2),
)
_COURSES = (
    Course("LAW101", shortname="Droit civil"),
    Course("Médecine", shortname="Médecine 1"),
    Course("LAW102 "),
)


def _class(*names: str) -> tuple[Row, ...]:
    return tuple(Row("LAW101", name) for name in names)


SCENARIOS = (
    Scenario(
        "idnumber-variants",
        "numbers in another case, without accents, with a space too much: as far as the database takes them for equal",
        COURSES, _PEOPLE,
        (
            Night(_class("E1789", "Élève-7", "E1790 ")),
            Night(_class("e1789", "eleve-7", "E1790")),
            Night(_class("E1789 ", "ÉLÈVE-7", "E1790 ")),
        ),
        differences=(
            Differs(
                "trimmed-cells",
                moodle=("LAW101/database mdupont: suspended, student", "flag of mdupont: day 2"),
                greffe=("LAW101/database mdupont: active, student", "flag of mdupont: day 3"),
                on=("postgresql",),
            ),
        ),
    ),
    Scenario(
        "username-variants",
        "usernames in another case; the same username on another site of the network is somebody else's",
        COURSES, _PEOPLE,
        (Night(_class("mdupont", "zoe.lefevre", "jmartin")), Night(_class("MDupont", "zoé.lefèvre", "jmartin"))),
        Settings(person="username"),
    ),
    Scenario(
        "email-variants",
        "addresses in another case and without accents",
        COURSES, _PEOPLE,
        (
            Night(_class("Marie.Dupont@example.org", "zoé.lefèvre@example.org", "nobody@example.org")),
            Night(_class("marie.dupont@example.org", "zoe.lefevre@example.org", "jean.martin@example.org")),
        ),
        Settings(person="email"),
    ),
    Scenario(
        "course-idnumber-variants",
        "course keys in another case, without accents, with a space behind: as far as the external table's database takes "
        "them for equal",
        _COURSES, _PEOPLE,
        (
            Night((Row("LAW101", "E1789"), Row("Médecine", "E1789"), Row("LAW102 ", "E1789"))),
            Night((
                Row("LAW101", "E1789"), Row("law101", "Élève-7"), Row("medecine", "E1789"), Row("Médecine", "Élève-7"),
                Row("LAW102 ", "Élève-7"),
            )),
        ),
    ),
    Scenario(
        "course-variant-alone",
        "a course without the method is only named by a variant of its key: unknown to Moodle, not to Greffe where the "
        "external table's database takes both for equal",
        COURSES, _PEOPLE, (Night((Row("law101", "E1789"), Row("LAW102", "E1789"))),),
        differences=(
            Differs(
                "course-variants",
                greffe=("LAW101/database mdupont: active, student",), on=("mariadb",),
            ),
        ),
    ),
    Scenario(
        "course-shortname-variants",
        "the same for shortnames",
        _COURSES, _PEOPLE,
        (
            Night((Row("Droit civil", "E1789"), Row("Médecine 1", "E1789"))),
            Night((Row("DROIT CIVIL", "E1789"), Row("Medecine 1", "E1789"), Row("Médecine 1", "Élève-7"))),
        ),
        Settings(course="shortname"),
    ),
)  # fmt: skip
