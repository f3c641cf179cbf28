"""Where Moodle reads from a replica that lags behind, the relay goes by what is written."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.moodle.scenario import Row
from tests.moodle.site import PHP, Sites
from tests.moodle.tree import VERSIONS
from tests.plugin.lagging import on_postgresql, replica
from tests.plugin.relay.classroom import classroom
from tests.plugin.relay.relaying import OBSERVED, outcomes

pytestmark = [pytest.mark.moodle, pytest.mark.parametrize("version", VERSIONS)]


@on_postgresql
def test_each_change_is_told_once(version: str, plugged: Sites, tmp_path: Path) -> None:
    """What a night writes while the relay works stands, whatever a replica says; and what was told is not told again."""
    with classroom(plugged(version), tmp_path, ("1", "2", "3", "4")) as room:
        room.night(Row("LAW101", "1"), Row("LAW101", "2"))
        with replica(room.site) as environment:
            room.night(*(Row("LAW101", person) for person in ("1", "2", "3", "4")))
            done = subprocess.run(
                [*PHP, str(OBSERVED), str(tmp_path / "seen")], env=environment, cwd=room.site.dataroot,
                text=True, capture_output=True, check=False,
            )  # fmt: skip
        assert "done" in done.stdout, done.stderr
        assert {outcome for _, outcome in outcomes(room.database)} == {"told"}
        lines = (tmp_path / "seen").read_text(encoding="utf-8").splitlines()
        heard = Counter(line for line in lines if json.loads(line)[0].startswith("\\core\\event\\user_enrol"))
        assert (len(heard), heard.total()) == (4, 4)
