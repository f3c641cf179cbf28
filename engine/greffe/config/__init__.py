"""One site's ``greffe.toml``: its shape, its defaults, and where its secrets come from.

Secrets never stand on a command line: a password comes from the environment, a file or a command.
"""

from __future__ import annotations

import re
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlsplit

import msgspec

from greffe.config.calendar import Calendar, check_window
from greffe.config.directory import Directory, check_directory, columns_of
from greffe.config.links import LinkRule, check_link
from greffe.config.retention import Retention
from greffe.config.secret import Secret as Secret
from greffe.config.telling import Log, Mail, Webhook, check_mail, check_webhook
from greffe.config.words import explain
from greffe.errors import ConfigError
from greffe.model import MAX_FEEDS, Gone, Leavers

PersonField = Literal["idnumber", "username", "email", "id"]
CourseField = Literal["idnumber", "shortname", "id"]
Share = Annotated[str, msgspec.Meta(pattern=r"^(\d{1,3}(\.\d+)?%|none)$")]
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What the journal's column for a feed's name can hold on both databases."""
DATABASES = ("postgresql", "mariadb", "mysql", "oracle")
"""Schemes of a dsn."""
Duration = Annotated[str, msgspec.Meta(pattern=r"^\d+(s|m|h|d)$")]


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the configuration; a key that is not known is an error, since it is a typing error."""


class Moodle(Strict, frozen=True, kw_only=True):
    """The site's database: from Moodle's own config.php, from the keys here, or both (these win)."""

    config_php: str | None = None
    """Moodle's config.php; read, never run."""
    type: Literal["mariadb", "mysqli", "pgsql"] | None = None
    """The database, as Moodle's ``$CFG->dbtype``."""
    host: str | None = None
    """Address of the server; on PostgreSQL also the directory of its socket."""
    port: int | None = None
    """Default: the database's own."""
    socket: str | None = None
    """The local socket, in place of host and port."""
    name: str | None = None
    """The database."""
    user: str | None = None
    """Greffe's account."""
    password: Secret | None = None
    """Where its password comes from."""
    prefix: str | None = None
    """Of Moodle's tables, as ``$CFG->prefix``."""
    schema: str | None = None
    """PostgreSQL: the schema of Moodle's tables, where it is not the role's own search path."""
    lock_factory: Literal["database", "db_record", "file"] | None = None
    """How Moodle locks its tasks; default: as config.php says, else ``database``, as Moodle."""
    lock_root: str | None = None
    """Directory of Moodle's lock files, for ``lock_factory = "file"``."""
    lock_wait: Duration = "5s"
    """How long a night waits for Moodle's task locks and for another night of Greffe's; then it ends with exit code 6."""
    transaction_rows: Annotated[int, msgspec.Meta(ge=1)] = 10_000
    """Rows that one transaction changes, about: whole courses are never split below this."""
    writers: Annotated[int, msgspec.Meta(ge=1, le=8)] = 2
    """Connections that write a large plan side by side; more than the server has cores to spare gain nothing."""


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
    min_rows: int = 1
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


class Purge(Strict, frozen=True, kw_only=True):
    """When leavers are unenrolled for good, and whether their grades may go with that."""

    after: Duration | None = None
    """How long a leaver has been suspended before; under ``leavers = "unenrol"`` always 0d."""
    with_grades: bool = False
    """Whether somebody is unenrolled who has grades in the course, which Moodle then deletes."""


class CourseRule(Strict, frozen=True, kw_only=True):
    """Registrations of a feed become enrolments of one method, with one role."""

    feed: str
    """Where its registrations come from."""
    method: Literal["database"] = "database"
    """Moodle's enrolment method."""
    course: str
    """Template over the feed's columns."""
    match: CourseField = "idnumber"
    """The field of the course that the template's result must equal."""
    role: str = "student"
    """Template; the shortname of a role."""
    default_role: str | None = None
    """The role where the template gives none that exists."""
    other_user: str | None = None
    """Template; where it gives anything but '' and 0, the person gets the role without being enrolled."""
    group: str | None = None
    """Template; the name of a group, created if missing; '' puts the person in none."""
    start: str | None = None
    """Template; from when: a date (2026-09-01) or seconds since 1970; '' or 0 means none."""
    end: str | None = None
    """Template; until when, likewise."""
    leavers: Leavers = Leavers.SUSPEND
    """What happens to whom the feed no longer names."""
    purge: Purge | None = None
    """When leavers are unenrolled for good; without it never."""
    hidden_courses: Literal["enrol", "skip"] = "enrol"
    """Whether people are enrolled in courses that are hidden, as Moodle's ``ignorehiddencourses``."""
    when: str | None = None
    """Expression over the feed's columns; rows for which it is false are not for this rule."""


