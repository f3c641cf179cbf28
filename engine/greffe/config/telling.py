"""``[mail]``, ``[webhook]`` and ``[log]``: who hears of a night, and how."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from greffe.config.amounts import Duration, Port
from greffe.config.hosts import is_loopback
from greffe.config.secret import Secret
from greffe.config.strict import Strict
from greffe.errors import ConfigError

Subject = Literal["held", "feed", "refused", "failure", "recovered", "summary"]
SUBJECTS: list[Subject] = ["held", "feed", "refused", "failure", "recovered", "summary"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Wait = Annotated[int, msgspec.Meta(ge=1, le=60)]

_PORTS = {"starttls": 587, "tls": 465, "none": 25}


class _Channel(Strict, frozen=True, kw_only=True):
    on: list[Subject] = msgspec.field(default_factory=lambda: list(SUBJECTS))
    """What is told this way."""
    again: Duration = "24h"
    """How long until the same is told again, while it lasts; the first time it is told at once."""
    summary: Weekday | None = None
    """The day whose first night tells of the week; without it only `greffe summary --mail` does."""
    timeout: Wait = 20
    """Seconds that the other side has for each answer."""


class Mail(_Channel, frozen=True, kw_only=True):
    """By SMTP."""

    server: str
    """The host that takes the mail; the port has its own key."""
    port: Port | None = None
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


class Log(Strict, frozen=True, kw_only=True):
    """Lines about a run, for machines and for who looks later."""

    format: Literal["text", "json", "journald"] = "text"
    """Lines to read, a JSON object a line, or fields of systemd's journal."""
    file: str | None = None
    """Where they go; default: stderr (journald: the journal itself)."""
    level: Literal["debug", "info", "warning", "error"] = "info"
    """From which weight on."""


def check_telling(path: str, mail: Mail | None, webhook: Webhook | None) -> None:
    """Refuse ``[mail]`` or ``[webhook]`` that could tell nobody; ``path`` names the configuration."""
    if mail is not None:
        _check_mail(f"{path}: [mail]", mail)
    if webhook is not None:
        _check_webhook(f"{path}: [webhook]", webhook)


def _check_mail(at: str, mail: Mail) -> None:
    from email.utils import parseaddr

    for key, text in (("sender", mail.sender), *(("to", one) for one in mail.to)):
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(text)[1]) or re.search(r"[\r\n]", text):
            raise ConfigError(f"{at} {key}: {text!r} is no address such as Greffe <greffe@example.org>")
    if (mail.user is None) != (mail.password is None):
        raise ConfigError(f"{at}: user and password belong together")
    if mail.password is not None and mail.security == "none" and not is_loopback(mail.server):
        raise ConfigError(
            f'{at}: security = "none" would send the password in the clear',
            todo='Give security = "starttls" or "tls", or leave user and password out.',
        )


def _check_webhook(at: str, webhook: Webhook) -> None:
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
    if parts.scheme == "http" and not is_loopback(host):
        raise ConfigError(f"{at} url: only https leaves this machine", todo="Give an https:// address.")
