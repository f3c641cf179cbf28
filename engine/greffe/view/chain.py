"""Why somebody is in a course or is not: the links from a registration to Moodle's rows, and where they break."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from greffe.personal import Called, FilePath, Person, Said


class Link(StrEnum):
    """What one thing that must hold is about, in the order in which each rests on the one before."""

    REGISTRATION = "registration"
    RULE = "rule"
    COURSE = "course"
    ACCOUNT = "account"
    COHORT = "cohort"
    MEMBERSHIP = "membership"
    PARENT = "parent"
    METHOD = "method"
    ENROLMENT = "enrolment"
    ROLE = "role"
    GROUP = "group"


class Cause(StrEnum):
    """Why a link does not hold. The guides have a line for each."""

    NO_REGISTRATION = "no-registration"
    """No line of any feed leads the person there."""
    OTHER_YEAR = "other-year"
    NOT_KEPT = "not-kept"
    """The feed's ``keep`` leaves the line out."""
    NOT_REQUIRED = "not-required"
    """The feed named in ``requires`` has no row for it."""
    ZEROS_LOST = "zeros-lost"
    """The line would name the person, had its number the leading zeros."""
    BAD_FEED = "bad-feed"
    NO_RULE = "no-rule"
    VALUE_REFUSED = "value-refused"
    UNKNOWN_COURSE = "unknown-course"
    AMBIGUOUS_COURSE = "ambiguous-course"
    HIDDEN_COURSE = "hidden-course"
    """Its rule skips hidden courses."""
    COURSE_WITHOUT_KEY = "course-without-key"
    """The course has not what rules find courses by, so that no registration can name it."""
    NO_ACCOUNT = "no-account"
    AMBIGUOUS_PERSON = "ambiguous-person"
    DELETED_ACCOUNT = "deleted-account"
    NO_COHORT = "no-cohort"
    COHORT_REFUSED = "cohort-refused"
    NOT_MEMBER = "not-member"
    NO_PARENT = "no-parent"
    """The parent course is gone."""
    NOT_IN_PARENT = "not-in-parent"
    NOT_ACTIVE_IN_PARENT = "not-active-in-parent"
    NO_METHOD = "no-method"
    PLUGIN_OFF = "plugin-off"
    METHOD_OFF = "method-off"
    NOT_ENROLLED = "not-enrolled"
    """By hand: nobody did."""
    NOT_SYNCED = "not-synced"
    """What the method follows has the person, the method not yet."""
    SUSPENDED = "suspended"
    """By Greffe."""
    SUSPENDED_BY_HAND = "suspended-by-hand"
    """In Moodle: by a person, or by a task of Moodle's."""
    SUSPENDED_UNKNOWN = "suspended-unknown"
    """By a run of Greffe's whose journal has been pruned, or in Moodle: both leave the same row."""
    PURGE_PENDING = "purge-pending"
    """Suspended, and unenrolled when that has lasted as long as the rule says."""
    NOT_BEGUN = "not-begun"
    ENDED = "ended"
    NO_ROLE = "no-role"
    NO_GROUP = "no-group"
    NOT_YET = "not-yet"
    """The next night makes it."""
    LEAVES_NEXT = "leaves-next"
    """The next night takes it away."""
    GUARD = "guard"
    BLACKOUT = "blackout"
    ADD_ONLY = "add-only"
    LEFT_ALONE = "left-alone"
    """A night changes nothing there: a doubt, or a rule that keeps people."""


class Stand(StrEnum):
    """How somebody stands in a course or in a cohort."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    NOT_CURRENT = "not current"
    """Active, but outside his dates, or by a method that is switched off."""
    ABSENT = "absent"


class Step(msgspec.Struct, kw_only=True):
    """One link of a chain."""

    link: Link
    what: Said
    """What holds, or what is missing, as a sentence without its end."""
    table: str = ""
    """Moodle's table…"""
    row: int = 0
    """…and the id of the row there; 0: none."""
    made: int = 0
    """Seconds since 1970; 0: not known."""
    run: int = 0
    """The run of Greffe's that made it; 0: none, or none that is known."""
    cause: str = ""
    """Why it does not hold; '': it does."""
    todo: Said = ""
    """What would mend it."""
    source: FilePath = ""
    """Of a registration: the file, or the database without its secrets…"""
    line: int = 0
    """…and the line there."""


class Chain(msgspec.Struct, kw_only=True):
    """One way that leads, or would lead, somebody into a course or a cohort."""

    course: str = ""
    """'': it is about a cohort alone."""
    course_id: int = 0
    way: str
    """The method, or ``cohort`` where it is about that alone."""
    of: str = ""
    """What the method follows: a cohort, a parent course."""
    stand: str = Stand.ABSENT.value
    """How he stands by this way alone."""
    steps: list[Step]

    @property
    def broken(self) -> Step | None:
        """The first link that does not hold; None: they all do."""
        return next((s for s in self.steps if s.cause), None)

    @property
    def reach(self) -> int:
        """How far it holds: the number of the first link that does not."""
        broken = self.broken
        return len(Link) if broken is None else list(Link).index(Link(broken.link))


class Explanation(msgspec.Struct, kw_only=True):
    """The answer to ``why`` and ``why-not``."""

    greffe: str
    site: str
    made: int
    """Seconds since 1970, by the database's clock."""
    person: Person
    """As people call him."""
    person_id: int = 0
    """0: there is no account, or more than one."""
    course: str = ""
    """'': all of his courses."""
    course_id: int = 0
    stand: str = ""
    """In the course, by all ways together."""
    chains: list[Chain] = []
    """Those that hold first, then those that hold longest: the most likely ones."""
    notes: list[Said] = []
    people: Called = []
    """Whom the sentences name: the person, accounts that answer to the name, and who wrote a row."""


def without_ids(found: Explanation) -> Explanation:
    """The same without the ids of accounts, which name people as well as numbers do."""
    replace = msgspec.structs.replace
    chains = [
        replace(chain, steps=[replace(s, row=0) if s.table == "user" else s for s in chain.steps])
        for chain in found.chains
    ]
    return replace(found, person_id=0, chains=chains)
