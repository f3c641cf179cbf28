"""The first layer of a night's plan: cohorts as the feeds want them, held against Moodle's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

import msgspec

from greffe.apply.owned import OwnCohort, Owned
from greffe.apply.transaction import Refused
from greffe.commands._deleted import deleted_of
from greffe.commands._night.feeds import Feeds
from greffe.config import Config
from greffe.methods.members import COLUMNS, CohortRow, diff_members, leave
from greffe.methods.scope import count_ids, parse_ids
from greffe.model import Action, Batch, Gone, Reason
from greffe.moodle.ahead import ScopesAhead
from greffe.moodle.catalogue import Catalogue
from greffe.moodle.cohorts import CohortReader
from greffe.moodle.database import Database
from greffe.moodle.owntables import PLUGIN
from greffe.plan.cohort_guards import CohortExtent
from greffe.plan.cohorts import CohortPlan
from greffe.rules.cohorts import Claim, CohortSpec, WantedCohort

_OTHER = "a cohort with this idnumber is not Greffe's: made by hand, or given back"


class CohortPlanner:
    """Compares the cohorts that the feeds want with Moodle's. Reads only; nothing where there are no rules."""

    def __init__(
        self,
        config: Config,
        db: Database,
        catalogue: Catalogue,
        feeds: Feeds,
        owned: Owned,
        ahead: ScopesAhead,
    ) -> None:
        self._config, self._db, self._feeds, self._ahead = config, db, feeds, ahead
        self._same = catalogue.same
        self._wanted: dict[str, WantedCohort] = feeds.desired.cohorts
        self._own = owned.cohorts if config.cohort else {}
        self._reader = CohortReader(db)
        self._spared = feeds.spared()
        self._there: dict[int, CohortRow] = {}
        self._meant: set[int] = set()
        """Cohorts that a registration names, whether it can have its way or not."""
        self._gone: dict[str, Gone] = {}
        for rule in config.cohort:
            self._gone[rule.feed] = min(
                self._gone.get(rule.feed, rule.gone), rule.gone, key=lambda g: g.harshness
            )
        self.refused: list[Refused] = []
        """What stands in the way of a cohort, each named with the lines or the ids concerned."""
        self.named: list[tuple[str, int, str]] = []
        """(feed, cohort, idnumber) of the cohorts that are Greffe's and that a feed names tonight."""
        self._members: dict[str, int] = defaultdict(int)
        self._cohorts: dict[str, int] = defaultdict(int)

    @property
    def extent(self) -> CohortExtent:
        """What the feeds answer for, for the guards; complete once the plan is made."""
        return CohortExtent(dict(self._members), dict(self._cohorts))

    def plan(self) -> list[CohortPlan]:
        """Every cohort with changes, by idnumber."""
        if not self._config.cohort:
            return []
        component = self._reader.component()
        places = self._places()
        adopted = [r.id for _, r in places.values() if r is not None and r.id not in self._own]
        members = self._ahead.members() | self._reader.members(adopted)
        parts = []
        for key, (wanted, row) in places.items():
            own = self._own.get(row.id) if row else None
            text = members.get(row.id, "") if row else ""
            self._count(wanted.feeds | (own.feeds if own else set()), text)
            if own is not None and own.feeds & self._feeds.bad.keys():
                continue
            if row is not None and own is not None:
                spec = wanted.claims[0].spec
                self.named += [(feed, row.id, spec.idnumber) for feed in sorted(wanted.feeds)]
            parts.append(self._part(self._wanted[key], row, own, text, component))
        parts += self._no_longer_named({r.id for _, r in places.values() if r}, members)
        found = self._without_deleted([p for p in parts if p is not None])
        return sorted(found, key=lambda p: p.idnumber)

    # -- which cohort is meant -----------------------------------------------------------------------------
    def _places(self) -> dict[str, tuple[WantedCohort, CohortRow | None]]:
        """Key → (what is wanted, the cohort that is meant; None: there is none yet), without those that are refused."""
        named = self._reader.all_named()
        there = {r.id: r for r in named}
        there |= self._reader.by_id(self._own.keys() - there.keys())
        self._there = there
        remembered = {self._same(own.idnumber): there[i] for i, own in self._own.items() if i in there}
        taken = {row.id for key, row in remembered.items() if key in self._wanted}
        by_key: dict[str, list[CohortRow]] = defaultdict(list)
        for row in named:
            by_key[self._same(row.idnumber)].append(row)
        places: dict[str, tuple[WantedCohort, CohortRow | None]] = {}
        for key, wanted in sorted(self._wanted.items()):
            mine = remembered.get(key)
            rows = [r for r in by_key[key] if r.id not in taken or (mine is not None and r.id == mine.id)]
            self._meant |= {r.id for r in rows} | ({mine.id} if mine else set())
            if why := self._obstacle(wanted, rows, mine):
                self._refuse(wanted.claims[0].spec.idnumber, why)
            else:
                places[key] = wanted, mine or next(iter(rows), None)
        return places

    def _obstacle(self, wanted: WantedCohort, rows: list[CohortRow], mine: CohortRow | None) -> str:
        """Why this cohort cannot be made or kept in step tonight; '': it can."""
        if len(wanted.claims) > 1:
            return "the registrations disagree: " + "; ".join(_said(c, wanted.claims) for c in wanted.claims)
        everybody = {r.id: r for r in (*rows, *([mine] if mine else []))}
        if len(everybody) > 1:
            ids = ", ".join(f"id {i}" for i in sorted(everybody))
            return f"several cohorts have this idnumber: {ids}; leave it to one of them in Moodle"
        for row in everybody.values():
            if row.id in self._own:
                continue
            if row.component not in ("", PLUGIN):
                return f"the cohort with this idnumber (id {row.id}) belongs to {row.component}"
            if not wanted.adopt:
                return f"{_OTHER} (id {row.id}); `adopt = true` in its rule takes it over, members included"
        return ""

    def _refuse(self, idnumber: str, why: str) -> None:
        self.refused.append(Refused(f"cohort {idnumber}", "", why, []))

    # -- what changes --------------------------------------------------------------------------------------
    def _part(
        self, wanted: WantedCohort, row: CohortRow | None, own: OwnCohort | None, text: str, component: str
    ) -> CohortPlan | None:
        spec = wanted.claims[0].spec
        answering = self._numbers(wanted.feeds | (own.feeds if own else set()))
        batches, there = diff_members(wanted.marks, text, self._spared, answering)
        columns = _columns(spec, component)
        was: dict[str, Any] = {}
        action = None
        if row is None:
            if not batches:
                return None  # nobody whom it names has an account yet
            action, reason = Action.CREATE_COHORT, Reason.REGISTERED
            columns.setdefault("description", "")
        else:
            columns = row.differs(columns)
            was = {c: getattr(row, c) for c in columns}
            if own is None:
                action, reason = Action.ADOPT_COHORT, Reason.REGISTERED
            elif columns:
                action, reason = Action.UPDATE_COHORT, Reason.RULE_CHANGED
        if action is not None:
            batches.insert(0, Batch(action=action, course=0, reason=reason, feeds=answering))
        if not batches:
            return None
        return CohortPlan(
            idnumber=spec.idnumber,
            name=spec.name,
            cohort=row.id if row else 0,
            fingerprint=row.fingerprint(text) if row else "",
            batches=batches,
            columns=columns,
            was=was,
            feeds=self._numbers(wanted.feeds),
            members=there,
        )

    def _no_longer_named(
        self, named: Collection[int], members: dict[int, str]
    ) -> Iterator[CohortPlan | None]:
        """Cohorts of Greffe's that no registration leads to: what their rules say of that."""
        left = [i for i in self._own if i in self._there and i not in named and i not in self._meant]
        deleting = []
        for cohort in left:
            own, row, text = self._own[cohort], self._there[cohort], members.get(cohort, "")
            self._count(own.feeds, text)
            gone = self._what_becomes_of(own)
            if gone is Gone.DELETE:
                deleting.append(cohort)
            elif gone is Gone.HIDE and row.visible:
                yield self._going(row, own, text, Action.UPDATE_COHORT, columns={"visible": 0})
            elif gone is Gone.EMPTY and text:
                yield self._going(row, own, text, None)
        used = self._reader.used(deleting)
        for cohort in deleting:
            own, row, text = self._own[cohort], self._there[cohort], members.get(cohort, "")
            if cohort in used:
                self._note(
                    own, f"Cohort {row.idnumber} is named no longer; {used[cohort]} stands on it: it is kept."
                )
            else:
                yield self._going(row, own, text, Action.DELETE_COHORT)

    def _what_becomes_of(self, own: OwnCohort) -> Gone:
        """The gentlest of what its rules say; nothing where it is not sure that it is not named, or whose it is."""
        readings = self._feeds.readings
        for feed in own.feeds:
            if feed in self._feeds.bad or (feed in readings and readings[feed].cohorts_in_doubt):
                return Gone.KEEP
        return min(
            (self._gone.get(f, Gone.KEEP) for f in own.feeds), key=lambda g: g.harshness, default=Gone.KEEP
        )

    def _going(
        self,
        row: CohortRow,
        own: OwnCohort,
        text: str,
        action: Action | None,
        columns: dict[str, Any] | None = None,
    ) -> CohortPlan:
        feeds, people = self._numbers(own.feeds), parse_ids(text)
        batches = []
        if action is not None:
            batches.append(Batch(action=action, course=0, reason=Reason.NOT_NAMED, feeds=feeds))
        if columns is None and people:
            batches.append(leave(people, Reason.NOT_NAMED, feeds))
        return CohortPlan(
            idnumber=row.idnumber,
            name=row.name,
            cohort=row.id,
            fingerprint=row.fingerprint(text),
            batches=batches,
            columns=columns or {},
            # of one that goes, everything: whoever has edited it meanwhile wants it
            was={c: getattr(row, c) for c in (COLUMNS if action is Action.DELETE_COHORT else columns or ())},
            members=len(people),
        )

    # -- shared --------------------------------------------------------------------------------------------
    def _numbers(self, feeds: Collection[str]) -> tuple[int, ...]:
        return tuple(number for number, name in enumerate(self._config.feed) if name in feeds)

    def _count(self, feeds: Collection[str], text: str) -> None:
        for feed in feeds:
            self._members[feed] += count_ids(text)
            self._cohorts[feed] += 1

    def _note(self, own: OwnCohort, sentence: str) -> None:
        for feed in sorted(own.feeds & self._feeds.readings.keys()):
            self._feeds.readings[feed].counts.notes.append(sentence)

    def _without_deleted(self, parts: list[CohortPlan]) -> list[CohortPlan]:
        """Rows of deleted people are left alone, as everywhere, but where the cohort goes with all of its rows."""
        staying = [p for p in parts if all(b.action is not Action.DELETE_COHORT for b in p.batches)]
        losing = {u for p in staying for b in p.batches if b.action is Action.LEAVE_COHORT for u in b.users}
        deleted = deleted_of(self._db, losing)
        if not deleted:
            return parts
        kept = []
        for part in parts:
            batches = [_without(b, deleted) for b in part.batches] if part in staying else part.batches
            batches = [b for b in batches if b.users or b.action is not Action.LEAVE_COHORT]
            if batches:
                kept.append(msgspec.structs.replace(part, batches=batches))
        return kept


def _without(batch: Batch, users: Collection[int]) -> Batch:
    if batch.action is not Action.LEAVE_COHORT:
        return batch
    kept = [u for u in batch.users if u not in users]
    return msgspec.structs.replace(batch, users=kept, sources=[0] * len(kept))


def _columns(spec: CohortSpec, component: str) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "contextid": spec.context,
        "name": spec.name,
        "idnumber": spec.idnumber,
        "visible": int(spec.visible),
        "component": component,
    }
    return columns | ({} if spec.description is None else {"description": spec.description})


def _said(claim: Claim, claims: list[Claim]) -> str:
    """What one of several says that others do not, and where."""
    where = f"{claim.feed}:{claim.line} ([[cohort]] number {claim.rule})"
    parts = []
    for column, words in (
        ("idnumber", "idnumber"),
        ("name", "name"),
        ("context", "place"),
        ("visible", "visible"),
    ):
        if len({getattr(c.spec, column) for c in claims}) > 1:
            value = getattr(claim.spec, column)
            parts.append(f"context {value}" if column == "context" else f"{words} {value!r}")
    return f"{where}: {', '.join(parts) or 'another description'}"