class CohortRule(Strict, frozen=True, kw_only=True):
    """Registrations of a feed become members of cohorts."""

    feed: str
    """Where its registrations come from."""
    idnumber: str
    """Template over the feed's columns: what tells one cohort from another; '' leads nowhere."""
    name: str
    """Template."""
    description: str | None = None
    """Template; without it the description is left as it is."""
    category: str | None = None
    """Template; the course category in which the cohort lives, by ``match``. Without it: the whole site's."""
    match: Literal["idnumber", "id"] = "idnumber"
    """The field of the category that the template's result must equal."""
    visible: bool = True
    """Whether teachers of the category find it when they look for a cohort."""
    gone: Gone = Gone.KEEP
    """What happens to a cohort that no registration leads to any more."""
    adopt: bool = False
    """Whether a cohort that somebody made by hand may become Greffe's."""
    when: str | None = None
    """Expression over the feed's columns; rows for which it is false are not for this rule."""


class FeedLimits(Strict, frozen=True, kw_only=True):
    """Beyond any of these a feed's changes stop the run."""

    additions: Share = "none"
    """People who are enrolled or get a role."""
    changes: Share = "none"
    """People whose times or groups change."""
    suspensions: Share = "10%"
    """People who are suspended."""
    removals: Share = "10%"
    """People who lose anything, suspensions included."""
    above: int = 50
    """A share counts only from more people than this."""
    at_most: int = 2000
    """No night suspends or removes more people than this."""
    emptied: Share = "10%"
    """Courses that would lose everybody."""


class ScopeLimits(Strict, frozen=True, kw_only=True):
    """Beyond any of these one course has its removals held, and the night goes on."""

    additions: Share = "none"
    """People who are enrolled or get a role."""
    changes: Share = "none"
    """People whose times or groups change."""
    suspensions: Share = "30%"
    """People who are suspended."""
    removals: Share = "30%"
    """People who lose anything, suspensions included."""
    above: int = 10
    """A share counts only from more people than this."""
    everybody_above: int = 5
    """Everybody of a course with more people than this is always too much."""


class Guards(Strict, frozen=True, kw_only=True):
    """How much may change in one night."""

    feed: FeedLimits = FeedLimits()
    """Limits of a whole feed: beyond one of them the run is held."""
    scope: ScopeLimits = ScopeLimits()
    """Limits of one course or cohort: beyond one of them its losses are held."""
    approval_expires: Duration = "24h"
    """How long an approval holds."""


class Run(Strict, frozen=True, kw_only=True):
    """How a night is run."""

    on_bad_feed: Literal["freeze", "stop"] = "freeze"
    """Freeze what a bad feed reaches and do the rest, or do nothing at all."""
    reports: str | None = None
    """Directory that receives one HTML report a night."""
    sync: list[Literal["cohort", "meta"]] = []
    """Methods that a night brings in step too, all their instances, after the courses and by the site's own settings.
    Those of ``[[link]]`` rules are brought in step without it."""
    state: str | None = None
    """Directory in which Greffe keeps what it has told; default: systemd's StateDirectory, else /var/lib/greffe."""


class Config(Strict, frozen=True, kw_only=True):
    """One site."""

    moodle: Moodle
    """The site's database."""
    feed: dict[str, Feed] = {}
    """Feeds, each by its name."""
    course: list[CourseRule] = []
    """Rules for enrolments in courses."""
    cohort: list[CohortRule] = []
    """Rules for cohorts and their members."""
    link: list[LinkRule] = []
    """Rules for cohort sync and course meta links."""
    guards: Guards = Guards()
    """How much may change in one night."""
    run: Run = Run()
    """How a night is run."""
    calendar: Calendar = Calendar()
    """The academic year."""
    mail: Mail | None = None
    """Who hears of a night by mail."""
    webhook: Webhook | None = None
    """A program that hears of a night."""
    log: Log | None = None
    """How what happens is logged."""
    retention: Retention = Retention()
    """For how long Greffe keeps what names people."""
    path: str = "greffe.toml"
    """The file itself; no key of it."""

    @property
    def name(self) -> str:
        """What the site is called in mail, metrics and logs: the name of its file."""
        return Path(self.path).stem

    def feed_number(self, name: str) -> int:
        """The feed's number in marks: its place among the feeds, in the order of the file."""
        return list(self.feed).index(name)


