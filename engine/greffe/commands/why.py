"""Why somebody is in a course, or is not: from the registration to Moodle's rows, and where the chain breaks."""

from __future__ import annotations

from greffe import __version__
from greffe.apply.owned import Owned
from greffe.apply.schema import has_tables
from greffe.commands._explaining.explainer import Explainer
from greffe.commands._explaining.known import Known
from greffe.commands._explaining.lines import Sought
from greffe.commands._explaining.outlook import Outlook
from greffe.commands._explaining.past import Past
from greffe.commands._explaining.people import People
from greffe.commands._explaining.tracing import trace
from greffe.commands._named.lookup import as_id, course_id, nobody, people_named
from greffe.commands._night.whole import plan_night
from greffe.commands._session import Session, Silent, Watcher, open_site
from greffe.config import Config
from greffe.errors import ArgumentError
from greffe.view.account import Account, accounts
from greffe.view.chain import Explanation
from greffe.view.standing import best, standing


def why(
    config: Config, person: str, course: str | None = None, watcher: Watcher | None = None
) -> Explanation:
    """Every chain by which a person is, or would be, in a course; without ``course`` in all of his courses and cohorts.

    ``person``: idnumber, username or id, or how a feed names somebody who has no account; ``course``: shortname, idnumber
    or id, or a code of the feeds that is no course's. Raises ArgumentError where nothing knows them.
    """
    return _explain(config, person, course, watcher, everything=False)


def why_not(config: Config, person: str, course: str, watcher: Watcher | None = None) -> Explanation:
    """The same from the course's side: every way that leads into it, and what is missing there, the most likely first."""
    return _explain(config, person, course, watcher, everything=True)


def _explain(
    config: Config, person: str, course: str | None, watcher: Watcher | None, *, everything: bool
) -> Explanation:
    watcher = watcher or Silent()
    with open_site(config) as session:
        sought, several = _seek(session, person)
        asked = _course(session, course)
        tables = has_tables(session.db)
        night = plan_night(session, watcher)
        owned = Owned(session.db, tables=tables)
        watcher.step("Looking for the person's lines")
        traced = trace(config, session.catalogue, owned.last_good, night.plan.made, sought)
        if sought.account is None and not several and not traced.lines:
            raise nobody(person)
        if asked == 0 and not traced.of_code(str(course)):
            course_id(session.catalogue, str(course))
        watcher.step("Reading Moodle's rows")
        known = Known(
            db=session.db,
            night=night,
            owned=owned,
            outlook=Outlook(night, sought.account.id if sought.account else 0),
            traced=traced,
            sought=sought,
            several=several,
            standing=standing(session.db, sought.account),
            past=Past(session.db, sought.account, tables=tables),
            people=People(session.db, sought, several, traced),
        )
        found = Explanation(
            greffe=__version__,
            site=session.site,
            made=known.now,
            person=str(sought.account or person),
            person_id=sought.account.id if sought.account else 0,
        )
        _fill(found, known, course, asked, everything=everything)
        found.notes = _notes(known)
        found.people = known.people.called()
        return found


def _fill(
    found: Explanation, known: Known, course: str | None, asked: int | None, *, everything: bool
) -> None:
    """``asked``: as ``_course`` has it."""
    explainer = Explainer(known)
    if asked is None:
        courses = explainer.courses()
        explainer.look(courses)
        found.chains = [chain for c in courses for chain in explainer.of_course(c)]
        found.chains += [explainer.of_code(code) for code in explainer.codes()]
        found.chains += explainer.of_cohorts()
        return
    if asked:
        explainer.look([asked])
        found.chains = explainer.of_course(asked, everything=everything)
        found.course, found.course_id = known.course_name(asked), asked
    else:
        found.course = str(course)
        found.chains = [explainer.of_code(str(course))]
    found.stand = best(c.stand for c in found.chains).value


def _seek(session: Session, text: str) -> tuple[Sought, list[Account]]:
    """The person, and the accounts that answer to the name where it is more than one."""
    ids = people_named(session.catalogue, text)
    if not ids and (number := as_id(text)):
        ids = [a.id for a in accounts(session.db, [number]) if a.deleted]
    found = accounts(session.db, ids)
    return (Sought(text, found[0]), []) if len(found) == 1 else (Sought(text, None), found)


def _course(session: Session, text: str | None) -> int | None:
    """The course; None: none is asked for; 0: it is none of the site's, or several: the feeds may know it."""
    if text is None:
        return None
    try:
        return course_id(session.catalogue, text)
    except ArgumentError:
        return 0


def _notes(known: Known) -> list[str]:
    """What a person should know although it breaks no chain."""
    account, found = known.sought.account, []
    if account is not None and account.suspended:
        found.append("The account is suspended: enrolled as anybody, but it cannot log in.")
    if account is not None and not account.confirmed:
        found.append("The account is not confirmed: it cannot log in.")
    return found + [f"Feed {name}: {problem}" for name, problem in known.traced.broken.items()]
