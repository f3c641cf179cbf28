"""Nights on a directory's registrations: who comes, who leaves, and whom a value that nobody understands protects."""

from __future__ import annotations

from pathlib import Path

import pytest

from greffe.errors import Exit
from tests.integration.following import Campus
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite

PEOPLE = ["anna", "bob", "carla"]


@pytest.fixture
def nights(moodle_site: MoodleSite, tmp_path: Path) -> Nights:
    moodle_site.add_users([{"username": name, "idnumber": f"0000000{n}"} for n, name in enumerate(PEOPLE, 1)])
    moodle_site.add_course("DRT101", idnumber="DRT101")
    found = Nights(moodle_site, tmp_path)
    found.feeds["ip"] = {
        "ldif": str(tmp_path / "people.ldif"),
        "person": "COD_ETU",
        "years": ["2026"],
        "shrink": "none",
    }
    found.rules.append({"feed": "ip", "course": "{{ COD_ELP }}"})
    return found


def deliver(nights: Nights, *registrations: str) -> None:
    (nights.directory / "people.ldif").write_text(
        "".join(
            f"dn: uid={PEOPLE[n]}\nsupannEtuId: 0000000{n + 1}\nsupannEtuInscription: {value}\n\n"
            for n, value in enumerate(registrations)
        ),
        encoding="utf-8",
    )


GOOD = "[etab={UAI}0141408E][anneeinsc=2026][etape={UAI:0141408E}L1DRT][eltpedago={UAI:0141408E}DRT101]"
BAD = GOOD.replace("[anneeinsc=", "anneeinsc=")
OLD = GOOD.replace("2026", "2025")


def test_whom_a_malformed_registration_names_stays(nights: Nights) -> None:
    deliver(nights, GOOD, GOOD, GOOD)
    nights.night()
    assert nights.enrolments() == {("DRT101", name): (0, 0, 0) for name in PEOPLE}

    deliver(nights, OLD, BAD, GOOD)
    result = nights.night()
    assert result.exit == Exit.DONE
    assert nights.enrolments() == {("DRT101", name): (int(name == "anna"), 0, 0) for name in PEOPLE}
    assert result.night is not None
    [counts] = result.night.feeds.counts
    assert (counts.rows, counts.other_years, counts.problems) == (2, 1, [])
    assert counts.notes[0].startswith(
        "A value was refused; whom it concerns keeps what he has: line 5: 'uid=bob', supannEtuInscription: '[etab={UAI}0"
    )


def test_whom_an_entry_with_two_numbers_may_name_stays(nights: Nights) -> None:
    deliver(nights, GOOD, GOOD, GOOD)
    nights.night()
    deliver(nights, OLD, OLD, GOOD)
    file = nights.directory / "people.ldif"
    text = file.read_text(encoding="utf-8")
    both = text.replace("supannEtuId: 00000002\n", "supannEtuId: 00000002\nsupannEtuId: 99999999\n")
    file.write_text(both, encoding="utf-8")
    assert nights.night().exit == Exit.DONE
    assert nights.enrolments() == {("DRT101", name): (int(name == "anna"), 0, 0) for name in PEOPLE}
    # who is named by what is no text may be anybody
    file.write_text(text.replace("supannEtuId: 00000003", "supannEtuId:: 6Q=="), encoding="utf-8")
    result = nights.night()
    assert result.exit == Exit.PARTIAL
    assert result.night is not None
    assert "whom it names cannot be told, so anybody may be meant" in result.night.feeds.bad["ip"][0]
    assert nights.enrolments()["DRT101", "carla"] == (0, 0, 0)


def test_whom_the_required_feed_may_mean_stays(nights: Nights) -> None:
    nights.feeds["ia"] = nights.feeds.pop("ip")
    nights.rules.clear()
    nights.rule("ip")
    rows = [f"0000000{n};L1DRT;DRT101" for n in (1, 2, 3)]
    nights.feed(
        "ip",
        "who;COD_ETP;course",
        rows,
        requires={"feed": "ia", "on": {"who": "COD_ETU", "COD_ETP": "COD_ETP"}},
    )
    deliver(nights, GOOD, GOOD, GOOD)
    nights.night()
    assert nights.enrolments() == {("DRT101", name): (0, 0, 0) for name in PEOPLE}
    deliver(nights, OLD, BAD, GOOD)
    assert nights.night().exit == Exit.DONE
    assert nights.enrolments() == {("DRT101", name): (int(name == "anna"), 0, 0) for name in PEOPLE}
    # who is not compared may be anybody
    nights.feeds["ip"]["requires"] = {"feed": "ia", "on": ["COD_ETP"]}
    result = nights.night()
    assert result.exit == Exit.PARTIAL
    assert result.night is not None
    assert "requires does not compare people: anybody may be meant" in result.night.feeds.bad["ip"][0]


def test_a_link_that_cannot_be_read_is_not_given_up(moodle_site: MoodleSite, tmp_path: Path) -> None:
    nights = Campus(Nights(moodle_site, tmp_path)).nights
    for course in ("DRT101", "PARENT"):
        moodle_site.add_course(course, idnumber=course)
    file = nights.directory / "links.ldif"
    columns = {"course": "cn", "parent": "o"}
    nights.feeds["links"] = {"ldif": str(file), "columns": columns, "min_rows": 0, "shrink": "none"}
    nights.more["link"] = [{"method": "meta", "feed": "links", "surplus": "delete"}]
    file.write_text("dn: cn=1\ncn: DRT101\no: PARENT\n\n")
    nights.night()
    meta = "SELECT c.shortname, e.status FROM {enrol} e JOIN {course} c ON c.id = e.courseid WHERE e.enrol = 'meta'"
    assert [tuple(row.values()) for row in moodle_site.fetch(meta)] == [("DRT101", 0)]
    file.write_text("dn: cn=1\ncn: DRT101\ncn: DRT102\no: PARENT\n\n")
    result = nights.night()
    assert result.exit == Exit.REFUSED
    assert [tuple(row.values()) for row in moodle_site.fetch(meta)] == [("DRT101", 0)]
    file.write_text("# nothing\n")
    assert nights.night().exit == Exit.DONE
    assert moodle_site.fetch(meta) == []


def test_open_years_that_cannot_be_read(nights: Nights) -> None:
    file = nights.directory / "years.ldif"
    nights.feeds["years"] = {"ldif": str(file), "columns": {"COD_ANU": "cn"}}
    nights.feeds["ip"]["years"] = {"feed": "years"}
    deliver(nights, GOOD)
    file.write_text("dn: cn=1\ncn: 2025\ncn: 2026\n\ndn: cn=2\ncn: 2024\n")
    result = nights.night()
    assert result.exit == Exit.PARTIAL
    assert result.night is not None
    assert "line 1: 'cn=1', cn: has 2 values, which may be an open year" in result.night.feeds.bad["ip"][0]
