"""``greffe init``: writes a commented greffe.toml for one site."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import msgspec

from greffe.commands._session import reach
from greffe.commands._takeover import PASSWORD, Takeover, take_over
from greffe.config import parse
from greffe.config.moodle import Moodle
from greffe.errors import ConfigError
from greffe.moodle import configphp
from greffe.moodle.configphp import ConfigPhp
from greffe.moodle.presence import refuse_without_moodle
from greffe.moodle.settings import describe

_HEAD = """\
# Greffe: who belongs in which course of one Moodle site. One file per site.
# `greffe doctor` looks whether a night can be run; `greffe plan` shows what it would do.

[moodle]
"""
_BY_HAND = """\
# type = "mariadb"                        # or "pgsql": Moodle's $CFG->dbtype
# host = "localhost"                      # or socket = "/run/mysqld/mysqld.sock"
# port = 3306
# name = "moodle"
# user = "greffe"
# password = { env = "GREFFE_MOODLE_PASSWORD" }   # or { file = "…" } or { command = "…" }; never the password itself
# prefix = "mdl_"
"""
_SAMPLES = {
    "type": '"mariadb"',
    "host": '""',
    "name": '""',
    "user": '""',
    "password": '{ env = "GREFFE_MOODLE_PASSWORD" }',
    "prefix": '"mdl_"',
    "port": "3306",
    "socket": '""',
    "schema": '""',
    "lock_factory": '"database"            # or "db_record" or "file"',
    "lock_root": '"/srv/moodledata/lock"',
}
_FEED = """
# Where registrations come from. A feed is tested every night before anything is planned.
# [feed.ip]
# csv = "/srv/apogee/ip.csv"
# encoding = "cp1252"
# separator = ";"
# years = "open"                          # or ["2026"], or "all"
# keep = { TEM_PRC_ICE = "N" }
# person = { column = "COD_ETU", match = "idnumber", pad = 8 }
# max_age = "36h"

# A feed can also be a query (dsn with sql, or with a ready one such as "apogee/ip"), a directory, or its LDIF file.
# [feed.directory]
# ldap = { url = "ldaps://ldap.univ.example", bind = "cn=greffe,dc=univ,dc=example", base = "ou=people,dc=univ,dc=example" }
# password = { file = "/etc/greffe/ldap-password" }
# person = "COD_ETU"

# Where a registration leads.
# [[course]]
# feed = "ip"
# course = "{{ COD_ELP }}"
# match = "idnumber"                      # or "shortname" or "id"
# role = "student"
# leavers = "suspend"                     # or "keep", "suspend-no-roles", "unenrol"
# purge = { after = "90d" }               # unenrolled once suspended for so long, but nobody who has grades there

# Cohorts that registrations make and fill.
# [[cohort]]
# feed = "ip"
# idnumber = "{{ COD_ETP }}-{{ COD_ANU }}"
# name = "{{ COD_ETP }} {{ COD_ANU }}"
# category = "SANTE"                      # idnumber of a course category; without it: the whole site
# gone = "keep"                           # or "hide", "empty", "delete": once no registration leads there
# adopt = false                           # true: one that somebody made by hand becomes Greffe's

# Days on which nobody loses anything, and days on which nothing changes.
# [calendar]
# add_only = [{ from = "07-01", to = "09-15" }]
# blackout = [{ from = "12-20", to = "01-03" }]
"""
_GUARDS = """
# How much may change in one night; these are the defaults.
# [guards]
# feed = { removals = "10%", suspensions = "10%", above = 50, at_most = 2000 }   # beyond: the run stops
# scope = { removals = "30%", suspensions = "30%", above = 10 }                  # beyond: that course is held
"""
_RUN = """
# What else a night does.
# [run]
# reports = "/var/lib/greffe/reports"       # one HTML page a night
# sync = ["cohort", "meta"]                 # cohort sync and course meta links too, by the site's own settings

# Who hears when somebody must look; quiet while all is well. Try it: `greffe mail --test`.
# [mail]
# server = "smtp.example.org"
# user = "greffe"
# password = { file = "/etc/greffe/smtp.secret" }
# sender = "Greffe <greffe@example.org>"
# to = ["moodle-team@example.org"]
# language = "en"                           # or "fr"
# summary = "monday"

