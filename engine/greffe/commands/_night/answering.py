"""Which feeds answer for which places tonight, and what of these is left as it is whatever they say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from greffe.apply.owned import Owned
from greffe.commands._night.feeds import Feeds
from greffe.config import Config
from greffe.methods.leaving import ANY
from greffe.moodle.catalogue import Catalogue
from greffe.rules.desired import CourseRole
from greffe.rules.nowhere import nowhere
from greffe.rules.words import count


class Answering:
    """The places of all feeds: those of earlier nights, and those that tonight's rows lead to."""

    def __init__(self, config: Config, catalogue: Catalogue, feeds: Feeds, owned: Owned) -> None:
        self._config, self._catalogue, self._feeds, self._owned = config, catalogue, feeds, owned
        self.names = list(config.feed)
        """By number."""
        self.places: dict[CourseRole, set[int]] = defaultdict(set)
        """→ numbers of the feeds that answer for it."""
        self.roles_of_course: dict[int, set[int]] = defaultdict(set)
        """All courses that the plan looks at; none: somebody only names it."""
        for number, name in enumerate(self.names):
            for place in owned.of(name) | feeds.desired.places.get(name, set()):
                self.places[place].add(number)
                self.roles_of_course[place[0]].add(place[1])
        there = catalogue.courses
        self.methods_to_make = {c for c in feeds.desired.named if c in there and not there[c].enrol}
        """Courses that are named and have not got the method yet."""
        for course in self.methods_to_make:
            self.roles_of_course.setdefault(course, set())
        self.astray = nowhere(config, catalogue.roles, catalogue.categories)
        """Rules that lead nowhere on this site."""
        self._left_alone = self._courses_left_alone()
        self._unruled = self._places_unruled()
        self._kept = self._places_in_doubt().union(*self._unruled.values())

    def courses_of_feed(self) -> dict[str, int]:
        """Feed → how many courses it answers for."""
        found: dict[str, set[int]] = defaultdict(set)
        for (course, _), numbers in self.places.items():
            for number in numbers:
                found[self.names[number]].add(course)
        return {name: len(courses) for name, courses in found.items()}

    def frozen(
        self, course: int, roles: Collection[int], gives: Mapping[str, Collection[int]]
    ) -> frozenset[int]:
        """Roles of a course that a bad feed can reach (as on its good nights, and whatever its rules can give where no
        good feed answers for it), and those of a feed that leaves this course alone. ``gives``: feed → such roles."""
        frozen: set[int] = set()
        for name in self._feeds.bad:
            reach = self._owned.of(name)
            given = gives.get(name, ())
            for role in roles:
                answering = {self.names[n] for n in self.places.get((course, role), ())}
                if (course, role) in reach or (
                    (role in given or ANY in given) and answering <= self._feeds.bad.keys()
                ):
                    frozen.add(role)
        for name in self._left_alone.get(course, ()):
            frozen |= {r for r in roles if (course, r) in self._owned.of(name)}
        return frozenset(frozen | {r for r in roles if (course, r) in self._kept})

    def told(self) -> list[str]:
        """What a person should know of feeds for which nobody speaks any more."""
        notes = []
        for feed, places in self._unruled.items():
            here = {c for c, _ in places} & self.roles_of_course.keys() & self._catalogue.courses.keys()
            if here:
                notes.append(
                    f"No rule names [feed.{feed}] any more: whom it brought into {count(len(here), 'course')} is left as he is. To let them "
                    "go, give it a rule again with an extract that holds a header only, and min_rows = 0."
                )
        return notes

    def _places_in_doubt(self) -> set[CourseRole]:
        """Places of earlier nights that no rule of their feed reaches tonight, while one of these leads nowhere: nobody
        knows whether it was that one's."""
        feeds = {one.feed for one in self.astray if not one.of_cohorts}
        reached = self._feeds.desired.places
        return set().union(*(self._owned.of(f) - reached.get(f, set()) for f in feeds))

    def _places_unruled(self) -> dict[str, set[CourseRole]]:
        """Feed for which no rule speaks any more → what it did where no other feed's rule reaches: nobody has said that
        these people left."""
        ruled = {rule.feed for rule in self._config.course}
        spoken = set().union(*(self._owned.of(f) | self._feeds.desired.places.get(f, set()) for f in ruled))
        return {f: self._owned.of(f) - spoken for f in sorted(self._owned.feeds - ruled)}

    def _courses_left_alone(self) -> dict[int, set[str]]:
        """Course → feeds that cannot speak for it tonight: it is hidden and their rules skip hidden courses (Moodle's
        ignorehiddencourses), or it has no key, or shares it with another. Silence is then no reason to take people out."""
        found: dict[int, set[str]] = defaultdict(set)
        for rule in self._config.course:
            if rule.hidden_courses == "skip":
                for course in self._catalogue.courses.values():
                    if not course.visible:
                        found[course.id].add(rule.feed)
            for number in self._catalogue.courses_without(rule.match) & self.roles_of_course.keys():
                found[number].add(rule.feed)
            if self._feeds.readings[rule.feed].ambiguous_codes:
                for number in self._catalogue.courses_sharing(rule.match):
                    found[number].add(rule.feed)
        return found
