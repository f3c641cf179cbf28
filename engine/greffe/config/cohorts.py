"""``[[cohort]]``: registrations of a feed become members of cohorts."""

from __future__ import annotations

from typing import Literal

from greffe.config.strict import Strict
from greffe.model import Gone


class CohortRule(Strict, frozen=True, kw_only=True):
    """Registrations of a feed become members of cohorts."""

    feed: str
    """Where its registrations come from."""
    idnumber: str
    """Template over the feed's columns: what tells one cohort from another; '' leads nowhere."""
    name: str
    """Template."""
    description: str | None = None
    """Template; without it the description is left as it is."""
    category: str | None = None
    """Template; the course category in which the cohort lives, by ``match``. Without it: the whole site's."""
    match: Literal["idnumber", "id"] = "idnumber"
    """The field of the category that the template's result must equal."""
    visible: bool = True
    """Whether teachers of the category find it when they look for a cohort."""
    gone: Gone = Gone.KEEP
    """What happens to a cohort that no registration leads to any more."""
    adopt: bool = False
    """Whether a cohort that somebody made by hand may become Greffe's."""
    when: str | None = None
    """Expression over the feed's columns; rows for which it is false are not for this rule."""
