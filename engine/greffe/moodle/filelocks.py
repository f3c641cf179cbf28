"""One lock file as Moodle's ``file_lock_factory`` keeps it: ``<root>/<md5[0:2]>/<md5>``, held by flock."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from hashlib import md5
from pathlib import Path

from greffe.errors import SiteNotReadyError


def path_of(root: str, resource: str) -> Path:
    """Where Moodle keeps the lock file of a resource such as ``cron_\\enrol_database\\task\\sync_enrolments``."""
    digest = md5(resource.encode()).hexdigest()  # noqa: S324 - Moodle's naming, nothing secret
    return Path(root) / digest[:2] / digest


class FileLock:
    """A lock on one file, shared with Moodle; both must see the same file system."""

    def __init__(self, root: str, resource: str) -> None:
        self._root = Path(root)
        self._path = path_of(root, resource)
        self._fd = -1

    def take(self) -> bool:
        """Try once. Raises SiteNotReadyError where the directory is not there or closed to us."""
        try:
            self._make_ready()
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as e:
            raise SiteNotReadyError(
                f"Moodle's lock file {self._path} cannot be opened: {e.strerror}",
                todo="Run Greffe as an account that may write there (usually the web server's), and check lock_root in [moodle].",
            ) from e
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(fd)
            return False
        self._fd = fd
        return True

    def still_held(self) -> bool:
        """Whether the file that we hold is still the one that Moodle would open."""
        if self._fd < 0:
            return False
        try:
            mine, there = os.fstat(self._fd), self._path.stat()
        except OSError:
            return False
        return (mine.st_dev, mine.st_ino) == (there.st_dev, there.st_ino)

    def release(self) -> None:
        """Give it back; the file stays, as Moodle leaves it."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _make_ready(self) -> None:
        # a file or directory that Moodle could not open would switch its task off for good: it gets the owner and
        # the permissions of the directory above
        above = self._root if self._root.is_dir() else self._root.parent
        like = above.stat()
        for place in (self._root, self._path.parent):
            if not place.is_dir():
                place.mkdir(exist_ok=True)
                _adopt(place, like, 0o7777)
        if not self._path.exists():
            self._path.touch()
            _adopt(self._path, like, 0o666)


def _adopt(path: Path, like: os.stat_result, mask: int) -> None:
    path.chmod(like.st_mode & mask)
    with suppress(PermissionError):
        os.chown(path, like.st_uid, like.st_gid)
