"""The address of a feed's database, in which no password may stand."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from greffe.errors import ConfigError

DATABASES = ("postgresql", "mariadb", "mysql", "oracle")
"""Schemes of a dsn."""


def check_dsn(at: str, dsn: str) -> None:
    """Refuse a dsn of a database that is not spoken, or with a password in it; ``at`` names its owner.

    The message does not repeat the dsn, since that may hold the password.
    """
    try:
        parts = urlsplit(dsn)
        password = parts.password is not None or any(
            "password" in key.lower() for key, _ in parse_qsl(parts.query)
        )
    except ValueError as e:
        raise ConfigError(f"{at}: the dsn is no valid address") from e
    if password:
        raise ConfigError(
            f"{at}: there is a password in the dsn",
            todo='Take it out, and give it as password = { env = "…" }, { file = "…" } or { command = "…" }.',
        )
    if parts.scheme not in DATABASES:
        raise ConfigError(f"{at}: a dsn begins with {', '.join(f'{scheme}://' for scheme in DATABASES)}")
