"""Where rows lead: keys that are almost those of the site, courses that are only named, roles without enrolment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from greffe.config.cohorts import CohortRule
from greffe.config.courses import CourseRule
from greffe.config.feeds import Feed
from greffe.errors import FeedError
from greffe.model import USER_SHIFT, Refused
from greffe.rules.desired import Desired
from greffe.rules.expand import Joined, expand
from greffe.rules.reading import Reading
from greffe.rules.site import Site


@dataclass
class Rows:
    """A feed that is there already."""

    cells: list[tuple[str, ...]]
    columns: tuple[str, ...] = ("course", "person", "role", "other")
    name: str = "external"
    source: str = "here"
    delivered: int = 0
    final_newline: bool = True
    notes: Sequence[str] = field(default_factory=list)
    refused: Sequence[Refused] = ()

    def rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        yield from enumerate(self.cells, 2)

    def close(self) -> None:
        pass


SITE = Site(
    people={"E1": 1, "E2 ": 2},
    ambiguous=(),
    alike=lambda _: {},
    courses=lambda _: ({"LAW101": 11, "Médecine": 12, "MED ": 13, "abc": 14, "ABC": 15, "HID": 16}, ()),
    hidden={16},
    roles={"student": 5, "teacher": 3},
)
FILE = Feed(csv="x.csv", person="person")
MARIADB = Feed(dsn="mariadb://localhost/x", sql="SELECT", person="person")


def lead(*cells: tuple[str, ...], feed: Feed = FILE, hidden: bool = False) -> tuple[Desired, Reading]:
    rule = CourseRule(
        feed="external", course="{{ course }}", role="{{ role }}", other_user="{{ other }}",
        hidden_courses="skip" if hidden else "enrol",
    )  # fmt: skip
    return expand(Rows(list(cells)), "external", 0, feed, [(1, rule)], SITE)


def people(desired: Desired, course: int, role: int = 5) -> list[int]:
    return [mark >> USER_SHIFT for mark in desired.roles.get((course, role), ())]


def test_a_file_names_courses_exactly_but_for_blanks() -> None:
    rows = [(code, "E1", "student", "") for code in ("LAW101 ", "law101", "medecine", "MED")]
    desired, reading = lead(*rows)
    assert people(desired, 11) == [1]
    assert people(desired, 13) == [1]
    assert set(reading.unknown_codes) == {"law101", "medecine"}


def test_a_table_of_mariadb_names_courses_as_mariadb_compares() -> None:
    rows = [(code, "E1", "student", "") for code in ("law101", "MEDECINE", "ABC", "Abc")]
    desired, reading = lead(*rows, feed=MARIADB)
    assert (people(desired, 11), people(desired, 12), people(desired, 15)) == ([1], [1], [1])
    assert set(reading.unknown_codes) == {"Abc"}  # two courses are as like


def test_an_account_may_have_a_blank_too_much() -> None:
    desired, reading = lead(("LAW101", "E2 ", "student", ""), ("LAW101", "E1 ", "student", ""))
    assert people(desired, 11) == [2, 1]
    assert not reading.unknown_people


def test_a_course_is_named_by_any_row() -> None:
    desired, _ = lead(
        ("LAW101", "nobody", "student", ""), ("MED", "E1", "no role", ""), ("X", "E1", "student", "")
    )
    assert desired.named == {11, 13}
    desired, _ = lead(("HID", "E1", "student", ""), hidden=True)
    assert (desired.named, desired.roles) == ({16}, {})


def test_other_users_get_the_role_alone() -> None:
    rows = [("LAW101", "E1", "teacher", word) for word in ("", "0", "1")]
    desired, reading = lead(*rows)
    assert people(desired, 11, 3) == [1, 1]
    assert [mark >> USER_SHIFT for mark in desired.others[11, 3]] == [1]
    assert desired.places == {"external": {(11, 3)}}
    assert reading.counts.kept == 3


def test_whom_a_refused_line_names_loses_nothing() -> None:
    rows = Rows([("LAW101", "E1", "student", "")])
    rows.refused = [Refused(7, {"person": "E2 "}, "'cn=e2', c: has 2 values"), Refused(9, {}, "names nobody")]
    rule = CourseRule(feed="external", course="{{ course }}", role="{{ role }}")
    desired, reading = expand(rows, "external", 0, FILE, [(1, rule)], SITE)
    assert people(desired, 11) == [1]
    assert reading.doubtful_ids == {2}
    assert list(reading.refused_values) == ["line 7: 'cn=e2', c: has 2 values", "line 9: names nobody"]
    assert not reading.cohorts_in_doubt
    assert reading.counts.notes == [
        "A value was refused; whom it concerns keeps what he has: line 7: 'cn=e2', c: has 2 values (and 1 more values)."
    ]


def test_a_refused_line_that_may_name_anybody_stops_its_feed() -> None:
    rows = Rows([("LAW101", "E1", "student", "")])
    rows.refused = [Refused(7, {}, "'cn=e2', person: is no text", ("person",))]
    rule = CourseRule(feed="external", course="{{ course }}", role="{{ role }}")
    with pytest.raises(FeedError, match=r"line 7: 'cn=e2', person: is no text; whom it names cannot be told"):
        expand(rows, "external", 0, FILE, [(1, rule)], SITE)


def test_a_refused_line_may_have_named_a_cohort() -> None:
    rows = Rows([("LAW101", "E1", "student", "")])
    rows.refused = [Refused(7, {"person": "E9"}, "c: has 2 values")]
    rule = CohortRule(feed="external", idnumber="{{ course }}", name="{{ course }}")
    _, reading = expand(rows, "external", 0, FILE, [], SITE, cohorts=[(1, rule)])
    assert reading.cohorts_in_doubt
    assert reading.unknown_people == {"E9": 1}


def test_who_may_stand_in_a_refused_line_of_the_required_feed_loses_nothing() -> None:
    rows = Rows(
        [("LAW101", "E1", "student", ""), ("LAW101", "E2 ", "student", ""), ("abc", "E1", "student", "")]
    )
    rule = CourseRule(feed="external", course="{{ course }}", role="{{ role }}")

    def key(cells: Sequence[str]) -> tuple[str, ...]:
        return cells[0], cells[1].strip()

    join = Joined(key, {("abc", "E1")}, {"E2"}, 1)
    desired, reading = expand(rows, "external", 0, FILE, [(1, rule)], SITE, required=join)
    assert (people(desired, 11), people(desired, 14)) == ([], [1])
    assert reading.doubtful_ids == {2}
    assert reading.counts.not_required == 2
