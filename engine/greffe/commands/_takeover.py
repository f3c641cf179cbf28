"""Moodle's own External-database settings as the feed and the rule that mean the same.

What the settings mean: ``enrol/database/lib.php`` (moodle-writes §3.1, §3.2). What Greffe could only almost do is
refused, so that taking over a site that is in step plans nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import quote

from greffe.errors import ArgumentError, RefusedError
from greffe.model import Leavers
from greffe.moodle.database import Database

PASSWORD = "GREFFE_FEED_PASSWORD"  # noqa: S105 - the name of a variable of the environment

#: ADOdb's names of drivers, as Moodle's settings page offers them
_SCHEMES = {"mysql": "mariadb", "mysqli": "mariadb", "mysqlt": "mariadb", "pdo_mysql": "mariadb"} | {
    f"postgres{v}": "postgresql" for v in ("", "64", "7", "8", "9")
}
_LEAVERS = {"0": Leavers.UNENROL, "1": Leavers.KEEP, "2": Leavers.SUSPEND, "3": Leavers.SUSPEND_NO_ROLES}
_OPTIONAL = {"remoterolefield": "role", "remoteotheruserfield": "other"}
#: Moodle puts tables and columns into its statement as they stand; anything beyond a name cannot be judged
_PART = r'(?:[\w$]+|`[^`\\]+`|"[^"\\]+")'
_NAME = re.compile(rf"{_PART}(?:\.{_PART})*")
_HOST = {"mariadb": re.compile(r"([\w.-]+)(:\d+)?"), "postgresql": re.compile(r"(/[\w./-]+|[\w.-]+)(:\d+)?")}


@dataclass(frozen=True, slots=True)
class Takeover:
    """A feed and a rule equal to the site's own settings; no secret is among them."""

    dsn: str
    sql: str
    person: str
    course: str
    role: str
    default_role: str
    other_user: str
    leavers: Leavers
    hidden_courses: str
    notes: list[str] = field(default_factory=list)


def take_over(db: Database) -> Takeover:
    """Read the settings of enrol_database. Raises RefusedError that names what cannot be taken over, and ArgumentError where
    there is nothing to take over."""
    own = {str(n): str(v or "").strip() for n, v in db.query("plugin_config", plugin="enrol_database")}
    keys = ("dbtype", "remoteenroltable", "remotecoursefield", "remoteuserfield")
    if empty := [key for key in keys if not own.get(key)]:
        raise ArgumentError(
            f"there is nothing to take over: in this site's External database settings {', '.join(empty)} "
            f"{'is' if len(empty) == 1 else 'are'} empty, so Moodle enrols nobody by them",
            todo="Run `greffe init` without --from-enrol-database, then fill in [feed] and [[course]].",
        )
    _only_names(own, ("remoteenroltable", "remotecoursefield", "remoteuserfield", *_OPTIONAL))
    by_name = bool(own.get("remoterolefield"))
    if by_name and own.get("localrolefield", "shortname") != "shortname":
        raise _refused(
            "localrolefield is not shortname: Greffe knows roles by their shortnames only",
            "Give shortnames in the external table, or write the rule by hand.",
        )
    default = _default_role(db, own.get("defaultrole", ""))
    if not by_name and not default:
        raise _refused(
            "there is neither a role column nor a default role that exists", "Choose a default role first."
        )
    columns = [f"{own['remotecoursefield']} AS course", f"{own['remoteuserfield']} AS person"]
    columns += [f"{own[key]} AS {name}" for key, name in _OPTIONAL.items() if own.get(key)]
    return Takeover(
        dsn=_dsn(own),
        # the very names that Moodle puts into its own statement, and nothing but names; the feed's sql is for people to read
        sql=f"SELECT {', '.join(columns)} FROM {own['remoteenroltable']}",  # noqa: S608
        person=_field(own, "localuserfield", ("id", "idnumber", "email", "username")),
        course=_field(own, "localcoursefield", ("id", "idnumber", "shortname")),
        role="{{ role }}" if by_name else default,
        default_role=default if by_name else "",
        other_user="{{ other }}" if own.get("remoteotheruserfield") else "",
        # a row that is missing counts as 0 in PHP: unenrol
        leavers=_LEAVERS.get(own.get("unenrolaction") or "0", Leavers.UNENROL),
        hidden_courses="skip" if own.get("ignorehiddencourses", "0") not in ("", "0") else "enrol",
        notes=_notes(own),
    )


def _refused(why: str, todo: str) -> RefusedError:
    return RefusedError(f"the site's External database settings cannot be taken over: {why}", todo=todo)


def _only_names(own: dict[str, str], keys: tuple[str, ...]) -> None:
    for key in keys:
        if own.get(key) and not _NAME.fullmatch(own[key]):
            raise _refused(f"{key} is more than a name", "Write the feed's sql by hand.")


def _field(own: dict[str, str], key: str, known: tuple[str, ...]) -> str:
    value = own.get(key) or "idnumber"
    if value not in known:
        raise _refused(f"{key} is {value!r}, which Greffe does not know", f"It knows {', '.join(known)}.")
    return value


def _default_role(db: Database, role: str) -> str:
    return next((str(short) for short, number in db.query("site_roles") if str(number) == role), "")


def _dsn(own: dict[str, str]) -> str:
    scheme = _SCHEMES.get(own["dbtype"])
    if scheme is None:
        kind = own["dbtype"].partition(":")[0]  # a whole address may stand here, with its password
        raise _refused(
            f"its database is of the kind {kind!r}; feeds come from PostgreSQL and from MariaDB or MySQL",
            "Have the table delivered as a CSV extract, and write the feed by hand.",
        )
    host = _HOST[scheme].fullmatch(own.get("dbhost") or "localhost")
    if host is None:
        raise _refused("dbhost is more than a host and a port", "Write the feed's dsn by hand.")
    user = quote(own["dbuser"], safe="") + "@" if own.get("dbuser") else ""
    return (
        f"{scheme}://{user}{quote(host[1], safe='')}{host[2] or ''}/{quote(own.get('dbname', ''), safe='')}"
    )


def _notes(own: dict[str, str]) -> list[str]:
    notes = []
    if own.get("dbpass"):
        notes.append(
            f"The password stays in Moodle (External database, dbpass). Put it into the environment as {PASSWORD}, "
            'or name a file or a command: password = { file = "…" }.'
        )
    if own.get("dbencoding", "utf-8").lower() not in ("", "utf-8", "utf8"):
        notes.append(
            f"Moodle converts the text from {own['dbencoding']} itself (dbencoding); Greffe asks the server for UTF-8. "
            "Compare some accented codes before the first night."
        )
    if own.get("dbsetupsql"):
        notes.append(
            "Moodle sends a statement of its own after connecting (dbsetupsql); Greffe does not. Text arrives as UTF-8 "
            "all the same; if the statement does more (a schema, a role), set that for the account on the server."
        )
    if own.get("newcoursetable"):
        notes.append(
            "Moodle also creates courses from the external database (newcoursetable); Greffe does not."
        )
    return notes
