"""The plugin's relay: Moodle is told of a first load, a process a minute, until nothing is pending."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.bench.process import Cost, measure
from tests.bench.result import Result
from tests.bench.site import PEOPLE, BenchSite, Span, span
from tests.lab.server import Server
from tests.moodle.measure import populate
from tests.moodle.site import PHP, Site, site
from tests.moodle.tree import Tree

RELAYED_UP_TO = 200_000
"""Changes up to which the relay is measured: above, only the same goes on for longer."""
RELAY = r"\local_greffe\task\relay"
PENDING = "SELECT COUNT(*) FROM mdl_local_greffe_change WHERE relayed = 0"


class RelayBench:
    """One site with the plugin: half as many registrations as changes, since each enrols and gives a role."""

    def __init__(self, server: Server, changes: int) -> None:
        self.server, self.changes = server, changes

    def run(self, tree: Tree | None, folder: Path) -> Iterator[Result]:
        """The one case; none without a Moodle."""
        if tree is None or self.changes > RELAYED_UP_TO:
            return
        registrations = span(self.changes // 2)
        with site(tree.with_plugin(), self.server) as moodle:
            moodle.debugging = False
            moodle.reset()
            with moodle.database() as db:
                populate(db, PEOPLE, registrations.courses)
            bench = BenchSite(self.server, moodle.name, folder)
            self._fill(bench, registrations)
            with moodle.database() as db:
                ((pending,),) = db.query(PENDING)
            moodle.cli("scheduled_task.php", "--list")
            runs = list(self._until_nothing_is_pending(moodle))
        yield Result(
            "relay", self.server.engine, pending, round(sum(r.seconds for r in runs), 3),
            round(sum(r.cpu_seconds for r in runs), 3), round(max(r.peak_mb for r in runs), 1), 0, None, None,
        )  # fmt: skip

    @staticmethod
    def _fill(bench: BenchSite, registrations: Span) -> None:
        bench.deliver(registrations)
        bench.night()
        bench.settle()

    @staticmethod
    def _until_nothing_is_pending(moodle: Site) -> Iterator[Cost]:
        """Runs as cron makes them, each as long as the plugin's own setting lets it."""
        script = moodle.tree.runnable / "admin" / "cli" / "scheduled_task.php"
        left = None
        while left != 0:
            yield measure([*PHP, str(script), f"--execute={RELAY}"], moodle.environment)
            with moodle.database() as db:
                ((now,),) = db.query(PENDING)
            if left is not None and now >= left:
                raise AssertionError(f"{now} changes are pending for ever")
            left = now
