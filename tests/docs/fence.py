"""A fence around what a command does: nothing outside one directory is written, moved or removed, no program is started,
and nobody is spoken to but this machine itself.

The interpreter's own audit events tell of it before it happens, so that it does not happen: whoever runs the rehearsal, root
included, loses nothing by a page that shows a command which changes a machine. Database drivers speak below these events;
the configuration of the campus names no other server than the tests' own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_PATHS = {
    "os.chmod": (0,), "os.chown": (0,), "os.link": (0, 1), "os.mkdir": (0,), "os.remove": (0,), "os.rename": (0, 1),
    "os.rmdir": (0,), "os.setxattr": (0,), "os.symlink": (1,), "os.truncate": (0,), "os.utime": (0,),
}  # fmt: skip
"""Events that change what is on a disk, and which of their arguments are places."""
_STARTS = frozenset(
    ["os.exec", "os.fork", "os.forkpty", "os.kill", "os.posix_spawn", "os.system", "pty.spawn", "subprocess.Popen"]
)  # fmt: skip
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_DEVICES = ("/dev/null", "/dev/tty")


class OutsideError(AssertionError):
    """Something would have reached over the fence."""


class _Fence:
    inside: Path | None = None
    """The directory; None: there is no fence."""
    crossed: list[str]
    hooked = False


@contextmanager
def around(directory: Path) -> Iterator[list[str]]:
    """The fence, for as long as the block runs; what reached over it and was refused is in the list, even where whoever tried
    it went on in silence."""
    if not _Fence.hooked:
        sys.addaudithook(_hook)  # one that is added stays: it looks for a fence each time
        _Fence.hooked = True
    _Fence.inside, _Fence.crossed = directory.resolve(), []
    try:
        yield _Fence.crossed
    finally:
        _Fence.inside = None


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if _Fence.inside is None:
        return
    if event == "open":
        if args[2] & _WRITING:
            _refuse_outside(event, args[0], -1)
    elif event in _PATHS:
        for place in _PATHS[event]:
            _refuse_outside(event, args[place], args[-1])
    elif event in _STARTS or (event == "socket.connect" and not _here(args[1])):
        _refuse(f"{event} {args!r}")


def _refuse_outside(event: str, path: Any, base: Any) -> None:
    """``base``: the open directory from which a relative path counts, where there is one (``dir_fd``)."""
    if isinstance(path, int):
        return  # a file that is open already
    there = Path(f"/proc/self/fd/{base}") if isinstance(base, int) and base > 2 else Path()
    name = (there if there.is_dir() else Path()) / os.fsdecode(path)
    # a link is opened where it leads, and moved or removed where it is
    whole = name.resolve() if event == "open" else name.parent.resolve() / name.name
    if str(whole) in _DEVICES or "__pycache__" in whole.parts:
        return
    if _Fence.inside is not None and not whole.is_relative_to(_Fence.inside):
        _refuse(f"{event} {whole}")


def _here(address: Any) -> bool:
    return isinstance(address, tuple) and address[0] in _LOOPBACK


def _refuse(what: str) -> None:
    _Fence.crossed.append(what)
    raise OutsideError(f"outside the fence: {what}")
