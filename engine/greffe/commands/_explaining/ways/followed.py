"""What comes after that which a method follows: the method itself, the enrolment, its role and group."""

from __future__ import annotations

from greffe.commands._explaining.known import Known
from greffe.commands._explaining.layout import Layout
from greffe.commands._explaining.links.enrolment import enrolment_link
from greffe.commands._explaining.links.gifts import group_links, role_link
from greffe.commands._explaining.links.method import method_link
from greffe.commands._explaining.outlook import Prospect
from greffe.commands._explaining.ways.chain import chain_by
from greffe.model import Action
from greffe.moodle.instances import InstanceReader
from greffe.view.chain import Cause, Chain, Step
from greffe.view.standing import Method


def followed(known: Known, layout: Layout, way: Method, steps: list[Step], *, goes_on: bool) -> Chain:
    """``steps``: up to the cohort or the parent course; ``goes_on``: whether he belongs to that."""
    of, row = layout.follows(way), known.standing.through(way.id)
    if not (goes_on or row):
        return chain_by(known, way, of, steps)
    steps = [*steps, method_link(known, way, way.method, of, None, layout.run_of_method(way.id))]
    if row is None and steps[-1].cause:
        return chain_by(known, way, of, steps)
    sync = f"`greffe methods sync --course {way.course}` does it now; Moodle's own task within the hour."
    otherwise = Prospect(Cause.NOT_SYNCED, f"{of} has not been taken over yet", sync)
    coming = known.outlook.comes(way.course, way.id)
    steps.append(enrolment_link(known, way.course, row, coming, otherwise))
    if row is not None and goes_on:
        gets = known.outlook.gets(way.course, way.id, Action.ASSIGN_ROLE)
        steps.append(role_link(known, way, {way.role: gets} if way.role else {}, sync))
        if way.group:
            groups = InstanceReader(known.db, known.catalogue).groups({way.group})
            names = {name for course, name in groups.values() if course == way.course}
            joins = known.outlook.gets(way.course, way.id, Action.JOIN_GROUP)
            steps += group_links(known, way.course, names, joins, sync)
    return chain_by(known, way, of, steps)
