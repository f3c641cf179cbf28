"""kill -9 at random moments of a night: everybody is old or new, and the next night finishes exactly."""

from __future__ import annotations

import random
import time

from tests.faults.campus import Campus
from tests.faults.child import WRITING, Night, night
from tests.faults.tally import Tally
from tests.faults.trial import Trial

KILLS, MANY = 40, 200
AROUND = 0.05
"""Share of the kills before the writes, and as many after them."""


def test_a_night_killed_anywhere_is_finished_by_the_next(campus: Campus, tally: Tally, long: bool) -> None:
    """One moment is drawn, with a fixed seed, in each of equal parts of the writes and a little around them.

    A moment is so many changes and a part of a transaction's time: seconds alone would miss on a busy machine.
    """
    chance, count, kills = (
        random.Random(2024),
        tally.of("kill -9", campus.site.engine),
        MANY if long else KILLS,
    )
    trial = Trial(campus, count, nights=3)
    for n in range(kills):
        campus.reset()
        share = (n + chance.random()) / kills * (1 + 2 * AROUND) - AROUND
        with night(campus) as child:
            hit = _kill(child, trial, share, chance.random())
        count.hits[_where(hit, trial.told(), trial.size)] += 1
        trial.judge(f"kill {n} after {share:.1%}")
    assert count.hits["during the writes"] > kills * 0.6


def _kill(child: Night, trial: Trial, share: float, moment: float) -> str:
    """Kill when that share of the changes is made, and a moment later; less than 0 is before, more than 1 is after."""
    if share < 0:
        time.sleep(trial.before * (1 + share / AROUND * 0.5))
        return "before" if child.kill() else "after"
    if not child.until(WRITING, int(min(share, 1) * trial.planned)):
        return "after"
    time.sleep(moment * trial.writes / trial.transactions)
    return "during" if child.kill() else "after"


def _where(hit: str, told: int, size: int) -> str:
    """By the facts: a killed night that had committed everything was past its writes."""
    if hit == "after" or told == size:
        return "after the writes"
    return "during the writes" if hit == "during" or told else "before the writes"
