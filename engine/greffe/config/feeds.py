"""``[feed.NAME]``: where registrations come from, and what makes them trustworthy."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from greffe.config.amounts import Duration, Number, Share
from greffe.config.directory import Directory, check_directory, columns_of
from greffe.config.dsn import check_dsn
from greffe.config.secret import Secret
from greffe.config.strict import Strict
from greffe.errors import ConfigError

PersonField = Literal["idnumber", "username", "email", "id"]


class Person(Strict, frozen=True, kw_only=True):
    """Which column names the person, and what it is matched with in Moodle's ``user``."""

    column: str
    """The column of the feed."""
    match: PersonField = "idnumber"
    """The field of Moodle's account that it must equal."""
    pad: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    """Left-pad with zeros to this width: student numbers lose their zeros in spreadsheets."""


class Requires(Strict, frozen=True, kw_only=True):
    """Semi-join: a row counts only where another feed has a row with the same values."""

    feed: str
    """The other feed."""
    on: list[str] | dict[str, str]
    """Columns of the same name in both feeds, or {column here = column there}."""


class FromFeed(Strict, frozen=True, kw_only=True):
    """Open academic years as a feed of its own lists them (APOGÉE: ANNEE_UNI, ETA_ANU_IAE = 'O')."""

    feed: str
    """The feed that lists the years."""
    column: str = "COD_ANU"
    """Its column."""


class Feed(Strict, frozen=True, kw_only=True):
    """Where registrations come from, and what makes them trustworthy."""

    csv: str | None = None
    """A file; gzip is recognised by its content."""
    encoding: str = "utf-8"
    """Of the file, by Python's name; ASCII must stay ASCII in it."""
    separator: Literal[";", ",", "\t", "|"] = ";"
    """Between the cells of the file."""
    dsn: str | None = None
    """postgresql://, mariadb://, mysql:// or oracle:// without a password in it."""
    password: Secret | None = None
    """Where the password for ``dsn`` comes from."""
    sql: str | None = None
    """One SELECT; read-only and streamed."""
    query: str | None = None
    """Instead of sql: the name of a query that comes with Greffe (apogee/ia), or a file ….sql."""
    ldap: Directory | None = None
    """A directory."""
    ldif: str | None = None
    """A file of a directory's entries."""
    columns: dict[str, str] | None = None
    """Of ldap and ldif: {column = attribute, attribute[field] or attribute{field}}; without it SupAnn's registrations."""
    each: str | None = None
    """Of ldap and ldif: the attribute of which each value is a row; without it that of the fields, else none."""
    person: Person | str | None = None
    """The column that names the person, in short (matched with ``idnumber``) or as a table; none: a feed that only serves others."""
    keep: dict[str, str | list[str]] = {}
    """Only rows whose column has this value (or one of these)."""
    years: Literal["open", "all"] | list[str] | FromFeed = "all"
    """Which academic years count: all, the open ones, a list, or those that another feed lists."""
    year_column: str = "COD_ANU"
    """The column that holds the year."""
    requires: Requires | None = None
    """Only rows that another feed has as well."""
    max_age: Duration | None = None
    """The file's age (or ``delivered`` of a query) beyond which the feed is stale."""
    shrink: Share = "30%"
    """Fewer rows than the last good night by more than this: the feed is bad."""
    min_rows: Number = 1
    """Fewer rows than this: the feed is bad; 0: empty is possible."""
    unknown_people: Share = "50%"
    """More unknown people than this among the distinct people: the feed is bad."""

    @property
    def source(self) -> str:
        """Where it comes from, without secrets."""
        return self.file or (self.dsn or "").partition("?")[0] or (self.ldap.url if self.ldap else "")

    @property
    def file(self) -> str | None:
        """The file that it is, if it is one."""
        return self.csv or self.ldif

    @property
    def blind(self) -> bool:
        """Whether its own database takes codes that differ in case or accents for equal."""
        return self.dsn is not None and self.dsn.startswith(("mariadb:", "mysql:"))

    @property
    def who(self) -> Person | None:
        """The person column in its long form; None for a feed that only serves others."""
        return Person(column=self.person) if isinstance(self.person, str) else self.person


def check_feed(at: str, feed: Feed) -> None:
    """Refuse a feed that could not be read as it stands; ``at`` names it. What it says of other feeds is looked at with these."""
    if sum(given is not None for given in (feed.csv, feed.sql, feed.query, feed.ldap, feed.ldif)) != 1:
        raise ConfigError(f"{at}: give one of csv, sql or query (with dsn), ldap and ldif")
    if feed.sql is not None or feed.query is not None:
        if feed.dsn is None:
            raise ConfigError(f"{at}: {'query' if feed.sql is None else 'sql'} needs a dsn")
        check_dsn(at, feed.dsn)
    if feed.ldap is not None or feed.ldif is not None:
        columns_of(at, feed.columns, feed.each)
    elif feed.columns is not None or feed.each is not None:
        raise ConfigError(f"{at}: columns and each are for ldap and ldif")
    if feed.ldap is not None:
        check_directory(f"{at} ldap", feed.ldap, password=feed.password is not None)
    if feed.csv is not None:
        _check_encoding(at, feed.encoding)


def _check_encoding(at: str, encoding: str) -> None:
    try:
        "".encode(encoding)
    except (LookupError, ValueError):
        raise ConfigError(
            f"{at}: unknown encoding {encoding!r}",
            todo='Give Python\'s name of it: encoding = "cp1252" for Windows-1252; without the key it is UTF-8.',
        ) from None
