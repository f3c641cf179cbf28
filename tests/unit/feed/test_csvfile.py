"""Every trap of a CSV extract that the field has shown, and the words an operator gets for it."""

from __future__ import annotations

import csv
import gzip
import io
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from greffe.errors import ConfigError, FeedError
from greffe.feed.csvfile import CHUNK, CsvFile
from tests.contracts.table import Deliver, TableContract

Rows = list[tuple[int, list[str]]]


def written(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows([header, *rows])
    return out.getvalue()


class TestContractOfAPlainFile(TableContract):
    first_line = 2

    @pytest.fixture
    def deliver(self, tmp_path: Path) -> Deliver:
        def make(header: Sequence[str], rows: Sequence[Sequence[str]]) -> CsvFile:
            path = tmp_path / "ip.csv"
            path.write_bytes(written(header, rows).encode())
            return CsvFile("ip", path)

        return make


class TestContractOfAPackedFile(TableContract):
    first_line = 2

    @pytest.fixture
    def deliver(self, tmp_path: Path) -> Deliver:
        def make(header: Sequence[str], rows: Sequence[Sequence[str]]) -> CsvFile:
            path = tmp_path / "ip.csv"  # by its content, not by its name
            path.write_bytes(gzip.compress(written(header, rows).encode()))
            return CsvFile("ip", path)

        return make


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Rows]:
    def reading(content: bytes, **options: str) -> Rows:
        path = tmp_path / "ip.csv"
        path.write_bytes(content)
        return list(CsvFile("ip", path, **options).rows())

    return reading


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("É;B\r\nà;ç\r\n".encode("cp1252"), "cp1252"),
        ("É;B\r\nà;ç\r\n".encode(), "utf-8"),
        ("\ufeffÉ;B\r\nà;ç\r\n".encode(), "utf-8"),
        ("\ufeffÉ;B\r\nà;ç\r\n".encode(), "UTF_8_SIG"),
        ("É;B\r\nà;ç\r\n".encode(), "utf-8-sig"),
        ("É;B\rà;ç\r".encode("mac-roman"), "mac-roman"),
    ],
)
def test_encodings_and_byte_order_marks(tmp_path: Path, content: bytes, encoding: str) -> None:
    path = tmp_path / "ip.csv"
    path.write_bytes(content)
    table = CsvFile("ip", path, encoding=encoding)
    assert table.columns == ("É", "B")
    assert list(table.rows()) == [(2, ["à", "ç"])]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_separators(read: Callable[..., Rows], separator: str) -> None:
    assert read(f"A{separator}B\n1{separator}2\n".encode(), separator=separator) == [(2, ["1", "2"])]


def test_a_record_bears_the_line_where_it_begins(read: Callable[..., Rows]) -> None:
    content = b'A;B\n1;"x\ny\r\nz"\n\n2;b\n"3\r";c\n4;d\n'
    assert read(content) == [
        (2, ["1", "x\ny\r\nz"]),
        (6, ["2", "b"]),
        (7, ["3\r", "c"]),
        (9, ["4", "d"]),
    ]


def test_lines_stay_right_through_many_chunks(read: Callable[..., Rows]) -> None:
    lines = ["A;B"]
    expected = []
    for n in range(3 * CHUNK):
        expected.append((len(lines) + 1, [str(n), "x\ny" if n % 700 == 600 else "x"]))
        lines += [f'{n};"x', 'y"'] if n % 700 == 600 else [f"{n};x"]
    assert read("\n".join([*lines, ""]).encode()) == expected


def test_a_separator_at_the_end_of_each_line_makes_a_column_without_name(read: Callable[..., Rows]) -> None:
    assert read(b"A;B;;\n1;2;;\n") == [(2, ["1", "2", "", ""])]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty; not even a header"),
        (b"\xef\xbb\xbf", "is empty; not even a header"),
        (b"\nA;B\n", "line 1: the header is empty"),
        (b";;\n1;2;3\n", "line 1: the header is empty"),
        (b"A;B; A\n1;2;3\n", "line 1: the header names A more than once"),
        (b"A;B\n1;2\n3\n4;5\n", "line 3: 1 cell instead of 2; it begins with '3'"),
        (b"A;B\n1;2;3\n", "line 2: 3 cells instead of 2; it begins with '1'"),
        (b'A;B\n"1\n\n";2\n3\n4;5\n', "line 5: 1 cell instead of 2"),
        (b"A;B\n1;2\n3", "line 3: the file was cut short: its last line has 1 cell instead of 2"),
        (
            b"A;B\n1;2\n\n42 rows selected.\n",
            "line 4: 1 cell instead of 2; it begins with '42 rows selected.'",
        ),
        (b"A;B\n1;caf\xe9\n", "line 2, byte 6: 0xE9 is not valid utf-8"),
        (b'A;B\n"x\ny";caf\xe9\n', "line 3, byte 7: 0xE9 is not valid utf-8"),
        (b"A;\xe9\n", "line 1, byte 3: 0xE9 is not valid utf-8"),
        (b"A;B\n1;\xc3", "line 2, byte 3: 0xC3 is not valid utf-8"),
        (b"A;B\n1;2\n3;\0\0\0\n", "line 3, byte 3: a NUL byte"),
        (b'A;B\n1;2\n3;"x\ny;z\n', "line 3 to 4: a quote is opened and never closed"),
        (b'A;B\n1;"x" y\n', "line 2: is not valid CSV: ';' expected after '\"'"),
        (b'A;B\n1;"' + b"x\n" * 70_000, "a cell is longer than 131072 characters: is a quote never closed?"),
        (b"\xff\xfeA\0;\0", "is UTF-16 (it begins with FF FE)"),
        (b"PK\x03\x04\x14\0", "is a spreadsheet or a ZIP archive"),
        (
            gzip.compress(b"A;B\n1;2\n", mtime=0)[:-9],
            "the gzip stream ends too early: the file was cut short",
        ),
        (gzip.compress(os.urandom(600_000).hex().encode())[:400_000], "the gzip stream ends too early"),
        (
            gzip.compress(b"A;B\n1;2\n", mtime=0)[:-8] + b"\1\2\3\4\5\6\7\x08",
            "the gzip stream is damaged: CRC check failed",
        ),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\xffgarbage", "the gzip stream is damaged"),
    ],
)
def test_what_is_wrong_is_named(read: Callable[..., Rows], content: bytes, words: str) -> None:
    with pytest.raises(FeedError, match=rf"^\[feed\.ip\] .*/ip\.csv.*{re.escape(words)}") as caught:
        read(content)
    assert caught.value.todo


