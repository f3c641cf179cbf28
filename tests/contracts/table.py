"""What every reader of a feed must do: the suite that any implementation of ``greffe.model.Table`` passes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

import pytest

from greffe.config.feeds import Feed
from greffe.errors import FeedError
from greffe.feed.filters import required_keys, selected
from greffe.feed.header import positions
from greffe.model import FeedCounts, Table

HEADER = ["COD_ETU", "COD_ELP", "COD_ANU"]
REGISTRATIONS = [
    ["00012345", "DRT101\u00a0", "2026"],
    ["00012346", "  DRT101", "2025"],
    ["", "", ""],
    ["00012345", "DRT101\u00a0", "2026"],
]
HOSTILE = [
    ["'; drop table mdl_user; --", '"', "\\"],
    ["{{ 7 * 7 }}", "%s%(x)s", "a;b,c\td|e"],
    ["two\nlines", "three\r\n\r\nlines", "é€œ 𝄞 ﷽"],
    ["=HYPERLINK(1)", "<script>", "\u202eright to left"],
]


class Deliver(Protocol):
    """Makes a table that delivers these columns and rows."""

    def __call__(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Table: ...


class TableContract:
    """Subclass it with a fixture ``deliver``; ``first_line`` is the source line of the first row, and each row takes
    ``lines_of_a_row``."""

    first_line = 1
    lines_of_a_row = 1

    def line(self, row: int) -> int:
        """The source line of a row, the first being 0."""
        return self.first_line + row * self.lines_of_a_row

    def test_it_says_what_it_is(self, deliver: Deliver) -> None:
        table = deliver(HEADER, REGISTRATIONS)
        assert table.name == "ip"
        assert table.source
        assert table.columns == tuple(HEADER)
        assert abs(table.delivered - time.time()) < 60
        table.close()

    @pytest.mark.parametrize("rows", [REGISTRATIONS, HOSTILE, []], ids=["registrations", "hostile", "none"])
    def test_cells_come_exactly_as_they_were_delivered(self, deliver: Deliver, rows: list[list[str]]) -> None:
        table = deliver(HEADER, rows)
        assert [list(cells) for _, cells in table.rows()] == rows
        assert table.final_newline
        assert list(table.notes) == []
        assert list(table.refused) == []

    def test_rows_are_numbered_in_their_order(self, deliver: Deliver) -> None:
        rows = [[f"{n}", "x", "y"] for n in range(5000)]  # more than any reader takes at a time
        expected = [(self.line(n), row) for n, row in enumerate(rows)]
        assert [(line, list(cells)) for line, cells in deliver(HEADER, rows).rows()] == expected

    def test_the_header_is_trimmed(self, deliver: Deliver) -> None:
        table = deliver([" COD_ETU", "COD_ELP\u00a0", "\u202fCOD_ANU "], REGISTRATIONS)
        assert table.columns == tuple(HEADER)
        table.close()

    def test_two_columns_of_one_name_are_refused(self, deliver: Deliver) -> None:
        with pytest.raises(FeedError, match=r"\[feed\.ip\] .* names COD_ETU more than once"):
            deliver(["COD_ETU", "COD_ELP", "COD_ETU "], REGISTRATIONS)

    def test_a_missing_column_is_named_with_what_it_may_be(self, deliver: Deliver) -> None:
        table = deliver(HEADER, REGISTRATIONS)
        with pytest.raises(FeedError, match=r"\[feed\.ip\] .*no column cod_elp; did you mean COD_ELP\?"):
            positions(table, ["COD_ETU", "cod_elp"])
        table.close()

    def test_letting_go_early_and_twice_does_no_harm(self, deliver: Deliver) -> None:
        table = deliver(HEADER, [[f"{n}", "x", "y"] for n in range(20_000)])
        assert next(table.rows())[0] == self.line(0)
        table.close()
        table.close()

    def test_filters_keep_clean_values_of_open_years(self, deliver: Deliver) -> None:
        counts = FeedCounts(feed="ip")
        feed = Feed(csv="", keep={"COD_ELP": "DRT101"})
        lines = [line for line, _ in selected(deliver(HEADER, REGISTRATIONS), feed, {"2026"}, counts)]
        assert lines == [self.line(0), self.line(3)]
        assert (counts.rows, counts.kept, counts.other_years) == (4, 2, 1)

    def test_keys_for_a_semi_join_are_clean_padded_and_complete(self, deliver: Deliver) -> None:
        table = deliver(HEADER, [["12345", "DRT101\u00a0", "2026"], ["", "DRT101", "2026"]])
        assert required_keys(table, Feed(csv=""), ["COD_ETU", "COD_ELP"], [8, 0]) == {("00012345", "DRT101")}
