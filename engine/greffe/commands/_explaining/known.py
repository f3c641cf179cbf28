"""Everything that is known of one person before a link is told."""

from __future__ import annotations

from dataclasses import dataclass

from greffe.apply.owned import Owned
from greffe.commands._explaining.lines import Lead, Sought, Traced
from greffe.commands._explaining.outlook import Outlook
from greffe.commands._explaining.past import Past
from greffe.commands._explaining.people import People
from greffe.commands._named.naming import course_name
from greffe.commands._night.planner import Night
from greffe.config import Config
from greffe.moodle.catalogue import Catalogue
from greffe.moodle.database import Database
from greffe.view.account import Account
from greffe.view.standing import InCohort, Standing


@dataclass(frozen=True, slots=True)
class Known:
    """His lines, his rows, what runs did to them, and what the next one would do."""

    db: Database
    night: Night
    owned: Owned
    outlook: Outlook
    traced: Traced
    sought: Sought
    several: list[Account]
    """The accounts that answer to the name, where it is more than one."""
    standing: Standing
    past: Past
    people: People

    @property
    def config(self) -> Config:
        """The night's."""
        return self.night.config

    @property
    def catalogue(self) -> Catalogue:
        """The site's courses, people and roles."""
        return self.night.catalogue

    @property
    def now(self) -> int:
        """Seconds since 1970, when the plan was made."""
        return self.night.plan.made

    @property
    def leads(self) -> list[Lead]:
        """Every line with every place that it leads to."""
        return self.traced.leads

    def into_cohort(self, idnumber: str) -> list[Lead]:
        """What leads into a cohort."""
        same = self.catalogue.same
        return [(r, led) for r, led in self.leads if led.cohort and same(led.cohort) == same(idnumber)]

    def membership(self, cohort: int) -> InCohort | None:
        """The row that makes him a member of a cohort."""
        return next((m for m in self.standing.cohorts if m.cohort == cohort), None)

    def course_name(self, course: int) -> str:
        """What people call it."""
        return course_name(self.catalogue.courses, course)

    def role_name(self, role: int) -> str:
        """Its shortname."""
        return next((name for name, i in self.catalogue.roles.items() if i == role), f"role {role} (gone)")

    def refused(self, what: str) -> str:
        """Why the night leaves a cohort or the row of a rule as it is; '': it does not."""
        return next((r.reason for r in self.night.refused if r.course == what), "")
