"""The part of a plan that is about one instance of a method that follows something."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from greffe.commands._following.relinker import Relinker
from greffe.methods.following import Instance, InstanceDiff, State
from greffe.methods.relinking import MethodChange
from greffe.methods.scope import Scope
from greffe.model import Action, Batch
from greffe.plan.plan import CoursePlan


def change_of(instance: Instance, relinker: Relinker | None) -> MethodChange | None:
    """What the plan makes of the instance itself; None: nothing."""
    return relinker.relinking.changes.get(instance.enrol) if relinker else None


def part_of(
    instance: Instance,
    scope: Scope,
    made: InstanceDiff,
    relinker: Relinker | None,
    *,
    name: str = "",
    number: int = 0,
) -> CoursePlan:
    """``scope``: the instance as it is; ``name``: as people call it; ``number``: of what stands for its feed."""
    part = CoursePlan(
        course=instance.course,
        name=name,
        context=instance.context,
        method=instance.method,
        enrol=instance.enrol,
        fingerprint=scope.fingerprint() if instance.enrol > 0 else "",
        batches=[msgspec.structs.replace(b, feeds=(number,)) for b in made.batches],
        active=made.active,
        people=made.people,
    )
    change = change_of(instance, relinker)
    if change is None or relinker is None:
        return part
    return _with_change(part, instance, scope, change, relinker.relinking.groups, number)


def _with_change(
    part: CoursePlan,
    instance: Instance,
    scope: Scope,
    change: MethodChange,
    named: Mapping[int, str],
    number: int,
) -> CoursePlan:
    """What happens to the instance itself, first; a deletion last. ``named``: groups that the plan makes, by their number."""
    shuts = change.shuts
    of_method = Batch(
        action=change.action,
        course=instance.course,
        reason=change.reason,
        enrol=max(instance.enrol, 0),
        # whom it shuts out, for the guards
        users=sorted(State.of(scope).active) if shuts else [],
        held=tuple(sorted(part.active)) if shuts else (),
        feeds=(number,),
    )
    batches = [
        msgspec.structs.replace(b, group=0, group_name=named[b.group]) if b.group in named else b
        for b in part.batches
    ]
    last = change.action is Action.DELETE_METHOD
    return msgspec.structs.replace(
        part,
        batches=[*batches, of_method] if last else [of_method, *batches],
        columns=change.columns,
        was=change.was,
        cohort=change.cohort,
        group=change.group,
        owner=change.owner,
    )
