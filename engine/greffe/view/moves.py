"""What a change was, in words: from what to what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from greffe.model import OF_METHOD, Action

Image = Mapping[str, Any] | None
"""A row as the journal keeps it."""

_STATUS = {0: "active", 1: "suspended"}
_SWITCH = {0: "on", 1: "off"}
_GIVES: dict[Action, tuple[str, str]] = {
    Action.ENROL: ("not enrolled", "enrolled"),
    Action.UNENROL: ("enrolled", "not enrolled"),
    Action.SUSPEND: ("active", "suspended"),
    Action.REACTIVATE: ("suspended", "active"),
    Action.JOIN_COHORT: ("not a member", "member"),
    Action.LEAVE_COHORT: ("member", "not a member"),
}
_ROLES = {Action.ASSIGN_ROLE: False, Action.REMOVE_ROLE: True}
_GROUPS = {Action.JOIN_GROUP: False, Action.LEAVE_GROUP: True}
"""Action → whether it takes away."""


@dataclass(frozen=True, slots=True)
class Words:
    """How values are called."""

    moment: Callable[[int], str]
    role: Callable[[int], str]
    group: Callable[[int], str]


def moved(
    action: str, old: Image, new: Image, words: Words, role: str = "", group: str = ""
) -> tuple[str, str]:
    """(what was, what is) of one change; both '' where there is nothing to compare. ``role``, ``group``: names of what was
    given or taken."""
    kind = Action(action)
    for name, takes in ((role, _ROLES.get(kind)), (group, _GROUPS.get(kind))):
        if takes is not None:
            return (name, "") if takes else ("", name)
    was, now = _differing(kind, old or {}, new or {}, words) if old and new else ("", "")
    if was or now:
        return was, now
    if kind is Action.UNENROL and old and "status" in old:
        return _STATUS.get(int(old["status"]), ""), "not enrolled"
    if kind is Action.ENROL and new and "status" in new:
        return "not enrolled", _STATUS.get(int(new["status"]), "")
    return _GIVES.get(kind, ("", ""))


def _differing(kind: Action, old: Mapping[str, Any], new: Mapping[str, Any], words: Words) -> tuple[str, str]:
    """The columns that differ, those that people know."""
    was, now = [], []
    for column, (name, tell) in _columns(kind, words).items():
        if column in old and column in new and old[column] != new[column]:
            was.append(f"{name}{tell(old[column])}")
            now.append(f"{name}{tell(new[column])}")
    return ", ".join(was), ", ".join(now)


def _columns(kind: Action, words: Words) -> dict[str, tuple[str, Callable[[Any], str]]]:
    """Column → (what is said before its value, the value in words)."""
    if kind in OF_METHOD:
        return {
            "status": ("", lambda v: _SWITCH.get(int(v or 0), str(v))),
            "roleid": ("role ", lambda v: words.role(int(v)) if v else "none"),
            "customint2": ("group ", lambda v: words.group(int(v)) if v else "none"),
        }
    if "cohort" in kind.value:
        return {
            "idnumber": ("idnumber ", str),
            "name": ("name ", str),
            "visible": ("", lambda v: "visible" if v else "hidden"),
            "contextid": ("context ", str),
            "component": ("owned by ", lambda v: str(v) or "nobody"),
            "description": ("description ", lambda v: repr(str(v or "")[:40])),
        }
    return {
        "status": ("", lambda v: _STATUS.get(int(v or 0), str(v))),
        "timestart": ("from ", lambda v: words.moment(int(v)) if v else "any time"),
        "timeend": ("until ", lambda v: words.moment(int(v)) if v else "any time"),
    }
