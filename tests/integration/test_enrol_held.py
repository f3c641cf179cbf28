"""What keeps a file from being done at once: the calendar, the guards, a plan file."""

from __future__ import annotations

from pathlib import Path

import pytest

from greffe.commands._file.telling import outcomes
from greffe.commands.apply import apply
from greffe.commands.approve import approve
from greffe.commands.reporting import of_batch
from greffe.errors import Exit, StalePlanError
from greffe.intake.opening import open_batchfile
from greffe.intake.wants import Wants
from greffe.report.texts import headline
from tests.integration.batches import Batches, fates


@pytest.mark.parametrize("window", ["blackout", "add_only"])
def test_what_the_calendar_leaves_out_has_to_be_given_again(batches: Batches, window: str) -> None:
    batches.people("a", "b")
    batches.nights.site.add_course("C1")
    batches.enrol("person\na\n", course="C1")
    batches.nights.more = {"calendar": {window: [{"from": "2020-01-01", "to": "2099-12-31"}]}}
    add_only = window == "add_only"
    for look in (True, False):
        found = batches.enrol("person\nb\n", course="C1", replace=True, look=look)
        document = of_batch(found)
        assert document.exit == Exit.HELD
        assert "not done; give the file again after 2099-12-31" in headline(document)
        assert fates(found) == {2: "done" if add_only else "later"}
    told = next(
        iter(outcomes(open_batchfile(batches.deliver("person\nb\n"), wants={Wants.ONE_COURSE}), found))
    )
    assert told.why == (
        "" if add_only else "not done: the calendar leaves it; give the file again after 2099-12-31"
    )
    assert {who for _, who in batches.enrolments()} == ({"a", "b"} if add_only else {"a"})


def test_a_guard_holds_what_a_course_would_lose_until_it_is_approved(batches: Batches) -> None:
    everybody = [f"u{n}" for n in range(30)]
    batches.people(*everybody, "new")
    batches.nights.site.add_course("C1")
    batches.enrol("person\n" + "\n".join(everybody), course="C1")
    text = "person\n" + "\n".join([*everybody[15:], "new"])
    held = batches.enrol(text, course="C1", replace=True)
    assert held.result is not None
    assert held.result.exit is Exit.HELD
    assert len(batches.enrolments()) == 31
    assert fates(held)[17] == "done"
    approve(batches.nights.config(), held.judgement.digest, by="A. Martin")
    done = batches.enrol(text, course="C1", replace=True)
    assert done.result is not None
    assert done.result.exit is Exit.DONE
    assert {u for _, u in batches.enrolments()} == {*everybody[15:], "new"}


def test_lines_held_by_a_guard_say_so(batches: Batches) -> None:
    everybody = [f"u{n}" for n in range(30)]
    batches.people(*everybody)
    batches.nights.site.add_course("C1")
    text = "person\n" + "\n".join(everybody)
    batches.enrol(text, course="C1")
    held = batches.enrol(text, course="C1", remove=True)
    assert set(fates(held).values()) == {"held"}


def test_a_plan_file_makes_exactly_that(batches: Batches) -> None:
    batches.people(*"abc")
    site = batches.nights.site
    course = site.add_course("C1")
    bare = site.add_course("C2")
    site.execute("DELETE FROM {enrol} WHERE courseid = %s", bare)
    file = batches.nights.directory / "people.plan"
    text = "person;course;group\na;C1;TD1\nb;C2;\n"
    batches.enrol(text, out=file)
    assert batches.enrolments() == {}
    result = apply(batches.nights.config(), file)
    assert result.exit is Exit.DONE
    assert set(batches.enrolments()) == {("C1", "a"), ("C2", "b")}
    assert site.fetch("SELECT * FROM {local_greffe_scope}") == []

    batches.enrol("person\nc\n", course="C1", group="TD1", out=file)
    group = site.fetch("SELECT id FROM {groups} WHERE courseid = %s", course)[0]["id"]
    outsider = site.add_user("z")
    site.insert("groups_members", groupid=group, userid=outsider)
    with pytest.raises(StalePlanError, match="C1 has changed"):
        apply(batches.nights.config(), file)
    site.execute("DELETE FROM {groups_members} WHERE userid = %s", outsider)
    assert apply(batches.nights.config(), file).exit is Exit.DONE


def test_a_plan_file_is_made_for_everybody_or_for_nobody(batches: Batches, tmp_path: Path) -> None:
    """An account that is deleted between the plan and its making is named, and nothing is done."""
    people = batches.people("a", "b")
    batches.nights.site.add_course("C1")
    plan = tmp_path / "people.plan"
    batches.enrol("person\na\nb\n", course="C1", out=plan)
    batches.nights.site.execute("UPDATE {user} SET deleted = 1 WHERE id = %s", people["b"])
    with pytest.raises(StalePlanError, match=f"account {people['b']} is gone"):
        apply(batches.nights.config(), plan)
    assert batches.enrolments() == {}
