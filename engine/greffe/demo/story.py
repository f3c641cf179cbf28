"""``greffe demo``: two platforms on one machine, a university and a health campus, through the commands that everybody uses."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from rich.text import Text

from greffe.cli.shell import Shell
from greffe.commands.approve import approve
from greffe.commands.plan import plan
from greffe.commands.reporting import of_plan, of_synced, of_undoing
from greffe.commands.rollover import rollover
from greffe.commands.undo import undo
from greffe.config import Config
from greffe.demo import campus, university
from greffe.demo.ecampus import Ecampus
from greffe.demo.extracts import cut_short
from greffe.demo.sante import Sante
from greffe.demo.stage import Stage, stage
from greffe.demo.telling import Told, underlined
from greffe.errors import ConfigError
from greffe.feed.years import years_open_on
from greffe.report import html
from greffe.report.document import Document

TITLE = "Greffe: a university and a health campus"
INTRO = (
    "Two Moodles, two databases and two configuration files, looked after from one machine. "
    "Each has its own nights, its own journal and its own guards; neither knows of the other."
)
_LONGEST = 40
"""Rows of the report's tables: many nights stand in it."""


def tell(shell: Shell, report: Path) -> list[html.Chapter]:
    """Play both stories, and leave the report."""
    if not report.parent.is_dir():
        raise ConfigError(f"--report: there is no directory {report.parent}")
    began = time.monotonic()
    told = Told(shell)
    year = max(years_open_on(datetime.now(UTC).astimezone().date()))
    if not shell.json:
        out = shell.out()
        underlined(out, "Two platforms, one machine")
        out.print(Text(INTRO))
    with told.step("Starting an embedded PostgreSQL"), stage() as machine:
        _ecampus(told, machine, year)
        _sante(told, machine, str(int(year) - 1))
    try:
        html.write(told.chapters, report, TITLE, INTRO, longest=_LONGEST)
    except OSError as e:
        raise ConfigError(f"--report: {report} cannot be written: {e.strerror}") from e
    if shell.json:
        told_as = [{"name": c.heading, "config": c.config_file, "nights": c.documents} for c in told.chapters]
        shell.give({"report": str(report), "platforms": told_as})
    else:
        out = shell.out()
        underlined(out, "That was it")
        seconds = f"{time.monotonic() - began:.0f} s in all"
        out.print(Text(f"{seconds}; databases, configurations and extracts are gone again. What stays:"))
        out.print(Text(f"  {report.resolve()}", "bold"), soft_wrap=True)
    return told.chapters


def _ecampus(told: Told, machine: Stage, year: str) -> None:
    """A university whose registrations lead into courses."""
    with told.step("Founding the university, its Moodle and its first extracts"):
        place, today, config = Ecampus.begin(machine, year)
    told.platform(
        "Ecampus, a university",
        "5,000 students, 200 teachers, 300 courses, 12 étapes. Registrations lead straight into courses. "
        "The extracts carry the faults that real ones do.",
        place.site.config_file,
        place.site.rules(),
    )
    told.night(
        config,
        "Night 1: the first load",
        "Moodle's courses are empty. The extracts bring everybody, and also a no-break space glued to codes, numbers "
        "without their leading zeros, kept results, unpaid and cancelled registrations, another year's rows, people "
        "in two étapes, people without an account and people with two.",
    )
    tomorrow = university.next_day(today)
    accounts = place.open_accounts(today, tomorrow)
    place.deliver(tomorrow)
    second = told.night(
        config,
        "Night 2: a normal day later",
        f"25 students left, 15 paid, 40 changed an option, 30 are new, {accounts} accounts appeared, and one teacher "
        "was replaced by another.",
    )
    cut_short(place.site.extracts / "ip.csv", 0.5)
    told.night(
        config,
        "Night 3: half an extract",
        "The export of the registrations ended early, but tidily: every line is whole, half of them are missing. "
        "Moodle's own synchronisation would suspend half of the university.",
    )
    told.night(
        place.configure(shrink="none"),
        "Night 3 again, with the feed's test switched off",
        'The same half extract with shrink = "none": now it is the guards that judge the plan, before the first write.',
    )
    told.command(
        f"Run {second.run} taken back",
        "Somebody asks for night 2 to be undone: itself a plan, itself guarded, itself in the journal.",
        f"undo {second.run}",
        lambda: of_undoing(undo(config, second.run, watcher=told.shell.watcher())),
    )


