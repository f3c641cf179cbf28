"""A wrong configuration is told in the words of its file."""

from __future__ import annotations

from typing import Any

import pytest

from greffe.config import parse
from greffe.errors import ConfigError

GOOD: dict[str, Any] = {"csv": "a.csv", "person": "who"}


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"moodle": {"password": "hunter2"}}, "[moodle] password: give { env = … } or { file = … } or { command = … }"),
        ({"feed": {"ia": GOOD, "ip": GOOD | {"shrink": "30"}}}, "[feed.ip] shrink: give a share such as 30%, or none"),
        ({"feed": {"ia": GOOD, "ip": GOOD | {"max_age": "36"}}}, "[feed.ip] max_age: give a duration such as 36h"),
        ({"feed": {"ia": GOOD, "ip": GOOD | {"sepparator": ";"}}}, "[feed.ip]: there is no key sepparator; there are csv, "),
        ({"feed": {"ip": GOOD | {"person": {"column": "a", "match": "mail"}}}}, '[feed.ip] person.match: give "email" or "id"'),
        ({"feed": {"ip": GOOD | {"keep": {"A": ["x"], "B": 1}}}}, "[feed.ip] keep.B: give a text in quotes or a list"),
        ({"course": [{"feed": "ip", "course": "a", "leavers": "drop"}]}, '[[course]] number 1, leavers: give "keep" or'),
        ({"course": [{"feed": "ip", "course": "a", "purge": {"after": "90"}}]}, "[[course]] number 1, purge.after: give a duration"),
        ({"course": [{"feed": "ip", "course": "a", "purge": {"grades": True}}]}, "[[course]] number 1, purge: there is no key grades"),
        ({"course": [{"feed": "ip"}]}, "[[course]] number 1: the key course is missing"),
        ({"course": {"feed": "ip", "course": "a"}}, "[course]: there may be several, so it is written in two brackets: [[course]]"),
        ({"run": {"sync": ["meta", "manual"]}}, '[run] sync number 2: give "cohort" or "meta"'),
        ({"calendar": {"blackout": ["2026-07-01"]}}, "[calendar] blackout number 1: give { from"),
        ({"calendar": {"blackout": [{"from": "07-01", "to": 8}]}}, "[calendar] blackout number 1, to: give a day"),
        ({"cohort": [{"feed": "ip", "idnumber": "a"}]}, "[[cohort]] number 1: the key name is missing"),
        ({"cohort": [{"feed": "ip", "idnumber": "a", "name": "b", "gone": "drop"}]}, '[[cohort]] number 1, gone: give "keep" or'),
        ({"link": [{"method": "meta"}, {"method": "meta", "surplus": "drop"}]}, '[[link]] number 2, surplus: give "keep" or'),
        ({"link": [{"method": "mate"}]}, '[[link]] number 1, method: give "cohort" or "meta"'),
        ({"link": [{}]}, "[[link]] number 1: the key method is missing"),
        ({"link": [{"method": "meta", "table": [{}, {"course": 1}]}]}, "[[link]] number 1, row 2, course: give a text in quotes"),
        ({"guards": {"feed": {"above": "x"}}}, "[guards.feed] above: give a whole number from 0 on"),
        ({"guards": {"scope": {"everybody_above": -1}}}, "[guards.scope] everybody_above: give a whole number from 0 on"),
        ({"feed": {"ip": GOOD | {"min_rows": -1}}}, "[feed.ip] min_rows: give a whole number from 0 on"),
        ({"moodle": {"writers": 9}}, "[moodle] writers: give a whole number from 1 to 8"),
        ({"moodle": {"port": 0}}, "[moodle] port: give a whole number from 1 to 65535"),
    ],
)  # fmt: skip
def test_a_wrong_key_is_named_with_what_may_stand_there(raw: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as e:
        parse({"moodle": {}} | raw, "greffe.toml")
    assert str(e.value).startswith(f"greffe.toml: {words}")
    assert "hunter2" not in str(e.value)


def test_a_missing_table_is_named() -> None:
    with pytest.raises(ConfigError, match=r"^greffe.toml: the key moodle is missing$"):
        parse({}, "greffe.toml")


@pytest.mark.parametrize(
    ("leavers", "purge", "words"),
    [
        ("keep", {"after": "90d"}, "purge needs leavers that are not kept"),
        ("unenrol", {"after": "90d"}, "unenrols at once, so purge cannot wait"),
        ("suspend", {"with_grades": True}, "purge does not say when"),
        ("suspend-no-roles", {}, "purge does not say when"),
        ("unenrol", {"with_grades": True}, ""),
        ("unenrol", {"after": "0d"}, ""),
        ("suspend", {"after": "90d", "with_grades": False}, ""),
    ],
)
def test_purge_fits_what_happens_to_leavers(leavers: str, purge: dict[str, Any], words: str) -> None:
    raw = {"moodle": {}, "feed": {"ip": GOOD}, "course": [{"feed": "ip", "course": "a", "leavers": leavers, "purge": purge}]}  # fmt: skip
    if not words:
        parse(raw, "greffe.toml")
        return
    with pytest.raises(ConfigError, match=words):
        parse(raw, "greffe.toml")


@pytest.mark.parametrize(
    ("raw", "words", "todo"),
    [
        ({"course": [{"feed": "ib", "course": "a"}]}, "[[course]] number 1: there is no [feed.ib]", "Name one of the feeds that are there (ia, ip)"),
        ({"cohort": [{"feed": "ia", "idnumber": "a", "name": "a"}]}, "[[cohort]] number 1: [feed.ia] has no person column", "Give [feed.ia] the column"),
        ({"link": [{"method": "meta", "feed": "ib"}]}, "[[link]] number 1: there is no [feed.ib]", "or write the table [feed.ib]"),
        ({"feed": {"ip": GOOD | {"requires": {"feed": "ib", "on": ["a"]}}}}, "[feed.ip]: requires names [feed.ib]", "Name one of the feeds that are there (ip)"),
        ({"feed": {"ip": GOOD | {"encoding": "win-1252"}}}, "[feed.ip]: unknown encoding 'win-1252'", 'encoding = "cp1252"'),
        ({"feed": {"ip": GOOD | {"encoding": "a\0b"}}}, "[feed.ip]: unknown encoding 'a\\x00b'", 'encoding = "cp1252"'),
        ({"feed": {"ip": GOOD, "IP": GOOD}}, "the feeds ip and IP differ in case alone", "another name"),
        ({"feed": {}, "course": [{"feed": "ip", "course": "a"}]}, "[[course]] number 1: there is no [feed.ip]", "Write the table [feed.ip]"),
    ],
)  # fmt: skip
def test_what_tables_say_of_one_another_is_told_with_what_to_do(
    raw: dict[str, Any], words: str, todo: str
) -> None:
    with pytest.raises(ConfigError) as e:
        parse({"moodle": {}, "feed": {"ia": {"csv": "a.csv"}, "ip": GOOD}} | raw, "greffe.toml")
    assert str(e.value).startswith(f"greffe.toml: {words}")
    assert todo in e.value.todo
