"""``[mail]``, ``[webhook]`` and ``[log]``: who hears of a night, and how."""

from __future__ import annotations

import re
from email.utils import parseaddr
from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from greffe.config.secret import Secret
from greffe.errors import ConfigError

Subject = Literal["held", "feed", "refused", "failure", "recovered", "summary"]
SUBJECTS: list[Subject] = ["held", "feed", "refused", "failure", "recovered", "summary"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Pause = Annotated[str, msgspec.Meta(pattern=r"^\d+(s|m|h|d)$")]
Wait = Annotated[int, msgspec.Meta(ge=1, le=60)]

_PORTS = {"starttls": 587, "tls": 465, "none": 25}


class _Channel(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    on: list[Subject] = msgspec.field(default_factory=lambda: list(SUBJECTS))
    """What is told this way."""
    again: Pause = "24h"
    """How long until the same is told again, while it lasts; the first time it is told at once."""
    summary: Weekday | None = None
    """The day whose first night tells of the week; without it only `greffe summary --mail` does."""
    timeout: Wait = 20
    """Seconds that the other side has for each answer."""


class Mail(_Channel, frozen=True, kw_only=True):
    """By SMTP."""

    server: str
    """The host that takes the mail; the port has its own key."""
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] | None = None
    """Default: 587 for starttls, 465 for tls, 25 for none."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is kept secret: a turn to TLS before anything is said, TLS from the start, or not at all."""
    ca: str | None = None
    """File of the authority that signed the server's certificate, where the system does not know it."""
    user: str | None = None
    """The account at the server, with its ``password``; without both of them nobody logs in."""
    password: Secret | None = None
    """Where its password comes from."""
    sender: str
    """From whom: an address, or ``Greffe <greffe@example.org>``."""
    to: Annotated[list[str], msgspec.Meta(min_length=1)]
    """Who gets it: addresses."""
    language: Literal["en", "fr"] = "en"
    """Of the mail."""

    @property
    def listens(self) -> int:
        """The port."""
        return self.port or _PORTS[self.security]


class Webhook(_Channel, frozen=True, kw_only=True):
    """A JSON document, signed, to an address of a program."""

    url: str
    """Where it goes, by POST: https://…; http:// only on this machine."""
    secret: Secret
    """What the signature is made with; both sides know it."""
    ca: str | None = None
    """File of the authority that signed the address's certificate, where the system does not know it."""


class Log(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Lines about a run, for machines and for who looks later."""

    format: Literal["text", "json", "journald"] = "text"
    """Lines to read, a JSON object a line, or fields of systemd's journal."""
    file: str | None = None
    """Where they go; default: stderr (journald: the journal itself)."""
    level: Literal["debug", "info", "warning", "error"] = "info"
    """From which weight on."""


def check_mail(at: str, mail: Mail) -> None:
    """Refuse what could not be sent, or not safely; ``at`` names the table."""
    for key, text in (("sender", mail.sender), *(("to", one) for one in mail.to)):
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(text)[1]) or re.search(r"[\r\n]", text):
            raise ConfigError(f"{at} {key}: {text!r} is no address such as Greffe <greffe@example.org>")
    if (mail.user is None) != (mail.password is None):
        raise ConfigError(f"{at}: user and password belong together")
    if mail.password is not None and mail.security == "none" and not _loopback(mail.server):
        raise ConfigError(
            f'{at}: security = "none" would send the password in the clear',
            todo='Give security = "starttls" or "tls", or leave user and password out.',
        )


def check_webhook(at: str, webhook: Webhook) -> None:
    """Refuse an address to which it could not be sent safely; ``at`` names the table."""
    try:
        parts = urlsplit(webhook.url)
        host, alone = parts.hostname, parts.port is None or parts.port > 0
    except ValueError:
        host, alone = None, False
    if not host or not alone or parts.scheme not in ("http", "https"):
        raise ConfigError(f"{at} url: is no address such as https://example.org/greffe")
    if parts.username is not None or parts.password is not None:
        raise ConfigError(
            f"{at} url: there is a password in the address", todo="The signature tells who sends."
        )
    if parts.scheme == "http" and not _loopback(host):
        raise ConfigError(f"{at} url: only https leaves this machine", todo="Give an https:// address.")


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