def _sante(told: Told, machine: Stage, year: str) -> None:
    """A health campus whose registrations make cohorts, which its courses follow."""
    with told.step("Founding the health campus, its Moodle and its first extracts"):
        place, today, config = Sante.begin(machine, year)
    told.platform(
        "Collégium Santé, a health campus",
        f"2,000 students in the six second and third years of médecine, pharmacie and maïeutique, {year}; 60 courses. "
        "Registrations make one cohort for each year of a diploma; courses follow cohorts by the method Cohort sync, "
        "and a few follow other courses by meta links. Rules make these methods, too.",
        place.site.config_file,
        place.site.rules(),
    )
    told.night(
        config,
        "Night 1: cohorts, methods, people, children",
        "No cohort is there and no method. One plan makes all of it, layer by layer: each is planned from what the one "
        "before it will have done.",
    )
    tomorrow, changing = campus.next_day(today)
    place.open_accounts(today, tomorrow)
    place.deliver(tomorrow)
    told.command(
        "One student, before night 2",
        f"Student {changing} goes from médecine to maïeutique. What tonight does with that: in cohorts, in the courses "
        "that follow them, and in their children.",
        f"plan --person {changing}",
        lambda: of_plan(plan(config, person=changing), person=changing),
        limit=14,
    )
    told.night(
        config,
        "Night 2: some join, some leave, one changes",
        f"{campus.LEAVING} students left, {campus.ARRIVING} are new, 5 accounts appeared, and one student changed the "
        "diploma. Whoever leaves a cohort is unenrolled, and whoever leaves a parent course is suspended without role in "
        "its children: these are the site's own settings, which Moodle's tasks go by as well.",
    )
    told.command(
        "Asked again: nothing to do",
        "A second look plans nothing, in no layer.",
        "plan",
        lambda: of_plan(plan(config)),
    )
    _new_year(told, place, tomorrow)


def _new_year(told: Told, place: Sante, last: campus.Campus) -> None:
    this = campus.next_year(last)
    place.open_accounts(last, this)
    place.deliver(this)
    config = place.configure(this.year)
    command = f"rollover --from {last.year} --to {this.year}"

    def turn(*, dry_run: bool = False) -> Document:
        return of_synced(
            rollover(config, last.year, this.year, dry_run=dry_run, watcher=told.shell.watcher())
        )

    looked = told.command(
        "The new year, looked at",
        f"The registrations of {this.year} have arrived, and in sante.toml {last.year} became {this.year}: once in the "
        "feed, twice in the links. Nearly everybody leaves, and others come: that is what a new year is, and exactly "
        "what the guards are there to ask about.",
        f"{command} --dry-run",
        lambda: turn(dry_run=True),
    )
    digest = looked.digest[:12]
    told.command(
        "The new year, approved and made",
        "The run is held, and recorded. Somebody has looked at the table, approves this plan and no other, and it is made: "
        "this year's cohorts are there beside last year's, and the same methods follow them, with their groups.",
        f'{command} --yes\napprove {digest} --by "A. Martin"\n{command} --yes',
        _approved(config, turn),
    )
    told.command(
        "The next night: nothing to do",
        "The rules say what the rollover has made.",
        "plan",
        lambda: of_plan(plan(config)),
    )


def _approved(config: Config, turn: Callable[[], Document]) -> Callable[[], Document]:
    def run() -> Document:
        held = turn()
        approve(config, held.digest, by="A. Martin")
        return turn()

    return run
