"""Whether the server, what stands before it, and Greffe's rights there let a night be written exactly."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Sequence

from greffe.config.moodle import Moodle
from greffe.errors import DatabaseError
from greffe.methods.scope import BY_HAND
from greffe.moodle import statements
from greffe.moodle.database import Database, connect
from greffe.moodle.findings import Finding, ok, stop, warn
from greffe.moodle.locks import own_key
from greffe.moodle.owntables import OwnTables
from greffe.moodle.scopes import INDEXES
from greffe.moodle.settings import locks_of

#: tables that Greffe adds rows to
ADDED = (
    "enrol",
    "user_enrolments",
    "role_assignments",
    "groups",
    "groups_members",
    "message_conversation_members",
    "cache_flags",
    "grade_grades_history",
)
#: tables that it adds rows to where there are rules for cohorts
OF_COHORTS = ("cohort", "cohort_members")
#: tables that it adds rows to where people are enrolled by hand, from files
OF_HAND = ("groupings", "groupings_groups")
#: tables whose rows it deletes with a person's last enrolment, and brings back with their own ids
DELETED = (
    "grade_grades",
    "user_lastaccess",
    "forum_subscriptions",
    "forum_digests",
    "forum_track_prefs",
    "forum_read",
)
_OLDEST = {"mariadb": (10, 6), "postgresql": (13, 0)}
_PROXY = "Give Greffe a direct connection to the primary server, or a pool in session mode: host and port in [moodle]."


def server(db: Database) -> Iterator[Finding]:
    """Kind and version of the server, replication, cluster."""
    version, binlog_format, log_bin, read_only, _packet, _id = db.query("server")[0]
    number = tuple(int(n) for n in re.findall(r"\d+", str(version))[:2])
    name = (
        "PostgreSQL"
        if db.engine == "postgresql"
        else "MariaDB"
        if "mariadb" in str(version).lower()
        else "MySQL"
    )
    if name == "MySQL":
        yield warn(
            f"this server calls itself {version}, not MariaDB: Greffe is not tested with MySQL",
            "Try everything on a copy of the site first, or move Moodle to MariaDB.",
        )
    elif number < _OLDEST[db.engine]:
        oldest = ".".join(map(str, _OLDEST[db.engine]))
        yield stop(f"{name} {version} is too old", f"Greffe needs {name} {oldest} or later.")
    else:
        yield ok(f"{name} {version}")
    if int(read_only or 0):
        yield stop(
            "this server is read-only: a replica, or a primary that was closed",
            "Name the server that Moodle writes to: host in [moodle].",
        )
    if int(log_bin or 0) and str(binlog_format).upper() == "STATEMENT":
        yield stop(
            "the server replicates statements (binlog_format = STATEMENT), which Greffe's transactions (READ COMMITTED) cannot use",
            "Set binlog_format = ROW (or MIXED) on the server, as Moodle itself asks.",
        )
    if db.engine == "mariadb":
        yield from _mariadb(db)


def _mariadb(db: Database) -> Iterator[Finding]:
    try:
        with db.transaction():
            db.execute("returning")
    except DatabaseError as e:
        if "1064" in str(e):  # a syntax error; a missing right is found below, with its table
            yield stop("this server has no INSERT … RETURNING", "Use MariaDB 10.6 or later.")
    tables = [db.prefix + t for t in (*ADDED, *OF_COHORTS, *OF_HAND, *DELETED)]
    for table, engine in db.query("engines", tables=tables):
        yield stop(
            f"table {table} is stored by {engine}, which knows no transactions",
            "Run Moodle's admin/cli/mysql_engine.php --engine=InnoDB.",
        )
    state = {str(k).removeprefix("wsrep_"): str(v) for k, v in db.query("galera_state")}
    if not state:
        return
    if state.get("ready") != "ON" or state.get("cluster_status") != "Primary":
        yield stop(
            f"this Galera node is not part of the primary cluster (ready {state.get('ready')}, {state.get('cluster_status')})",
            "Wait until the node has joined again, or name another one: host in [moodle].",
        )
    elif state.get("local_state_comment") != "Synced":
        yield stop(
            f"this Galera node is {state.get('local_state_comment')}, not Synced",
            "Wait until the node is synced, or name another one: host in [moodle].",
        )
    else:
        yield warn(
            f"a Galera cluster of {state.get('cluster_size')} nodes: locks hold on one node only",
            "Let Greffe and Moodle's cron use the same node, and disable Moodle's own External database task.",
        )


def session(db: Database) -> Iterator[Finding]:
    """A pooler in transaction mode or a proxy that splits reads from writes would break locks and transactions.

    Three looks: does the same session of the same server answer every statement, in and outside a transaction; does a
    lock of the session stay; and does a second connection really get a session of its own.
    """
    key = own_key(db.engine, "probe:" + secrets.token_hex(8))
    params = {"key1": key.key1} if db.engine == "mariadb" else {"key1": key.key1, "key2": key.key2}
    first = db.query("whoami")[0]
    db.query("take_lock", **params)
    try:
        seen = {first} | {db.query("whoami")[0] for _ in range(3)}
        with db.transaction():
            seen.add(db.query("whoami")[0])
        shared = _shares_backend(db, first)
        seen.add(db.query("whoami")[0])
        held = db.run_text(db.text("locks_held", each=(0,)), **{f"lock0_{k}": v for k, v in params.items()})[
            0
        ][0]
        kept = db.value("session_kept")
    finally:
        db.query("give_lock_back", **params)
    if len({who[:3] for who in seen}) > 1:
        yield stop("a proxy sends reads and writes to different servers", _PROXY)
    elif len(seen) > 1 or shared or not held or not kept:
        yield stop(
            "a pooler in transaction mode stands before the server: sessions, and with them locks, do not last",
            _PROXY,
        )
    else:
        yield ok("one session of one server, whose locks last")


def _shares_backend(db: Database, first: tuple[object, ...]) -> bool:
    # with little traffic a pooler hands the same session out again and again: a second connection that keeps a
    # transaction open takes it away, and shows it
    second = connect(db.settings)
    try:
        with second.transaction():
            return second.query("whoami")[0] == first or db.query("whoami")[0] != first
    finally:
        second.close()


def indexes(db: Database) -> Iterator[Finding]:
    """The indexes that the reading of the state stands on."""
    for table, columns in INDEXES.items():
        if db.value("index_by_columns", table=db.prefix + table, columns=columns) is None:
            yield warn(
                f"table {db.prefix + table} has no index on ({columns.replace(',', ', ')})",
                "Nights will be slow: Moodle's admin/cli/check_database_schema.php lists what is missing.",
            )


def privileges(
    db: Database,
    moodle: Moodle,
    *,
    cohorts: bool = False,
    links: bool = False,
    methods: Sequence[str] = (),
) -> Iterator[Finding]:
    """Everything that Greffe will do, tried on no rows and rolled back; ``cohorts``: whether rules make any, ``links``:
    whether rules make methods, ``methods``: which will be written."""
    wanted = [n for n in statements.library(db.engine) if re.match(r"may_(add|change|delete|hold|read)_", n)]
    if not cohorts:
        read = re.compile(
            "may_read_cohort" if "cohort" in methods else "$^"
        )  # cohort methods only look at them
        wanted = [n for n in wanted if "_cohort" not in n or read.match(n)]
    if not links:
        wanted = [n for n in wanted if n not in ("may_change_enrol", "may_delete_enrol")]
    if not db.query("table_columns", tables=[db.prefix + "forum"]):  # a site may do without forums
        wanted = [n for n in wanted if "_forum" not in n]
    if by_hand := not BY_HAND.isdisjoint(methods):
        wanted += [n for n in statements.library(db.engine) if n.startswith("hand_may_")]
    if locks_of(moodle).factory == "db_record":
        wanted += [n for n in statements.library(db.engine) if n.startswith("lock_may_")]
    refused = _refused(db, wanted)
    for name, error in refused.items():
        verb, table = name.removeprefix("lock_").removeprefix("hand_").removeprefix("may_").split("_", 1)
        right = {
            "add": "INSERT",
            "change": "UPDATE",
            "delete": "DELETE",
            "hold": "UPDATE (to lock rows)",
            "read": "SELECT",
        }
        yield stop(
            f"Greffe's account may not {verb} rows of {db.prefix + table}: {error}",
            f"Grant {right[verb]} on {db.prefix + table} to it.",
        )
    added = (*ADDED, *(OF_COHORTS if cohorts else ()), *(OF_HAND if by_hand else ()))
    if db.engine == "postgresql":
        for table, allowed in db.query("sequences", tables=[db.prefix + t for t in added]):
            if not allowed:
                refused[table] = "sequence"
                yield stop(
                    f"Greffe's account may not use the sequence behind {table}.id",
                    f"Grant USAGE on sequence {table}_id_seq to it.",
                )
    if not OwnTables.of(db).anywhere and not _may_create(db):
        refused["create"] = "create"
        yield stop(
            "Greffe's account may not create tables, and Greffe's own are not there yet",
            "Grant CREATE for the first night (or run it once as the owner of the database).",
        )
    if not refused:
        yield ok("Greffe's account may do everything that a night needs with Moodle's tables")


def own_tables(db: Database) -> Iterator[Finding]:
    """Greffe's rights on its own tables, which can be Moodle's by owner: what a night does with them, tried on no rows."""
    here = sorted(OwnTables.of(db).here)
    lacking = []
    for table in here:
        texts = [db.text(f"may_use_own_{verb}", table=table) for verb in ("add", "change", "delete")]
        if _attempt(db, lambda texts=texts: [db.run_text(t) for t in texts]):  # type: ignore[misc]
            lacking.append(db.prefix + table)
    if db.engine == "postgresql":
        found = db.query("sequences", tables=[db.prefix + t for t in here])
        lacking += [f"{table}_id_seq" for table, allowed in found if not allowed]
    if lacking:
        yield stop(
            f"Greffe's account may not work with {', '.join(lacking)}",
            "Let their owner grant SELECT, INSERT, UPDATE and DELETE on these tables, and on PostgreSQL USAGE on their sequences, "
            "to it; `greffe grants` prints the statements.",
        )


def _refused(db: Database, probes: list[str]) -> dict[str, str]:
    """Probe → what the server says against it. All are tried at once, and singly only where one of them fails."""
    if not _attempt(db, lambda: [db.query(name) for name in probes]):
        return {}
    return {name: error for name in probes if (error := _attempt(db, lambda name=name: db.query(name)))}  # type: ignore[misc]


def _may_create(db: Database) -> bool:
    if db.engine == "postgresql":
        return bool(db.value("may_create"))
    try:
        db.query("may_create")
    except DatabaseError:
        return False
    return True


def _attempt(db: Database, act: Callable[[], object]) -> str:
    """What the server says against it; '' where it says nothing."""
    db.begin()
    try:
        act()
    except DatabaseError as e:
        return str(e)
    finally:
        db.rollback()
    return ""
