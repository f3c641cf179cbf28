"""The method ``cohort`` (Moodle's "Cohort sync"): its people are the members of one cohort.

The steps are those of enrol_cohort_sync (enrol/cohort/locallib.php; moodle-writes §4.1), in their order:

* members are enrolled, or active again with their times kept, in enabled instances only;
* who is no member is unenrolled or suspended as the site's ``unenrolaction`` says, in disabled instances too;
* active people get the instance's role; whoever is not active, or is in a disabled instance, loses what it gave;
* everybody with an enrolment joins the instance's group.
"""

from __future__ import annotations

from greffe.methods.following import Instance, InstanceDiff, State, compare, counted, dissolve, leavers
from greffe.methods.scope import Scope, parse_ids
from greffe.model import Leavers

METHOD = "cohort"


def leaver_action(setting: str | None) -> Leavers:
    """What ``enrol_cohort/unenrolaction`` means: where it is not set, people are unenrolled; any number but those of
    unenrol and suspend suspends and takes the roles."""
    return leavers(setting, Leavers.UNENROL, Leavers.SUSPEND_NO_ROLES)


def diff_instance(
    instance: Instance, scope: Scope, members: str, action: Leavers, deleted: frozenset[int] = frozenset()
) -> InstanceDiff:
    """Compare an instance with the cohort that it follows.

    ``members``: ids of the cohort's members, ascending, as they will be when this plan is made; ``deleted``: those of them
    whose account is deleted: they keep what they have, and get nothing.
    """
    if instance.leaving:
        return dissolve(instance, scope)
    if _same(instance, scope, members, action):
        return counted(scope)
    before = State.of(scope)
    after = before.copy()
    there = set(parse_ids(members))
    if instance.enabled:
        come = there - before.active - deleted
        after.suspended -= come
        after.active |= come
    gone = after.enrolled - there
    if action is Leavers.UNENROL:
        after.unenrol(gone)
    else:
        after.suspend(gone)
    if instance.former_role:
        after.roles.pop(instance.former_role, None)
    if instance.enabled and instance.role:
        after.roles.setdefault(instance.role, set()).update(after.active - deleted)
    if action is not Leavers.SUSPEND:
        for holders in after.roles.values():
            holders.intersection_update(after.active if instance.enabled else ())
    after.follow_group(instance)
    return compare(before, after, instance, scope)


def _same(instance: Instance, scope: Scope, members: str, action: Leavers) -> bool:
    """Whether there is nothing to do, as far as that is seen without opening the scope."""
    if not instance.enabled or scope.timed or scope.active != members or scope.groups:
        return False
    if scope.suspended and action is Leavers.UNENROL:
        return False
    return scope.roles == ({instance.role: members} if instance.role and members else {})
