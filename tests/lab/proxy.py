"""A wire that can be cut: a TCP proxy between a client and a database server."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from .server import Server

Heard = Callable[[bytes], bool]
"""Whether the wire is to be cut before the server's answer to these bytes comes through."""


class Wire:
    """Every connection that goes through one port."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.heard: Heard = lambda _: False
        self._ends: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def cut(self) -> None:
        """Both ends of every connection meet a reset."""
        ends, self._ends = self._ends, []
        for end in ends:
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)
        for end in ends:
            end.close()

    def close(self) -> None:
        """Take the wire away."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                client = self._listener.accept()[0]
            except OSError:
                return
            server = self._dial()
            self._ends += [client, server]
            lost = threading.Event()
            for pump in (self._up, self._down):
                self._threads.append(threading.Thread(target=pump, args=(client, server, lost), daemon=True))
                self._threads[-1].start()

    def _dial(self) -> socket.socket:
        if not self._server.host.startswith("/"):
            return socket.create_connection((self._server.host, self._server.port))
        server = socket.socket(socket.AF_UNIX)  # libpq's name for a socket in a directory
        server.connect(f"{self._server.host}/.s.PGSQL.{self._server.port}")
        return server

    def _up(self, client: socket.socket, server: socket.socket, lost: threading.Event) -> None:
        with suppress(OSError):
            while data := client.recv(1 << 16):
                if self.heard(data):
                    lost.set()  # the server still gets the question; its answer is what is lost
                server.sendall(data)
        self._end(server)

    def _down(self, client: socket.socket, server: socket.socket, lost: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(1 << 16):
                if lost.is_set():
                    self.cut()
                    return
                client.sendall(data)
        self._end(client)

    @staticmethod
    def _end(other: socket.socket) -> None:
        with suppress(OSError):
            other.shutdown(socket.SHUT_WR)


@contextmanager
def wire(server: Server) -> Iterator[Wire]:
    """A wire to that server for as long as the block lasts."""
    made = Wire(server)
    try:
        yield made
    finally:
        made.close()
