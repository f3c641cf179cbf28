"""Who changes instances of methods in the same plan that brings their people in step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from greffe.methods.following import Instance
from greffe.methods.relinking import Relinking
from greffe.plan.cohorts import CohortPlan


class Relinker(Protocol):
    """Who changes instances in the same plan: rules, a new academic year, or somebody's file."""

    relinking: Relinking
    new_cohorts: dict[str, int]
    """Cohorts that the same plan creates: idnumber → a number below 0."""

    def expect(self, cohorts: Sequence[CohortPlan]) -> None:
        """Cohorts as the layer before leaves them."""

    def settle(self, method: str, found: Sequence[Instance]) -> list[Instance]:
        """The method's instances as they will be."""
