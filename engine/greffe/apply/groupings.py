"""Groups that are put into groupings (moodle-writes §7): groupings by their names, made where there are none."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from greffe.apply import rows
from greffe.apply.named import GROUPINGS, Named, by_name
from greffe.apply.transaction import PLACE_GONE, Piece, Refused, Transaction
from greffe.model import Action, Batch

COLUMNS = ("id", "groupingid", "groupid", "timeadded")
"""Of groupings_groups, in every version."""


@dataclass(slots=True)
class Groupings:
    """The groupings of one transaction."""

    tx: Transaction
    _made: list[Batch] = field(default_factory=list)
    _asked: list[tuple[Piece, Batch]] = field(default_factory=list)

    def gather(self, piece: Piece, by: Mapping[Action, Sequence[Batch]]) -> None:
        """Note what a piece asks of groupings."""
        self._made += by[Action.CREATE_GROUPING]
        self._asked += [(piece, b) for b in by[Action.JOIN_GROUPING]]

    def write(self, groups: Mapping[Named, int]) -> None:
        """Put groups into groupings. ``groups``: those that the plan knew by name only."""
        if not (self._made or self._asked):
            return
        tx = self.tx
        groupings = self._find()
        wanted: dict[tuple[int, int], tuple[Piece, Batch]] = {}
        for piece, batch in self._asked:
            group = batch.group or groups.get((batch.course, batch.group_name), 0)
            wanted[groupings[batch.course, batch.grouping], group] = (piece, batch)
        here = (
            {int(r[0]) for r in tx.db.query("hold_groups", groups=sorted({g for _, g in wanted}))}
            if wanted
            else set()
        )
        for (_, group), (piece, batch) in wanted.items():
            if group not in here:
                tx.refused.append(Refused(piece.name, batch.action.value, PLACE_GONE, []))
        asked = {pair: one for pair, one in wanted.items() if pair[1] in here}
        if not asked:
            return
        there = tx.db.query("groups_of_groupings", groupings=sorted({g for g, _ in asked}))
        new = sorted(asked.keys() - {(int(grouping), int(group)) for grouping, group in there})
        if not new:
            return
        columns = {"grouping": array("q", [a for a, _ in new]), "group": array("q", [b for _, b in new])}
        for (grouping, group), (id_,) in zip(
            new, tx.db.insert("add_groupings_groups", columns, now=tx.now), strict=True
        ):
            image = rows.encode(dict(zip(COLUMNS, (int(id_), grouping, group, tx.now), strict=True)))
            _, batch = asked[grouping, group]
            tx.ledger.add(Action.JOIN_GROUPING, batch, 0, [0], [int(id_)], group=group, new=image)

    def _find(self) -> dict[Named, int]:
        """Groupings by their names, under a lock on the courses' rows (which the search for groups may hold already)."""
        wanted = {(b.course, b.grouping): b for b in (*self._made, *(b for _, b in self._asked))}
        self.tx.db.query("lock_courses", courses=sorted({c for c, _ in wanted}))
        return by_name(self.tx, GROUPINGS, wanted)
