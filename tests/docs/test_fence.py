"""Nothing that a typed command tries reaches over the fence."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs import fence


def socket_to(host: str) -> None:
    """Speak to a mail server."""
    with socket.socket() as one:
        one.settimeout(1)
        one.connect((host, 25))


@pytest.mark.parametrize(
    "reach",
    [
        lambda there: (there / "new").write_text("x"),
        lambda there: (there / "new").mkdir(),
        lambda there: (there / "old").unlink(),
        lambda there: (there / "old").rename("taken"),
        lambda there: (there / "old").chmod(0o777),
        shutil.rmtree,
        lambda _: Path("link").write_text("x"),
        lambda _: subprocess.run(["true"], check=True),
        lambda _: socket_to("192.0.2.1"),
    ],
)
def test_nothing_reaches_over_the_fence(
    reach: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a command may come to do one day: the machine stays as it is."""
    inside, there = tmp_path / "inside", tmp_path / "there"
    for each in (inside, there):
        each.mkdir()
    (there / "old").write_text("as it was")
    (inside / "link").symlink_to(there / "old")
    monkeypatch.chdir(inside)
    with fence.around(inside) as crossed:
        Path("own").write_text("x")
        with pytest.raises(fence.OutsideError):
            reach(there)
    assert len(crossed) == 1
    assert [f.name for f in there.iterdir()] == ["old"]
    assert ((there / "old").read_text(), (there / "old").stat().st_mode & 0o777) == ("as it was", 0o644)
