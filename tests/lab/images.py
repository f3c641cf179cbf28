"""Container images: the official ones where a registry answers, else our own, built on a plain Debian base."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from .server import Engine, Unavailable

if TYPE_CHECKING:
    from docker import DockerClient

CI = Path(__file__).parents[2] / "ci"
CONTEXTS = CI / "images"
_BASE = "debian:bookworm-slim"
_OWN_BASE = "greffe-test/debian:bookworm"
_OFFICIAL: dict[Engine, str] = {"mariadb": "mariadb:10.11", "postgresql": "postgres:15"}
_OWN: dict[Engine, str] = {"mariadb": "mariadb", "postgresql": "postgres"}


def database_image(docker: DockerClient, engine: Engine) -> str:
    """A server image: present, else pulled, else built. Unavailable if none of it can be had."""
    official, own = _OFFICIAL[engine], own_tag(_OWN[engine])
    for image in (official, own):
        if present(docker, image):
            return image
    if registry_answers(official):
        docker.images.pull(official)
        return official
    return build(docker, _OWN[engine])


def build(docker: DockerClient, name: str) -> str:
    """Build an image of ci/images unless it is there; the tag changes with every byte of its context."""
    import docker.errors as errors

    tag = own_tag(name)
    if present(docker, tag):
        return tag
    base = base_image(docker)
    sys.stderr.write(f"building {tag} on {base}\n")
    try:
        docker.images.build(path=str(CONTEXTS / name), tag=tag, buildargs={"BASE": base}, rm=True)
    except errors.BuildError as error:
        log = "".join(str(line.get("stream", "")) for line in error.build_log if isinstance(line, dict))
        raise Unavailable(f"{name} could not be built: {error}\n{log[-2000:]}") from error
    except errors.APIError as error:
        raise Unavailable(f"{name} could not be built: {error}") from error
    return tag


def base_image(docker: DockerClient) -> str:
    """A plain Debian to build on: present, else pulled, else made of Debian's packages (ci/base-image)."""
    for image in (_BASE, _OWN_BASE):
        if present(docker, image):
            return image
    if registry_answers(_BASE):
        docker.images.pull(_BASE)
        return _BASE
    if os.geteuid() != 0 or not shutil.which("mmdebstrap"):
        raise Unavailable(f"no registry answers, and without root and mmdebstrap {_BASE} cannot be made here")
    sys.stderr.write(f"making {_OWN_BASE} of Debian's packages\n")
    try:
        subprocess.run([CI / "base-image", _OWN_BASE], check=True)
    except subprocess.CalledProcessError as error:
        raise Unavailable(f"{_OWN_BASE} cannot be made here ({error})") from error
    return _OWN_BASE


def own_tag(name: str) -> str:
    """The tag of an image of ci/images as it is now."""
    files = sorted(p for p in (CONTEXTS / name).rglob("*") if p.is_file())
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(CONTEXTS)}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return f"greffe-test/{name}:{digest.hexdigest()[:12]}"


def present(docker: DockerClient, image: str) -> bool:
    """Is this image on the engine already?"""
    import docker.errors as errors

    try:
        docker.images.get(image)
    except errors.ImageNotFound:
        return False
    return True


@cache
def registry_answers(image: str) -> bool:
    """Can the engine see this image in its registry? Asked with a short patience: a pull would wait for minutes."""
    import docker
    import docker.errors
    from requests.exceptions import RequestException

    try:
        impatient = docker.from_env(timeout=4)
    except docker.errors.DockerException:
        return False
    try:
        impatient.api.inspect_distribution(image)  # type: ignore[no-untyped-call]
    except (docker.errors.APIError, RequestException):
        return False
    finally:
        impatient.close()
    return True


def _make_all() -> None:
    """For ci/test: can this engine run the servers? Says why not, with exit code 1."""
    from .container import client

    try:
        with client() as docker:
            for engine in _OWN:
                database_image(docker, engine)
    except Unavailable as reason:
        sys.exit(f"the Docker engine cannot serve: {reason}")


if __name__ == "__main__":
    _make_all()
