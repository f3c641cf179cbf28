"""Whether the method by which somebody would come in is there and on."""

from __future__ import annotations

from greffe.commands._explaining.known import Known
from greffe.commands._explaining.outlook import Prospect
from greffe.commands._explaining.step import missing, step
from greffe.view.chain import Cause, Link, Step
from greffe.view.standing import Method

_NAMED = {
    "database": "External database",
    "cohort": "Cohort sync",
    "meta": "Course meta link",
    "manual": "Manual enrolments",
    "self": "Self enrolment",
}
"""Plugin → what it is called; others keep their own short name."""


def method_link(
    known: Known, found: Method | None, kind: str, of: str, coming: Prospect | None, run: int = 0
) -> Step:
    """``kind``: the plugin; ``of``: what it follows; ``coming``: what a night does where there is none (``found``); ``run``:
    by which it became Greffe's, or 0."""
    name = _NAMED.get(kind, kind) + (f" of {of}" if of else "")
    if found is None:
        yet = " yet" if coming else ""
        todo = "`greffe plan --course` tells whether a night would make it; else add it in Moodle."
        return missing(Link.METHOD, f"the course has no method {name}{yet}", coming, Cause.NO_METHOD, todo)

    def told(what: str, cause: Cause | None = None, todo: str = "") -> Step:
        return step(Link.METHOD, what, "enrol", found.id, found.made, run, cause=cause, todo=todo)

    if kind not in known.catalogue.plugins_enabled:
        return told(
            f"{name}: the whole site has this method switched off",
            Cause.PLUGIN_OFF,
            "Enable it under Site administration > Plugins > Enrolments > Manage enrol plugins.",
        )
    if not found.on:
        return told(
            f"{name}: switched off in this course",
            Cause.METHOD_OFF,
            "Switch it on (the eye) on the course's page of enrolment methods; of a [[link]] rule: enabled = true.",
        )
    return told(name)
