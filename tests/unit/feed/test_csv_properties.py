"""Whatever the bytes: rows, or an error that an operator can act on; and what was written is what is read."""

from __future__ import annotations

import csv
import gzip
import io
import tempfile
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from greffe.errors import FeedError
from greffe.feed.csvfile import CsvFile

CSV_BYTES = st.lists(
    st.sampled_from(
        [b"A", b"B", b"1", b";", b";", b"\n", b"\n", b"\r\n", b"\r", b'"', b'""', b"\0", b"\xe9", b"\xc3\xa9", b"\xe2\x82",
         b"\xef\xbb\xbf", b" ", b"x" * 20]
    ),
    max_size=60,
).map(b"".join)  # fmt: skip
ENCODINGS = st.sampled_from(["utf-8", "cp1252", "latin-1", "shift_jis"])
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


def read(
    content: bytes, encoding: str = "utf-8", block: int = 1 << 18, chunk: int = 512
) -> list[tuple[int, list[str]]]:
    with (
        tempfile.NamedTemporaryFile() as file,
        patch("greffe.feed.bytestream.BLOCK", block),
        patch("greffe.feed.csvfile.CHUNK", chunk),
    ):
        Path(file.name).write_bytes(content)
        table = CsvFile("ip", file.name, encoding=encoding)
        rows = list(table.rows())
        assert all(len(cells) == len(table.columns) for _, cells in rows)
        return rows


@settings(deadline=None)
@given(
    st.one_of(st.binary(max_size=200), CSV_BYTES, CSV_BYTES.map(gzip.compress)),
    ENCODINGS,
    st.integers(4, 40),
    st.integers(1, 5),
)
@example(b"\x1f\x8b", "utf-8", 4, 1)
@example(b"\x1f\x8b\x08", "utf-8", 4, 1)
def test_any_bytes_give_rows_or_a_feed_error(content: bytes, encoding: str, block: int, chunk: int) -> None:
    with suppress(FeedError):
        read(content, encoding, block, chunk)


@settings(deadline=None)
@given(CSV_BYTES, st.integers(4, 40), st.integers(1, 5))
def test_the_sizes_of_blocks_and_chunks_change_nothing(content: bytes, block: int, chunk: int) -> None:
    def outcome(block: int, chunk: int) -> list[tuple[int, list[str]]] | None:
        try:
            return read(content, "utf-8", block, chunk)
        except FeedError:
            return None

    assert outcome(block, chunk) == outcome(1 << 18, 512)


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["x", "é", "€€€", '"a\nb"', '"a\r\n\rb"']), min_size=1, max_size=20),
    st.integers(0, 1000),
    st.sampled_from([b"\xff", b"\0"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.integers(4, 40),
)
def test_one_bad_byte_is_found_where_it_is(
    cells: list[str], where: int, bad: bytes, end: str, block: int
) -> None:
    text = f"A;B{end}" + "".join(f"{cell};1{end}" for cell in cells)
    before = text[: where % len(text)]
    if before.endswith("\r") and text[len(before) :].startswith("\n"):
        before = before[:-1]
    content = before.encode() + bad + text[len(before) :].encode()
    *whole, last = [*io.StringIO(before, newline="").readlines(), ""]
    if whole and not whole[-1].endswith(("\n", "\r")):
        last = whole.pop()
    with pytest.raises(FeedError, match=f"line {len(whole) + 1}, byte {len(last.encode()) + 1}:"):
        read(content, block=block)


@settings(deadline=None)
@given(
    st.lists(st.lists(TEXT, min_size=3, max_size=3).filter(lambda r: r != [""]), max_size=20),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_what_was_written_is_what_is_read(rows: list[list[str]], end: str, packed: bool) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";", lineterminator=end, quoting=csv.QUOTE_ALL).writerows(
        [["A", "B", "C"], *rows]
    )
    content = out.getvalue().encode()
    assert [cells for _, cells in read(gzip.compress(content) if packed else content, chunk=3)] == rows


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["x", '"a\nb"', '"a\r\n\rb"', '""']), st.booleans()),
        min_size=1,
        max_size=20,
    )
)
def test_each_record_bears_the_line_that_an_editor_shows(records: list[tuple[str, bool]]) -> None:
    content = "A;B\n"
    expected = []
    for cell, blank in records:
        content += "\n" if blank else ""
        expected.append(1 + len(io.StringIO(content, newline="").readlines()))
        content += f"{cell};1\n"
    assert [line for line, _ in read(content.encode(), chunk=3)] == expected
