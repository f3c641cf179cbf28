"""How a site's database is reached, and how its Moodle locks: config.php and the keys of ``[moodle]`` joined.

The keys win. A setting that config.php leaves in doubt must be among the keys: nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec

from greffe.config.moodle import Moodle
from greffe.errors import ConfigError
from greffe.moodle import configphp
from greffe.moodle.configphp import ConfigPhp, Doubt
from greffe.moodle.database import Settings

_ENGINES = {"mariadb": "mariadb", "mysqli": "mariadb", "auroramysql": "mariadb", "pgsql": "postgresql"}
_CONNECTION = ("dbtype", "dbhost", "dbname", "dbuser", "dbpass", "prefix", "dbport", "dbsocket", "dbschema")
_FACTORIES: dict[str, Literal["database", "db_record", "file"]] = {
    "": "database",
    "auto": "database",
    "mysql_lock_factory": "database",
    "postgres_lock_factory": "database",
    "db_record_lock_factory": "db_record",
    "file_lock_factory": "file",
}
#: where MariaDB's own client library looks for a local server; PHP does the same for the host "localhost"
_MYSQL_SOCKETS = ("/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock", "/tmp/mysql.sock")  # noqa: S108 - a place to look, nothing is written
_PG_SOCKETS = ("/var/run/postgresql", "/tmp")  # noqa: S108 - likewise


class LockSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How the site's Moodle locks its tasks (moodle-writes §12.3)."""

    factory: Literal["database", "db_record", "file"]
    root: str = ""
    """Directory of lock files; only for ``file``."""
    site: str
    """``<dbname>:<prefix>`` exactly as Moodle's own config.php has them: part of its lock keys."""


def settings_of(moodle: Moodle) -> Settings:
    """The connection to the site's database. Raises ConfigError that names the line and the key."""
    php = _read(moodle)
    kind = moodle.type or php.values.get("dbtype")
    _refuse_doubts(moodle, php, _CONNECTION if kind in ("pgsql", None) else _CONNECTION[:-1])
    if not kind:
        raise ConfigError(
            "[moodle]: nothing says which database this is",
            todo='Give config_php, or type = "mariadb" or "pgsql" with host, name, user and password.',
        )
    if kind not in _ENGINES:
        raise ConfigError(
            f"[moodle]: Moodle on {kind!r} is not supported",
            todo="Greffe knows MariaDB and PostgreSQL (dbtype mariadb, mysqli, auroramysql, pgsql).",
        )
    engine = _ENGINES[kind]
    name = moodle.name if moodle.name is not None else php.values.get("dbname", "")
    user = moodle.user if moodle.user is not None else php.values.get("dbuser", "")
    for key, value in (("name", name), ("user", user)):
        if not value:
            raise ConfigError(
                f"[moodle]: {key} is missing" + (f", and {php.path} has none" if moodle.config_php else "")
            )
    host = moodle.host if moodle.host is not None else php.values.get("dbhost", "localhost")
    return Settings(
        engine=engine,
        host=host or "localhost",
        port=_port(moodle, php),
        socket=_socket(moodle, php, engine, host),
        name=name,
        user=user,
        password=moodle.password.read("[moodle] password")
        if moodle.password
        else php.values.get("dbpass", ""),
        prefix=_prefix(moodle, php),
        schema=moodle.schema if moodle.schema is not None else php.values.get("dbschema", ""),
    )


def address_of(settings: Settings, usual_port: int) -> str:
    """What tells a site from every other one that this machine reaches, without secrets: plans and reports are called by it."""
    s = settings
    port = f":{s.port}" if s.port not in (0, usual_port) else ""
    return "/".join([f"{s.engine}://{s.socket or s.host}{port}", s.name, *filter(None, [s.schema]), s.prefix])


