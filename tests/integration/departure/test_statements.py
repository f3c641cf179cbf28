"""Statements do not grow with people and courses."""

from __future__ import annotations

from greffe.commands.plan import plan
from greffe.moodle.database import connect
from tests.integration.classes import leave_traces, whole_site
from tests.integration.departure.leavers import deliver, everybody, writing
from tests.integration.nights import Nights


def test_statements_do_not_grow_with_people_and_courses(nights: Nights) -> None:
    people, courses = 40, 8
    ids, classes = everybody(nights, people, courses)
    leave_traces(nights, classes, ids, grades=True)
    nights.rules[0]["purge"] = {"with_grades": True}

    def statements(leavers: int, courses: int, gone: int = 0) -> int:
        """Statements of the one transaction in which so many people leave so many of the courses."""
        going = {(f"u{n}", f"C{c}") for n in range(leavers) for c in range(courses)}
        all_ = {(f"u{n}", c.name) for n in range(people) for c in classes}
        deliver(nights, sorted(all_ - going))
        night = plan(nights.config())
        assert night.plan.counts() == {"unenrol": leavers * courses - gone}
        with writing(nights) as (db, executor):
            db.statements = 0
            applied = executor.apply(night.plan)
            assert (applied.transactions, applied.refused) == (1, [])
            return db.statements

    few = statements(2, 1)
    many = statements(40, 8, gone=2)
    assert many <= few + (2 if nights.site.engine == "mariadb" else 0)  # longer journals take one insert more
    assert few < 50


def test_groups_are_joined_and_left_in_as_many_statements_as_one(nights: Nights) -> None:
    nights.rules[0]["leavers"] = "suspend"
    _, classes = everybody(nights, 12, 6)

    def statements(courses: int, group: str) -> int:
        """Statements of the one transaction in which everybody changes the group in so many courses."""
        lines = [
            f"u{n};{c.name};{group if at < courses else 'TD'}"
            for n in range(12)
            for at, c in enumerate(classes)
        ]
        nights.feed("ip", "who;course;td", lines)
        night = plan(nights.config())
        assert night.plan.counts()["join-group"] == 12 * courses
        with writing(nights) as (db, executor):
            db.statements = 0
            assert executor.apply(night.plan).transactions == 1
            return db.statements

    one = statements(1, "G1")
    assert statements(6, "New") <= one + 3  # groups that are made first
    assert {g for _, g, _, _ in nights.members()} == {"New"}
    members = whole_site(nights)["message_conversation_members"]
    assert members == {}  # only G1 and G2 have conversations, and nobody is left in them


def test_a_purge_costs_one_statement_for_the_site(nights: Nights) -> None:
    from greffe.apply.owned import Owned
    from greffe.commands._night.feeds import read_feeds
    from greffe.commands._night.planner import Planner
    from greffe.moodle.ahead import ScopesAhead
    from greffe.moodle.catalogue import Catalogue

    nights.rules[0] |= {"leavers": "suspend"}
    everybody(nights, 6, 5)
    deliver(nights, ((f"u{n}", f"C{c}") for n in range(3) for c in range(5)))
    nights.night()

    def statements() -> int:
        config = nights.config()
        db = connect(nights.site.settings)
        catalogue, owned = Catalogue(db), Owned(db, tables=True)
        feeds = read_feeds(config, catalogue, owned.last_good, 0)
        nothing = ScopesAhead(db.settings, set(), [])
        with db.transaction(snapshot=True):
            assert Planner(config, db, catalogue, feeds, owned, nothing).plan("here", 1).size == 0
        count = db.statements
        db.close()
        return count

    plain = statements()
    nights.rules[0]["purge"] = {"after": "90d"}
    assert statements() == plain + 1
