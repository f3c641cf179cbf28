"""Every error an operator can meet, grouped by what there is to do about it.

Each class carries the exit code of the command that ends with it, and ``todo``: the next step, in one sentence.
The codes are part of Greffe's interface: monitoring and the nightly timer tell the cases apart by them.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum


class Exit(IntEnum):
    """What a command's exit code tells."""

    DONE = 0
    BUG = 1
    USAGE = 2
    CHANGES_PENDING = 3
    HELD = 4
    PARTIAL = 5
    NOT_READY = 6
    DATABASE = 7
    INTERRUPTED = 8
    STALE = 9
    REFUSED = 10
    FOUND_WARNINGS = 11
    FOUND_ERRORS = 12


class GreffeError(Exception):
    """Something went wrong that an operator can act on."""

    exit: Exit = Exit.BUG
    todo: str = ""

    def __init__(self, message: str, *, todo: str = "", each: Sequence[str] = ()) -> None:
        """``each``: what the message lists, one by one, for a terminal."""
        super().__init__(message)
        self.each = tuple(each)
        if todo:
            self.todo = todo


class ConfigError(GreffeError):
    """The configuration (or a command's argument) is wrong."""

    exit = Exit.USAGE
    todo = "Correct the configuration file, then run `greffe doctor`."


class ArgumentError(ConfigError):
    """What a command was asked for is not there, or cannot be."""

    todo = "Look at the spelling; `greffe COMMAND --help` shows what is meant."


class MissingPackageError(ConfigError):
    """What is asked for needs a Python package that does not come with Greffe itself."""

    todo = "Install it beside Greffe: pipx inject greffe PACKAGE."

    def __init__(self, message: str, package: str) -> None:
        # Greffe is on no package index: 'greffe[…]' by itself would find nothing
        super().__init__(
            message,
            todo=f"Install it beside Greffe: pipx inject greffe {package} (in an environment without pipx: pip install {package}).",
        )


class TellingError(ConfigError):
    """A mail or a webhook could not be sent; what was to be told stands all the same."""

    todo = "Correct [mail] or [webhook], see that the other side answers, then try with `greffe mail --test`."


class PartlyToldError(TellingError):
    """A mail went out, but not to everybody: who has it is not to have it again."""

    todo = "Correct these addresses in [mail] to, or have the server take them."


class FeedError(GreffeError):
    """A feed cannot be trusted tonight: unreadable, cut short, stale, or of the wrong shape."""

    exit = Exit.PARTIAL
    todo = "Have the extract delivered again; until then nothing that this feed can reach is touched."


class HeldError(GreffeError):
    """A guard holds the run until somebody has looked."""

    exit = Exit.HELD
    todo = (
        "Look at the plan; if it is right, run `greffe approve` with its digest, then `greffe nightly` again."
    )


class SiteNotReadyError(GreffeError):
    """The Moodle site cannot be written to now: unknown version, upgrade, locks, privileges."""

    exit = Exit.NOT_READY
    todo = "Run `greffe doctor`: it lists everything that stops a night and what to do about it."


class StalePlanError(GreffeError):
    """The site moved since the plan was made."""

    exit = Exit.STALE
    todo = "Make the plan again with `greffe plan --out FILE`, review it, and apply that."


class RefusedError(GreffeError):
    """Greffe will not do this, since it could not be done exactly."""

    exit = Exit.REFUSED


class BatchfileError(GreffeError):
    """A file made by people cannot be read: damaged, or in no format that is known."""

    exit = Exit.REFUSED
    todo = "Correct the file, or say how it is meant (`--format`, `--separator`, `--encoding`, `--column`)."


class DatabaseError(GreffeError):
    """The database refused or was lost; what was not committed is not there."""

    exit = Exit.DATABASE
    todo = "See the message of the server; when it is well again, run the same command: it finishes the work."


class TransientDatabaseError(DatabaseError):
    """What ended the transaction may be gone the next time: the whole transaction can be tried again."""


class BusyDatabaseError(TransientDatabaseError):
    """A lock that another connection held for longer than a statement waits."""

    todo = (
        "Another connection holds these rows and does not let go: look for it (SHOW FULL PROCESSLIST, "
        "pg_stat_activity), end it or wait for it, then run the same command: it finishes the work."
    )


class DeadlockError(TransientDatabaseError):
    """Two writers met on the same rows and this one gave way; on Galera also the one whose rows another node changed."""


class ServerAwayError(TransientDatabaseError):
    """A Galera node outside its cluster: it answers, but neither reads nor writes until it is back in."""

    exit = Exit.NOT_READY
    todo = (
        "Look at the cluster (SHOW STATUS LIKE 'wsrep_cluster%'): wait until this node is back in its primary component, "
        "or name a node that is (host in [moodle]); then run the same command: it finishes the work."
    )


class TransactionTooLargeError(DatabaseError):
    """One transaction is larger than the cluster takes."""

    todo = "Lower transaction_rows in [moodle], or raise that limit on every node; then run the same command again."


class InterruptedRunError(GreffeError):
    """A signal asked the run to stop; the transaction in hand was finished or undone."""

    exit = Exit.INTERRUPTED
    todo = (
        "Run the same command again: it finishes what is left; what had been approved needs a new approval, "
        "since what is left is another plan."
    )
