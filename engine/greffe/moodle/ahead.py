"""Scopes read ahead on a connection of their own: the server aggregates while this process parses the feeds."""

from __future__ import annotations

import queue
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from types import TracebackType
from typing import Self

from greffe.methods.scope import Scope
from greffe.moodle.cohorts import CohortReader
from greffe.moodle.database import Settings, connect
from greffe.moodle.scopes import Instance, ScopeReader

#: scopes that wait to be taken, at most: with their strings they are what is held in memory
_WAITING = 2000


class ScopesAhead:
    """The members of known cohorts, then the scopes of known instances in the order given. ``with`` it the reading begins,
    and ends at the latest.

    Walking over it raises what the reading raised: DatabaseError.
    """

    def __init__(
        self,
        settings: Settings,
        roles: Iterable[int],
        instances: Sequence[Instance],
        cohorts: Collection[int] = (),
    ) -> None:
        self._settings, self._roles, self._instances = settings, tuple(roles), instances
        self._cohorts = cohorts
        self._members: queue.Queue[dict[int, str] | BaseException] = queue.Queue()
        self.courses = {course for course, _, _ in instances}
        self._read: queue.Queue[Scope | BaseException | None] = queue.Queue(_WAITING)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scopes-ahead", daemon=True)

    def __enter__(self) -> Self:
        if self._wanted:
            self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._over.set()
        if self._wanted:
            self._thread.join()

    @property
    def _wanted(self) -> bool:
        return bool(self._instances or self._cohorts)

    def members(self) -> dict[int, str]:
        """Cohort → its members; to be asked for once. Raises what the reading raised: DatabaseError."""
        if not self._cohorts:
            return {}
        found = self._members.get()
        if isinstance(found, BaseException):
            raise found
        return found

    def __iter__(self) -> Iterator[Scope]:
        while (found := self._read.get() if self._wanted else None) is not None:
            if isinstance(found, BaseException):
                raise found
            yield found

    def _run(self) -> None:
        try:
            db = connect(self._settings)
            try:
                with db.transaction(snapshot=True):
                    if self._cohorts:
                        self._members.put(CohortReader(db).members(self._cohorts))
                    for scope in ScopeReader(db, self._roles).read(self._instances):
                        if not self._hand_over(scope):
                            return
            finally:
                db.close()
        except Exception as e:
            self._members.put(e)
            self._hand_over(e)
        else:
            self._hand_over(None)

    def _hand_over(self, found: Scope | BaseException | None) -> bool:
        """Whether anybody still wants it."""
        while not self._over.is_set():
            try:
                self._read.put(found, timeout=0.2)
            except queue.Full:
                continue
            return True
        return False
