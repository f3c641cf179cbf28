"""What the expansion finds out about people whom Moodle does not know."""

from __future__ import annotations

from pathlib import Path

from greffe.config.courses import CourseRule
from greffe.config.feeds import Feed, Person
from greffe.feed.csvfile import CsvFile
from greffe.feed.trust import distrust
from greffe.rules.expand import expand
from greffe.rules.site import Site


def test_numbers_that_lost_their_zeros_are_recognised(tmp_path: Path) -> None:
    path = tmp_path / "ip.csv"
    path.write_text("COD_ETU;COD_ELP\n" + "".join(f"{n};DRT101\n" for n in range(100, 140)) + "x;DRT101\n")
    site = Site(
        people={f"{n:08}": n for n in range(100, 140)},
        ambiguous=(),
        alike=lambda _: {},
        courses=lambda _: ({"DRT101": 7}, ()),
        hidden=(),
        roles={"student": 5},
    )
    rules = [(1, CourseRule(feed="ip", course="{{ COD_ELP }}"))]

    def read(feed: Feed) -> list[str]:
        _, reading = expand(CsvFile("ip", path), "ip", 0, feed, rules, site)
        return distrust(feed, reading.counts, None, 0)

    [problem] = read(Feed(csv=str(path), person="COD_ETU"))
    assert problem.endswith("40 of them are ids that lost leading zeros: set pad = 8.")
    assert read(Feed(csv=str(path), person=Person(column="COD_ETU", pad=8))) == []
