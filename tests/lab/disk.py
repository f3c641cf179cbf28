"""A small disk that a test can fill: a tmpfs of its own, so that the server truly meets ENOSPC."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .server import Unavailable


class Disk:
    """A mounted file system of a few megabytes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ballast = path / "ballast"

    @contextmanager
    def full(self) -> Iterator[None]:
        """Nothing is left while the block runs."""
        try:
            self._fill()
            yield
        finally:
            self._ballast.unlink()

    def _fill(self) -> None:
        for file in self.path.rglob("*"):
            # a file that a server made long has its room already, as on a real disk
            if file.is_file() and file.stat().st_blocks * 512 < file.stat().st_size:
                with file.open("rb+") as sparse:
                    os.posix_fallocate(sparse.fileno(), 0, file.stat().st_size)
        with self._ballast.open("wb", buffering=0) as ballast:
            for block in (bytes(1 << 20), bytes(1 << 12)):
                with suppress(OSError):
                    while True:
                        ballast.write(block)


@contextmanager
def disk(megabytes: int) -> Iterator[Disk]:
    """A disk of that size for as long as the block runs; Unavailable where nothing may be mounted."""
    with tempfile.TemporaryDirectory(prefix="greffe-disk-") as directory:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", directory]
        try:
            done = subprocess.run(mount, capture_output=True, text=True, check=False)
        except OSError as error:
            raise Unavailable(f"no mount: {error}") from error
        if done.returncode:
            raise Unavailable(f"a file system cannot be mounted here ({done.stderr.strip()})")
        try:
            yield Disk(Path(directory))
        finally:
            subprocess.run(["umount", "--lazy", directory], check=True)
