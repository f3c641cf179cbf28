"""Machines in containers, on this machine's network: the lab's databases, and its Moodle, are theirs too."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.container import client
from tests.lab.images import base_image, build
from tests.lab.site import MoodleSite
from tests.lab.toml import PASSWORD, moodle_table
from tests.moodle.conftest import moodles

__all__ = ["moodles"]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Greffe and all that it stands on, as wheels."""
    directory = tmp_path_factory.mktemp("wheels")
    subprocess.run([ROOT / "ci" / "wheels", directory], check=True)
    return directory


@pytest.fixture(scope="session")
def image() -> Iterator[str]:
    """The image of Greffe."""
    tag = "greffe-test/greffe:tried"
    with client() as docker:
        base = base_image(docker)
        subprocess.run([ROOT / "ci" / "image", tag], env={**os.environ, "BASE": base}, check=True)
        yield tag
        docker.images.remove(tag)


class Machine:
    """A container in which systemd runs."""

    def __init__(self, name: str) -> None:
        self.name = name

    def run(
        self, *words: str, check: bool = True, text: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """A command as root; AssertionError with what it said where it fails."""
        inside = ["docker", "exec", "-i", self.name, *words]
        done = subprocess.run(inside, input=text, capture_output=True, text=True, check=False)
        assert not check or not done.returncode, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def type(self, line: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A line of a shell, as root types it."""
        return self.run("sh", "-c", line, check=check)

    def write(self, path: str, text: str) -> None:
        """A file of root's; one that is there keeps its owner and mode."""
        self.run("sh", "-c", 'cat >"$1"', "sh", path, text=text)


@pytest.fixture
def machine(wheels: Path) -> Iterator[Machine]:
    """A plain Debian with systemd and nothing else, the wheels in /wheels."""
    with client() as docker:
        container = docker.containers.run(
            build(docker, "debian-systemd"),
            detach=True,
            network_mode="host",
            cap_add=["SYS_ADMIN"],
            security_opt=["seccomp=unconfined", "apparmor=unconfined"],
            tmpfs={"/run": "", "/run/lock": "", "/tmp": ""},  # noqa: S108
            volumes={
                "/sys/fs/cgroup": {"bind": "/sys/fs/cgroup", "mode": "rw"},
                str(wheels): {"bind": "/wheels", "mode": "ro"},
            },
            environment={"container": "docker"},
        )
        try:
            made = Machine(str(container.name))
            made.run("systemctl", "is-system-running", "--wait", check=False)
            made.write("/etc/apt/apt.conf.d/yes", 'APT::Get::Assume-Yes "true";\n')
            yield made
        finally:
            container.remove(force=True)


def configuration(site: MoodleSite, rest: str = "") -> str:
    """A site's configuration, and what else stands in it."""
    return moodle_table(site.server, site.dbname) + rest


def secret(site: MoodleSite) -> str:
    """The line of SITE.env that it needs."""
    return f"{PASSWORD}='{site.password}'\n"
