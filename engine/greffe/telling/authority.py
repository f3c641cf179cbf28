"""Whom the other side's certificate must be signed by, for mail and webhook alike."""

from __future__ import annotations

import ssl

from greffe.errors import TellingError


def checking(owner: str, ca: str | None) -> ssl.SSLContext:
    """What a connection is checked with: the file ``ca`` of ``owner``'s table, or what the system trusts. Raises TellingError."""
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as e:  # ssl's own errors are some of these
        raise TellingError(
            f"{owner} ca: {ca} cannot be read as certificates: {e.strerror or e}",
            todo=f"Name a file in PEM that Greffe's account can read, or leave {owner} ca out where the system knows the authority.",
        ) from e
