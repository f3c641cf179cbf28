"""What somebody wants to see of the participants of a course."""

from __future__ import annotations

from dataclasses import dataclass

SORTS = (
    "name", "firstname", "idnumber", "email", "roles", "groups", "last-access", "status", "method", "start", "end",
    "enrolled", "run",
)  # fmt: skip
"""What a list of participants can be sorted by."""
STATUSES = ("active", "not-current", "suspended")
"""What a badge of Moodle's page says, in the order of the statements' standing."""
NONE = "none"
"""What stands in a filter for people without a role, or without a group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which participants, in which order. Of several values of one filter any will do; filters narrow each other."""

    sort: str = "name"
    """One of ``SORTS``."""
    descending: bool = False
    as_moodle: bool = False
    """Texts sort by the database's own collation, as on Moodle's page."""
    roles: tuple[str, ...] = ()
    """Held in the course or above it; ``none``: who holds none."""
    groups: tuple[str, ...] = ()
    """``none``: who is in no group."""
    statuses: tuple[str, ...] = ()
    """Of ``STATUSES``: somebody has an enrolment that is so."""
    methods: tuple[str, ...] = ()
    """Plugins, or names of instances; with a status: that very enrolment is so."""
    inactive: int | None = None
    """Seconds for which somebody has not come to the course, who never came included; 0: who never came."""
    language: str = "en"
    """Of what Moodle itself would name, and ``en`` or ``fr``."""

    def told(self) -> dict[str, tuple[str, ...]]:
        """Filter → its values, as options of the command line have them; and by what it is sorted."""
        filters = {"role": self.roles, "group": self.groups, "status": self.statuses, "method": self.methods}
        found = {name: values for name, values in filters.items() if values}
        if self.inactive is not None:
            found["inactive-for"] = (str(self.inactive),)
        found["sort"] = (self.sort, "descending") if self.descending else (self.sort,)
        if self.as_moodle:
            found["order"] = ("moodle",)
        return found
