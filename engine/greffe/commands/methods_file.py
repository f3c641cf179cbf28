"""Cohort-sync methods and meta links as the lines of a file want them: made, changed, switched, deleted, with their people."""

from __future__ import annotations

from collections.abc import Sequence

from greffe.apply.owned import Owned
from greffe.apply.schema import has_tables
from greffe.commands._file.batch import Asked, Batched, Part, Proposal, carry_batch, walk, weighed
from greffe.commands._file.lines import Lines, Subject
from greffe.commands._file.methodlines import MethodFile, MethodNames
from greffe.commands._following.followed import LOOP
from greffe.commands._following.plan import METHODS, Following
from greffe.commands._judging import season_at
from greffe.commands._night.layers import with_methods
from greffe.commands._session import Session, Watcher
from greffe.config import Config
from greffe.intake.lines import Batchfile, MethodLine
from greffe.methods import meta
from greffe.methods.asked import AskedMethod
from greffe.moodle.patience import persist
from greffe.plan.cohort_guards import NO_COHORTS
from greffe.plan.plan import CoursePlan, Plan

_SO: Subject = (0, 0)
"""What a line is about that asks for nothing new."""


def methods_file(
    config: Config,
    file: Batchfile,
    asked: Asked,
    *,
    with_grades: bool = False,
    watcher: Watcher | None = None,
) -> Batched:
    """Plan, judge, write. ``with_grades``: a method that is deleted may take grades along; without, it is only switched off.

    What a file makes is nobody's afterwards; what a ``[[link]]`` rule keeps is refused by that rule's name. Raises
    SiteNotReadyError where a method that the file names is switched off in Moodle.
    """
    named = {one.method for one in file.lines() if isinstance(one, MethodLine)}

    def concerned(session: Session) -> Sequence[str]:
        children = meta.METHOD in session.catalogue.plugins_enabled
        return [m for m in METHODS if m in named or (m == meta.METHOD and children)]

    def propose(session: Session, watcher: Watcher) -> Batched:
        return _propose(session, file, asked, concerned(session), with_grades, watcher)

    return carry_batch(config, concerned, propose, asked, watcher)


def _propose(
    session: Session,
    file: Batchfile,
    asked: Asked,
    methods: Sequence[str],
    with_grades: bool,
    watcher: Watcher,
) -> Batched:
    now = session.now()
    season = season_at(session, now)
    lines = Lines()

    def compare(names: MethodNames) -> tuple[MethodFile, Following, Plan]:
        owned = Owned(session.db, tables=has_tables(session.db))
        wanted = MethodFile(
            session.config, session.db, session.catalogue, owned.methods, names.asked, names.default_role
        )
        wanted.relinking.with_grades = with_grades
        following = Following(session.db, session.catalogue, methods, only=wanted.concerns, relinker=wanted)
        following.gains_only = season is not None and season.kind == "add-only"
        nothing = Plan(site=session.site, made=now, feeds=[], courses=[])
        with session.db.transaction(snapshot=True):
            watcher.step("Comparing with Moodle")
            following.read()
            return wanted, following, with_methods(session, nothing, following, {}, {}, NO_COHORTS)

    def attempt() -> tuple[Following, Plan]:
        names = MethodNames(session.db, session.catalogue, lines)
        watcher.step("Reading the file")
        walk(file, lines, names.take, MethodLine)
        names.drop_refused()
        wanted, following, whole = persist(lambda: compare(names), away=session.db.patience)
        _tell(lines, names.asked, wanted, whole)
        return following, whole

    following, whole = lines.wholly(attempt)
    found = Proposal(
        notes=following.told(), graded=following.graded, place=_place, kept=following.kept_for_grades
    )
    active, places = following.active_of_feeds(), following.count_of_feeds()
    return weighed(session, file, asked, lines, found, whole, active, places)


def _place(part: Part) -> int:
    return part.enrol if isinstance(part, CoursePlan) else 0


def _tell(lines: Lines, asked: dict[str, list[AskedMethod]], wanted: MethodFile, whole: Plan) -> None:
    """What each line is about, in the file's order, and which of them cannot be done."""
    answers, planned = wanted.answers, {p.enrol for p in whole.courses}
    about: dict[AskedMethod, Subject] = {}
    for enrol, mine in answers.changes.items():
        if enrol in wanted.relinking.changes and enrol not in planned:
            answers.refused += [
                (a, f"its course is {LOOP} with others; delete one of these links first") for a in mine
            ]
        about |= dict.fromkeys(mine, (enrol, 0))
    for one, why in answers.refused:
        lines.refuse(one.line, "course", wanted.catalogue.courses[one.course].name, why)
    every = sorted((a for of_method in asked.values() for a in of_method), key=lambda a: a.line)
    undone = {one for one, _ in answers.refused}
    for one in every:
        if one not in undone:
            lines.add(one.line, about.get(one, _SO))
