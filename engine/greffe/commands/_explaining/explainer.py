"""What there is to tell of one person: his courses and cohorts, and the ways into each."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from greffe.commands._explaining.known import Known
from greffe.commands._explaining.layout import Layout
from greffe.commands._explaining.links.account import account_link
from greffe.commands._explaining.links.course import course_link
from greffe.commands._explaining.links.registration import Goal, registration_links
from greffe.commands._explaining.ways.by_cohort import by_cohort, cohort_alone, concerns
from greffe.commands._explaining.ways.by_hand import by_hand
from greffe.commands._explaining.ways.by_parent import by_parent
from greffe.commands._explaining.ways.by_registration import by_registration, without_registration
from greffe.commands._explaining.ways.chain import likely
from greffe.commands._explaining.ways.to_come import by_new_method, by_unmade_link, mine
from greffe.methods import cohort as of_cohort
from greffe.methods import meta as of_meta
from greffe.methods.byhand import MANUAL
from greffe.methods.database import METHOD
from greffe.rules.text import fold
from greffe.view.chain import Cause, Chain
from greffe.view.standing import Method

_OFFERED = (of_cohort.METHOD, of_meta.METHOD, MANUAL)
"""Methods by which somebody could come in who has nothing to do with them yet."""


class Explainer:
    """Tells chains of one person, course by course. Reads only."""

    def __init__(self, known: Known) -> None:
        self._known, self._layout = known, Layout(known)

    # -- which ones ----------------------------------------------------------------------------------------
    def courses(self) -> list[int]:
        """Every course that he is in, is registered for, or would come into with the next night; by name."""
        known, there = self._known, self._known.catalogue.courses
        found = {e.course for e in known.standing.enrolments} | known.outlook.courses()
        found |= {led.course for r, led in known.leads if r.cause is not Cause.OTHER_YEAR}
        cohorts = {m.cohort for m in known.standing.cohorts}
        cohorts |= {c for _, led in known.leads if led.cohort and (c := self._layout.cohort_of(led.cohort))}
        for method, sources in ((of_cohort.METHOD, cohorts), (of_meta.METHOD, set(found))):
            if sources:
                rows = known.db.query("courses_that_follow", method=method, sources=sorted(sources))
                found |= {int(r[0]) for r in rows}
        return sorted(found & there.keys(), key=lambda c: fold(there[c].name))

    def codes(self) -> list[str]:
        """Codes by which lines name courses that the site has not got, or several of."""
        blocked = (Cause.UNKNOWN_COURSE, Cause.AMBIGUOUS_COURSE)
        return sorted({led.said for r, led in self._known.leads if led.cause in blocked and not r.cause})

    def look(self, courses: Collection[int]) -> None:
        """Read what chains of these courses need."""
        self._layout.look(courses)

    # -- their chains --------------------------------------------------------------------------------------
    def of_course(self, course: int, *, everything: bool = False) -> list[Chain]:
        """His ways into a course, the most likely first; with ``everything`` those too that he has nothing to do with."""
        found = list(self._ways(course))
        if everything or not found:
            found += self._strange_ways(course, {(c.way, c.of) for c in found})
        else:
            found.sort(key=likely)
        return found

    def of_code(self, code: str) -> Chain:
        """Of a code that is no course's."""
        known, leads = self._known, self._known.traced.of_code(code)
        steps = registration_links(known, leads, Goal(code), None, there=False)
        steps += [course_link(known, 0, leads, code), account_link(known)]
        return Chain(course=code, way=METHOD, steps=steps)

    def of_cohorts(self) -> list[Chain]:
        """The cohorts that he is in or is registered for."""
        known, layout = self._known, self._layout
        wanted: dict[str, str] = {}
        for r, led in known.leads:
            if led.cohort and r.cause is not Cause.OTHER_YEAR:
                wanted.setdefault(known.catalogue.same(led.cohort), led.cohort)
        his = {m.cohort for m in known.standing.cohorts}
        his |= {c for idnumber in wanted.values() if (c := layout.cohort_of(idnumber))}
        chains = [
            cohort_alone(known, layout, cohort, layout.idnumber(c))
            for c in his
            if (cohort := layout.cohort(c))
        ]
        chains += [
            cohort_alone(known, layout, None, text) for text in wanted.values() if not layout.there(text)
        ]
        return sorted(chains, key=lambda c: c.of)

    def _ways(self, course: int) -> Iterator[Chain]:
        """Those that some row, line or plan connects with him."""
        known, layout = self._known, self._layout
        if chain := by_registration(known, layout, course):
            yield chain
        for way in layout.methods(course):
            if way.method != METHOD and self._is_his(way):
                yield self._by(way)
        new = known.outlook.new_methods(course)
        for part in new:
            yield by_new_method(known, layout, part)
        if not new:
            for claim in layout.unmade(course):
                if mine(known, layout, claim.spec):
                    yield by_unmade_link(known, layout, claim)

    def _is_his(self, way: Method) -> bool:
        known = self._known
        if way.method == of_cohort.METHOD:
            return concerns(known, self._layout, way)
        if known.standing.through(way.id):
            return True
        if way.method != of_meta.METHOD:
            return False
        return bool(self._layout.in_parent(way.source) or known.outlook.comes(way.course, way.id))

    def _by(self, way: Method) -> Chain:
        if way.method == of_cohort.METHOD:
            return by_cohort(self._known, self._layout, way)
        if way.method == of_meta.METHOD:
            return by_parent(self._known, self._layout, way)
        return by_hand(self._known, way)

    def _strange_ways(self, course: int, told: Collection[tuple[str, str]]) -> list[Chain]:
        """All others: those that ``told`` has not, as (plugin, what it follows)."""
        known, layout = self._known, self._layout
        chains = []
        if known.config.course and (METHOD, "") not in told:
            chains.append(without_registration(known, course))
        chains += [
            self._by(way)
            for way in layout.methods(course)
            if way.method in _OFFERED and (way.method, layout.follows(way)) not in told
        ]
        chains += [
            by_unmade_link(known, layout, claim)
            for claim in layout.unmade(course)
            if (claim.spec.method, claim.spec.label) not in told
        ]
        return sorted(chains, key=lambda c: (c.way == MANUAL, likely(c)))
