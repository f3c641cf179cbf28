"""Files that take an older one's place: as a whole, of one writer, and never that of a device."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from greffe.privatefile import private_bytes, private_file, public_file


def test_what_is_no_ordinary_file_stays_what_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path, Path("/dev/null"), Path("/dev/stdout"), Path("/proc/self/fd/1")):
        before = path.lstat().st_mode
        for opened in (private_file, private_bytes, public_file):
            with pytest.raises(OSError, match="no ordinary file") as error, opened(path):
                pass
            assert error.value.filename == str(path)
        assert path.lstat().st_mode == before
    assert [p.name for p in tmp_path.iterdir()] == ["pipe"]


def two_at_once(path: Path) -> None:
    with private_file(path) as first:
        first.write("one")
        with private_file(path) as second:
            second.write("two, ")
            first.write(" and more")
            first.flush()
            second.write("whole")


def test_two_who_write_one_file_never_leave_half_of_one(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with pytest.raises(FileExistsError, match="another command"):
        two_at_once(path)
    assert path.read_text(encoding="utf-8") == "two, whole"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_names_the_file_that_was_asked_for(tmp_path: Path) -> None:
    for path in (tmp_path / "none" / "list.csv", tmp_path / ("x" * 255)):
        with pytest.raises(OSError, match=r"No such file|name too long") as error, private_file(path):
            pass
        assert error.value.filename == str(path)


def test_a_link_is_replaced_and_not_what_it_leads_to(tmp_path: Path) -> None:
    other, link = tmp_path / "other", tmp_path / "link"
    other.write_text("kept", encoding="utf-8")
    link.symlink_to(other)
    with private_file(link) as file:
        file.write("new")
    assert (other.read_text(encoding="utf-8"), link.is_symlink()) == ("kept", False)
