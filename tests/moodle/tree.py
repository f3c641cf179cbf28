"""Moodle's source trees, and a copy of each that can run: the tree itself is never written to.

Moodle wants its config.php among its own files. A copy made of hard links takes a second, no disk and no
privilege, and has room for ours. One copy serves every site: our config.php takes all from the environment.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

CONFIG = Path(__file__).parent / "php" / "config.php"
PLUGIN = Path(__file__).parents[2] / "moodle_plugin"
VERSIONS = ("4.5", "5.1")


def cache() -> Path:
    """Where copies and snapshots are kept between sessions."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "greffe"


@dataclass(frozen=True)
class Tree:
    """One Moodle source tree."""

    root: Path
    version: str
    """As people say it: 4.5, 5.1."""
    plugin: bool = False
    """Whether the copy that runs has this checkout's plugin in it."""

    def with_plugin(self) -> Tree:
        """The same Moodle, with this checkout's plugin copied over it as an administrator would."""
        return replace(self, plugin=True)

    @cached_property
    def fingerprint(self) -> str:
        """Changes with any file of the tree: names, sizes and times."""
        digest = hashlib.sha256()
        for folder, inner, files in os.walk(self.root):
            inner.sort()
            for name in sorted(files):
                stat = (Path(folder) / name).stat(follow_symlinks=False)
                digest.update(f"{folder}/{name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
        return digest.hexdigest()[:16]

    @cached_property
    def installed(self) -> str:
        """Changes with what the plugin brings into the database when it is installed; '' without the plugin."""
        if not self.plugin:
            return ""
        digest = hashlib.sha256()
        place = PLUGIN / "local" / "greffe"
        for file in (place / "version.php", place / "settings.php", *sorted((place / "db").iterdir())):
            if file.is_file():
                digest.update(f"{file.name} ".encode() + file.read_bytes())
        return digest.hexdigest()[:16]

    @cached_property
    def runnable(self) -> Path:
        """The copy that runs; made once, kept in the cache until the tree changes. With the plugin: as the checkout has it
        now."""
        config = hashlib.sha256(CONFIG.read_bytes()).hexdigest()[:8]
        copy = cache() / "run" / f"moodle-{self.version}-{self.fingerprint}-{config}"
        if self.plugin:
            copy = copy.with_name(
                f"{copy.name}-greffe-{hashlib.sha256(str(PLUGIN).encode()).hexdigest()[:8]}"
            )
        if not copy.is_dir():
            copy.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=copy.parent) as scratch:
                made = Path(scratch) / "moodle"
                shutil.copytree(self.root, made, copy_function=_link, symlinks=True)
                (made / "config.php").unlink(missing_ok=True)
                shutil.copyfile(CONFIG, made / "config.php")
                try:
                    made.rename(copy)
                except OSError:
                    if not copy.is_dir():  # else another session was faster
                        raise
        _door(copy)
        if self.plugin:
            _copy_over(PLUGIN, copy / "public" if (copy / "public").is_dir() else copy)
        return copy


def find() -> dict[str, Tree]:
    """The trees of this machine by version: MOODLE_DIR (several: as in PATH), else the cache's own.

    Raises RuntimeError where MOODLE_DIR names something else than a Moodle that the tests know.
    """
    named = os.environ.get("MOODLE_DIR")
    if named:
        trees = [_tree(Path(part).resolve()) for part in named.split(os.pathsep)]
    else:
        places = (cache() / f"moodle-{version}" for version in VERSIONS)
        trees = [_tree(place.resolve()) for place in places if place.is_dir()]
    return {tree.version: tree for tree in trees}


def _tree(root: Path) -> Tree:
    for file in (
        root / "public" / "version.php",
        root / "version.php",
    ):  # since 5.1 the code is under public/
        if file.is_file():
            release = re.search(r"\$release\s*=\s*'(\d+\.\d+)", file.read_text(encoding="utf-8"))
            if release and release[1] in VERSIONS:
                return Tree(root, release[1])
    raise RuntimeError(f"{root} holds no Moodle {' or '.join(VERSIONS)}")


def _door(copy: Path) -> None:
    """Since 5.1 web pages look for config.php in public/, which leads to the real one above it."""
    door = copy / "public" / "config.php"
    if door.parent.is_dir() and not door.exists():
        door.write_text("<?php\nrequire_once(__DIR__ . '/../config.php');\n", encoding="utf-8")


def _copy_over(plugin: Path, code: Path) -> None:
    """The plugin's files as they are now, and none that it has no more."""
    here = code / "local" / "greffe"
    shutil.rmtree(here, ignore_errors=True)
    shutil.copytree(plugin / "local" / "greffe", here)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # another file system, or files of another user
        shutil.copy2(source, target)
