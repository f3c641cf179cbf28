"""``ci/bench``: runs the cases, prints tables for people, writes the figures for machines."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Literal

import click
from rich.console import Console
from rich.table import Table

from tests.bench.audit import CASE, AuditBench
from tests.bench.bars import verdicts
from tests.bench.batch import BatchBench
from tests.bench.cases import Bench
from tests.bench.following import FollowingBench, Rates
from tests.bench.methodfile import MethodFileBench
from tests.bench.relay import RelayBench
from tests.bench.result import Result
from tests.lab.ladder import database_server
from tests.lab.server import LABEL, Engine
from tests.moodle.tree import Tree, find

SIZES = (10_000, 100_000, 1_000_000)
SLOWEST = 8
"""Audits that are shown."""
ENGINES: tuple[Engine, ...] = ("mariadb", "postgresql")
Family = Literal["nights", "methods", "relay", "batch", "methods-file", "audit"]
FAMILIES: tuple[Family, ...] = ("nights", "methods", "relay", "batch", "methods-file", "audit")


@click.command()
@click.option(
    "--size", "sizes", type=click.IntRange(min=1000), multiple=True, metavar="N",
    help="Registrations; may be repeated. Default: 10,000, 100,000 and 1,000,000.",
)  # fmt: skip
@click.option("--db", "dbs", type=click.Choice(ENGINES), multiple=True, help="Default: both.")
@click.option(
    "--only", "families", type=click.Choice(FAMILIES), multiple=True,
    help="nights: greffe nightly; methods: greffe methods sync; relay: the plugin's task; batch: files of people; methods-file: "
    "2,000 methods in one file; audit: each audit. Default: all.",
)  # fmt: skip
@click.option(
    "--json", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write the figures there."
)
def bench(
    sizes: tuple[int, ...], dbs: tuple[Engine, ...], families: tuple[Family, ...], file: Path | None
) -> None:
    """Measure nights of whole processes on durable servers, beside Moodle's own task and the physical limit.

    Moodle is measured where a source tree of it is (MOODLE_DIR, or the cache's).
    """
    trees = find()
    tree = trees[min(trees)] if trees else None
    say = Console(stderr=True, highlight=False).print
    say(f"Moodle {tree.version} as yardstick" if tree else "no Moodle source tree: vs_moodle stays empty")
    results: list[Result] = []
    for result in measured(dbs or ENGINES, sorted(sizes or SIZES), families or FAMILIES, tree, say):
        say(f"  {result.case}: {result.seconds:.2f} s")
        results.append(result)
        if file:
            figures = json.dumps([asdict(r) for r in results], indent=1)
            file.write_text(figures + "\n", encoding="utf-8")
    if not show(results):
        raise SystemExit(1)


def measured(
    dbs: Sequence[Engine],
    sizes: Sequence[int],
    families: Sequence[Family],
    tree: Tree | None,
    say: Callable[[str], None],
) -> Iterator[Result]:
    """Every case, one database server after the other."""
    for db in dbs:
        with database_server(db, durable=True) as server, tempfile.TemporaryDirectory() as folder:
            rate: float | None = None
            rates: Rates = {}
            if "methods-file" in families:
                yield from MethodFileBench(server).run(tree, Path(folder))
            for rows in sizes:
                say(f"{server}: {rows:,} registrations")
                if "nights" in families:
                    one = Bench(server, rows, rate)
                    yield from one.run(tree, Path(folder))
                    rate = one.rate
                if "methods" in families:
                    yield from FollowingBench(server, rows, rates).run(tree, Path(folder))
                if "relay" in families:
                    yield from RelayBench(server, rows).run(tree, Path(folder))
                if "batch" in families:
                    yield from BatchBench(server, rows).run(tree, Path(folder))
                if "audit" in families:
                    yield from AuditBench(server, rows).run(Path(folder))


def _shown(results: Sequence[Result]) -> list[Result]:
    """Without the many audits that take no time worth a line; the JSON file has them all."""
    slow = {
        r.case
        for db in ENGINES
        for r in sorted(
            (r for r in results if r.db == db and r.case.startswith(CASE)), key=lambda r: -r.seconds
        )[:SLOWEST]
    }
    return [r for r in results if r.case in slow or not r.case.startswith(CASE)]


def show(results: Sequence[Result]) -> bool:
    """The figures, then the bars; whether all of them are met."""
    console = Console(width=150, highlight=False)
    table = Table(
        "database",
        "case",
        "rows",
        "seconds",
        "rows/s",
        "CPU s",
        "peak MB",
        "statements",
        "× Moodle",
        "× limit",
    )
    for column in table.columns[2:]:
        column.justify = "right"
    for r in _shown(results):
        table.add_row(
            LABEL[r.db], r.case, f"{r.rows:,}", f"{r.seconds:.2f}", f"{r.rows / max(r.seconds, 0.001):,.0f}", f"{r.cpu_seconds:.2f}", f"{r.peak_mb:.0f}",
            f"{r.statements:,}", f"{r.vs_moodle:.1f}" if r.vs_moodle else "–",
            f"{r.vs_limit:.2f}" if r.vs_limit else "–",
        )  # fmt: skip
    console.print(table)
    bars = Table("database", "bar", "asked", "measured", "")
    found = [v for db in dict.fromkeys(r.db for r in results) for v in verdicts(results, db)]
    for v in found:
        bars.add_row(LABEL[v.db], v.what, v.bar, v.measured, "met" if v.met else "[bold red]missed[/]")
    if bars.rows:
        console.print(bars)
    return all(v.met for v in found)


if __name__ == "__main__":
    bench()