def load(path: str | Path) -> Config:
    """Read and check a site's configuration.

    Raises ConfigError that names the file and the key.
    """
    file = Path(path)
    return parse(_read(file), str(file))


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What there is of a configuration to tell of a night by, even if the rest of it is wrong."""

    mail: Mail | None = None
    webhook: Webhook | None = None
    run: Run = Run()
    path: str

    @property
    def name(self) -> str:
        """As ``Config.name``."""
        return Path(self.path).stem


def salvage(path: str | Path) -> Told:
    """What can be read of a configuration that ``load`` refuses: of each table all or nothing. Raises nothing."""
    try:
        raw = _read(Path(path))
    except ConfigError:
        return Told(path=str(path))
    found = Told(path=str(path))
    for key in ("mail", "webhook", "run"):
        with suppress(msgspec.ValidationError, ConfigError):
            kept = msgspec.convert(
                {key: raw[key], "path": str(path)} if key in raw else {"path": str(path)}, Told
            )
            check_telling(kept)
            found = msgspec.structs.replace(found, **{key: getattr(kept, key)})
    return found


def check_telling(found: Config | Told) -> None:
    """Refuse ``[mail]`` or ``[webhook]`` that could tell nobody."""
    if found.mail is not None:
        check_mail(f"{found.path}: [mail]", found.mail)
    if found.webhook is not None:
        check_webhook(f"{found.path}: [webhook]", found.webhook)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as e:
        raise ConfigError(
            f"{file}: no such file", todo="Write one with `greffe init`, or name it with -c."
        ) from e
    except OSError as e:
        raise ConfigError(f"{file}: cannot be read: {e.strerror}") from e
    except UnicodeDecodeError as e:
        raise ConfigError(f"{file}: is not UTF-8 (byte {e.start})") from e
    except tomllib.TOMLDecodeError as e:
        raise ConfigError(f"{file}: is not valid TOML: {e}") from e


def parse(raw: dict[str, Any], path: str) -> Config:
    """Check a configuration that is already a dictionary; ``path`` names it in errors."""
    if "path" in raw:
        raise ConfigError(f"{path}: unknown key `path`")
    try:
        config = msgspec.convert(raw | {"path": path}, Config)
    except msgspec.ValidationError as e:
        raise ConfigError(f"{path}: {explain(e, raw | {'path': path}, Config)}") from e
    _check(config)
    return config


def _check(config: Config) -> None:
    where = config.path
    if len(config.feed) > MAX_FEEDS:
        raise ConfigError(f"{where}: {len(config.feed)} feeds; at most {MAX_FEEDS} are possible")
    seen: dict[str, str] = {}
    for name, feed in config.feed.items():
        if not _NAME.fullmatch(name):
            raise ConfigError(
                f"{where}: {name!r} cannot be the name of a feed: up to 64 letters (without accents), digits, - and _"
            )
        if (other := seen.setdefault(name.lower(), name)) != name:
            raise ConfigError(f"{where}: the feeds {other} and {name} differ in case alone")
        _check_feed(f"{where}: [feed.{name}]", feed, config)
    for number, rule in enumerate(config.course, 1):
        at = f"{where}: [[course]] number {number}"
        _check_source(at, rule.feed, config, "nobody can be enrolled from it")
        _check_purge(at, rule)
    for number, cohort in enumerate(config.cohort, 1):
        at = f"{where}: [[cohort]] number {number}"
        _check_source(at, cohort.feed, config, "no cohort can be filled from it")
    for number, link in enumerate(config.link, 1):
        at = f"{where}: [[link]] number {number}"
        check_link(at, link)
        if link.feed is not None and link.feed not in config.feed:
            raise ConfigError(f"{at}: there is no [feed.{link.feed}]")
        if link.feed is not None and config.feed[link.feed].who is not None:
            raise ConfigError(
                f"{at}: [feed.{link.feed}] names people; a link's feed has a row for each course",
                todo="Give the links a feed of their own, without `person`.",
            )
    for key in ("blackout", "add_only"):
        for window in getattr(config.calendar, key):
            check_window(f"{where}: [calendar] {key}", window)
    check_telling(config)


def _check_source(at: str, feed: str, config: Config, otherwise: str) -> None:
    if feed not in config.feed:
        raise ConfigError(f"{at}: there is no [feed.{feed}]")
    if config.feed[feed].who is None:
        raise ConfigError(f"{at}: [feed.{feed}] has no person column, so {otherwise}")


def _check_purge(at: str, rule: CourseRule) -> None:
    if rule.purge is None:
        return
    after = rule.purge.after
    if rule.leavers is Leavers.KEEP:
        raise ConfigError(f'{at}: purge needs leavers that are not kept: leavers = "suspend", or another')
    if rule.leavers is Leavers.UNENROL and after is not None and seconds(after):
        raise ConfigError(
            f'{at}: leavers = "unenrol" unenrols at once, so purge cannot wait',
            todo='Give leavers = "suspend" (or "suspend-no-roles") and keep after, or take after out.',
        )
    if rule.leavers is not Leavers.UNENROL and after is None:
        raise ConfigError(
            f"{at}: purge does not say when",
            todo='Give purge = { after = "90d" }: how long a leaver stays suspended before.',
        )


def _check_feed(at: str, feed: Feed, config: Config) -> None:
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
        try:
            "".encode(feed.encoding)
        except LookupError:
            raise ConfigError(f"{at}: unknown encoding {feed.encoding!r}") from None
    others = [(feed.requires.feed, "requires")] if feed.requires else []
    if isinstance(feed.years, FromFeed):
        others.append((feed.years.feed, "years"))
    for other, key in others:
        if other not in config.feed:
            raise ConfigError(f"{at}: {key} names [feed.{other}], which is not there")
        if config.feed[other] is feed:
            raise ConfigError(f"{at}: {key} names the feed itself")


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


def seconds(duration: str) -> int:
    """``36h`` → 129600."""
    return int(duration[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[duration[-1]]


def share(text: str) -> float | None:
    """``10%`` → 0.1; ``none`` → None (no limit)."""
    return None if text == "none" else float(text[:-1]) / 100
