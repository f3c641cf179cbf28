"""Which rows count, and the semi-join between two feeds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from greffe.config.feeds import Feed, Person, Requires
from greffe.errors import FeedError
from greffe.feed.csvfile import CsvFile
from greffe.feed.filters import doubted, join, key_of, refuse_empty, required_keys, selected, values
from greffe.model import FeedCounts, Refused

Make = Callable[[str, str], CsvFile]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def making(name: str, text: str) -> CsvFile:
        path = tmp_path / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        return CsvFile(name, path)

    return making


IA = "COD_ETU;ETAPE;ETA_IAE;COD_ANU\n12345;L1;E;2026\n12346;L1;A;2026\n12347;L1;E;2025\n;L1;E;2026\n"


def test_no_enrolment_without_a_valid_ia(make: Make) -> None:
    ip = Feed(
        csv="ip",
        person=Person(column="COD_ETU", pad=8),
        requires=Requires(feed="ia", on={"COD_ETU": "COD_ETU", "COD_ETP": "ETAPE"}),
    )
    ia = Feed(csv="ia", person="COD_ETU", keep={"ETA_IAE": ["E"]}, years=["2026"])
    here, there, widths = join(ip, ia)
    counts = FeedCounts(feed="ia")
    keys = required_keys(make("ia", IA), ia, there, widths, years={"2026"}, counts=counts)
    assert keys == {("00012345", "L1")}
    assert (counts.rows, counts.kept, counts.other_years) == (4, 2, 1)

    table = make("ip", "COD_ETU;COD_ETP\n00012345;L1\u00a0\n12345; L1\n00012345;L2\n00012346;L1\n;L1\n")
    key = key_of(table, here, widths)
    assert [line for line, cells in table.rows() if key(cells) in keys] == [2, 3]


def test_the_wider_padding_counts_whichever_side_gives_it() -> None:
    requires = Requires(feed="ia", on=["COD_ETU", "COD_ETP"])

    def widths(here: int, there: int) -> list[int]:
        ip = Feed(csv="ip", person=Person(column="COD_ETU", pad=here), requires=requires)
        return join(ip, Feed(csv="ia", person=Person(column="COD_ETU", pad=there))).widths

    assert widths(8, 0) == widths(0, 8) == widths(8, 8) == widths(5, 8) == [8, 0]
    assert widths(0, 0) == [0, 0]


def test_a_feed_without_requires_joins_nothing() -> None:
    assert join(Feed(csv="ip"), Feed(csv="ia")) == ([], [], [])


def test_open_years_come_from_a_feed_with_its_own_filter(make: Make) -> None:
    table = make("annee_uni", "COD_ANU;ETA_ANU_IAE\n2024;F\n2025\u00a0;O\n2026;O\n;O\n")
    assert values(table, Feed(csv="", keep={"ETA_ANU_IAE": "O"}), "COD_ANU") == {"2025", "2026"}


def test_filters_name_a_column_that_is_missing(make: Make) -> None:
    table = make("ip", "COD_ETU;COD_ELP\n1;2\n")
    with pytest.raises(
        FeedError, match=r"\[feed\.ip\] .*no column TEM_PRC_ICE, YEAR; it has COD_ETU, COD_ELP"
    ):
        list(selected(table, Feed(csv="", keep={"TEM_PRC_ICE": "N"}, year_column="YEAR"), {"2026"}))
    table.close()


def test_an_empty_answer_is_not_taken_for_nobody() -> None:
    refuse_empty({("1",)}, "ia", "ip", "row")
    with pytest.raises(FeedError, match=r"\[feed\.ia\]: gives no open year, which \[feed\.ip\] needs"):
        refuse_empty(set(), "ia", "ip", "open year")


def test_years_are_counted_even_when_reading_breaks_off(make: Make) -> None:
    counts = FeedCounts(feed="ip")
    with pytest.raises(FeedError, match="line 4: 1 cell instead of 2"):
        list(selected(make("ip", "COD_ETU;COD_ANU\n1;2025\n2;2026\n3\n"), Feed(csv=""), {"2026"}, counts))


def test_what_is_remembered_between_rows_changes_nothing(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "COD_ETU;COD_ETP;COD_ANU\n" + "".join(
        f"{n % 7};L{n % 3}\u00a0;{2025 + n % 2}\n" for n in range(100)
    )
    feed = Feed(csv="", keep={"COD_ETP": ["L1", "L2"]})
    expected = {(f"{n % 7:04}", f"L{n % 3}") for n in range(100) if n % 3 and n % 2}
    for size in (1, 2, 1000):
        monkeypatch.setattr("greffe.feed.filters.REMEMBERED", size)
        counts = FeedCounts(feed="ia")
        found = required_keys(
            make("ia", text), feed, ["COD_ETU", "COD_ETP"], [4, 0], years={"2026"}, counts=counts
        )
        assert found == expected
        assert counts.rows == 100
        assert counts.kept + counts.other_years == 66


def test_whom_refused_lines_of_the_required_feed_may_mean(make: Make) -> None:
    ip = Feed(
        csv="ip", person=Person(column="COD_ETU", pad=8), requires=Requires(feed="ia", on={"COD_ETU": "ETU"})
    )
    ia = Feed(ldif="ia", columns={"ETU": "supannEtuId"})
    table = make("ia", "ETU\n1\n")
    table.close()
    assert doubted(table, ip, join(ip, ia)) == (set(), 0)
    table.refused = [Refused(3, {"ETU": " 12345"}, "x: has 2 values"), Refused(4, {}, "x: is no text")]
    assert doubted(table, ip, join(ip, ia)) == ({"00012345"}, 0)
    table.refused = [*table.refused, Refused(5, {}, "y: is no text", ("ETU",))]
    with pytest.raises(FeedError, match=r"\[feed\.ia\]: line 5: y: is no text; whom it names cannot be told"):
        doubted(table, ip, join(ip, ia))
    table.refused = table.refused[:2]
    nobody = Feed(csv="ip", person="UID", requires=Requires(feed="ia", on=["COD_ETP"]))
    with pytest.raises(
        FeedError, match=r"\[feed\.ia\]: line 3: x: has 2 values \(and 1 more\), and requires does not"
    ):
        doubted(table, nobody, join(nobody, ia))
