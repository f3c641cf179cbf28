"""Everything that would stop a night on this site, or ought to be known before one.

What signals an upgrade or maintenance: moodle-writes §12.4. Checks of the server and of Greffe's rights are in
``server_checks``. A check that breaks is itself a finding.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from greffe.config import Config
from greffe.errors import DatabaseError, GreffeError, ServerAwayError
from greffe.methods.database import METHOD
from greffe.moodle import server_checks
from greffe.moodle.catalogue import Catalogue
from greffe.moodle.database import Database
from greffe.moodle.findings import Finding, ok, stop, warn
from greffe.moodle.locks import TASKS
from greffe.moodle.presence import ADVICE, nothing_here

#: config.version from 4.5.0 up to, and without, the first build after the 5.1 branch
KNOWN_VERSIONS = (2024100700, 2025100700)
TESTED_BRANCHES = ("405", "501")
_NAMED = 5
_SWITCHED_OFF = {
    "database": (
        "External database) is switched off: nobody enrolled by it has access",
        "; leave its connection empty",
    ),
    "cohort": ("Cohort sync) is switched off: Moodle's own sync would now only take its roles away", ""),
    "meta": ("Course meta link) is switched off: Moodle's own sync would now only take its roles away", ""),
    "manual": ("Manual enrolments) is switched off: nobody could be enrolled by it in Moodle either", ""),
    "self": ("Self enrolment) is switched off: nobody could be enrolled by it in Moodle either", ""),
}
"""Method → (its name for people and what it means that it is off, what else to heed where it is switched on)."""


def preflight(
    db: Database, catalogue: Catalogue, config: Config, methods: Sequence[str] = (METHOD,)
) -> list[Finding]:
    """Look at the site; findings in the order in which they should be read. Writes nothing.

    ``methods``: those that are about to be written.
    """
    try:
        version = catalogue.settings.get("version", "")
    except ServerAwayError as e:
        return [stop(str(e), e.todo)]
    except DatabaseError as e:
        return [stop(f"{nothing_here(db)}: {e}", ADVICE)]
    checks: list[Callable[[], Iterator[Finding]]] = [
        lambda: _version(
            version, catalogue.settings.get("branch", ""), catalogue.settings.get("release", "")
        ),
        lambda: _maintenance(catalogue.settings, int(db.value("clock"))),
        *(partial(_plugin, db, catalogue, m) for m in methods if m != METHOD),
        *(
            _of_courses(db, catalogue)
            if METHOD in methods and (config.course or not (config.cohort or config.link))
            else []
        ),
        lambda: _own_numbers(db, catalogue, config),
        lambda: server_checks.server(db),
        lambda: server_checks.session(db),
        lambda: server_checks.indexes(db),
        lambda: server_checks.privileges(
            db, config.moodle, cohorts=bool(config.cohort), links=bool(config.link), methods=methods
        ),
    ]
    found: list[Finding] = []
    for check in checks:
        try:
            found += check()
        except GreffeError as e:
            found.append(stop(f"a check failed: {e}", e.todo))
    return found


def _of_courses(db: Database, catalogue: Catalogue) -> list[Callable[[], Iterator[Finding]]]:
    """What matters only to a site whose rules enrol into courses."""
    return [lambda: _plugin(db, catalogue, METHOD), lambda: _own_sync(db), lambda: _duplicates(db)]


def _version(version: str, branch: str, release: str) -> Iterator[Finding]:
    try:
        number = float(version)
    except ValueError:
        yield stop(
            "Moodle's config has no version: the site was never installed, or half",
            "Finish the installation of Moodle first.",
        )
        return
    name = f"Moodle {release or version}"
    low, high = KNOWN_VERSIONS
    if number < low:
        yield stop(f"{name} is older than Greffe knows", "Upgrade the site: Greffe knows Moodle 4.5 to 5.1.")
    elif number >= high:
        yield stop(
            f"{name} is newer than this Greffe knows; its tables may mean other things",
            "Install a Greffe that knows this version; this one knows Moodle 4.5 to 5.1.",
        )
    elif branch not in TESTED_BRANCHES:
        yield warn(
            f"{name} lies between the versions that Greffe is tested with (4.5 and 5.1)",
            "Try the first nights on a copy of the site.",
        )
    else:
        yield ok(name)


def _maintenance(settings: dict[str, str], now: int) -> Iterator[Finding]:
    later = "Let the upgrade end (Site administration shows it), then run the same command again."
    until = _number(settings.get("upgraderunning"))
    quiet = True
    if until > now:
        quiet = False
        yield stop(f"an upgrade of Moodle is running (it holds the site until {_clock(until)})", later)
    if settings.get("outagelessupgrade", "") not in ("", "0"):
        quiet = False
        yield stop("an upgrade of Moodle is running beside the open site (outagelessupgrade)", later)
    if not settings.get("allversionshash"):
        quiet = False
        yield stop(
            "an upgrade of Moodle is pending (allversionshash is empty)",
            "Run Moodle's admin/cli/upgrade.php.",
        )
    due = _number(settings.get("maintenance_later"))
    if due and due <= now:
        quiet = False
        yield stop(f"maintenance of Moodle was set for {_clock(due)}", "Wait until the maintenance is over.")
    elif due:
        quiet = False
        yield warn(f"maintenance of Moodle is set for {_clock(due)}", "See that the night has ended by then.")
    if quiet:
        yield ok("no upgrade runs or is pending, and no maintenance is scheduled")


def _plugin(db: Database, catalogue: Catalogue, method: str) -> Iterator[Finding]:
    if "version" not in dict(db.query("plugin_config", plugin=f"enrol_{method}")):
        yield stop(
            f"the enrolment plugin enrol_{method} is not installed",
            f"Put Moodle's own enrol/{method} back and run admin/cli/upgrade.php.",
        )
        return
    if method not in catalogue.plugins_enabled:
        why, also = _SWITCHED_OFF[method]
        yield stop(
            f"the enrolment method {method} ({why}",
            f"Enable it under Site administration > Plugins > Enrolments > Manage enrol plugins{also}.",
        )
        return
    yield ok(f"the enrolment method {method} is installed and enabled")


def _own_sync(db: Database) -> Iterator[Finding]:
    own = {str(n): str(v or "") for n, v in db.query("plugin_config", plugin="enrol_database")}
    clear = True
    # without one of these four Moodle's plugin does nothing (enrol/database/lib.php, sync_enrolments)
    if all(own.get(k) for k in ("dbtype", "remoteenroltable", "remotecoursefield", "remoteuserfield")):
        clear = False
        yield warn(
            f"Moodle's own External database sync reads {own['remoteenroltable']!r}: at every login it would undo what Greffe writes",
            "Empty `Database driver` under Site administration > Plugins > Enrolments > External database.",
        )
    for disabled, started, host, pid in db.query("task_state", task=TASKS["database"]):
        if started:
            clear = False
            yield warn(
                f"Moodle's own External database task is running since {_clock(int(started))} on {host} (process {pid})",
                "Greffe waits for its lock, then gives up: start again when the task has ended.",
            )
        if not disabled:
            clear = False
            yield warn(
                "Moodle's own External database task is enabled",
                "Disable it under Site administration > Server > Tasks > Scheduled tasks: Greffe does its work.",
            )
    if clear:
        yield ok("Moodle's own External database sync stays out of the way")


def _duplicates(db: Database) -> Iterator[Finding]:
    rows = db.query("duplicate_methods", method="database")
    if rows:
        names = ", ".join(str(r[1]) for r in rows[:_NAMED]) + (", …" if len(rows) > _NAMED else "")
        yield warn(
            f"{len(rows)} course(s) have several instances of the method database: {names}",
            "Greffe uses the one with the lowest id, as Moodle 5.1 does; delete the others when they are empty.",
        )


def _own_numbers(db: Database, catalogue: Catalogue, config: Config) -> Iterator[Finding]:
    """Whether people can write what feeds know them by into their own profile (user/edit_form.php: a field is closed where
    the account's authentication locks it; an address must be confirmed unless the site says otherwise)."""
    fields = {who.match for feed in config.feed.values() if (who := feed.who)} & {"idnumber", "email"}
    if catalogue.settings.get("emailchangeconfirmation", "0") not in ("", "0"):
        fields.discard("email")
    for field in sorted(fields):
        lock = f"field_lock_{field}"
        rows = db.query("accounts_by_lock", lock=lock)
        open_ones = [(str(auth), int(accounts)) for auth, accounts, how in rows if how != "locked"]
        if open_ones:
            people = sum(accounts for _, accounts in open_ones)
            yield warn(
                f"{people:,} people can write their own {field} in their profile (authentication {_names(open_ones)}): who types "
                "another's gets the other's courses",
                f"Lock the field under Site administration > Plugins > Authentication > (each of these) > Lock user fields: {field}.",
            )


def _names(auths: Sequence[tuple[str, int]]) -> str:
    names = [name for name, _ in auths]
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0


def _clock(when: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(when))
