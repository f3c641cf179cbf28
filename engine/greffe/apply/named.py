"""Groups and groupings by their names, made where a course has none of that name."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from greffe.apply.transaction import Transaction
from greffe.model import Action, Batch

Named = tuple[int, str]
"""(course, name)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is found and made alike."""

    find: str
    """The statement that says (course, name, id) of these courses…"""
    add: str
    """…and the one that adds rows by course and name."""
    action: Action


GROUPS = Kind("site_groups", "add_groups", Action.CREATE_GROUP)
GROUPINGS = Kind("site_groupings", "add_groupings", Action.CREATE_GROUPING)


def by_name(tx: Transaction, kind: Kind, wanted: Mapping[Named, Batch]) -> dict[Named, int]:
    """Their ids; of several with one name the lowest counts. The courses' rows must be held: two writers that both find none
    would both make one."""
    found: dict[Named, int] = {}
    for course, name, id_ in tx.db.query(kind.find, courses=sorted({c for c, _ in wanted})):
        found.setdefault((int(course), str(name)), int(id_))
    if missing := sorted(key for key in wanted if key not in found):
        columns: dict[str, Sequence[Any]] = {
            "course": array("q", [c for c, _ in missing]),
            "name": [name for _, name in missing],
        }
        made = tx.db.insert(kind.add, columns, idnumber="", now=tx.now)
        for key, (id_,) in zip(missing, made, strict=True):
            found[key] = int(id_)
            group = int(id_) if kind is GROUPS else 0
            tx.ledger.add(kind.action, wanted[key], 0, [0], [int(id_)], group=group)
    return found
