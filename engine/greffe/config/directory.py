"""``[feed.NAME.ldap]`` and ``columns``: how a directory is asked, and which part of an entry becomes which column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlsplit

import msgspec

from greffe.config.amounts import Duration
from greffe.config.hosts import is_loopback
from greffe.config.strict import Strict
from greffe.errors import ConfigError

_SOURCE = re.compile(
    r"(?P<attribute>[A-Za-z][A-Za-z0-9-]*(?:;[A-Za-z0-9-]+)*|\d+(?:\.\d+)+)"
    r"(?:\[(?P<text>[A-Za-z0-9_]+)\]|\{(?P<label>[A-Za-z0-9_]+)\})?"
)
SUPANN = {
    "COD_ETU": "supannEtuId",
    "COD_ANU": "supannEtuInscription[anneeinsc]",
    "COD_DIP": "supannEtuInscription[diplome]",
    "COD_ETP": "supannEtuInscription[etape]",
    "COD_ELP": "supannEtuInscription[eltpedago]",
    "COD_ETB": "supannEtuInscription[etab]",
}
"""The columns of a directory's feed that names none: SupAnn's registrations under APOGÉE's names."""


class Directory(Strict, frozen=True, kw_only=True):
    """Where a directory is, as whom it is asked, and for which entries."""

    url: str
    """ldaps://HOST, ldap://HOST or ldapi://SOCKET (its slashes as %2F)."""
    bind: str | None = None
    """The DN that asks, with the feed's ``password``. Without it: anonymously."""
    base: str
    """The DN below which entries are looked for."""
    filter: str = "(supannEtuInscription=*)"
    """Which entries (RFC 4515)."""
    scope: Literal["subtree", "one", "base"] = "subtree"
    """All that is below the base, only what is directly below it, or only the base itself."""
    start_tls: bool = False
    """Whether a connection to ldap:// turns to TLS before anything is said."""
    ca: str | None = None
    """File of the authorities that may have signed the server's certificate. Without it: those of the system."""
    plain: bool = False
    """Whether password and people may travel readable to another machine."""
    page: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 500
    """Entries asked for at a time (RFC 2696)."""
    page_timeout: Duration = "5m"
    """How long the directory may take over one page."""
    referrals: Literal["refuse", "ignore"] = "refuse"
    """What a pointer to another server means: a list that is not complete, or nothing. None is ever followed."""


class Source(NamedTuple):
    """What a column shows of an entry: an attribute, or of its composite values one field's text or label."""

    attribute: str
    """As it is written in the configuration."""
    key: str = ""
    """Of the field, in small letters; '' for the whole value."""
    label: bool = False
    """Whether it is what stands in braces before the text."""

    @property
    def name(self) -> str:
        """The attribute in small letters: directories are blind to case here."""
        return self.attribute.lower()


class Columns(NamedTuple):
    """All columns of a feed, and the attribute of which each value is a row of its own ('': an entry is one row)."""

    sources: dict[str, Source]
    each: str


def columns_of(at: str, columns: Mapping[str, str] | None, each: str | None) -> Columns:
    """The columns of a feed, checked; ``at`` names their owner in errors."""
    sources = {name: _source(at, name, text) for name, text in (columns or SUPANN).items()}
    composite = {s.name: s.attribute for s in sources.values() if s.key}
    if len(composite) > 1:
        raise ConfigError(
            f"{at}: columns take fields of {' and '.join(composite.values())}; nothing says which value of the one goes "
            "with which of the other",
            todo="Give each of them a feed of its own.",
        )
    driving = next(iter(composite.values()), each or "")
    if each is not None and each.lower() != driving.lower():
        raise ConfigError(f"{at}: each is {each}, but columns take fields of {driving}")
    return Columns(sources, driving)


def check_directory(at: str, directory: Directory, *, password: bool) -> None:
    """Refuse an address that is none, one over which secrets would travel readable, and a DN without its password."""
    try:
        parts = urlsplit(directory.url)
        host, _ = parts.hostname, parts.port
    except ValueError as e:
        raise ConfigError(f"{at}: the url is no valid address") from e
    if parts.username or parts.password:
        raise ConfigError(
            f"{at}: there is an account in the url",
            todo='Take it out: give bind = "DN" in [feed.….ldap] and password = { file = "…" } in [feed.…].',
        )
    if (
        parts.scheme not in {"ldaps", "ldap", "ldapi"}
        or not parts.netloc
        or any(map(str.isspace, directory.url))
    ):
        raise ConfigError(f"{at}: a url is ldaps://HOST, ldap://HOST or ldapi://SOCKET")
    if parts.path.strip("/") or parts.query:
        raise ConfigError(
            f"{at}: the url names more than a server; base, filter and scope have keys of their own"
        )
    if directory.start_tls and parts.scheme != "ldap":
        raise ConfigError(f"{at}: start_tls is for ldap://; {parts.scheme}:// does without")
    if parts.scheme == "ldap" and not (directory.start_tls or directory.plain or is_loopback(host or "")):
        raise ConfigError(
            f"{at}: password and people would travel readable to {host}",
            todo="Give ldaps:// or start_tls = true; plain = true says that you accept it.",
        )
    if (directory.bind is None) == password:
        raise ConfigError(
            f"{at}: "
            + ("there is a password, but no bind" if password else "bind needs a password of the feed")
        )


def _source(at: str, name: str, text: str) -> Source:
    found = _SOURCE.fullmatch(text)
    if found is None:
        raise ConfigError(
            f"{at}: columns: {name} = {text!r} is none of attribute, attribute[field] and attribute{{field}}"
        )
    key = found["text"] or found["label"] or ""
    return Source(found["attribute"], key.lower(), found["label"] is not None)
