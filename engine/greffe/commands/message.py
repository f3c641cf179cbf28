"""A message to participants of a course: queued here, sent by the plugin through Moodle's own message API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from greffe.apply import journal
from greffe.apply.schema import ensure_tables, has_tables
from greffe.commands._named.lookup import course_id
from greffe.commands._session import Session, open_site
from greffe.commands.plugin import UPGRADE
from greffe.config import Config
from greffe.errors import ArgumentError, RefusedError, SiteNotReadyError
from greffe.moodle.capabilities import may
from greffe.moodle.cohorts import CohortReader
from greffe.rules.text import is_visible

CAPABILITY = "local/greffe:sendmessage"
TASK = r"\local_greffe\task\send_message"
LONGEST_SUBJECT = 255
LONGEST_BODY = 256 * 1024
"""Bytes in UTF-8: more is no message but a document."""
FORMATS = {"html": 1, "plain": 2, "markdown": 4}
"""Moodle's FORMAT_HTML, FORMAT_PLAIN, FORMAT_MARKDOWN (lib/weblib.php)."""
_SOON = 86400


@dataclass(frozen=True, slots=True)
class Selection:
    """Which participants: active ones who have one of the roles, are in one of the groups, and came by one of the methods."""

    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """What is written."""

    subject: str
    body: str
    format: str = "plain"


class Message(msgspec.Struct, kw_only=True):
    """A message that is queued, or would be."""

    id: int = 0
    """0: not queued."""
    course: str
    sender: str
    """Username."""
    sender_name: str
    subject: str
    amount: int
    """How many people it goes to."""
    same: int = 0
    """A message of the last day that says the same to the same course."""


class Progress(msgspec.Struct, kw_only=True):
    """How far a message has come. Moments are seconds since 1970, 0 for not yet."""

    id: int
    course: str
    sender: str
    subject: str
    amount: int
    sent: int
    failed: int
    state: str
    """queued, sending, sent, refused."""
    error: str
    operator: str
    made: int
    started: int
    ended: int


@dataclass(slots=True)
class _Draft:
    course: int
    sender: int
    message: Message
    recipients: list[int] = field(default_factory=list)


def message(
    config: Config,
    course: str,
    sender: str,
    letter: Letter,
    selection: Selection,
    *,
    dry_run: bool = False,
    again: bool = False,
) -> Message:
    """Queue a message, or with ``dry_run`` tell whom it would reach.

    Raises ArgumentError where a name is unknown or there is nothing to send, RefusedError where the sender may not or where
    the same was sent within a day (unless ``again``), SiteNotReadyError without the plugin.
    """
    _look_at(letter)
    with open_site(config) as session:
        if not CohortReader(session.db).component():
            raise SiteNotReadyError(
                "messages are sent by Moodle's plugin local_greffe, which is not installed here",
                todo=f"Make way for it with `greffe plugin prepare`. {UPGRADE} Then send again.",
            )
        ensure_tables(session.db)
        draft = _draft(session, course, sender, letter, selection)
        if dry_run:
            return draft.message
        _queue(session, draft, letter, again=again)
        return draft.message


def messages(config: Config, limit: int = 20) -> list[Progress]:
    """The latest messages, newest first."""
    with open_site(config) as session:
        if not has_tables(session.db):
            return []
        names = Progress.__struct_fields__
        rows = session.db.query("messages", limit=limit)
        return [
            Progress(**dict(zip(names, (i, name or f"course {course} (gone)", *rest), strict=True)))
            for i, course, name, *rest in rows
        ]


def _look_at(letter: Letter) -> None:
    """Raise ArgumentError where it cannot be a message."""
    if not letter.subject.strip() or not letter.body.strip():
        raise ArgumentError("a message needs a subject and a body", todo="Write both.")
    if len(letter.subject) > LONGEST_SUBJECT:
        raise ArgumentError(f"a subject has at most {LONGEST_SUBJECT} characters", todo="Shorten it.")
    if odd := next((c for c in letter.subject if not is_visible(c)), ""):
        raise ArgumentError(
            f"the subject has a character that cannot be seen (U+{ord(odd):04X}, at place {letter.subject.index(odd) + 1})",
            todo="Take it out: a subject is one line, without control characters.",
        )
    if "\0" in letter.body:
        raise ArgumentError("the body is no text: it holds a zero byte", todo="Save it as text in UTF-8.")
    if len(letter.body.encode()) > LONGEST_BODY:
        raise ArgumentError(
            f"a body is text of at most {LONGEST_BODY // 1024} kB",
            todo="Put the rest into the course, and say where.",
        )