def test_a_byte_order_mark_contradicts_windows_1252(read: Callable[..., Rows]) -> None:
    with pytest.raises(FeedError, match="byte order mark of UTF-8, although encoding is 'cp1252'") as caught:
        read(b"\xef\xbb\xbfA;B\n1;2\n", encoding="cp1252")
    assert 'encoding = "utf-8"' in caught.value.todo


def test_utf_8_that_fails_points_to_windows_1252(read: Callable[..., Rows]) -> None:
    with pytest.raises(FeedError) as caught:
        read(b"A;B\n1;caf\xe9\n")
    assert 'encoding = "cp1252"' in caught.value.todo


@pytest.mark.parametrize("blocks", [8, 9, 10, 11, 12, 13])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_places_are_right_across_blocks(
    read: Callable[..., Rows], monkeypatch: pytest.MonkeyPatch, blocks: int, end: bytes
) -> None:
    monkeypatch.setattr("greffe.feed.bytestream.BLOCK", blocks)
    lines = [
        b"A;B",
        b"1;\xc3\xa9",
        b'"2',
        b'";\xe2\x82\xac',
        b"3;abcdefghijklmnopqrstuvwxyz\xe9z",
        b"4;x",
        b"",
    ]
    with pytest.raises(FeedError, match="line 5, byte 29: 0xE9 "):
        read(end.join(lines))
    lines[4] = b"3;abcdefghijklmnopqrstuvwxyz\0z"
    with pytest.raises(FeedError, match="line 5, byte 29: a NUL byte"):
        read(end.join(lines))


def test_a_missing_separator_is_guessed(tmp_path: Path) -> None:
    from greffe.feed.header import positions

    path = tmp_path / "ip.csv"
    path.write_text("A,B,C\n1,2,3\n")
    table = CsvFile("ip", path)
    with pytest.raises(
        FeedError, match=r"no column B; the header is one single column: is the separator ','\?"
    ):
        positions(table, ["B"])
    table.close()


@pytest.mark.parametrize("encoding", ["utf-16", "cp037", "utf-7", "undefined", "nonsense"])
def test_encodings_in_which_lines_cannot_be_told_are_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(ConfigError, match=f"encoding '{encoding}' is not possible"):
        CsvFile("ip", tmp_path / "ip.csv", encoding=encoding)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match=r"\[feed\.ip\] .*/none\.csv: no such file"):
        CsvFile("ip", tmp_path / "none.csv")
    with pytest.raises(FeedError, match="is not a regular file"):
        CsvFile("ip", tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FeedError, match="is not a regular file"):
        CsvFile("ip", tmp_path / "pipe")
    with pytest.raises(FeedError, match="cannot be read"):
        CsvFile("ip", "nul\0byte.csv")


def test_a_file_that_is_still_being_written(tmp_path: Path) -> None:
    path = tmp_path / "ip.csv"
    path.write_text("A;B\n1;2\n")
    table = CsvFile("ip", path)
    with path.open("a") as more:
        more.write("3;4\n")
    with pytest.raises(FeedError, match="was written to while it was read"):
        list(table.rows())


def test_a_file_that_is_replaced_while_it_is_read_stays_the_one_that_was_opened(tmp_path: Path) -> None:
    path, new = tmp_path / "ip.csv", tmp_path / "new.csv"
    path.write_text("A;B\n1;2\n")
    new.write_text("X\n")
    table = CsvFile("ip", path)
    new.rename(path)
    assert list(table.rows()) == [(2, ["1", "2"])]


def test_delivery_and_last_newline_are_known(tmp_path: Path) -> None:
    path = tmp_path / "ip.csv"
    for content, ended in ((b"A;B\n1;2\n", True), (b"A;B\n1;2", False), (b"A;B\r1;2\r", True)):
        path.write_bytes(content)
        os.utime(path, (1_790_000_000, 1_790_000_000))
        table = CsvFile("ip", path)
        assert list(table.rows()) == [(2, ["1", "2"])]
        assert table.final_newline is ended
        assert table.delivered == 1_790_000_000


def test_utf_8_read_as_windows_1252_is_suspected(tmp_path: Path) -> None:
    path = tmp_path / "ip.csv"
    path.write_bytes("A;B\n1;éà\n".encode())
    table = CsvFile("ip", path, encoding="cp1252")
    table.close()
    assert "looks like UTF-8" in table.notes[0]
    path.write_bytes("A;B\n1;éà\n".encode("cp1252"))
    table = CsvFile("ip", path, encoding="cp1252")
    table.close()
    assert table.notes == []
