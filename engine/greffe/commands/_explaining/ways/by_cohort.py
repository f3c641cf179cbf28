"""By a cohort: whoever is a member of it is enrolled by the methods that follow it."""

from __future__ import annotations

from greffe.commands._explaining.known import Known
from greffe.commands._explaining.layout import Layout
from greffe.commands._explaining.links.account import account_link
from greffe.commands._explaining.links.cohort import cohort_link, membership_link
from greffe.commands._explaining.links.registration import Goal, registration_links
from greffe.commands._explaining.ways.followed import followed
from greffe.methods.cohort import METHOD
from greffe.view.chain import Chain, Stand, Step
from greffe.view.standing import Cohort, Method


def concerns(known: Known, layout: Layout, way: Method) -> bool:
    """Whether a method's cohort is his, or should be."""
    if known.standing.through(way.id) or known.membership(way.source):
        return True
    return way.source in {layout.cohort_of(led.cohort) for _, led in known.leads if led.cohort}


def by_cohort(known: Known, layout: Layout, way: Method) -> Chain:
    """Into a course."""
    steps = up_to_member(known, layout, layout.cohort(way.source), layout.follows(way))
    return followed(known, layout, way, steps, goes_on=known.membership(way.source) is not None)


def cohort_alone(known: Known, layout: Layout, cohort: Cohort | None, idnumber: str) -> Chain:
    """Into the cohort itself."""
    member = cohort is not None and known.membership(cohort.id) is not None
    return Chain(
        way=METHOD,
        of=idnumber,
        stand=(Stand.ACTIVE if member else Stand.ABSENT).value,
        steps=up_to_member(known, layout, cohort, idnumber),
    )


def up_to_member(known: Known, layout: Layout, cohort: Cohort | None, idnumber: str) -> list[Step]:
    """From the registration to the membership, as far as there is one."""
    leads = known.into_cohort(idnumber)
    member = cohort is not None and known.membership(cohort.id) is not None
    ours = known.owned.cohorts.get(cohort.id) if cohort else None
    steps = []
    if leads or ours:
        goal = Goal(f"the cohort {idnumber}", feeds=ours.feeds if ours else ())
        loss = known.outlook.leaves(idnumber) if member else None
        steps = registration_links(known, leads, goal, loss, there=member)
    steps.append(account_link(known))
    if steps[-1].cause:
        return steps
    run = layout.run_of_cohort(cohort.id) if cohort else 0
    steps.append(cohort_link(known, cohort, idnumber, run))
    if cohort is not None and (leads or member or not ours):
        good = any(not (r.cause or led.cause) for r, led in leads)
        steps.append(membership_link(known, cohort, registered=good))
    return steps
