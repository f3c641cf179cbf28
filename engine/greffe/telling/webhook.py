"""A letter as a signed JSON document for a program.

The header ``Greffe-Signature: v1=HEX`` holds the HMAC-SHA256, by the common secret, of the header ``Greffe-Timestamp``
(seconds since 1970), a full stop, and the body as it is sent. Whoever receives it makes the same and refuses what differs,
and what is older than ``TOLERANCE``.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ssl
import time
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec

from greffe import __version__
from greffe.config.telling import Webhook
from greffe.errors import ConfigError, TellingError
from greffe.telling.authority import checking
from greffe.telling.letter import Letter

TOLERANCE = 300
"""Seconds that a document may be old when it arrives."""
TRIES = 3
_PAUSE = 2.0
"""Seconds before the second try; twice as many before the third."""


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """What stands in ``Greffe-Signature``."""
    made = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1={made.hexdigest()}"


def body(letter: Letter, now: int) -> bytes:
    """The document: what the letter says, with figures and names under keys that do not change."""
    return msgspec.json.encode(
        {
            "greffe": __version__,
            "id": uuid4().hex,  # the same in every try: it may arrive twice
            "event": letter.event,
            "site": letter.site,
            "host": letter.host,
            "time": now,
            "subject": letter.subject,
            "text": letter.lead,
            "steps": [{"text": s.text, "command": s.command} for s in letter.steps],
        }
        | letter.data
    )


def send(webhook: Webhook, letter: Letter) -> None:
    """Deliver it, tried again where the other side is down (429, 5xx, no answer). Raises TellingError, ConfigError."""
    secret = webhook.secret.read("[webhook] secret")
    if not secret:  # anybody could sign
        raise ConfigError(
            "[webhook] secret: it is empty", todo="Give it a long random text, the same on both sides."
        )
    now = int(time.time())
    content = body(letter, now)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"greffe/{__version__}",
        "Greffe-Timestamp": str(now),
        "Greffe-Signature": sign(secret, now, content),
    }
    context = checking("[webhook]", webhook.ca)
    said = ""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(_PAUSE * attempt)
        try:
            status = _post(webhook, context, content, headers)
        except (OSError, http.client.HTTPException) as e:
            said = str(e) or type(e).__name__
            continue
        if 200 <= status < 300:
            return
        said = f"it answered {status}"
        if status != http.client.TOO_MANY_REQUESTS and status < 500:
            break  # it understood, and does not want it; a redirection is not followed, since it may lead anywhere
    raise TellingError(f"the webhook was not delivered to {urlsplit(webhook.url).netloc}: {said}")


def _post(webhook: Webhook, context: ssl.SSLContext, content: bytes, headers: dict[str, str]) -> int:
    parts = urlsplit(webhook.url)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(parts.netloc, timeout=webhook.timeout, context=context)
    else:
        connection = http.client.HTTPConnection(parts.netloc, timeout=webhook.timeout)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, content, headers)
        answer = connection.getresponse()
        return answer.status
    finally:
        connection.close()
