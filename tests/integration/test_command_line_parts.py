"""Of a plan or a run only the part that is asked for: one person, one course, one cohort."""

from __future__ import annotations

from greffe.errors import Exit
from tests.integration.commandline import HOSTILE, Site


def test_a_single_person_with_his_line(site: Site) -> None:
    code, plan = site.json("plan", "--person", "s3")
    assert code == Exit.CHANGES_PENDING
    assert {(c["action"], c["person"], c["feed"], c["line"]) for c in plan["changes"]} >= {
        ("enrol", "s3", "ip", 5)
    }
    code, _ = site("plan", "--person", "nobody")
    assert code == Exit.USAGE
    assert "nobody" in site.err


def test_a_part_of_a_plan_holds_nothing_else(site: Site) -> None:
    with (site.directory / "ip.csv").open("a", encoding="utf-8") as file:
        file.write("s3;C2\nlater;C2\nlater;C1\n")
    code, plan = site.json("plan", "--person", "s5")
    assert (code, plan["counts"]) == (
        Exit.CHANGES_PENDING,
        {"assign-role": 1, "create-method": 1, "enrol": 1},
    )
    assert {c["course"] for c in plan["changes"]} == {HOSTILE}
    assert (plan["waiting"], plan["digest"]) == ([], "")
    code, plan = site.json("plan", "--course", "Two")
    assert plan["counts"] == {"assign-role": 1, "create-method": 1, "enrol": 1}
    assert plan["waiting"] == [
        {"person": "later", "feed": "ip", "line": 103, "courses": ["Two"], "cohorts": []}
    ]
    _, out = site("plan", "--course", "Two")
    assert "Tonight would make 3 changes in 1 course." in out
    assert "Feed ip" not in out


def test_a_part_of_a_plan_ends_by_its_own_refusals(site: Site) -> None:
    site.site.add_cohort("C1")
    site.configure("[[cohort]]\nfeed = 'ip'\nidnumber = '{{ course }}'\nname = 'x'\n")
    site("nightly")
    assert site.json("plan")[0] == Exit.REFUSED
    for words in (["--course", "Two"], ["--course", "C1"], ["--person", "s1"]):
        code, plan = site.json("plan", *words)
        assert (code, plan["refused"]) == (Exit.DONE, [])
    code, plan = site.json("plan", "--cohort", "C1")
    assert (code, [r["course"] for r in plan["refused"]]) == (Exit.REFUSED, ["cohort C1"])
    site.configure("[[course]]\nfeed = 'ip'\ncourse = '{{ course }}'\nrole = 'studnt'\n")
    code, plan = site.json("plan", "--course", "C1")
    assert (code, [r["course"] for r in plan["refused"]]) == (Exit.REFUSED, ["[[course]] number 2"])


def test_a_part_of_a_run_that_has_no_changes_says_so(site: Site) -> None:
    site("nightly")
    code, out = site("show", "1", "--course", "Two")
    assert (code, "The run changed nothing for course Two." in out) == (Exit.DONE, True)
    _, out = site("show", "1", "--course", "C1", "--person", "s1", "--from", "3")
    assert "The run changed nothing for course C1 and person 's1' from change 3 on." in out
    _, out = site("show", "1", "--course", "C1", "--limit", "0")
    assert "changed nothing" not in out
    assert site.json("show", "1", "--course", "Two")[1]["part"] == "course Two"


def test_of_a_course_where_nothing_is_to_do_a_held_plan_says_so(site: Site) -> None:
    site.site.add_courses([{"shortname": "Three", "idnumber": "C3"}])
    site("nightly")
    site.deliver(range(100), "C2")
    code, out = site("plan", "--course", "Three")
    assert code == Exit.HELD
    assert "Nothing is to do here. The guards hold the whole plan (a limit of ip)" in out
    code, out = site("plan", "--course", "C1")
    assert code == Exit.HELD
    assert "The guards hold the whole plan (a limit of ip): none of the 100 changes here would be made" in out
