"""By a parent course: whoever is active in it is taken along by the meta links that follow it."""

from __future__ import annotations

from greffe.commands._explaining.known import Known
from greffe.commands._explaining.layout import Layout
from greffe.commands._explaining.links.account import account_link
from greffe.commands._explaining.links.parent import parent_link
from greffe.commands._explaining.ways.chain import chain
from greffe.commands._explaining.ways.followed import followed
from greffe.view.chain import Chain, Stand
from greffe.view.standing import Method


def by_parent(known: Known, layout: Layout, way: Method) -> Chain:
    """Into a course."""
    steps = [account_link(known)]
    if steps[0].cause:
        return chain(known, way.course, way.method, layout.follows(way), steps)
    there = layout.in_parent(way.source)
    steps.append(parent_link(known, way.source, there, known.outlook.comes(way.course, way.id)))
    return followed(known, layout, way, steps, goes_on=there is Stand.ACTIVE)
