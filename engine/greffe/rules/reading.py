"""What a feed turned out to hold, beside the places that its rows lead to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from greffe.model import FeedCounts

REFUSED_VALUE = "A value was refused"
"""How the note of a feed begins that tells of what rules could not take."""


@dataclass(slots=True)
class Reading:
    """Of one feed."""

    counts: FeedCounts
    unknown_people: Counter[str] = field(default_factory=Counter)
    ambiguous_people: set[str] = field(default_factory=set)
    ambiguous_ids: set[int] = field(default_factory=set)
    """The accounts that ambiguous people may be: they get nothing tonight, and lose nothing."""
    doubtful_ids: set[int] = field(default_factory=set)
    """People of rows that hold a refused value: by those rows they get nothing, and they lose nothing."""
    unknown_codes: Counter[str] = field(default_factory=Counter)
    ambiguous_codes: set[str] = field(default_factory=set)
    unknown_roles: set[str] = field(default_factory=set)
    refused_values: dict[str, None] = field(default_factory=dict)
    """What rules could not take, as sentences, each once, in the order of the feed."""
    cohorts_in_doubt: bool = False
    """Whether a cohort rule refused a value: a cohort that is not named may then be meant all the same."""

    def note_refused(self) -> None:
        """Tell of the values that rules could not take, where there are any."""
        if refused := list(self.refused_values):
            more = f" (and {len(refused) - 1} more values)" if len(refused) > 1 else ""
            self.counts.notes.append(
                f"{REFUSED_VALUE}; whom it concerns keeps what he has: {refused[0]}{more}."
            )
