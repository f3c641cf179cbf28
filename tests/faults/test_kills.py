"""kill -9 at random moments of a night: everybody is old or new, and the next night finishes exactly."""

from __future__ import annotations

import random
import time

from tests.faults.campus import Campus
from tests.faults.child import WRITING, Night, night
from tests.faults.tally import Tally
from tests.faults.trial import Trial

KILLS, MANY = 40, 200


def test_a_night_killed_anywhere_is_finished_by_the_next(campus: Campus, tally: Tally, long: bool) -> None:
    """One moment is drawn, with a fixed seed, in each of equal parts of the writes and a little before them."""
    chance, count, kills = (
        random.Random(2024),
        tally.of("kill -9", campus.site.engine),
        MANY if long else KILLS,
    )
    trial = Trial(campus, count, nights=3)
    for n in range(kills):
        campus.reset()
        early = 0.2 * trial.before
        moment = (n + chance.random()) / kills * (early + trial.writes) - early
        with night(campus) as child:
            hit = _kill(child, moment, trial.before)
        count.hits[_where(hit, trial.told(), trial.size)] += 1
        trial.judge(f"kill {n} at {moment:.3f} s")
    assert count.hits["during the writes"] > kills * 0.6


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
