"""kill -9 at random moments of a night: everybody is old or new, and the next night finishes exactly."""

from __future__ import annotations

import random
import statistics
import time

from greffe.errors import Exit
from greffe.model import Action
from tests.faults.campus import Campus, Rows
from tests.faults.child import Night, night
from tests.faults.tally import Tally

KILLS, MANY = 40, 200
WRITING = "Writing"


def test_a_night_killed_anywhere_is_finished_by_the_next(campus: Campus, tally: Tally, long: bool) -> None:
    """Moments are spread evenly over the whole night, a third more over its writes, and drawn with a fixed seed."""
    chance, count = random.Random(2024), tally.of("kill -9", campus.site.engine)
    target, before, writes = _undisturbed(campus)
    meaning, size = campus.meaning(target), len(campus.journal())
    kills = MANY if long else KILLS
    for n in range(kills):
        campus.reset()
        moment = (n + chance.random()) / kills * (before * 0.2 + writes)
        with night(campus) as child:
            hit = _kill(child, moment - before * 0.2, before)
        rows, told = campus.rows(), len(campus.journal())
        count.tried += 1
        count.hits[_where(hit, told, size)] += 1
        wrong = campus.torn(rows, target) + campus.untold(rows) + campus.miscounted()
        wrong += [f"no flag: {u}" for u in campus.unflagged()]
        assert campus.night().exit is Exit.DONE
        done = campus.rows()
        wrong += [t for t, found in campus.meaning(done).items() if found != meaning[t]]
        wrong += campus.untold(done) + campus.miscounted()
        wrong += [] if len(campus.journal()) == size else ["the two journals are not one"]
        count.compared += 2
        count.differences += len(wrong)
        assert not wrong, f"kill {n} at {moment:.3f} s ({told} of {size} changes were there)"
    assert count.hits["during the writes"] > kills * 0.6


def _undisturbed(campus: Campus) -> tuple[Rows, float, float]:
    """What a night makes when nothing happens, and its seconds before and while it writes."""
    before, writes = [], []
    for _ in range(3):
        campus.reset()
        began = time.monotonic()
        with night(campus) as child:
            assert child.until(WRITING)
            writing = time.monotonic()
            assert child.wait() == Exit.DONE
        before.append(writing - began)
        writes.append(time.monotonic() - writing)
    target = campus.rows()
    assert {c["action"] for c in campus.journal()} == {a.value for a in Action}
    assert campus.untold(target) == []
    assert campus.miscounted() == []
    assert campus.unflagged() == []
    return target, statistics.median(before), statistics.median(writes)


def _kill(child: Night, moment: float, before: float) -> str:
    """Kill that many seconds after the first write began (less than 0: before it); where that was."""
    if moment < 0:
        time.sleep(max(0.0, before + moment))
        return "before" if child.kill() else "after"
    if not child.until(WRITING):
        return "before"
    time.sleep(moment)
    return "during" if child.kill() else "after"


def _where(hit: str, told: int, size: int) -> str:
    """By the facts: a killed night that had committed everything was past its writes."""
    if hit == "after" or told == size:
        return "after the writes"
    return "during the writes" if hit == "during" or told else "before the writes"
