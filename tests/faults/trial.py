"""One fault after the other on the small university, each judged against the night to which nothing happened."""

from __future__ import annotations

import statistics
import time
from collections import Counter

from greffe.errors import Exit
from tests.faults.campus import EVERY_KIND, Campus
from tests.faults.child import WRITING, night
from tests.faults.tally import Count


class Trial:
    """The undisturbed night of a campus, and the judgement of disturbed ones."""

    def __init__(self, campus: Campus, count: Count, nights: int = 1) -> None:
        """Run that many undisturbed nights first."""
        self.campus, self.count = campus, count
        before, writes = [], []
        for _ in range(nights):
            campus.reset()
            began = time.monotonic()
            with night(campus) as child:
                assert child.until(WRITING), child.word
                writing = time.monotonic()
                assert child.wait() == Exit.DONE
                self.planned = child.size
            before.append(writing - began)
            writes.append(time.monotonic() - writing)
        self.before, self.writes = statistics.median(before), statistics.median(writes)
        """Seconds that a night needs before, and for, its writes."""
        self.transactions = self.planned / campus.more["moodle"]["transaction_rows"]
        self.target = campus.rows()
        self.meaning = campus.meaning(self.target)
        self.size = len(campus.journal())
        assert {c["action"] for c in campus.journal()} == EVERY_KIND
        assert campus.untold(self.target) + campus.miscounted() == []
        assert campus.unflagged() == []

    def told(self) -> int:
        """Journal rows of tonight so far."""
        return len(self.campus.journal())

    def judge(self, what: str) -> None:
        """After a fault: everybody is old or new; the next night ends as the undisturbed one did."""
        campus, told = self.campus, self.told()
        rows = campus.rows()
        wrong = campus.torn(rows, self.target) + campus.untold(rows) + campus.miscounted()
        wrong += [f"no flag for {u}" for u in campus.unflagged()]
        assert campus.night().exit is Exit.DONE
        done = campus.rows()
        wrong += _differences(self.meaning, campus.meaning(done))
        wrong += campus.untold(done) + campus.miscounted()
        wrong += [] if self.told() == self.size else ["the two journals are not one"]
        self.count.tried += 1
        self.count.compared += 2
        self.count.differences += len(wrong)
        assert not wrong, f"{what} ({told} of {self.size} changes were there): " + "; ".join(wrong[:5])


def _differences(expected: dict[str, list[str]], found: dict[str, list[str]]) -> list[str]:
    """Rows that only one of two states has."""
    wrong = []
    for table, rows in expected.items():
        missing, more = Counter(rows), Counter(found[table])
        wrong += [f"{table} lacks {row}" for row in (missing - more).elements()]
        wrong += [f"{table} has {row}" for row in (more - missing).elements()]
    return wrong
