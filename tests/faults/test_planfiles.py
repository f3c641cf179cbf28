"""Plan files that somebody changed, and plan files that are used twice."""

from __future__ import annotations

import pytest

from greffe.commands.apply import apply
from greffe.commands.plan import plan
from greffe.errors import ConfigError, Exit, StalePlanError
from tests.faults.raced import PEOPLE, Raced


@pytest.mark.parametrize(
    ("old", "new"),
    [('"context":', '"context":1'), ('"enrol":', '"enrol":1'), ('"users":[', '"users":[2,'), ('"sources":[', '"sources":[4294967295,'), ('"feeds":["ip"', '"feeds":["no"'), ('"fingerprint":"', '"fingerprint":"0')],
)  # fmt: skip
def test_a_plan_file_changed_by_hand_is_refused(nights: Raced, old: str, new: str) -> None:
    nights.night()
    nights.site.add_user("new", idnumber="new")
    nights.deliver(range(PEOPLE), "new;C1;TD1")
    file = nights.directory / "tonight.plan"
    plan(nights.config(), out=file)
    before, text = nights.state(), file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    with pytest.raises((StalePlanError, ConfigError)):
        apply(nights.config(), file)
    assert nights.state() == before
    file.write_text(text)
    assert apply(nights.config(), file).exit is Exit.DONE
    with pytest.raises(StalePlanError):
        apply(nights.config(), file)
