"""Whole rows of Moodle's tables by their ids: held, deleted, put back. What a row was stands in its image, all columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from greffe.moodle.database import Database

ENROLMENT = (
    "id",
    "userid",
    "status",
    "timestart",
    "timeend",
    "modifierid",
    "timecreated",
    "timemodified",
    "enrolid",
)
ROLE = (
    "id",
    "userid",
    "roleid",
    "contextid",
    "timemodified",
    "modifierid",
    "component",
    "itemid",
    "sortorder",
)
MEMBERSHIP = ("id", "userid", "groupid", "timeadded", "component", "itemid")
CONVERSATION = ("id", "conversationid", "userid", "timecreated")
COHORT = (
    "id",
    "contextid",
    "name",
    "idnumber",
    "description",
    "descriptionformat",
    "visible",
    "component",
    "timecreated",
    "timemodified",
    "theme",
)
COHORT_MEMBER = ("id", "cohortid", "userid", "timeadded")
COLUMNS = {
    "user_enrolments": ENROLMENT,
    "role_assignments": ROLE,
    "groups_members": MEMBERSHIP,
    "message_conversation_members": CONVERSATION,
    "cohort": COHORT,
    "cohort_members": COHORT_MEMBER,
}
"""Tables whose columns are the same in every version (moodle-writes §10); the database is asked for those of others."""

_HOMES = dict.fromkeys(("forum_subscriptions", "forum_digests", "forum_track_prefs", "forum_read"), "forum")
"""Tables whose rows are nobody's without another one: a module that was taken out may leave some of its tables behind."""
_IDS = 20_000
_IMAGES = 1 << 18
"""Bytes of images in one statement: quoted, they still fit the smallest packet of a server, and more gains nothing."""


def columns_of(db: Database, tables: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Table → its columns; a table that the site lacks, or whose home it lacks (a module that was taken out), is not in it."""
    # a server may keep names in lower case, whatever the prefix says (lower_case_table_names)
    homes = {_HOMES[t] for t in tables if t in _HOMES}
    names = {(db.prefix + t).casefold(): t for t in {*tables, *homes}}
    found: dict[str, list[str]] = {}
    for table, column in db.query("table_columns", tables=[db.prefix + t for t in {*tables, *homes}]):
        found.setdefault(names[str(table).casefold()], []).append(str(column))
    return {t: tuple(found[t]) for t in tables if t in found and _HOMES.get(t, t) in found}


def hold(
    db: Database, table: str, columns: tuple[str, ...], ids: Collection[int]
) -> dict[int, dict[str, Any]]:
    """Those of these rows that are still there, by id, held until the end of the transaction."""
    found = {}
    text = db.text("hold_rows", table=table, columns=columns)
    for part in parts(ids):
        for row in db.run_text(text, ids=part):
            image = dict(zip(columns, row, strict=True))
            found[int(image["id"])] = image
    return found


def present(db: Database, table: str, ids: Collection[int]) -> set[int]:
    """Those of these ids that a table has."""
    text = db.text("rows_there", table=table)
    return {int(r[0]) for part in parts(ids) for r in db.run_text(text, ids=part)}


def delete(db: Database, table: str, ids: Collection[int]) -> None:
    """Delete these rows."""
    text = db.text("delete_rows", table=table)
    for part in parts(ids):
        db.run_text(text, ids=part)


def put_back(db: Database, table: str, images: Iterable[Mapping[str, Any]]) -> None:
    """Insert these rows with their own ids and all their columns."""
    kinds: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for image in images:
        kinds.setdefault(tuple(image), []).append(image)
    for columns, alike in kinds.items():
        text = db.text("put_back", table=table, columns=columns)
        for part in texts(alike):
            db.run_text(text, images=part)


def encode(values: Mapping[str, Any]) -> str:
    """An image as the journal keeps it. Fixed-point numbers become texts, so that no digit is lost."""
    return msgspec.json.encode(values).decode()


def parts(ids: Collection[int], size: int = _IDS) -> Iterator[list[int]]:
    """Ids in ascending order, as many as one statement should hold."""
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


def texts(images: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Images as JSON arrays, each as long as one statement should hold."""
    part: list[str] = []
    size = 0
    for one in images:
        text = encode(one)
        length = len(text.encode())
        if part and size + length > _IMAGES:
            yield f"[{','.join(part)}]"
            part, size = [], 0
        part.append(text)
        size += length
    if part:
        yield f"[{','.join(part)}]"