def locks_of(moodle: Moodle) -> LockSettings:
    """How Moodle locks. Raises ConfigError where config.php names a way that Greffe does not know."""
    php = _read(moodle)
    _refuse_doubts(moodle, php, ("lock_factory",))
    named = php.values.get("lock_factory", "")
    factory = moodle.lock_factory or _FACTORIES.get(named.removeprefix("\\").removeprefix("core\\lock\\"))
    if factory is None:
        raise ConfigError(
            f"[moodle]: Moodle locks its tasks with {named!r}, which Greffe cannot take part in",
            todo='Use one of Moodle\'s own lock factories; or, if that one builds on these, set lock_factory to "database", "db_record" or "file".',
        )
    root = moodle.lock_root or ""
    if factory == "file" and not root:
        _refuse_doubts(moodle, php, ("file_lock_root", "dataroot"))
        root = php.values.get("file_lock_root") or _below(php.values.get("dataroot"))
        if not root:
            raise ConfigError(
                '[moodle]: lock_factory = "file" needs lock_root, the directory of Moodle\'s lock files',
                todo="It is $CFG->file_lock_root, or else `lock` in $CFG->dataroot.",
            )
    # Moodle's keys are made of what its own config.php says, even where Greffe connects under another name
    name = php.values.get("dbname") or moodle.name or ""
    prefix = php.values["prefix"] if "prefix" in php.values else _prefix(moodle, php)
    return LockSettings(factory=factory, root=root, site=f"{name}:{prefix}")


def _read(moodle: Moodle) -> ConfigPhp:
    return configphp.read(moodle.config_php) if moodle.config_php is not None else ConfigPhp()


def _refuse_doubts(moodle: Moodle, php: ConfigPhp, settings: Iterable[str]) -> None:
    wanted = set(settings)
    open_doubts = [d for d in php.doubts if d.setting in wanted and not _settled(moodle, d)]
    if open_doubts:
        lines = "; ".join(describe(open_doubts))
        keys = ", ".join(dict.fromkeys(d.key for d in open_doubts))
        raise ConfigError(
            f"{php.path} cannot be read for certain without running it: {lines}",
            todo=f"Set by hand in [moodle]: {keys}.",
        )


def _settled(moodle: Moodle, doubt: Doubt) -> bool:
    if doubt.key in ("port", "socket") and (moodle.port is not None or moodle.socket is not None):
        return True  # one of them says how to connect, whatever the other might be
    return getattr(moodle, doubt.key) is not None


def describe(doubts: Iterable[Doubt]) -> list[str]:
    """Doubts in words, one entry per line of the file and reason."""
    grouped: dict[tuple[int, str], list[str]] = {}
    for d in doubts:
        grouped.setdefault((d.line, d.why), []).append(d.setting)
    return [f"line {line} ({', '.join(settings)}) {why}" for (line, why), settings in grouped.items()]


def _prefix(moodle: Moodle, php: ConfigPhp) -> str:
    # config.php without a prefix means none; no config.php means Moodle's usual one
    usual = "" if moodle.config_php else "mdl_"
    prefix = moodle.prefix if moodle.prefix is not None else php.values.get("prefix", usual)
    if not re.fullmatch(r"\w*", prefix, re.ASCII):
        raise ConfigError(
            f"[moodle]: {prefix!r} cannot be the prefix of Moodle's tables",
            todo="It is $CFG->prefix in config.php: letters, digits and _.",
        )
    return prefix


def _port(moodle: Moodle, php: ConfigPhp) -> int:
    if moodle.port is not None:
        return moodle.port
    text = "" if moodle.socket is not None else php.values.get("dbport", "")
    if text and not (text.isascii() and text.isdigit()):
        raise ConfigError(f"{php.path}: dbport is no number", todo="Set port by hand in [moodle].")
    return int(text or 0)


def _socket(moodle: Moodle, php: ConfigPhp, engine: str, host: str) -> str:
    """The local socket, by the drivers' rules in Moodle (mysqli_native_… and pgsql_native_moodle_database::connect)."""
    if moodle.socket is not None:
        return moodle.socket
    if moodle.host is not None or moodle.port is not None or not moodle.config_php:
        return ""
    said = php.values.get("dbsocket", "")
    if engine == "mariadb":
        if host not in ("", "localhost"):
            return ""
        return said if "/" in said else _first(_MYSQL_SOCKETS)
    if host == "":
        return _first(_PG_SOCKETS)
    if not said or host not in ("localhost", "127.0.0.1"):
        return ""
    return said if "/" in said else _first(_PG_SOCKETS)


def _first(places: Iterable[str]) -> str:
    return next((p for p in places if Path(p).exists()), "")


def _below(dataroot: str | None) -> str:
    return str(Path(dataroot) / "lock") if dataroot else ""
