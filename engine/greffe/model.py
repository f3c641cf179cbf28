"""The words of Greffe as values: places, people, changes, plans.

People of a scope travel as packed arrays. A *mark* packs one person and where the registration came from into one
unsigned 64-bit integer, so that sorting, merging and dropping duplicates are single operations on plain integers::

    user id (32 bits) | feed number (5 bits) | source line (27 bits)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Protocol

import msgspec

from greffe.personal import FilePath, Said

USER_SHIFT = 32
FEED_SHIFT = 27
LINE_MASK = (1 << FEED_SHIFT) - 1
FEED_MASK = (1 << (USER_SHIFT - FEED_SHIFT)) - 1
MAX_FEEDS = FEED_MASK + 1
MAX_LINE = LINE_MASK
MAX_USER = (1 << 32) - 1


def mark(user: int, feed: int, line: int) -> int:
    """Pack a person and the line of the feed that names them."""
    return user << USER_SHIFT | feed << FEED_SHIFT | line


class Leavers(StrEnum):
    """What happens to a person that the feed no longer names (moodle-writes §0.3 ENROL_EXT_REMOVED_*)."""

    KEEP = "keep"
    SUSPEND = "suspend"
    SUSPEND_NO_ROLES = "suspend-no-roles"
    UNENROL = "unenrol"

    @property
    def harshness(self) -> int:
        """0 for the gentlest; where several rules disagree about one person the gentlest wins."""
        return _HARSHNESS[self]


class Gone(StrEnum):
    """What happens to a cohort that no registration leads to any more."""

    KEEP = "keep"
    HIDE = "hide"
    EMPTY = "empty"
    DELETE = "delete"

    @property
    def harshness(self) -> int:
        """0 for the gentlest; where several rules can have made the cohort the gentlest wins."""
        return list(Gone).index(self)


class Surplus(StrEnum):
    """What happens to a method instance of Greffe's that no rule asks for any more."""

    KEEP = "keep"
    DISABLE = "disable"
    DELETE = "delete"

    @property
    def harshness(self) -> int:
        """0 for the gentlest; where several rules can have made the instance the gentlest wins."""
        return list(Surplus).index(self)


_HARSHNESS = {Leavers.KEEP: 0, Leavers.SUSPEND: 1, Leavers.SUSPEND_NO_ROLES: 2, Leavers.UNENROL: 3}


class Action(StrEnum):
    """One kind of change to one row of Moodle."""

    CREATE_METHOD = "create-method"
    UPDATE_METHOD = "update-method"
    ADOPT_METHOD = "adopt-method"
    RELEASE_METHOD = "release-method"
    DISABLE_METHOD = "disable-method"
    DELETE_METHOD = "delete-method"
    RESTORE_METHOD = "restore-method"
    CREATE_GROUP = "create-group"
    CREATE_GROUPING = "create-grouping"
    JOIN_GROUPING = "join-grouping"
    """A group is put into a grouping."""
    LEAVE_GROUPING = "leave-grouping"
    ENROL = "enrol"
    REACTIVATE = "reactivate"
    SET_TIMES = "set-times"
    SUSPEND = "suspend"
    UNENROL = "unenrol"
    ASSIGN_ROLE = "assign-role"
    REMOVE_ROLE = "remove-role"
    JOIN_GROUP = "join-group"
    LEAVE_GROUP = "leave-group"
    JOIN_CONVERSATION = "join-conversation"
    LEAVE_CONVERSATION = "leave-conversation"
    CREATE_COHORT = "create-cohort"
    UPDATE_COHORT = "update-cohort"
    ADOPT_COHORT = "adopt-cohort"
    RELEASE_COHORT = "release-cohort"
    DELETE_COHORT = "delete-cohort"
    RESTORE_COHORT = "restore-cohort"
    JOIN_COHORT = "join-cohort"
    LEAVE_COHORT = "leave-cohort"
    # what goes with a person's last enrolment in a course, and what an undo brings back
    DELETE_GRADE = "delete-grade"
    RESTORE_GRADE = "restore-grade"
    FORGET_VISIT = "forget-visit"
    RESTORE_VISIT = "restore-visit"
    UNSUBSCRIBE = "unsubscribe"
    SUBSCRIBE = "subscribe"
    DROP_DIGEST = "drop-digest"
    RESTORE_DIGEST = "restore-digest"
    DROP_TRACKING = "drop-tracking"
    RESTORE_TRACKING = "restore-tracking"
    FORGET_READING = "forget-reading"
    RESTORE_READING = "restore-reading"


OF_METHOD = frozenset(
    {
        Action.CREATE_METHOD,
        Action.UPDATE_METHOD,
        Action.ADOPT_METHOD,
        Action.RELEASE_METHOD,
        Action.DISABLE_METHOD,
        Action.DELETE_METHOD,
        Action.RESTORE_METHOD,
    }
)
"""What happens to a method instance itself, not to its people."""


