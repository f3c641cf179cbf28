"""The participants of courses as Moodle shows them, and what its page lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from greffe.apply.schema import has_tables
from greffe.commands._named.selection import selected
from greffe.commands._session import open_site
from greffe.config import Config
from greffe.listing import Listing
from greffe.view.asked import Asked
from greffe.view.participants import Participants


@contextmanager
def participants(
    config: Config, courses: Sequence[str], categories: Sequence[str] = (), asked: Asked | None = None
) -> Iterator[Listing]:
    """The participants of these courses (shortname, idnumber or id) and of those in these categories and below them, by the
    courses' short names; to be read while the block lasts.

    Raises ArgumentError where a course, a category or what a filter names is not there.
    """
    asked = asked or Asked()
    with open_site(config) as session:
        known = session.catalogue.courses
        chosen = sorted(
            (known[c] for c in selected(session, courses, categories)), key=lambda c: (c.name, c.id)
        )
        yield Participants(session.db, chosen, asked, journal=has_tables(session.db)).listing()
