"""The file of a backup, as somebody may have made it: it costs no more memory and no more time than an honest one."""

from __future__ import annotations

import gzip
import os
import zlib
from pathlib import Path

import msgspec
import pytest

from greffe.apply import backupfile
from greffe.apply.backupfile import FORMAT, Head, Table
from greffe.errors import RefusedError


def head(rows: int) -> bytes:
    """The first line of a backup with so many rows."""
    found = Head(
        greffe_backup=FORMAT, schema="1", site="x", engine="mariadb", greffe="1", made=1,
        tables=[Table(name="local_greffe_run", columns=["id"], rows=rows)],
    )  # fmt: skip
    return msgspec.json.encode(found) + b"\n"


def test_rows_that_are_promised_and_do_not_come_are_not_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "promised.jsonl.gz"
    file.write_bytes(gzip.compress(head(1_000_000) + b'{"id":1}\n'))
    with pytest.raises(RefusedError, match="end too early"):
        backupfile.check(file)


def test_a_line_without_end_fills_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backupfile, "_LONGEST_ROW", 1 << 16)
    file = tmp_path / "bomb.jsonl.gz"
    with gzip.open(file, "wb", 1) as out:
        out.write(head(1))
        out.write(b"0" * (1 << 20))
    with backupfile.reading(file) as (_, rows), pytest.raises(RefusedError, match="has no end"):
        next(rows)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="no ordinary file"):
        backupfile.check(pipe)


def test_a_checksum_that_is_wrong_is_damage_and_no_other_kind_of_file(tmp_path: Path) -> None:
    file = tmp_path / "bent.jsonl.gz"
    whole = bytearray(gzip.compress(head(100_000) + b'{"id":1}\n' * 100_000))
    whole[-8:-4] = zlib.crc32(b"something else").to_bytes(4, "little")
    file.write_bytes(whole)
    with pytest.raises(RefusedError, match="cut short or damaged: CRC check failed") as error:
        backupfile.check(file)
    assert "Take another backup" in error.value.todo
