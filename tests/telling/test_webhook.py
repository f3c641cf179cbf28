"""The webhook on a real web server: what is signed, what is tried again, and what is given up."""

from __future__ import annotations

import hashlib
import hmac
import socket
import time
from typing import Any

import pytest

from greffe.config import parse
from greffe.config.telling import Webhook
from greffe.errors import ConfigError, TellingError
from greffe.telling import webhook as sending
from greffe.telling.bounded import bounded
from greffe.telling.webhook import TOLERANCE, TRIES, send
from greffe.telling.writing import Writer
from tests.telling.post import Certificate, Received, listener

LETTER = Writer("ecampus", "/etc/greffe/ecampus.toml", "en").test()
SECRET = "geheim-é"


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    monkeypatch.setattr(sending, "_PAUSE", 0.01)


def table(url: str, **more: Any) -> Webhook:
    """A table of the configuration."""
    found = parse(
        {"moodle": {}, "webhook": {"url": url, "secret": {"env": "HOOK_SECRET"}} | more}, "x.toml"
    ).webhook
    assert found
    return found


def genuine(request: Received) -> bool:
    """As a receiver judges it."""
    at = request.headers["Greffe-Timestamp"]
    made = hmac.new(SECRET.encode(), at.encode() + b"." + request.body, hashlib.sha256).hexdigest()
    return (
        hmac.compare_digest(f"v1={made}", request.headers["Greffe-Signature"])
        and abs(time.time() - int(at)) < TOLERANCE
    )


def test_a_signed_document_arrives_over_tls(shown: Certificate) -> None:
    with listener(shown) as server:
        send(table(server.url, ca=str(shown.file)), LETTER)
        (request,) = server.requests
        assert request.path == "/hook?site=1"
        assert genuine(request)
        assert request.json["event"] == "test"
        assert request.json["site"] == "ecampus"
        request.body += b" "
        assert not genuine(request)
        with pytest.raises(TellingError, match="certificate"):
            send(table(server.url), LETTER)
        assert len(server.requests) == 1


def test_a_server_that_is_down_is_tried_again() -> None:
    with listener() as server:
        server.answers = [500, 503]
        send(table(server.url), LETTER)
        assert len(server.requests) == TRIES
        assert len({r.body for r in server.requests}) == 1
        server.answers = [500] * TRIES
        with pytest.raises(TellingError, match="it answered 500"):
            send(table(server.url), LETTER)


@pytest.mark.parametrize("status", [301, 307, 404])
def test_a_refusal_or_a_way_elsewhere_ends_it(status: int) -> None:
    with listener() as server:
        server.answers = [status]
        with pytest.raises(TellingError, match=f"it answered {status}"):
            send(table(server.url), LETTER)
        assert len(server.requests) == 1


def test_a_night_is_not_held_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        began = time.monotonic()
        with pytest.raises(TellingError, match=r"not sent within 0\.3 seconds"):
            bounded("the webhook", lambda: send(table(url, timeout=1), LETTER), 0.3)
        assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://hooks.example/x", "only https"),
        ("https://me:pass@hooks.example/", "password in the address"),
        ("ftp://hooks.example/", "no address"),
        ("https:///x", "no address"),
        ("https://hooks.example:x/", "no address"),
    ],
)
def test_addresses_that_are_refused(url: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        table(url)


def test_nothing_is_signed_with_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", "")
    with listener() as server:
        with pytest.raises(ConfigError, match=r"^\[webhook\] secret: it is empty"):
            send(table(server.url), LETTER)
        assert not server.requests
