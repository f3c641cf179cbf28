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

from greffe.configcalendar import Calendar, check_window
from greffe.configlinks import LinkRule, check_link
from greffe.configsecret import Secret as Secret  # noqa: PLC0414 - part of the configuration's shape
from greffe.configtelling import Log, Mail, Webhook, check_mail, check_webhook
from greffe.configwords import explain
from greffe.errors import ConfigError
from greffe.model import MAX_FEEDS, Gone, Leavers

PersonField = Literal["idnumber", "username", "email", "id"]
CourseField = Literal["idnumber", "shortname", "id"]
Share = Annotated[str, msgspec.Meta(pattern=r"^(\d{1,3}(\.\d+)?%|none)$")]
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What the journal's column for a feed's name can hold on both databases."""
DATABASES = ("postgresql", "mariadb", "mysql")
"""Schemes of a dsn."""
Duration = Annotated[str, msgspec.Meta(pattern=r"^\d+(s|m|h|d)$")]


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the configuration; a key that is not known is an error, since it is a typing error."""


class Moodle(Strict, frozen=True, kw_only=True):
    """The site's database: from Moodle's own config.php, from the keys here, or both (these win)."""

    config_php: str | None = None
    type: Literal["mariadb", "mysqli", "pgsql"] | None = None
    host: str | None = None
    port: int | None = None
    socket: str | None = None
    name: str | None = None
    user: str | None = None
    password: Secret | None = None
    prefix: str | None = None
    schema: str | None = None
    """PostgreSQL: the schema of Moodle's tables, where it is not the role's own search path."""
    lock_factory: Literal["database", "db_record", "file"] | None = None
    """How Moodle locks its tasks; default: as config.php says, else ``database``, as Moodle."""
    lock_root: str | None = None
    """Directory of Moodle's lock files, for ``lock_factory = "file"``."""
    lock_wait: Duration = "5s"
    transaction_rows: Annotated[int, msgspec.Meta(ge=1)] = 10_000
    """Rows that one transaction changes, about: whole courses are never split below this."""
    writers: Annotated[int, msgspec.Meta(ge=1, le=8)] = 2
    """Connections that write a large plan side by side; more than the server has cores to spare gain nothing."""


class Person(Strict, frozen=True, kw_only=True):
    """Which column names the person, and what it is matched with in Moodle's ``user``."""

    column: str
    match: PersonField = "idnumber"
    pad: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    """Left-pad with zeros to this width: student numbers lose their zeros in spreadsheets."""


class Requires(Strict, frozen=True, kw_only=True):
    """Semi-join: a row counts only where another feed has a row with the same values."""

    feed: str
    on: list[str] | dict[str, str]
    """Columns of the same name in both feeds, or {column here = column there}."""


class FromFeed(Strict, frozen=True, kw_only=True):
    """Open academic years as a feed of its own lists them (APOGÉE: ANNEE_UNI, ETA_ANU_IAE = 'O')."""

    feed: str
    column: str = "COD_ANU"


class Feed(Strict, frozen=True, kw_only=True):
    """Where registrations come from, and what makes them trustworthy."""

    csv: str | None = None
    encoding: str = "utf-8"
    separator: Literal[";", ",", "\t", "|"] = ";"
    dsn: str | None = None
    """postgresql://, mariadb:// or mysql:// without a password in it."""
    password: Secret | None = None
    sql: str | None = None
    person: Person | str | None = None
    keep: dict[str, str | list[str]] = {}
    """Only rows whose column has this value (or one of these)."""
    years: Literal["open", "all"] | list[str] | FromFeed = "all"
    year_column: str = "COD_ANU"
    requires: Requires | None = None
    max_age: Duration | None = None
    """The file's age (or ``delivered`` of a query) beyond which the feed is stale."""
    shrink: Share = "30%"
    """Fewer rows than the last good night by more than this: the feed is bad."""
    min_rows: int = 1
    unknown_people: Share = "50%"
    """More unknown people than this among the distinct people: the feed is bad."""

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
    method: Literal["database"] = "database"
    course: str
    """Template over the feed's columns."""
    match: CourseField = "idnumber"
    role: str = "student"
    """Template; the shortname of a role."""
    default_role: str | None = None
    """The role where the template gives none that exists."""
    other_user: str | None = None
    """Template; where it gives anything but '' and 0, the person gets the role without being enrolled."""
    group: str | None = None
    """Template; the name of a group, created if missing; '' puts the person in none."""
    start: str | None = None
    end: str | None = None
    """Templates; a date (2026-09-01) or seconds since 1970; '' or 0 means none."""
    leavers: Leavers = Leavers.SUSPEND
    purge: Purge | None = None
    hidden_courses: Literal["enrol", "skip"] = "enrol"
    when: str | None = None
    """Expression over the feed's columns; rows for which it is false are not for this rule."""


class CohortRule(Strict, frozen=True, kw_only=True):
    """Registrations of a feed become members of cohorts."""

    feed: str
    idnumber: str
    """Template over the feed's columns: what tells one cohort from another; '' leads nowhere."""
    name: str
    """Template."""
    description: str | None = None
    """Template; without it the description is left as it is."""
    category: str | None = None
    """Template; the course category in which the cohort lives, by ``match``. Without it: the whole site's."""
    match: Literal["idnumber", "id"] = "idnumber"
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
    changes: Share = "none"
    suspensions: Share = "10%"
    removals: Share = "10%"
    above: int = 50
    """A share counts only from more people than this."""
    at_most: int = 2000
    """No night suspends or removes more people than this."""
    emptied: Share = "10%"
    """Courses that would lose everybody."""


class ScopeLimits(Strict, frozen=True, kw_only=True):
    """Beyond any of these one course has its removals held, and the night goes on."""

    additions: Share = "none"
    changes: Share = "none"
    suspensions: Share = "30%"
    removals: Share = "30%"
    above: int = 10
    everybody_above: int = 5
    """Everybody of a course with more people than this is always too much."""


class Guards(Strict, frozen=True, kw_only=True):
    """How much may change in one night."""

    feed: FeedLimits = FeedLimits()
    scope: ScopeLimits = ScopeLimits()
    approval_expires: Duration = "24h"


class Run(Strict, frozen=True, kw_only=True):
    """How a night is run."""

    on_bad_feed: Literal["freeze", "stop"] = "freeze"
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
    feed: dict[str, Feed] = {}
    course: list[CourseRule] = []
    cohort: list[CohortRule] = []
    link: list[LinkRule] = []
    guards: Guards = Guards()
    run: Run = Run()
    calendar: Calendar = Calendar()
    mail: Mail | None = None
    webhook: Webhook | None = None
    log: Log | None = None
    path: str = "greffe.toml"

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
    if (feed.csv is None) == (feed.sql is None):
        raise ConfigError(f"{at}: give either csv or sql (with dsn)")
    if feed.sql is not None:
        if feed.dsn is None:
            raise ConfigError(f"{at}: sql needs a dsn")
        check_dsn(at, feed.dsn)
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
