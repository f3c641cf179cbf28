"""Cohorts in plans, plan files, reports, and with the doctor."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from greffe.commands.apply import apply
from greffe.commands.doctor import doctor
from greffe.commands.plan import plan
from greffe.commands.recounting import recount
from greffe.commands.reporting import of_result
from greffe.errors import ArgumentError, Exit, StalePlanError
from greffe.report.html import render
from greffe.report.terminal import console, show
from greffe.report.texts import headline
from tests.integration.cohorts.promotions import deliver
from tests.integration.nights import Nights


def test_a_plan_file_is_made_exactly_or_not_at_all(nights: Nights, tmp_path: Path) -> None:
    nights.night()
    nights.cohorts[0]["name"] = "Promotion {{ cohort }}"
    deliver(nights, {"L1": range(2, 12), "L2": range(11, 21), "L3": range(21, 25)})
    file = tmp_path / "tonight.plan"
    wanted = plan(nights.config(), out=file).plan
    nights.site.execute("UPDATE {cohort} SET visible = 0 WHERE idnumber = 'L2'")

    with pytest.raises(StalePlanError, match="cohort L2"):
        apply(nights.config(), file)

    nights.site.execute("UPDATE {cohort} SET visible = 1 WHERE idnumber = 'L2'")
    assert apply(nights.config(), file).counts == wanted.counts()
    assert plan(nights.config()).plan.size == 0
    with pytest.raises(StalePlanError, match="cohort L3"):
        apply(nights.config(), file)


def test_plan_for_one_person_or_cohort(nights: Nights) -> None:
    part = plan(nights.config(), person="u01").plan
    assert [(c.idnumber, [b.users for b in c.batches][1:]) for c in part.cohorts] == [("L1", [[3]])]
    assert [c.idnumber for c in plan(nights.config(), cohort="L2").plan.cohorts] == ["L2"]
    with pytest.raises(ArgumentError):
        plan(nights.config(), cohort="nowhere")


def test_reports_count_cohorts_apart(nights: Nights, tmp_path: Path) -> None:
    document = of_result(nights.night())
    assert [(c.idnumber, c.counts) for c in document.cohorts] == [
        ("L1", {"create-cohort": 1, "join-cohort": 10}),
        ("L2", {"create-cohort": 1, "join-cohort": 10}),
    ]
    assert headline(document) == "Run 1 made 22 changes in 2 cohorts."
    assert '<td class="name">L1</td>' in render([document])
    out = io.StringIO()
    show(console(out), document)
    assert "cohorts created" in out.getvalue()
    account = recount(nights.config(), 1, cohort="L2")
    assert {c.cohort for c in account.changes} == {"L2"}
    assert len(account.changes) == 11


def test_the_doctor_of_a_site_that_keeps_only_cohorts(nights: Nights) -> None:
    nights.site.execute("UPDATE {config} SET value = 'manual' WHERE name = 'enrol_plugins_enabled'")
    assert [f.what for f in doctor(nights.config()) if f.severity in ("stop", "bad")] == []
    assert nights.night().exit is Exit.DONE

    nights.cohorts[0]["category"] = "NOWHERE"
    (found,) = [f for f in doctor(nights.config()) if f.severity == "refused"]
    assert "[[cohort]] number 1" in found.what
    assert "'NOWHERE'" in found.what
