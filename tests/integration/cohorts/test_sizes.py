"""Large cohorts and many: read whole or in ranges, written in bounded transactions, in statements that do not grow."""

from __future__ import annotations

from pathlib import Path

import pytest

from greffe.commands._night.whole import plan_night
from greffe.commands._session import Silent, open_site
from greffe.commands.plan import plan
from greffe.commands.undo import undo
from greffe.errors import Exit
from greffe.methods.scope import parse_ids
from greffe.moodle.cohorts import CohortReader
from greffe.moodle.mariadb import MariaDB
from tests.integration.cohorts.promotions import rows
from tests.integration.nights import NO_GUARDS, Nights
from tests.lab.site import MoodleSite

PEOPLE = 3000


@pytest.fixture
def nights(moodle_site: MoodleSite, tmp_path: Path) -> Nights:
    moodle_site.add_users([{"username": f"u{n}", "idnumber": f"u{n}"} for n in range(PEOPLE)])
    nights = Nights(moodle_site, tmp_path)
    nights.more = {"guards": NO_GUARDS, "moodle": {"transaction_rows": 700}}
    nights.cohort("ia", gone="delete")
    return nights


def test_a_cohort_larger_than_a_transaction(nights: Nights) -> None:
    nights.feed("ia", "who;cohort", [f"u{n};BIG" for n in range(PEOPLE)] + ["u1;SMALL"], shrink="none")
    result = nights.night()
    assert result.exit is Exit.DONE
    assert result.applied.transactions == 6
    assert len(nights.cohort_members()["BIG"]) == PEOPLE
    assert plan(nights.config()).plan.size == 0
    made = rows(nights)

    nights.feed("ia", "who;cohort", ["u1;SMALL"])
    second = nights.night()

    assert second.counts == {"delete-cohort": 1, "leave-cohort": PEOPLE}
    assert nights.cohort_members() == {"SMALL": ["u1"]}
    assert undo(nights.config(), second.run).refused == []
    assert rows(nights) == made


def test_members_that_arrive_cut_are_read_in_ranges(nights: Nights) -> None:
    nights.feed(
        "ia", "who;cohort", [f"u{n};{c}" for n in range(PEOPLE) for c in ("A", "B") if c == "A" or n % 3]
    )
    nights.night()
    with open_site(nights.config()) as session:
        ids = sorted(CohortReader(session.db).by_id(range(1, 10)))
        whole = CohortReader(session.db).members([*ids, 99])
        if isinstance(session.db, MariaDB):
            session.db.run_text("SET SESSION group_concat_max_len = 2000")
        session.db.longest_aggregate = 2000
        assert CohortReader(session.db).members([*ids, 99]) == whole
    assert [len(parse_ids(whole[i])) for i in ids] == [PEOPLE, PEOPLE * 2 // 3]
    assert whole[99] == ""


def test_statements_do_not_grow_with_cohorts(nights: Nights) -> None:
    def statements(cohorts: int) -> int:
        nights.feed("ia", "who;cohort", [f"u{n};C{n % cohorts}" for n in range(400)], shrink="none")
        nights.night()
        with open_site(nights.config()) as session:
            assert plan_night(session, Silent()).plan.size == 0
            return session.db.statements

    assert statements(2) == statements(200)
