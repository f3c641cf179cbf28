"""Links that cannot be made: plan files gone stale, rows that disagree, rules that lead nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from greffe.commands.apply import apply
from greffe.commands.plan import plan
from greffe.errors import ConfigError, Exit, StalePlanError
from tests.integration.following import Campus
from tests.integration.linking import in_step, instances, link, only, relink
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite


@pytest.fixture
def campus(moodle_site: MoodleSite, tmp_path: Path) -> Campus:
    found = Campus(Nights(moodle_site, tmp_path))
    found.people(*"abcdefgh")
    return found


# -- plan files, contradictions, bad configurations --------------------------------------------------------------
def test_a_plan_file_makes_methods_or_goes_stale(campus: Campus, tmp_path: Path) -> None:
    course = campus.course("MED1")
    cohort = campus.cohort("L1", "a")
    link(campus, "MED1 L1", new_group="G")
    file = tmp_path / "tonight.plan"
    plan(campus.nights.config(), out=file)
    assert apply(campus.nights.config(), file).exit is Exit.DONE
    in_step(campus)

    relink(campus, "MED1 L1", role="teacher")
    plan(campus.nights.config(), out=file)
    assert apply(campus.nights.config(), file).exit is Exit.DONE
    relink(campus, "MED1 L1", role="student")
    plan(campus.nights.config(), out=file)
    campus.nights.site.execute("UPDATE {enrol} SET roleid = 3 WHERE id = %s", only(campus)["id"])
    with pytest.raises(StalePlanError, match="MED1 ← L1"):
        apply(campus.nights.config(), file)

    campus.course("MED2")
    relink(campus, "MED1 L1", "MED2 L1")
    plan(campus.nights.config(), out=file)
    campus.instance("cohort", course + 1, cohort)
    try:
        twin = apply(campus.nights.config(), file)
    except StalePlanError:
        return
    assert any("got this method since" in r.reason for r in twin.refused)


def test_rows_that_disagree_are_named(campus: Campus) -> None:
    campus.course("MED1")
    campus.cohort("L1", "a")
    link(campus, "MED1 L1")
    link(campus, "MED1 L1", role="teacher")
    night = campus.nights.night()
    assert night.exit is Exit.REFUSED
    reason = night.refused[0].reason
    assert "[[link]] number 1, row 1: role id 5" in reason
    assert "[[link]] number 2, row 1: role id 4" in reason
    assert instances(campus) == []


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        ({"method": "cohort"}, "give one of table, feed and courses"),
        ({"method": "cohort", "table": [], "parent": "{{ x }}"}, "parent is for the method meta"),
        ({"method": "meta", "table": [], "cohort": "{{ x }}"}, "cohort is for the method cohort"),
        ({"method": "cohort", "table": [], "group": "a", "new_group": "b"}, "not both"),
        ({"method": "cohort", "courses": "(", "cohort": "x"}, "no regular expression"),
        ({"method": "cohort", "courses": "x"}, "needs a template cohort"),
        ({"method": "cohort", "feed": "nowhere"}, r"there is no \[feed.nowhere\]"),
        ({"method": "cohort", "table": [{"a b": "x"}]}, "cannot be the name of a column"),
        ({"method": "cohort", "table": [], "surplus": "burn"}, "surplus"),
    ],
)
def test_a_rule_that_leads_nowhere_is_refused(campus: Campus, rule: dict[str, Any], word: str) -> None:
    campus.nights.more["link"] = [rule]
    with pytest.raises(ConfigError, match=word):
        campus.nights.config()


def test_a_column_that_is_not_there_is_named(campus: Campus) -> None:
    campus.nights.more["link"] = [{"method": "cohort", "table": [{"cours": "MED1", "cohort": "L1"}]}]
    with pytest.raises(ConfigError, match="names course, which it does not have; it has cohort, cours"):
        campus.nights.night()


def test_a_misspelt_column_gives_nothing_up(campus: Campus) -> None:
    campus.course("MED1")
    campus.course("MED2")
    campus.cohort("L1", "a")
    link(campus, "MED1 L1", "MED2 L1")
    campus.nights.night()
    rows = [{"course": "MED1", "cohort": "L1"}, {"course": "MED2", "cohrt": "L1"}]
    campus.nights.more["link"] = [{"method": "cohort", "table": rows}]
    with pytest.raises(ConfigError, match="no template uses cohrt of the table"):
        campus.nights.night()
    campus.nights.more["link"] = [{"method": "cohort", "table": [rows[0], {"course": "MED2"}]}]
    night = campus.nights.night()
    assert night.exit is Exit.REFUSED
    assert [(r.course, r.reason) for r in night.refused] == [
        ("[[link]] number 1, row 2", "the row has no cohort")
    ]
    assert {i["status"] for i in instances(campus)} == {0}


def test_a_row_without_its_role_gives_nobody_an_enrolment_without_one(campus: Campus) -> None:
    campus.course("MED1")
    campus.course("MED2")
    campus.cohort("L1", "a")
    rows = [{"course": "MED1", "cohort": "L1", "role": "student"}, {"course": "MED2", "cohort": "L1"}]
    campus.nights.more["link"] = [{"method": "cohort", "table": rows, "role": "{{ role }}"}]
    night = campus.nights.night()
    assert night.refused[0].reason == "the row has no role"
    assert [i["course"] for i in instances(campus)] == ["MED1"]
