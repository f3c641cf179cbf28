"""Nights within the calendar's windows."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from greffe.commands.apply import apply
from greffe.commands.plan import plan
from greffe.commands.reporting import of_result
from greffe.errors import Exit, HeldError
from greffe.report.texts import headline
from tests.integration.cohorts.promotions import deliver, people
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite

TODAY, LATER = str(date.today() - timedelta(days=1)), str(date.today() + timedelta(days=9))  # noqa: DTZ011 - the machine's own day
WINDOW = [{"from": TODAY, "to": LATER}]


@pytest.fixture
def nights(moodle_site: MoodleSite, tmp_path: Path) -> Nights:
    for number in range(1, 41):
        moodle_site.add_user(f"u{number:02}", idnumber=f"u{number:02}")
    moodle_site.add_course("C1", idnumber="L-2026")
    nights = Nights(moodle_site, tmp_path)
    nights.cohort("ia", gone="delete")
    nights.rule("ia", course="{{ cohort }}")
    deliver(nights, {"L-2025": range(1, 21), "L-2026": range(21, 24)})
    nights.night()
    return nights


def test_last_years_people_stay_over_the_summer(nights: Nights) -> None:
    deliver(nights, {"L-2026": range(22, 31)})
    assert nights.night().exit is Exit.HELD  # without a window the guards hold it
    nights.more = {"calendar": {"add_only": WINDOW}}
    deliver(nights, {"L-2026": range(23, 32)})

    result = nights.night()

    assert result.exit is Exit.DONE
    members = nights.cohort_members()
    assert members["L-2025"] == people(range(1, 21))
    assert set(members["L-2026"]) >= set(people(range(23, 32)))
    assert all(status == 0 for (_, who), (status, _, _) in nights.enrolments().items() if who == "u23")
    document = of_result(result)
    assert f"Nobody loses anything until {LATER}" in headline(document)
    assert document.later["leave-cohort"] > 20
    assert plan(nights.config()).plan.size == 0


def test_a_blackout_changes_nothing_and_a_plan_file_waits_for_its_end(nights: Nights, tmp_path: Path) -> None:
    deliver(nights, {"L-2025": range(1, 21), "L-2026": range(21, 27)})
    file = tmp_path / "tonight.plan"
    wanted = plan(nights.config(), out=file).plan.size
    assert wanted > 0
    before = nights.cohort_members(), nights.enrolments()
    nights.more = {"calendar": {"blackout": WINDOW}}

    result = nights.night()

    assert (result.exit, result.counts) == (Exit.DONE, {})
    assert f"blackout lasts until {LATER}: {wanted} changes left for later" in headline(of_result(result))
    with pytest.raises(HeldError, match="blackout"):
        apply(nights.config(), file)
    assert (nights.cohort_members(), nights.enrolments()) == before
    nights.more = {}
    assert sum(apply(nights.config(), file).counts.values()) == wanted
