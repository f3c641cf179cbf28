"""How often a transaction is done again before a night gives up."""

from __future__ import annotations

import time

import pytest

from greffe.errors import BusyDatabaseError, DeadlockError, TransientDatabaseError
from greffe.moodle.patience import persist


@pytest.mark.parametrize(("error", "tries"), [(DeadlockError, 30), (BusyDatabaseError, 10)])
def test_conflicts_are_tried_longer_than_waits(
    error: type[TransientDatabaseError], tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    tried = 0

    def lose(until: int) -> int:
        nonlocal tried
        tried += 1
        if tried < until:
            raise error("1213")
        return tried

    assert persist(lambda: lose(tries), away=0) == tries
    assert len(pauses) == tries - 1
    assert sum(pauses) < 90
    tried = 0
    with pytest.raises(error):
        persist(lambda: lose(tries + 1), away=0)
    assert tried == tries