# For how long Greffe keeps what names people; `greffe prune` takes out what is older. These are the defaults.
# [retention]
# journal = "400d"                          # who was changed, when and why; older runs cannot be undone
# waiting = "90d"                           # people without an account, of feeds that come no more
# findings = "730d"
# messages = "365d"
# reports = "90d"
# nightly = false                           # true: each night ends with it
"""
_RUN_WITH_REPORTS = """
# What else a night does.
[run]
reports = REPORTS    # one HTML page a night
# sync = ["cohort", "meta"]                 # cohort sync and course meta links too, by the site's own settings
"""


def init(
    path: str | Path,
    config_php: str | Path | None = None,
    *,
    from_enrol_database: bool = False,
    moodle: Moodle | None = None,
    reports: str | None = None,
) -> list[str]:
    """Write a new configuration; gives back what a person should know about it, the same words as in the file.

    ``config_php`` is read, never run; what it leaves open stands in the file as keys to fill in. ``moodle`` gives
    keys of ``[moodle]`` that are already known, ``reports`` the directory of the nights' reports. ``from_enrol_database`` asks
    the site's database for Moodle's own External-database settings and writes the feed and the rule that mean the same; then
    the connection must be complete. An existing file is never overwritten.

    Raises ConfigError, DatabaseError, and RefusedError where the settings cannot be taken over exactly.
    """
    target = Path(path)
    if target.exists():
        raise ConfigError(
            f"{target} is there already", todo="Name another file, or move that one away first."
        )
    given = moodle or Moodle()
    php = ConfigPhp()
    if config_php is not None:
        given = msgspec.structs.replace(given, config_php=str(Path(config_php).absolute()))
        php = configphp.read(str(given.config_php))
    taken = None
    notes: list[str] = []
    if from_enrol_database:
        db = reach(given)
        try:
            refuse_without_moodle(db)
            taken = take_over(db)
        finally:
            db.close()
        notes += taken.notes
        if php.forced:
            notes.append(
                f"{php.path}, line {php.forced}: forced_plugin_settings override what the database says; if they name "
                "enrol_database, correct the feed and the rule below by hand."
            )
    end = _taken(taken, list(notes)) if taken else _FEED
    run = _RUN if reports is None else _RUN_WITH_REPORTS.replace("REPORTS", _quoted(reports))
    text = _HEAD + _moodle(given, php, notes) + end + _GUARDS + run
    parse(tomllib.loads(text), str(target))  # what cannot be read back is never written
    _write(target, text)
    return notes


def _write(target: Path, text: str) -> None:
    try:
        # exclusive, since the file may be born between our look and our write; private, since people add passwords
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
    except FileExistsError:
        raise ConfigError(
            f"{target} is there already", todo="Name another file, or move that one away first."
        ) from None
    except OSError as e:
        raise ConfigError(
            f"{target}: cannot be written: {e.strerror}", todo="Name a place that can be written."
        ) from e
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _moodle(given: Moodle, php: ConfigPhp, notes: list[str]) -> str:
    if given.config_php is None:
        return "".join(_given(given)) or _BY_HAND
    lines = [
        f"config_php = {_quoted(given.config_php)}          # read for the connection, never run\n",
        *_given(given),
    ]
    open_doubts = [d for d in php.doubts if getattr(given, d.key) is None]
    if open_doubts:
        notes.extend(f"{php.path}, {words}: set it by hand in [moodle]." for words in describe(open_doubts))
        lines.append(
            "# These lines of config.php cannot be read for certain without running it; fill in what is named:\n"
        )
        lines += [f"#   {words}\n" for words in describe(open_doubts)]
        lines += [f"# {key} = {_SAMPLES[key]}\n" for key in dict.fromkeys(d.key for d in open_doubts)]
    return "".join(lines)


def _given(given: Moodle) -> list[str]:
    lines = []
    for key in (
        "type",
        "host",
        "port",
        "socket",
        "name",
        "user",
        "password",
        "prefix",
        "schema",
        "lock_factory",
        "lock_root",
    ):
        value = getattr(given, key)
        if key == "password" and value is not None:
            sources = {
                k: getattr(value, k) for k in ("env", "file", "command") if getattr(value, k) is not None
            }
            inner = ", ".join(f"{k} = {_quoted(v)}" for k, v in sources.items())
            lines.append(f"password = {{ {inner} }}\n")
        elif value is not None:
            lines.append(f"{key} = {value if isinstance(value, int) else _quoted(value)}\n")
    return lines


def _taken(t: Takeover, remarks: list[str]) -> str:
    password = f'password = {{ env = "{PASSWORD}" }}\n' if any(PASSWORD in note for note in t.notes) else ""
    # a setting of the site that stands in a remark must not end the comment
    notes = "".join(f"# {' '.join(remark.split())}\n" for remark in remarks)
    default = f"default_role = {_quoted(t.default_role)}\n" if t.default_role else ""
    default += f"other_user = {_quoted(t.other_user)}\n" if t.other_user else ""
    unenrol, purge = "", ""
    if t.leavers == "unenrol":
        unenrol = "# Moodle's own sync unenrols whoever is gone; `suspend` keeps their work within reach.\n"
        purge = (
            "# As in Moodle, an unenrolment deletes the person's grades in the course. Without this line whoever has grades\n"
            "# there is suspended instead.\n"
            "purge = { with_grades = true }\n"
        )
    return f"""
# Taken over from Moodle's own External-database settings: the same people, courses and roles.
# Once nights run with Greffe, empty `Database driver` there, or its sync at login would fight Greffe.
{notes}[feed.external]
dsn = {_quoted(t.dsn)}
{password}sql = {_quoted(t.sql)}
person = {{ column = "person", match = {_quoted(t.person)} }}

[[course]]
feed = "external"
method = "database"
course = "{{{{ course }}}}"
match = {_quoted(t.course)}
role = {_quoted(t.role)}
{default}{unenrol}leavers = {_quoted(t.leavers.value)}
{purge}hidden_courses = {_quoted(t.hidden_courses)}
"""


def _quoted(text: str) -> str:
    # JSON's strings are TOML's, but for one character that JSON leaves as it is
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
