"""What changed for one course, cohort or person, over all runs, newest first: a page of the journal in names."""

from __future__ import annotations

from itertools import islice

from msgspec import structs

from greffe.apply import journal
from greffe.apply.journal import ChangeRecord, RunName
from greffe.apply.schema import has_tables
from greffe.commands._named.lookup import as_id, cohort_id, course_id, people_named, person_id
from greffe.commands._session import Session, open_site
from greffe.commands.recounting import named
from greffe.config import Config
from greffe.errors import ArgumentError
from greffe.moodle.cohorts import CohortReader
from greffe.moodle.instances import InstanceReader
from greffe.report.past import Past, PastLine
from greffe.report.texts import moment
from greffe.view.account import accounts
from greffe.view.moves import Words, moved

_KINDS = ("course", "person", "cohort")


def history(
    config: Config,
    name: str | None = None,
    *,
    course: str | None = None,
    cohort: str | None = None,
    person: str | None = None,
    limit: int = 20,
    before: int = 0,
) -> Past:
    """``limit`` changes before the change number ``before`` (0: the newest).

    ``name``: a course, a person or a cohort, whichever of them it is; ``course``, ``cohort`` and ``person`` say it, and can be
    combined: one person in one course. What is gone from Moodle is found by its id. Raises ArgumentError where nothing has
    the name, where things of two kinds have it, and where none is given.
    """
    with open_site(config) as session:
        if not has_tables(session.db):
            raise ArgumentError(
                "Greffe has not run on this site yet, so nothing has changed",
                todo="`greffe nightly` is its first run.",
            )
        asked = {"course": course, "person": person, "cohort": cohort}
        if name is not None:
            kind = _kind(session, name)
            if asked[kind] is not None:
                raise ArgumentError(
                    f"{name!r} is a {kind}, and --{kind} names another", todo="Give one of them."
                )
            asked[kind] = name
        ids = {kind: _id(session, kind, text) for kind, text in asked.items() if text is not None}
        if not ids:
            raise ArgumentError("nothing is named", todo="Name a course, a person or a cohort.")
        if ids.keys() >= {"course", "cohort"}:
            raise ArgumentError("a change is of a course or of a cohort", todo="Give --course or --cohort.")
        found = list(islice(journal.history(session.db, **ids, below=before or journal.NEWEST), limit + 1))
        of = " and ".join(f"{kind} {text}" for kind, text in asked.items() if text is not None)
        page = found[:limit]
        oldest = page[-1][1].id if page else 0
        return Past(
            of=of,
            changes=_lines(session, page),
            more=len(found) > limit,
            before=oldest,
            people=_people(session, asked["person"], ids.get("person", 0)),
        )


def _people(session: Session, text: str | None, person: int) -> list[list[str]]:
    """The person that is asked for, by all that he is called."""
    if text is None:
        return []
    names = [text, f"id {person}", *(name for a in accounts(session.db, [person]) for name in a.names)]
    return [[*dict.fromkeys(filter(None, names))]]


def _kind(session: Session, text: str) -> str:
    """Whether a name is a course's, a person's or a cohort's; by what people call them before ids, which all of them have."""
    catalogue = session.catalogue
    found = set()
    if any(text in texts for f in ("shortname", "idnumber") for texts in catalogue.courses_by(f)):
        found.add("course")
    if any(catalogue.called(f, text) for f in ("idnumber", "username")):
        found.add("person")
    # nothing is no name, although cohorts have it
    if text.strip() and (
        CohortReader(session.db).alike([text]) or session.db.query("known_cohorts", idnumber=text)
    ):
        found.add("cohort")
    if not found and as_id(text):
        found |= {kind for kind in _KINDS if _there(session, kind, text)}
    if not found:
        raise ArgumentError(
            f"there is no course, no person and no cohort {text!r}",
            todo="Look at the spelling; what is gone from Moodle is found by its id.",
        )
    if len(found) > 1:
        kinds = [k for k in _KINDS if k in found]
        raise ArgumentError(
            f"{text!r} is the name of {' and of '.join(f'a {k}' for k in kinds)}",
            todo=f"Say which: {' or '.join(f'--{k} {text!r}' for k in kinds)}.",
        )
    return found.pop()


def _there(session: Session, kind: str, text: str) -> bool:
    """Whether an id is one of Moodle's, or was one."""
    if kind == "course" and as_id(text) in session.catalogue.courses:
        return True
    if kind == "person" and people_named(session.catalogue, text):
        return True
    return _known(session, kind, text) != 0


def _id(session: Session, kind: str, text: str) -> int:
    try:
        if kind == "cohort":
            return cohort_id(session.db, text)
        return (
            course_id(session.catalogue, text)
            if kind == "course"
            else person_id(session.db, session.catalogue, text)
        )
    except ArgumentError:
        if gone := _known(session, kind, text):
            return gone
        raise


def _known(session: Session, kind: str, text: str) -> int:
    """An id that the journal knows; 0: none."""
    number = as_id(text)
    return number if number and next(journal.history(session.db, **{kind: number}), None) else 0


def _lines(session: Session, page: list[tuple[int, ChangeRecord]]) -> list[PastLine]:
    runs = journal.named(session.db, {run for run, _ in page})
    roles = {i: n for n, i in session.catalogue.roles.items()}
    filled = {int(g) for _, c in page for row in (c.old, c.new) if row and (g := row.get("customint2"))}
    groups = InstanceReader(session.db, session.catalogue).groups(filled) if filled else {}
    words = Words(
        moment,
        lambda role: roles.get(role, f"id {role}"),
        lambda group: groups[group][1] if group in groups else f"id {group}",
    )
    found = []
    for (run, change), line in zip(page, named(session, [c for _, c in page]), strict=True):
        was, now = moved(change.action, change.old, change.new, words, line.role, line.group)
        by = runs.get(run, RunName(id=run))
        told = structs.asdict(line) | {
            "made": change.made,
            "run": run,
            "kind": by.kind,
            "operator": by.operator,
        }
        found.append(PastLine(**told, was=was, now=now))
    return found
