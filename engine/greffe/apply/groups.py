"""Who joins and who leaves groups in one transaction (moodle-writes §7): each table is asked and written once."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from greffe.apply import rows
from greffe.apply.groupings import Groupings
from greffe.apply.named import GROUPS, by_name
from greffe.apply.rows import CONVERSATION, MEMBERSHIP
from greffe.apply.transaction import PLACE_GONE, Piece, Refused, Transaction
from greffe.model import Action, Batch

Image = Mapping[str, Any]
_Pair = tuple[int, int]


@dataclass(slots=True)
class Groups:
    """The groups of one transaction."""

    tx: Transaction
    groupings: Groupings = field(init=False)
    touched: set[int] = field(default_factory=set)
    """Groups whose clock is set at the end."""
    _ids: dict[tuple[int, str], int] = field(default_factory=dict)
    """(course, name) → group, of those that the plan did not know."""
    _joins: list[tuple[Piece, Batch, int]] = field(default_factory=list)
    """(piece, batch, instance)."""
    _asked: list[tuple[Piece, Batch, int]] = field(default_factory=list)
    _left: dict[_Pair, tuple[Batch, int]] = field(default_factory=dict)
    """(group, person) → why and through which instance he left."""
    returning: set[_Pair] = field(default_factory=set)
    """Those of them whose former membership, and place in the conversation, an undo has brought back."""
    _out_of: dict[_Pair, int] = field(default_factory=dict)
    """(conversation, person) that ends with a membership → its row."""

    def __post_init__(self) -> None:
        self.groupings = Groupings(self.tx)

    def gather(self, piece: Piece, enrol: int, by: Mapping[Action, Sequence[Batch]]) -> None:
        """Note what a piece asks of groups."""
        self.groupings.gather(piece, by)
        self._joins += [(piece, b, enrol) for b in (*by[Action.CREATE_GROUP], *by[Action.JOIN_GROUP])]
        self._asked += [(piece, b, enrol) for b in by[Action.LEAVE_GROUP]]

    def leave(self, batch: Batch, enrol: int, group: int, images: Sequence[Image]) -> None:
        """These memberships of one group end; what hangs on them follows in ``write``."""
        gone = self.tx.remove("groups_members", Action.LEAVE_GROUP, batch, enrol, images, group=group)
        self._left.update({(group, r["userid"]): (batch, enrol) for r in gone})

    def write(self) -> None:
        """Join, leave, and set the groups' clocks."""
        self._find_groups()
        self.groupings.write(self._ids)
        joins = [(p, b, e, b.group or self._ids[b.course, b.group_name]) for p, b, e in self._joins]
        pairs = [(g, u) for _, b, _, g in joins for u in b.users]
        pairs += [(b.group, u) for _, b, _ in self._asked for u in b.users]
        there = self._memberships(pairs)
        for piece, batch, enrol in self._asked:
            found = [there[batch.group, u] for u in batch.users if (batch.group, u) in there]
            mine = [r for r in found if (r["component"], r["itemid"]) == (piece.giver, piece.item(enrol))]
            self.leave(batch, enrol, batch.group, mine)
        self._leave_conversations()
        self._join(joins, there)
        self.touched.update(g for g, _ in self._left)
        if self.touched:
            self.tx.db.execute("touch_groups", groups=sorted(self.touched), now=self.tx.now)

    def _memberships(self, pairs: list[_Pair]) -> dict[_Pair, Image]:
        if not pairs:
            return {}
        found = self.tx.db.lookup("memberships_now", _columns("group", sorted(set(pairs))))
        return {(r[2], r[1]): dict(zip(MEMBERSHIP, r, strict=True)) for r in found}

    # -- joining -------------------------------------------------------------------------------------------
    def _find_groups(self) -> None:
        """Groups by their names, made where there are none, under a lock on the courses' rows."""
        wanted = {(b.course, b.group_name): b for _, b, _ in self._joins if not b.group}
        if wanted:
            self.tx.db.query("lock_courses", courses=sorted({c for c, _ in wanted}))
            self._ids.update(by_name(self.tx, GROUPS, wanted))

    def _join(self, joins: list[tuple[Piece, Batch, int, int]], there: Mapping[_Pair, Image]) -> None:
        """Add the memberships that are missing, in groups that are still there."""
        tx = self.tx
        seen = there.keys() - self._left.keys()
        new: list[tuple[Piece, Batch, int, int, list[_Pair]]] = []
        for piece, batch, enrol, group in joins:
            # (person, source) of those who are no members yet
            fresh = [
                (u, s) for u, s in zip(batch.users, batch.sources, strict=True) if (group, u) not in seen
            ]
            seen.update((group, u) for u, _ in fresh)
            if fresh:
                new.append((piece, batch, enrol, group, fresh))
        if not new:
            return
        # the groups' clocks are to be set anyway; that also holds the groups until their members are in
        groups = sorted({g for _, _, _, g, _ in new})
        held = {int(r[0]) for r in tx.db.query("hold_groups", groups=groups)}
        for piece, batch, _, group, fresh in new:
            if group not in held:
                gone = [u for u, _ in fresh]
                tx.refused.append(Refused(piece.name, batch.action.value, PLACE_GONE, gone))
        new = [n for n in new if n[3] in held]
        if not new:
            return
        # a person is in a group once: who leaves it by one method and joins it by another has to be out first
        back = {(g, u) for _, _, _, g, fresh in new for u, _ in fresh} & self._left.keys()
        rows.delete(tx.db, "groups_members", [there[pair]["id"] for pair in back if pair in there])
        made: list[int] = []
        new.sort(key=lambda n: n[0].giver)
        for component, alike in groupby(new, key=lambda n: n[0].giver):
            part = list(alike)
            columns = _columns("group", [(g, u) for _, _, _, g, fresh in part for u, _ in fresh])
            columns["enrol"] = array("q", [p.item(e) for p, _, e, _, fresh in part for _ in fresh])
            made += [r[0] for r in tx.db.insert("add_memberships", columns, component=component, now=tx.now)]
        at = 0
        for _, batch, enrol, group, fresh in new:
            users, sources = [u for u, _ in fresh], [s for _, s in fresh]
            ids = made[at : at + len(users)]
            tx.ledger.add(Action.JOIN_GROUP, batch, enrol, users, ids, sources=sources, group=group)
            at += len(users)
        self.join_conversations([(b, e, g, [u for u, _ in fresh]) for _, b, e, g, fresh in new])
        self.touched |= held

    def join_conversations(self, joined: list[tuple[Batch, int, int, list[int]]]) -> None:
        """Who joined a group that has a conversation is a member of that: (batch, instance, group, people)."""
        if not joined:
            return
        tx = self.tx
        conversation_of: dict[int, int] = {}
        groups = sorted({g for _, _, g, _ in joined})
        for group, conversation in tx.db.query("conversations_of_groups", groups=groups):
            conversation_of.setdefault(int(group), int(conversation))
        wanted = {
            (conversation_of[g], u): (b, e, g)
            for b, e, g, users in joined
            if g in conversation_of
            for u in users
        }
        if not wanted:
            return
        there = tx.db.lookup("conversation_members_now", _columns("conversation", sorted(wanted)))
        new = sorted(wanted.keys() - ({(int(c), int(u)) for c, u in there} - self._out_of.keys()))
        if not new:
            return
        rows.delete(
            tx.db, "message_conversation_members", [self._out_of[p] for p in new if p in self._out_of]
        )
        made = tx.db.insert("add_conversation_members", _columns("conversation", new), now=tx.now)
        parts: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        batches: dict[tuple[int, int], Batch] = {}
        for (conversation, user), (id_,) in zip(new, made, strict=True):
            batch, enrol, group = wanted[conversation, user]
            parts[enrol, group].append((user, int(id_)))
            batches[enrol, group] = batch
        for (enrol, group), members in parts.items():
            users, ids = [u for u, _ in members], [i for _, i in members]
            batch = batches[enrol, group]
            tx.ledger.add(Action.JOIN_CONVERSATION, batch, enrol, users, ids, group=group)

    # -- leaving -------------------------------------------------------------------------------------------
    def _leave_conversations(self) -> None:
        """groups_remove_member: whoever leaves a group leaves its conversation."""
        left = sorted(self._left.keys() - self.returning)
        if not left:
            return
        db = self.tx.db
        found = db.lookup("conversations_of_members", _columns("group", left))
        pair_of = {int(i): (int(g), int(u)) for g, u, i in found}
        if not pair_of:
            return
        held = rows.hold(db, "message_conversation_members", CONVERSATION, pair_of)
        parts: dict[int, list[Image]] = defaultdict(list)
        for id_, image in held.items():
            parts[pair_of[id_][0]].append(image)
            self._out_of[image["conversationid"], image["userid"]] = id_
        for group, images in sorted(parts.items()):
            batch, enrol = self._left[pair_of[images[0]["id"]]]
            self.tx.remove(
                "message_conversation_members",
                Action.LEAVE_CONVERSATION,
                batch,
                enrol,
                images,
                group=group,
            )


def _columns(first: str, pairs: Sequence[_Pair]) -> dict[str, Sequence[Any]]:
    return {first: array("q", [a for a, _ in pairs]), "user": array("q", [u for _, u in pairs])}
