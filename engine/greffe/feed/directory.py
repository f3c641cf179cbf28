"""Asks an LDAP directory, page by page (RFC 2696), so that its size does not matter.

A list that is not complete would look like leavers: whatever the directory says beside "success" ends the reading as
an error, and no referral is followed or overlooked.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from greffe.config.amounts import seconds
from greffe.config.directory import Directory, check_directory
from greffe.config.feeds import Feed
from greffe.config.hosts import is_address
from greffe.errors import ConfigError, FeedError, MissingPackageError
from greffe.feed.database import CONNECT_SECONDS
from greffe.feed.entries import Entry
from greffe.feed.patience import in_time
from greffe.rules.text import shown

try:
    import ldap
    from ldap.controls.libldap import SimplePagedResultsControl
except ImportError as error:
    raise MissingPackageError(
        f"a feed from a directory needs python-ldap ({error})", "python-ldap"
    ) from error

_NO_WORDS = "(unknown error code)"
"""What the library adds where it has nothing to add."""
Answers = list[tuple[str | None, Any]]

_SCOPES = {"subtree": ldap.SCOPE_SUBTREE, "one": ldap.SCOPE_ONELEVEL, "base": ldap.SCOPE_BASE}
_TODO = (
    "Try the same with `ldapsearch`; until the directory gives its whole answer, nothing that this feed can reach is "
    "touched."
)
_TODOS: dict[type[Exception], str] = {
    ldap.INVALID_CREDENTIALS: "Correct bind and password of this feed.",
    ldap.NO_SUCH_OBJECT: "Correct base of this feed, or let its account see it.",
    ldap.FILTER_ERROR: "Correct filter of this feed.",
    ldap.SIZELIMIT_EXCEEDED: "Have the directory allow this account all entries; a part of them would look like leavers.",
    ldap.ADMINLIMIT_EXCEEDED: "Have the directory allow this account all entries; a part of them would look like leavers.",
    ldap.TIMELIMIT_EXCEEDED: "Have the directory allow this account more time, or index what filter asks for.",
    ldap.UNAVAILABLE_CRITICAL_EXTENSION: "The directory gives no pages (RFC 2696): have it written as LDIF, and read that.",
}


@dataclass
class Answered:
    """When the directory was asked; see ``greffe.feed.entries.Origin``."""

    delivered: int
    final_newline: bool = True


class Search:
    """A search that was sent and whose first page is there; see ``greffe.feed.entries.EntrySource``."""

    def __init__(self, name: str, feed: Feed, directory: Directory, attributes: Sequence[str]) -> None:
        owner = f"[feed.{name}]"
        check_directory(f"{owner} ldap", directory, password=feed.password is not None)
        self.origin = Answered(int(time.time()))
        self._where = f"{owner} {directory.url}"
        self._directory, self._attributes = directory, list(attributes)
        self._secret = feed.password.read(owner) if feed.password else None
        if self._secret == "":  # a server takes it for anonymous, says yes, and shows what everybody may see
            raise ConfigError(f"{owner}: the password is empty")
        self._cookie: bytes | str = ""
        self._entered = False
        with self._clear_words():
            self._connection = ldap.initialize(directory.url)
        try:
            self._enter_in_time()
            self._first = self._page()
        except BaseException:
            self.close()
            raise

    def entries(self) -> Iterator[Entry]:
        """Numbered from 1 in the order in which the directory gives them."""
        number, page = 0, self._first
        del self._first
        try:
            while True:
                for dn, found in page:
                    if dn is None:
                        self._refer(found)
                        continue
                    number += 1
                    yield Entry(number, dn, by_name(self._where, dn, found))
                if not self._cookie:
                    return
                page = self._page()
        finally:
            self.close()

    def close(self) -> None:
        """Hang up; more than once does no harm, as nothing does that the library says of a connection that is lost."""
        with suppress(ldap.LDAPError, AttributeError):
            self._connection.unbind_ext_s()

    def _enter_in_time(self) -> None:
        with self._clear_words():
            try:
                in_time(self._enter, CONNECT_SECONDS, f"connecting to {self._directory.url}")
            except TimeoutError as e:
                del self._connection  # it is the thread's now
                raise FeedError(f"{self._where}: {e}", todo=_TODO) from e

    def _enter(self) -> None:
        connection = self._connection
        # Nothing is left to ldap.conf or the environment: LDAPTLS_REQCERT=never there would switch the check off.
        options = {
            ldap.OPT_PROTOCOL_VERSION: ldap.VERSION3,
            ldap.OPT_REFERRALS: ldap.OPT_OFF,
            ldap.OPT_DEREF: ldap.DEREF_NEVER,
            ldap.OPT_SIZELIMIT: ldap.NO_LIMIT,
            ldap.OPT_TIMELIMIT: ldap.NO_LIMIT,
            ldap.OPT_NETWORK_TIMEOUT: float(CONNECT_SECONDS),
            ldap.OPT_TIMEOUT: float(CONNECT_SECONDS),
        }
        for option, value in options.items():
            connection.set_option(option, value)
        if not self._directory.url.startswith("ldapi:"):
            self._demand_tls()
        if self._directory.start_tls:
            connection.start_tls_s()
        connection.timeout = CONNECT_SECONDS
        connection.simple_bind_s(self._directory.bind or "", self._secret or "")
        self._entered = True

    def _demand_tls(self) -> None:
        connection, authorities = self._connection, self._directory.ca
        if authorities is not None:
            if not os.access(authorities, os.R_OK):
                raise FeedError(f"{self._where}: ca: {authorities} cannot be read")
            connection.set_option(ldap.OPT_X_TLS_CACERTFILE, authorities)
        connection.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND)
        connection.set_option(ldap.OPT_X_TLS_PROTOCOL_MIN, ldap.OPT_X_TLS_PROTOCOL_TLS1_2)
        connection.set_option(ldap.OPT_X_TLS_NEWCTX, 0)  # now the settings count

    def _page(self) -> Answers:
        directory = self._directory
        control = SimplePagedResultsControl(criticality=True, size=directory.page, cookie=self._cookie)
        with self._clear_words():
            number = self._connection.search_ext(
                directory.base,
                _SCOPES[directory.scope],
                directory.filter,
                self._attributes,
                serverctrls=[control],
            )
            _, found, _, controls = self._connection.result3(number, timeout=seconds(directory.page_timeout))
        told = [c.cookie for c in controls if c.controlType == SimplePagedResultsControl.controlType]
        if not told:
            raise FeedError(f"{self._where}: does not say whether this is all there is", todo=_TODO)
        self._cookie = told[0]
        return found  # type: ignore[no-any-return]

    def _refer(self, places: Sequence[str]) -> None:
        if self._directory.referrals == "refuse":
            raise FeedError(
                f"{self._where}: refers to {', '.join(places)} for a part of its entries, which are then missing here",
                todo='Give a base that one server has whole; where nothing is lost by it, referrals = "ignore".',
            )

    @contextmanager
    def _clear_words(self) -> Iterator[None]:
        try:
            yield
        except ldap.LDAPError as e:
            words, todo = _message(e), _TODOS.get(type(e), _TODO)
            if self._secret:
                words = words.replace(self._secret, "***")
            if not self._entered and self._by_tls and isinstance(e, (ldap.SERVER_DOWN, ldap.CONNECT_ERROR)):
                words += "; either nothing answers there, or its certificate cannot be trusted"  # the library does not tell
                todo = self._look_at_tls()
            raise FeedError(f"{self._where}: {words}", todo=todo) from None
        except UnicodeDecodeError as e:  # the library reads names as text
            raise FeedError(
                f"{self._where}: gives the name of an entry or an attribute that is not valid UTF-8: {shown(repr(e.object))}",
                todo="Have that entry renamed, or give a base or a filter that leaves it out.",
            ) from None

    @property
    def _by_tls(self) -> bool:
        return self._directory.start_tls or self._directory.url.startswith("ldaps:")

    def _look_at_tls(self) -> str:
        parts, start_tls = urlsplit(self._directory.url), self._directory.start_tls
        host, port = parts.hostname or "", parts.port or (389 if start_tls else 636)
        call = [
            f"-connect {f'[{host}]' if ':' in host else host}:{port}",
            f"{'-verify_ip' if is_address(host) else '-verify_hostname'} {host}",
            *([f"-CAfile {self._directory.ca}"] if self._directory.ca else []),
            *(["-starttls ldap"] if start_tls else []),
        ]
        return (
            f"Run `openssl s_client {' '.join(call)}`: its verify return code tells whether the name or the authority is "
            "wrong; ca names the file of the authority."
        )


def by_name(where: str, dn: str, found: dict[str, list[bytes]]) -> dict[str, list[bytes]]:
    """The values of an entry by attribute in small letters.

    Raises FeedError where they are a part of an attribute's (Active Directory: ``member;range=0-1499``).
    """
    values = {name.lower(): of for name, of in found.items()}
    if part := next((name for name in values if ";range=" in name), None):
        raise FeedError(
            f"{where}: {shown(dn)} has more values of {part.partition(';')[0]} than the directory gives at once",
            todo="Ask for entries of people, each of which has few values, rather than for groups.",
        )
    return values


def _message(error: ldap.LDAPError) -> str:
    """What the library says of a failure: its name, and what server or TLS add."""
    told = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    if isinstance(error, ldap.TIMEOUT):
        return "gave no answer in time"
    parts = [str(told.get(key, "")) for key in ("desc", "info")]
    return (
        ": ".join(dict.fromkeys(" ".join(p.split()) for p in parts if p and p != _NO_WORDS))
        or type(error).__name__
    )
