"""Servers in containers, on whatever Docker engine answers, through testcontainers."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .images import database_image, present
from .server import Engine, Server, Unavailable

if TYPE_CHECKING:
    from docker import DockerClient

_PORT: dict[Engine, int] = {"mariadb": 3306, "postgresql": 5432}
_USER: dict[Engine, str] = {"mariadb": "root", "postgresql": "postgres"}
_DATA: dict[Engine, str] = {"mariadb": "/var/lib/mysql", "postgresql": "/var/lib/postgresql/data"}
_SECRET: dict[Engine, str] = {"mariadb": "MARIADB_ROOT_PASSWORD", "postgresql": "POSTGRES_PASSWORD"}
_FAST: dict[Engine, list[str]] = {
    "mariadb": ["mariadbd", "--innodb-flush-log-at-trx-commit=0", "--skip-innodb-doublewrite"],
    "postgresql": [
        "postgres",
        "-c",
        "fsync=off",
        "-c",
        "synchronous_commit=off",
        "-c",
        "full_page_writes=off",
    ],
}


@contextmanager
def serve(engine: Engine, durable: bool) -> Iterator[Server]:
    """A server in a container, its data in memory unless it is to be durable."""
    with client() as docker:
        image = database_image(docker, engine)
        with _container(docker, image, engine, durable) as server:
            yield server


@contextmanager
def client() -> Iterator[DockerClient]:
    """The Docker engine of the environment; Unavailable if none answers."""
    try:
        import docker
        import docker.errors
    except ImportError as error:
        raise Unavailable(str(error)) from error
    _knock(os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock")
    try:
        engine = docker.from_env(timeout=600)
    except docker.errors.DockerException as error:
        raise Unavailable(f"no Docker engine answers ({error})") from error
    try:
        yield engine
    finally:
        engine.close()


def _knock(address: str) -> None:
    """Unavailable if nothing listens there. docker-py would find out too, but leak the socket it tried."""
    url = urlsplit(address)
    try:
        if url.scheme == "unix":
            with socket.socket(socket.AF_UNIX) as door:
                door.connect(url.path)
        elif url.scheme == "tcp":
            socket.create_connection((url.hostname or "", url.port or 2375), timeout=5).close()
    except OSError as error:
        raise Unavailable(f"no Docker engine answers at {address} ({error.strerror or error})") from error


@contextmanager
def _container(docker: DockerClient, image: str, engine: Engine, durable: bool) -> Iterator[Server]:
    local = not os.environ.get("DOCKER_HOST", "").startswith("tcp:")
    if local:  # read when testcontainers is imported; in a container it would guess an address of its own
        os.environ.setdefault("TESTCONTAINERS_CONNECTION_MODE", "docker_host")
        os.environ.setdefault("TESTCONTAINERS_HOST_OVERRIDE", "127.0.0.1")
    from testcontainers.core.config import testcontainers_config
    from testcontainers.core.container import DockerContainer

    # The reaper removes containers of a killed run, but it is an image too, and may not be to be had.
    testcontainers_config.ryuk_disabled = not present(docker, testcontainers_config.ryuk_image)
    password, port = secrets.token_hex(8), _PORT[engine]
    container = DockerContainer(image).with_env(_SECRET[engine], password)
    container.with_exposed_ports(port)
    if local:  # docker-py's way to say: any free port, of this address only
        container.ports[str(port)] = ("127.0.0.1",)  # type: ignore[assignment]
    if not durable:
        container.with_tmpfs_mount(_DATA[engine]).with_command(_FAST[engine])
    with container:
        wrapped = container.get_wrapped_container()
        server = Server(
            engine,
            container.get_container_host_ip(),
            int(container.get_exposed_port(port)),
            _USER[engine],
            password,
            f"docker ({image})",
        )

        def alive() -> bool:
            wrapped.reload()
            return bool(wrapped.status == "running")

        try:
            server.wait(alive)
        except RuntimeError as error:
            raise RuntimeError(f"{error}:\n{wrapped.logs().decode(errors='replace')[-2000:]}") from error
        yield server
