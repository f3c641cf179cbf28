"""The methods of the courses that are looked at, and the cohorts around one person."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from greffe.commands._explaining.known import Known
from greffe.methods import cohort as of_cohort
from greffe.methods import meta as of_meta
from greffe.moodle.cohorts import CohortReader
from greffe.rules.links import LinkClaim
from greffe.view.chain import Stand
from greffe.view.standing import Cohort, Method, best, cohorts, methods_of, stand


class Layout:
    """Read course by course, as far as chains need it."""

    def __init__(self, known: Known) -> None:
        self._known, self._same = known, known.catalogue.same
        self._methods: dict[int, list[Method]] = {}
        self._cohorts: dict[int, Cohort] = {}
        self._runs_of_methods: dict[int, int] = {}
        self._runs_of_cohorts: dict[int, int] = {}
        self._in_parents: dict[int, Stand | None] = {}
        found = CohortReader(known.db).alike({led.cohort for _, led in known.leads if led.cohort})
        self._named = {self._same(text): i for i, text in found}
        """What tells idnumbers apart → the cohort."""
        self._named |= {self._same(own.idnumber): i for i, own in known.owned.cohorts.items()}

    def look(self, courses: Collection[int]) -> None:
        """Read what chains of these courses need."""
        known = self._known
        self._methods |= methods_of(known.db, courses)
        ways = [m for c in courses for m in self._methods[c]]
        linked = {
            link.claims[0].spec.label
            for (method, course, _), link in known.night.feeds.links.wanted.items()
            if method == of_cohort.METHOD and course in courses
        }
        for cohort, text in CohortReader(known.db).alike(linked):
            self._named.setdefault(self._same(text), cohort)
        wanted = {m.source for m in ways if m.method == of_cohort.METHOD} | set(self._named.values())
        wanted |= {m.cohort for m in known.standing.cohorts}
        self._cohorts |= cohorts(known.db, wanted)
        self._runs_of_methods |= known.past.runs_of_methods([m.id for m in ways])
        self._runs_of_cohorts |= known.past.runs_of_cohorts(self._cohorts)

    # -- methods -------------------------------------------------------------------------------------------
    def methods(self, course: int) -> list[Method]:
        """All of a course that was looked at."""
        return self._methods[course]

    def run_of_method(self, method: int) -> int:
        """By which run it became Greffe's; 0: it is not."""
        return self._runs_of_methods.get(method, 0)

    def unmade(self, course: int) -> Iterator[LinkClaim]:
        """Methods that rules ask for and that the course has not got."""
        there = {(m.method, m.source) for m in self._methods[course]}
        for (method, at, follows), wanted in self._known.night.feeds.links.wanted.items():
            source = self._named.get(follows) if method == of_cohort.METHOD else int(follows)
            if at == course and (method, source) not in there:
                yield wanted.claims[0]

    def follows(self, method: Method) -> str:
        """What people call the cohort or the parent course of a method; '' of one that follows nothing."""
        if method.method == of_cohort.METHOD:
            return self.idnumber(method.source)
        return self._known.course_name(method.source) if method.method == of_meta.METHOD else ""

    # -- cohorts -------------------------------------------------------------------------------------------
    def cohort(self, cohort: int | None) -> Cohort | None:
        """By id; None where it is gone."""
        return None if cohort is None else self._cohorts.get(cohort)

    def cohort_of(self, idnumber: str) -> int | None:
        """The id of the cohort that has an idnumber, or had it; None: none did."""
        return self._named.get(self._same(idnumber))

    def there(self, idnumber: str) -> bool:
        """Whether a cohort has it."""
        key = self._same(idnumber)
        return key in self._named or any(self._same(c.idnumber) == key for c in self._cohorts.values())

    def idnumber(self, cohort: int) -> str:
        """What people call a cohort."""
        found = self._cohorts.get(cohort)
        return (found.idnumber or found.name) if found else f"cohort {cohort} (gone)"

    def run_of_cohort(self, cohort: int) -> int:
        """By which run it became Greffe's; 0: it is not."""
        return self._runs_of_cohorts.get(cohort, 0)

    # -- parents -------------------------------------------------------------------------------------------
    def in_parent(self, parent: int) -> Stand | None:
        """How he stands in a parent course by what counts there: everything but links (enrol_meta_sync); None: not at all."""
        if parent not in self._in_parents:
            self._in_parents[parent] = self._standing_in(parent)
        return self._in_parents[parent]

    def _standing_in(self, parent: int) -> Stand | None:
        known, plugins = self._known, self._known.catalogue.plugins_enabled
        mine = [
            e
            for e in known.standing.enrolments
            if e.course == parent and e.method != of_meta.METHOD and e.method in plugins
        ]
        if not mine:
            return None
        ways = {m.id: m for m in methods_of(known.db, [parent])[parent]}
        return best(stand(e, ways.get(e.enrol), plugins, known.now) for e in mine)
