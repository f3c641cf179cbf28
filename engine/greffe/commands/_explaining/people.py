"""Whom the sentences of an explanation name."""

from __future__ import annotations

from greffe.commands._explaining.lines import Sought, Traced
from greffe.moodle.database import Database
from greffe.view.account import Account, accounts

_TELLING = 5
"""Digits of a number that is more than a line's or a run's."""


class People:
    """The person, the accounts that answer to his name, and who wrote his rows."""

    def __init__(self, db: Database, sought: Sought, several: list[Account], traced: Traced) -> None:
        """``several``: the accounts that answer to the name, where it is more than one."""
        self._db, self._sought, self._several, self._traced = db, sought, several, traced
        self._writers: dict[int, list[str]] = {}

    def writer(self, user: int) -> str:
        """Who wrote a row."""
        if user not in self._writers:
            found = accounts(self._db, [user] if user else [])
            self._writers[user] = [name for account in found for name in account.names]
        return next(iter(self._writers[user]), "nobody that is known")

    def called(self) -> list[list[str]]:
        """Everybody who has been named, each by all that he is called."""
        account = self._sought.account
        as_named = [self._sought.text, *dict.fromkeys(r.person for r in self._traced.lines)]
        # lines can quote the number without its zeros; a short one would be any number of a sentence
        as_named += [short for n in as_named if (short := n.lstrip("0")) != n and len(short) >= _TELLING]
        mine = [] if self._several else [[*(account.names if account else []), *as_named]]
        several = [a.names for a in self._several] + ([as_named] if self._several else [])
        found = [*mine, *several, *self._writers.values()]
        return [names for texts in found if (names := [*dict.fromkeys(filter(None, texts))])]
