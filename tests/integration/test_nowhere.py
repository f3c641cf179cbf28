"""Rules whose own text names a role or a category that the site has not got: told everywhere alike, and touching nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from greffe.commands.doctor import doctor
from greffe.commands.plan import plan
from greffe.commands.reporting import of_plan
from greffe.errors import Exit
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite

FREE = {"scope": {"suspensions": "none", "removals": "none", "everybody_above": 10_000}}


@pytest.fixture
def nights(moodle_site: MoodleSite, tmp_path: Path) -> Nights:
    moodle_site.add_users([{"username": f"u{n}", "idnumber": f"u{n}"} for n in range(20)])
    moodle_site.add_courses([{"shortname": c, "idnumber": c} for c in ("C1", "C2", "C3")])
    found = Nights(moodle_site, tmp_path)
    found.more = {"guards": FREE}
    found.rule("ip", when="course != 'C2'")
    found.rule("ip", when="course == 'C2'")
    deliver(found, {"C1": range(10), "C2": range(10, 20)})
    return found


def deliver(nights: Nights, courses: dict[str, range]) -> None:
    rows = [f"u{n};{course}" for course, people in courses.items() for n in people]
    nights.feed("ip", "who;course", rows, shrink="none", min_rows=0)


def test_a_role_that_is_none_freezes_what_its_rule_did(nights: Nights) -> None:
    nights.night()
    nights.rules[1]["role"] = "studnt"
    # some leave a course of each rule, and the astray rule names a new one
    nights.rules[1]["when"] = "course in ('C2', 'C3')"
    nights.rules[0]["when"] = "course == 'C1'"
    deliver(nights, {"C1": range(5), "C2": range(10, 15), "C3": range(1)})

    proposed = of_plan(plan(nights.config()))
    result = nights.night()

    assert (proposed.exit, result.exit) == (Exit.REFUSED, Exit.REFUSED)
    assert [(r.course, r.people) for r in proposed.refused] == [("[[course]] number 2", [])]
    assert "'studnt' is no role of the site" in proposed.refused[0].reason
    assert result.counts == {"suspend": 5}  # u5 to u9, by the rule that is well
    active = {(c, u) for (c, u), (status, _, _) in nights.enrolments().items() if not status}
    assert active == {("C1", f"u{n}") for n in range(5)} | {("C2", f"u{n}") for n in range(10, 20)}
    assert nights.site.fetch(
        "SELECT e.id FROM {enrol} e JOIN {course} c ON c.id = e.courseid WHERE e.enrol = 'database' AND c.shortname = 'C3'"
    ) == []  # fmt: skip

    nights.rules[1]["role"] = "student"
    assert nights.night().counts == {"suspend": 5, "create-method": 1, "enrol": 1, "assign-role": 1}


@pytest.mark.parametrize(
    ("role", "default", "exit_code", "severity"),
    [
        ("studnt", None, Exit.REFUSED, "refused"),
        ("studnt", "studnt2", Exit.REFUSED, "refused"),
        ("studnt", "student", Exit.CHANGES_PENDING, "warn"),
        ("student", "studnt", Exit.CHANGES_PENDING, "warn"),
    ],
)
def test_the_doctor_says_what_the_plan_says(
    nights: Nights, role: str, default: str | None, exit_code: Exit, severity: str
) -> None:
    nights.rules[1].update({"role": role} | ({"default_role": default} if default else {}))

    assert of_plan(plan(nights.config())).exit == exit_code
    found = [f for f in doctor(nights.config()) if " no role" in f.what and f.severity != "ok"]
    assert {f.severity for f in found if "[[course]]" in f.what and "feed.ip" not in f.what} == {severity}
    assert all("student" in f.todo for f in found if f.todo)
    assert not any(f.severity == "stop" for f in doctor(nights.config()))


def test_a_category_that_is_none_keeps_its_cohorts_although_no_row_asks(nights: Nights) -> None:
    nights.rules.pop()
    nights.rules[0]["when"] = "course == 'C2'"
    nights.cohort("ip", idnumber="{{ course }}", name="x", gone="delete", when="course == 'C1'")
    nights.night()
    nights.cohorts[0]["category"] = "NOWHERE"
    deliver(nights, {"C2": range(10, 20)})

    result = nights.night()

    assert result.night is not None
    assert result.night.feeds.bad == {}
    assert (result.exit, result.counts) == (Exit.REFUSED, {})
    assert [(r.course, "'NOWHERE'" in r.reason) for r in result.refused] == [("[[cohort]] number 1", True)]
    assert len(nights.cohort_members()["C1"]) == 10
    (found,) = [f for f in doctor(nights.config()) if f.severity == "refused"]
    assert "[[cohort]] number 1 leads nowhere" in found.what


def test_a_feed_of_which_nothing_leads_anywhere_is_bad_for_both_and_the_rule_is_named(nights: Nights) -> None:
    nights.rules[0:] = [nights.rules[0] | {"role": "studnt"}]
    nights.rules[0].pop("when")

    proposed = of_plan(plan(nights.config()))

    assert (proposed.exit, [r.course for r in proposed.refused]) == (Exit.PARTIAL, ["[[course]] number 1"])
    found = doctor(nights.config())
    assert {f.severity for f in found} & {"stop", "bad", "refused"} == {"bad", "refused"}
    (feed,) = (f for f in found if f.severity == "bad")
    assert "its rules give roles that the site does not have ('studnt')" in feed.what
    assert "a column or a role is misnamed" in feed.todo
