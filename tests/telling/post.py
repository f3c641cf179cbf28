"""Those who hear of nights: a real mail server and a real web server, on loopback."""

from __future__ import annotations

import email.policy
import json
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.lab.binary import free_port

USER, PASSWORD = "greffe", "mail-Passwort-42"


@dataclass(frozen=True)
class Certificate:
    """Of localhost, signed by itself."""

    file: Path
    key: Path

    def server(self) -> ssl.SSLContext:
        """What a server shows."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file, self.key)
        return context


def certificate(directory: Path, name: str = "localhost") -> Certificate:
    """A new one."""
    made = Certificate(directory / f"{name}.pem", directory / f"{name}.key")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
         "-keyout", made.key, "-out", made.file],
        check=True, capture_output=True,
    )  # fmt: skip
    return made


@dataclass
class Post:
    """A mail server, and what it was given."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    refuses: str = ""
    """A recipient whom it does not know."""
    farewell: str = "221 Bye"
    """What it answers to QUIT."""

    async def handle_QUIT(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """The end of a session."""
        return self.farewell

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _s: SMTP, _session: Session, envelope: Envelope, address: str, _o: list[str]
    ) -> str:
        """Somebody a mail is for."""
        if address == self.refuses:
            return "550 no such person here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """A mail."""
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(BytesParser(EmailMessage, policy=email.policy.default).parsebytes(content))
        return "250 OK"

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any
    ) -> AuthResult:
        """Whether somebody may."""
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login.decode())
        return AuthResult(
            success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False
        )

    def take(self) -> EmailMessage:
        """The one mail that has come since the last look."""
        (mail,) = self.mails
        self.mails.clear()
        return mail


@contextmanager
def post(security: str = "none", shown: Certificate | None = None, *, login: bool = False) -> Iterator[Post]:
    """A mail server with ``security`` as in ``[mail]``; ``login``: it takes mail of who has logged in alone."""
    found = Post()
    context = shown.server() if shown else None
    server = Controller(
        found,
        hostname="127.0.0.1",
        port=free_port(),
        ready_timeout=10,
        ssl_context=context if security == "tls" else None,
        tls_context=context if security == "starttls" else None,
        require_starttls=security == "starttls",
        authenticator=found.authenticate if login else None,
        auth_required=login,
        auth_require_tls=security == "starttls",
    )
    server.start()
    found.port = server.port
    try:
        yield found
    finally:
        server.stop()


@dataclass
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The document."""
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Listener:
    """A web server, and what it was sent. ``answers``: statuses for the next requests, then 204."""

    url: str = ""
    requests: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


@contextmanager
def listener(shown: Certificate | None = None) -> Iterator[Listener]:
    """A web server on loopback."""
    found = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.requests.append(Received(self.path, dict(self.headers), body))
            self.send_response(found.answers.pop(0) if found.answers else 204)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        if shown:
            server.socket = shown.server().wrap_socket(server.socket, server_side=True)
        found.url = f"{'https' if shown else 'http'}://localhost:{server.server_port}/hook?site=1"
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