class Reason(StrEnum):
    """Why a change is made; one word that reports, journal and explanations share."""

    REGISTERED = "registered"
    """A feed names him for the place."""
    LEFT_FEED = "left-feed"
    """No feed names him for the place any more."""
    HAS_GRADES = "has-grades"
    """Left, and suspended rather than unenrolled, since an unenrolment would take his grades."""
    PURGED = "purged"
    """Left, and suspended for as long as the rule says."""
    ROLE_CHANGED = "role-changed"
    """The feed names him with another role."""
    GROUP_CHANGED = "group-changed"
    """The rule gives him another group, or none."""
    TIMES_CHANGED = "times-changed"
    """The rule gives another start or end."""
    DUPLICATE = "duplicate"
    """The same row was there twice; the older one stays."""
    MEMBER = "member"
    """Belongs to the cohort, or to the parent course, that the method follows."""
    NOT_MEMBER = "not-member"
    """Belongs to it no more."""
    RULE_CHANGED = "rule-changed"
    """What the rules say of a cohort (its name, its place, …) is not what Moodle has."""
    NOT_NAMED = "not-named"
    """No registration leads to the cohort any more; no rule asks for the method any more."""
    NEW_YEAR = "new-year"
    """Last year's cohort is replaced by this year's."""
    RELEASED = "released"
    """Given back to hand care by ``greffe release``."""
    ASKED = "asked"
    """A line of somebody's file says so, or a command's option."""
    CONVERTED = "converted"
    """What an automatic enrolment gave is kept by hand."""
    NOT_IN_FILE = "not-in-file"
    """The file is the whole list (``--replace``), and does not name him."""
    UNDO = "undo"
    """An earlier run is taken back."""


class Course(msgspec.Struct, frozen=True):
    """A course of the site, as far as enrolments are concerned."""

    id: int
    context: int
    visible: bool
    name: str
    """What people call it: its shortname."""
    enrol: int = 0
    """Its lowest instance of the method ``database``; 0: none yet."""


class Batch(msgspec.Struct, frozen=True, omit_defaults=True):
    """The same change for many people of one course (of a cohort: ``course`` is 0).

    ``users``, ``sources`` run in parallel and ascend by user. ``sources[i]`` is the lower half of a mark (feed and
    line), 0 where no line of a feed stands behind the change. ``times`` is (start, end) in seconds since 1970, 0 for
    none, and holds for all people of the batch.
    """

    action: Action
    course: int
    reason: Reason
    users: list[int] = []
    sources: list[int] = []
    enrol: int = 0
    """Instance id; 0: the one that this plan creates."""
    role: int = 0
    group: int = 0
    group_name: str = ""
    grouping: str = ""
    """Name of the grouping that is made, or that the group is put into."""
    times: tuple[int, int] | None = None
    feeds: tuple[int, ...] = ()
    """Numbers of the feeds that answer for the place, for the guards."""
    held: tuple[int, ...] = ()
    """Roles that leavers hold, for the guards."""
    with_grades: bool = False
    """Of an unenrolment: whether it may take grades along."""
    suspended: bool = False
    """Of a new enrolment, or of times that are set: that the enrolment is suspended."""

    @property
    def size(self) -> int:
        """How many people it concerns (1 where it creates something, or changes a method, whoever that shuts out)."""
        return 1 if self.action in OF_METHOD else len(self.users) or 1


class Refused(msgspec.Struct, frozen=True):
    """A line of a feed that its reader cannot take; whom it names gets nothing by it, and loses nothing."""

    line: int
    cells: dict[str, str]
    """Columns that could be read all the same, such as the person's."""
    why: str
    """What is wrong, as the end of a sentence that begins with the line."""
    unread: tuple[str, ...] = ()
    """Columns that could not be read: whom they name, nobody can tell."""


class Table(Protocol):
    """A feed that has been opened: a header and rows of text, cells exactly as delivered.

    ``rows`` may be walked once; it raises FeedError that names file, line and column when the feed turns out to be
    broken (wrong number of cells, undecodable byte, cut short), possibly after rows were already given.
    """

    @property
    def name(self) -> str:
        """The feed's name in the configuration."""

    @property
    def source(self) -> str:
        """Where it comes from, for people: a path, or a database without its secrets."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The header, trimmed."""

    @property
    def delivered(self) -> int:
        """Seconds since 1970: when the file was written, or the query was run."""

    @property
    def final_newline(self) -> bool:
        """Whether the last line was ended; known once the rows were walked (true for what has no lines)."""

    @property
    def notes(self) -> Sequence[str]:
        """What the reader found odd though not wrong; complete once the rows were walked."""

    @property
    def refused(self) -> Sequence[Refused]:
        """Lines that are none of the rows, since nobody can say what they mean; complete once the rows were walked."""

    def rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        """(source line, cells) in the order of the feed; a line counts from 1, the header of a file being line 1."""

    def close(self) -> None:
        """Let go of the file or connection; walking all rows does so too, and twice does no harm."""


class FeedCounts(msgspec.Struct, kw_only=True):
    """What a night saw of one feed; kept, so that the next night can compare."""

    feed: str
    source: FilePath = ""
    rows: int = 0
    """Data rows delivered."""
    kept: int = 0
    """Rows that passed keep, years, requires and at least one rule's ``when``."""
    other_years: int = 0
    """Rows left out since their academic year is not open."""
    not_required: int = 0
    """Rows left out by the semi-join."""
    people: int = 0
    """Distinct people named by kept rows."""
    unknown_people: int = 0
    padded_people: int = 0
    """Unknown people that would be known if their numbers had leading zeros."""
    pad_width: int = 0
    """The width that these zeros would give."""
    ambiguous_people: int = 0
    empty_people: int = 0
    """Kept rows whose person cell is empty."""
    codes: int = 0
    """Distinct combinations of the columns that rules use, among kept rows."""
    unknown_codes: int = 0
    """Distinct targets that are no course of the site."""
    cohorts: int = 0
    """Cohorts that the feed names."""
    duplicates: int = 0
    """Rows that say what another row already said."""
    places: int = 0
    """Course × role that the feed reaches."""
    delivered: int = 0
    """Seconds since 1970: when the file was written, or the query was run."""
    final_newline: bool = True
    """Whether the file's last line was ended; one that always was and now is not has been cut."""
    problems: list[Said] = []
    """Why the feed is bad tonight; empty: it is good."""
    notes: list[Said] = []
    """What a person should know although the feed is good."""
