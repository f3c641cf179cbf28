"""The doctor and a night say the same of a site where something is wrong, and end alike."""

from __future__ import annotations

import pytest

from greffe.errors import Exit
from tests.integration.commandline import Site


def test_a_bad_feed_is_partial(site: Site) -> None:
    site("nightly")
    site.deliver([])
    code, found = site.json("doctor")
    assert (code, found["ready"]) == (Exit.PARTIAL, True)
    assert [f["severity"] for f in found["findings"] if f["severity"] in ("bad", "stop")] == ["bad"]
    code, out = site("doctor")
    assert "Nothing stops a night" not in out
    code, plan = site.json("plan")
    assert (code, plan["feeds"][0]["good"]) == (Exit.PARTIAL, False)
    code, out = site("nightly")
    assert code == Exit.PARTIAL
    assert "It has a header and not one row." in out
    assert "what it reaches is left as it is" in out


def test_a_feed_that_brings_nobody_itself_is_not_said_to_bring_nobody(site: Site) -> None:
    extract = site.directory / "links.csv"
    extract.write_text("course;parent\nC1;C2\n", encoding="utf-8")
    site.configure(
        f"[feed.links]\ncsv = '{extract}'\n[[link]]\nmethod = 'meta'\nfeed = 'links'\n"
        "course = '{{ course }}'\nparent = '{{ parent }}'\n"
    )
    _, out = site("doctor")
    assert "[feed.links]: 1 row, 1 of them count" in out


def test_a_site_that_is_not_ready(site: Site) -> None:
    site.site.execute("UPDATE {config} SET value = 'manual' WHERE name = 'enrol_plugins_enabled'")
    code, found = site.json("doctor")
    assert (code, found["ready"]) == (Exit.NOT_READY, False)
    stop = next(f for f in found["findings"] if f["severity"] == "stop")
    assert stop["todo"]
    code, out = site("doctor")
    assert "1 thing stops a night." in out
    code, _ = site("nightly")
    assert code == Exit.NOT_READY
    assert "→ " in site.err


def test_plan_and_doctor_end_alike_where_a_rule_leads_nowhere(site: Site) -> None:
    site.configure("[[course]]\nfeed = 'ip'\ncourse = '{{ course }}'\nrole = 'studnt'\n")
    code, plan = site.json("plan")
    assert (code, plan["counts"]["enrol"]) == (Exit.REFUSED, 100)
    assert [r["course"] for r in plan["refused"]] == ["[[course]] number 2"]
    code, found = site.json("doctor")
    assert (code, found["ready"]) == (Exit.REFUSED, True)
    _, out = site("doctor")
    assert "✗ [[course]] number 2 leads nowhere: role 'studnt' is no role of the site" in out
    assert "end with exit code 10" in out
    assert site("nightly")[0] == Exit.REFUSED


def test_the_doctor_marks_refused_values_and_cohorts_and_tells_of_a_blackout(site: Site) -> None:
    site.site.add_cohort("C1")
    site.configure(
        "[[course]]\nfeed = 'ip'\ncourse = '{{ course }}'\ngroup = '{{ course * 300 }}'\n"
        "[[cohort]]\nfeed = 'ip'\nidnumber = '{{ course }}'\nname = 'x'\n"
        "[calendar]\nblackout = [{ from = '2020-01-01', to = '2099-12-31' }]\n"
    )
    code, out = site("doctor")
    assert code == Exit.REFUSED
    lines = out.splitlines()
    assert any(line.startswith("! [feed.ip]: A value was refused") for line in lines)
    assert any(line.startswith("✗ cohort C1 is left as it is: a cohort with this idnumber") for line in lines)
    assert any(line.startswith("! the calendar's blackout lasts until 2099-12-31") for line in lines)
    site.configure("[calendar]\nadd_only = [{ from = '2020-01-01', to = '2099-12-31' }]\n")
    code, out = site("doctor")
    assert (code, "✓ nobody loses anything until 2099-12-31" in out) == (Exit.DONE, True)


@pytest.mark.parametrize(
    "words", [["plan"], ["nightly"], ["methods", "sync"], ["methods", "sync", "--dry-run"]]
)
def test_a_wrong_prefix_is_named_and_leaves_nothing_behind(site: Site, words: list[str]) -> None:
    file = site.directory / "greffe.toml"
    text = file.read_text(encoding="utf-8").replace('prefix = "mdl_"', "prefix = 'nix_'")
    file.write_text(text, encoding="utf-8")
    assert site(*words)[0] == Exit.USAGE
    assert "there are no tables of a Moodle with the prefix 'nix_'" in site.err
    assert "→ Correct prefix" in site.err
    tables = "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'nix%%'"
    assert site.site.fetch(tables) == []
    code, out = site("doctor")
    assert (code, "→ Correct prefix" in out) == (Exit.NOT_READY, True)