def _draft(session: Session, course: str, sender: str, letter: Letter, selection: Selection) -> _Draft:
    db, catalogue = session.db, session.catalogue
    where = course_id(catalogue, course)
    contexts = [int(part) for part in str(db.value("course_path", course=where) or "").split("/") if part]
    who = catalogue.people("username").get(sender)
    if who is None or who in catalogue.ambiguous("username"):
        raise ArgumentError(
            f"nobody here has the username {sender!r}", todo="Give the sender's username with --from."
        )
    ((_, first, last, suspended, confirmed),) = db.query("account", user=who)
    if suspended or not confirmed:
        raise RefusedError(
            f"the account {sender!r} is suspended or unconfirmed", todo="Name somebody who can log in."
        )
    name = catalogue.courses[where].name if where in catalogue.courses else course
    if not may(db, catalogue, who, CAPABILITY, contexts):
        raise RefusedError(
            f"{sender!r} may not send messages to the participants of {name}",
            todo=f"Name a sender whose role there has the capability {CAPABILITY}.",
        )
    people = _people(session, where, contexts, selection)
    people.discard(who)
    people.discard(catalogue.guest)
    if not people:
        raise ArgumentError(f"nobody in {name} is meant", todo="Look at --role, --group and --method.")
    made = Message(
        course=name, sender=sender, sender_name=f"{first} {last}".strip(), subject=letter.subject, amount=len(people),
        same=_same(session, where, letter),
    )  # fmt: skip
    return _Draft(where, who, made, sorted(people))


def _same(session: Session, course: int, letter: Letter) -> int:
    """The message of the last day that said the same to the same course; 0: there is none."""
    since = session.now() - _SOON
    same = session.db.value(
        "same_message", course=course, subject=letter.subject, body=letter.body, since=since
    )
    return int(same or 0)


def _people(session: Session, course: int, contexts: Sequence[int], selection: Selection) -> set[int]:
    """Who is active in the course and meant."""
    db, catalogue = session.db, session.catalogue
    wanted, unknown = set(selection.methods), set(selection.methods)
    found = set()
    for user, method in db.query("present_people", course=course, now=session.now()):
        unknown.discard(method)
        if not wanted or method in wanted:
            found.add(int(user))
    if unknown:
        raise ArgumentError(
            f"nobody is active here by the method {min(unknown)!r}",
            todo="Look at the spelling: manual, cohort, database, …",
        )
    if selection.roles:
        roles = []
        for role in selection.roles:
            if role not in catalogue.roles:
                raise ArgumentError(
                    f"there is no role {role!r}", todo=f"Give one of: {', '.join(sorted(catalogue.roles))}."
                )
            roles.append(catalogue.roles[role])
        found &= {int(u) for (u,) in db.query("holders_of_roles", contexts=list(contexts), roles=roles)}
    if selection.groups:
        found &= {
            int(u) for (u,) in db.query("people_of_groups", groups=_groups(session, course, selection.groups))
        }
    return found


def _groups(session: Session, course: int, names: Sequence[str]) -> list[int]:
    """By name, idnumber or id, each exactly one."""
    rows = session.db.query("groups_of_course", course=course)
    found = []
    for text in names:
        ids = next(
            (ids for column in (1, 2, 0) if (ids := [int(r[0]) for r in rows if str(r[column]) == text])), []
        )
        if len(ids) != 1:
            many = "several groups have" if ids else "no group of the course has"
            raise ArgumentError(f"{many} the name, idnumber or id {text!r}", todo="Give the group's id.")
        found += ids
    return found


def _queue(session: Session, draft: _Draft, letter: Letter, *, again: bool) -> None:
    """Queue it with its task. Raises RefusedError where the same is queued meanwhile (unless ``again``)."""
    db = session.db
    with db.transaction():
        db.query("queue_alone")
        if not again and (same := _same(session, draft.course, letter)):
            raise RefusedError(
                f"message {same} said the same to this course within the last day",
                todo="If it shall be sent once more, say so with --again.",
            )
        now = session.now()
        rows = db.query(
            "add_message", course=draft.course, sender=draft.sender, subject=letter.subject, body=letter.body,
            format=FORMATS[letter.format], recipients=msgspec.json.encode(draft.recipients).decode(),
            amount=len(draft.recipients), operator=journal.operator()[:100], now=now,
        )  # fmt: skip
        draft.message.id = int(rows[0][0])
        data = msgspec.json.encode({"message": draft.message.id}).decode()
        db.execute("queue_task", classname=TASK, data=data, now=now)
