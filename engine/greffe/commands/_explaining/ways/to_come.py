"""By a method that the course has not got yet: the plan makes it, or a rule asks for it in vain."""

from __future__ import annotations

from greffe.commands._explaining.known import Known
from greffe.commands._explaining.layout import Layout
from greffe.commands._explaining.links.account import account_link
from greffe.commands._explaining.links.method import method_link
from greffe.commands._explaining.outlook import LEFT_ALONE, Prospect
from greffe.commands._explaining.ways.by_cohort import up_to_member
from greffe.commands._explaining.ways.chain import chain
from greffe.methods import cohort as of_cohort
from greffe.methods import meta as of_meta
from greffe.plan.plan import CoursePlan
from greffe.rules.links import LinkClaim, LinkSpec
from greffe.view.chain import Cause, Chain


def by_new_method(known: Known, layout: Layout, part: CoursePlan) -> Chain:
    """The next night makes it."""
    source = int(part.columns.get("customint1", 0))
    if part.method == of_cohort.METHOD:
        of = part.cohort or layout.idnumber(source)
        steps = up_to_member(known, layout, layout.cohort(source), of)
    else:
        of = known.course_name(source)
        steps = [account_link(known)]
    coming = known.outlook.comes(part.course, part.enrol)
    steps.append(method_link(known, None, part.method, of, coming))
    return chain(known, part.course, part.method, of, steps)


def mine(known: Known, layout: Layout, spec: LinkSpec) -> bool:
    """Whether a link's cohort or parent course is his, or should be."""
    if spec.method == of_meta.METHOD:
        return layout.in_parent(int(spec.follows)) is not None
    cohort = layout.cohort_of(spec.label)
    return bool(known.into_cohort(spec.label)) or (
        cohort is not None and known.membership(cohort) is not None
    )


def by_unmade_link(known: Known, layout: Layout, claim: LinkClaim) -> Chain:
    """A rule asks for it, and no night makes it as things are."""
    spec = claim.spec
    if spec.method == of_cohort.METHOD:
        steps = up_to_member(known, layout, layout.cohort(layout.cohort_of(spec.label)), spec.label)
    else:
        steps = [account_link(known)]
    refused = known.refused(claim.where)
    asked = f"{claim.where} asks for it" + (f": {refused}" if refused else "")
    why = Prospect(Cause.NO_METHOD, asked, LEFT_ALONE.todo)
    steps.append(method_link(known, None, spec.method, spec.label, why))
    return chain(known, spec.course, spec.method, spec.label, steps)
