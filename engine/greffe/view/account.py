"""Who somebody is: a row of ``user``, and all that people call him."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from greffe.moodle.database import Database


@dataclass(frozen=True, slots=True)
class Account:
    """A row of ``user``."""

    id: int
    username: str
    idnumber: str
    email: str
    name: str
    deleted: bool
    suspended: bool
    confirmed: bool
    made: int

    def field(self, name: str) -> str:
        """What registrations name him by."""
        return {"id": str(self.id), "username": self.username, "idnumber": self.idnumber, "email": self.email}[name]  # fmt: skip

    @property
    def names(self) -> list[str]:
        """All that somebody may call him."""
        return [str(self), self.name, self.username, self.idnumber, self.email, f"id {self.id}"]

    def __str__(self) -> str:
        return f"{self.name} ({self.username})" if self.name else self.username


def accounts(db: Database, ids: Collection[int]) -> list[Account]:
    """Accounts by id, deleted ones too."""
    return [
        Account(
            int(i),
            user,
            number or "",
            mail or "",
            f"{first} {last}".strip(),
            bool(gone),
            bool(off),
            bool(sure),
            int(made),
        )
        for i, user, number, mail, first, last, gone, off, sure, made in (
            db.query("accounts_by_id", users=sorted(ids)) if ids else []
        )
    ]
