"""What others write between the plan and the write is seen."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from greffe.commands.plan import plan
from tests.integration.classes import leave_traces, lost, whole_site
from tests.integration.departure.leavers import AROUND, deliver, everybody, remaining, without, writing
from tests.integration.nights import Nights


def test_grades_that_arrive_between_plan_and_write_are_kept(nights: Nights) -> None:
    ids, classes = everybody(nights, 4, 1)
    leave_traces(nights, classes, ids, grades=False)
    deliver(nights, [("u0", "C0")])
    night = plan(nights.config())
    nights.site.execute(
        "UPDATE {grade_grades} SET rawgrade = 3 WHERE userid = %s AND itemid = %s", ids[1], classes[0].items["quiz"]
    )  # fmt: skip
    # another way in opened for one, and the last other way closes for nobody
    manual = nights.site.fetch("SELECT id FROM {enrol} WHERE enrol = 'manual' ORDER BY id")[0]["id"]
    nights.site.insert("user_enrolments", enrolid=manual, userid=ids[2], timeend=0)
    before = whole_site(nights)
    with writing(nights) as (_, executor):
        applied = executor.apply(night.plan)
    assert [(r.action, r.users) for r in applied.refused] == [("unenrol", [ids[1]])]
    after = whole_site(nights)
    assert {r["userid"] for r in after["grade_grades"].values()} == set(ids[:3])
    assert {r["userid"] for r in after["user_lastaccess"].values()} == set(ids[:3])
    enrolled = {(r["enrolid"] == manual, r["userid"]) for r in after["user_enrolments"].values()}
    assert enrolled == {(False, ids[0]), (False, ids[1]), (True, ids[2])}
    mine = [r for r in before["role_assignments"].values() if r["userid"] == ids[1]]
    assert [r for r in after["role_assignments"].values() if r["userid"] == ids[1]] == mine


def test_of_two_who_take_one_of_two_last_enrolments_each_one_cleans_up(nights: Nights) -> None:
    ids, classes = everybody(nights, 2, 1)
    leave_traces(nights, classes, ids, grades=False)
    manual = nights.site.fetch("SELECT id FROM {enrol} WHERE enrol = 'manual' ORDER BY id")[0]["id"]
    other = nights.site.insert("user_enrolments", enrolid=manual, userid=ids[1], timeend=0)
    deliver(nights, [("u0", "C0")])
    night = plan(nights.config())
    before = whole_site(nights)
    # somebody else is about to take the other enrolment, and has not committed yet
    rival = nights.site.connect(autocommit=False)
    with rival.cursor() as cursor:
        cursor.execute(f"DELETE FROM mdl_user_enrolments WHERE id = {other}")
    with writing(nights) as (_, executor), ThreadPoolExecutor(1) as pool:
        applied = pool.submit(executor.apply, night.plan)
        time.sleep(1)
        assert not applied.done()
        rival.commit()
        assert applied.result(30).refused == []
    rival.close()
    gone = lost(before, classes, ids[1:])
    after = whole_site(nights)
    assert without(after, *AROUND) == without(remaining(before, gone), *AROUND)
