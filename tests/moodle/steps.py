"""What happens on a site by day, as data. Who makes it happen, Moodle's API or plain SQL, is another matter."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Enrol:
    """Somebody is enrolled by another method, through the participants page."""

    course: str
    person: str
    role: str = "student"
    method: str = "manual"


@dataclass(frozen=True)
class SuspendByHand:
    """Somebody's enrolment by one method is suspended on the participants page."""

    course: str
    person: str
    method: str = "database"


@dataclass(frozen=True)
class SetTimes:
    """Somebody's enrolment gets a start and an end (seconds since 1970) on the participants page."""

    course: str
    person: str
    start: int
    end: int
    method: str = "database"


@dataclass(frozen=True)
class JoinGroup:
    """A teacher puts somebody into a group of the course; the first time the group is made."""

    course: str
    person: str
    group: str
    conversation: bool = False
    """Whether a new group gets a conversation for its members."""


@dataclass(frozen=True)
class Visit:
    """Somebody opened the course."""

    course: str
    person: str


@dataclass(frozen=True)
class AddForum:
    """A teacher makes a forum."""

    course: str
    forum: str
    subscribes: bool = False
    """Whether everybody who comes into the course is subscribed (Moodle's "auto subscription")."""


@dataclass(frozen=True)
class FollowForum:
    """Somebody subscribes to a forum, chooses its digest, stops tracking it and has read a post."""

    course: str
    person: str
    forum: str


@dataclass(frozen=True)
class RoleInForum:
    """Somebody gets a role in one forum alone."""

    course: str
    person: str
    forum: str
    role: str = "teacher"


@dataclass(frozen=True)
class Grade:
    """A teacher gives somebody points (of 100) in the gradebook; the first time the column is made."""

    course: str
    person: str
    item: str
    points: int


@dataclass(frozen=True)
class AddMethod:
    """The course gets one more instance of a method."""

    course: str
    method: str = "database"


@dataclass(frozen=True)
class DisableMethod:
    """A method of the course is hidden by its eye on the page of methods."""

    course: str
    method: str = "database"


@dataclass(frozen=True)
class DoubleRoles:
    """Two of Moodle's writers met: each role that somebody holds through a method is there twice."""

    course: str
    person: str
    method: str = "database"


@dataclass(frozen=True)
class DeletePerson:
    """An account is deleted."""

    person: str


@dataclass(frozen=True)
class ChangePerson:
    """One field of an account gets another text."""

    person: str
    field: str
    text: str


@dataclass(frozen=True)
class MergePeople:
    """Two accounts of one person: all of ``person`` becomes ``into``'s, and ``person`` is suspended, as the plugin
    tool_mergeusers does it: rows are given to the other account, and those that would be there twice go."""

    person: str
    into: str


@dataclass(frozen=True)
class DeleteRole:
    """A role is deleted from the site."""

    role: str


@dataclass(frozen=True)
class ChangeCourse:
    """One field of a course gets another value in its settings."""

    course: str
    field: str
    value: str | int


@dataclass(frozen=True)
class DeleteCourse:
    """A course is deleted."""

    course: str


@dataclass(frozen=True)
class ResetCourse:
    """A course is reset for the new year: out with everybody who has the role, as far as Moodle lets methods do it."""

    course: str
    role: str = "student"


@dataclass(frozen=True)
class CopyCourse:
    """A course is backed up with its people and restored as a new one."""

    course: str
    into: str


@dataclass(frozen=True)
class RestoreCourse:
    """A course is deleted, and comes back from a backup that was made just before."""

    course: str


Step = (
    Enrol | SuspendByHand | SetTimes | JoinGroup | Visit | AddForum | FollowForum | RoleInForum | Grade | AddMethod
    | DisableMethod | DoubleRoles | DeletePerson | ChangePerson | MergePeople | DeleteRole | ChangeCourse
    | DeleteCourse | ResetCourse | CopyCourse | RestoreCourse
)  # fmt: skip
