"""``greffe grants``: what it prints is enough for all that Greffe does, and no right of it is idle."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from greffe.commands import lists
from greffe.commands.audit import audit
from greffe.commands.doctor import doctor
from greffe.commands.history import history
from greffe.commands.participants import participants
from greffe.commands.plan import plan
from greffe.commands.prune import propose
from greffe.commands.runs import runs
from greffe.commands.undo import undo
from greffe.commands.why import why, why_not
from greffe.config import Config
from greffe.errors import DatabaseError, Exit
from greffe.moodle import grants
from greffe.moodle.database import Settings, connect
from greffe.moodle.statements import library as statements_of
from tests.integration.accounts import SECRET, account, statements, there
from tests.integration.classes import add_classes, leave_traces
from tests.integration.following import Campus
from tests.integration.linking import link, relink
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite

OTHER = "GREFFE_TEST_OTHER"


@pytest.fixture
def writer(moodle_site: MoodleSite) -> Iterator[str]:
    with account(moodle_site) as name:
        yield name


@pytest.fixture
def reader(moodle_site: MoodleSite) -> Iterator[str]:
    with account(moodle_site) as name:
        yield name


@pytest.fixture
def campus(moodle_site: MoodleSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Campus:
    monkeypatch.setenv(OTHER, SECRET)
    return Campus(Nights(moodle_site, tmp_path))


def become(campus: Campus, user: str) -> None:
    """Greffe connects by that account from now on."""
    campus.nights.more["moodle"] = {"user": user, "password": {"env": OTHER}}


def grant(site: MoodleSite, wanted: list[str]) -> None:
    for statement in there(site, wanted):
        site.execute(statement)


def deliver(campus: Campus, people: str, members: str) -> None:
    nights = campus.nights
    nights.feed(
        "ip",
        "who;course;td",
        [f"{who};{c};TD" for who in people for c in ("C1", "C2")],
        shrink="none",
        min_rows=0,
    )
    nights.feed("ia", "who;cohort", [f"{who};L1" for who in members], shrink="none", min_rows=0)


def test_both_accounts_can_do_what_they_are_for(
    campus: Campus, writer: str, reader: str, settings: Settings
) -> None:
    nights, site = campus.nights, campus.nights.site
    campus.people(*"abcdef")
    classes = add_classes(nights, ["C1", "C2"])
    campus.course("MED1")
    campus.course("TUTO")
    nights.rule("ip", leavers="unenrol", purge={"with_grades": True}, group="{{ td }}")
    nights.cohort("ia", gone="delete")
    link(campus, "MED1 L1", group="")
    link(campus, "TUTO MED1", method="meta")
    deliver(campus, "abcdef", "abc")

    config = nights.config()
    sections = statements(config, writer, reader)
    grant(site, sections[writer][0])
    become(campus, writer)
    assert [f for f in doctor(nights.config()) if f.severity == "stop"] == []
    first = nights.night()
    assert (first.exit, first.counts["enrol"], first.counts["create-cohort"]) == (Exit.DONE, 18, 1)

    leave_traces(nights, classes, list(campus.users.values()), grades=True)
    deliver(campus, "abcd", "abd")
    relink(campus, "MED1 L1", group="", surplus="delete")
    second = nights.night()
    assert second.exit is Exit.DONE
    assert second.counts["unenrol"] >= 4
    undone = undo(nights.config(), second.run)
    assert (undone.refused, undone.result and undone.result.exit) == ([], Exit.DONE)
    found = audit(nights.config())
    assert found.recorded
    assert [o.error for o in found.failed] == []
    assert found.left_out == []

    for section in sections[reader]:
        grant(site, section)
    become(campus, reader)
    config = nights.config()
    found = audit(config)
    assert [o.error for o in found.failed] == []
    assert (found.left_out, found.recorded) == ([], False)
    assert "Nothing is recorded" in found.notes[-1]
    assert plan(config).plan.counts()["unenrol"] >= 4
    assert len(runs(config)) == 3
    assert [lines > 0 for lines in looks(config)] == [True] * 11
    with (
        closing(connect(msgspec.structs.replace(settings, user=reader, password=SECRET))) as db,
        pytest.raises(DatabaseError),
    ):
        db.query("may_change_enrol")


def looks(config: Config) -> Iterator[int]:
    """What each other command that only looks finds: lines."""
    for asked in ("a", "C1", "L1"):
        yield len(history(config, asked).changes)
    yield len(why(config, "a", "C1").chains)
    yield len(why(config, "a").chains)
    yield len(why_not(config, "f", "C1").chains)
    yield len(propose(config).parts)
    for listing in (
        participants(config, ["C1", "C2"]), lists.students(config, "C1", "en"), lists.courses(config, "a", "fr"),
        lists.cohort(config, "L1"),
    ):  # fmt: skip
        with listing as found:
            yield len(list(found.rows))
    with lists.no_method(config) as found, lists.promotion(config, "L1", ["C1"], "en") as beside:
        assert len([*found.rows, *beside.rows]) > 0


def test_without_any_of_them_something_is_refused(
    campus: Campus, writer: str, reader: str, settings: Settings
) -> None:
    """Each right but those to read, taken away alone: the probe of it fails."""
    site = campus.nights.site
    grant(site, statements(campus.nights.config(), writer, reader)[writer][0])
    db = connect(msgspec.structs.replace(settings, user=writer, password=SECRET))
    probes = {m.groups(): name for name in statements_of(site.engine) if (m := grants.PROBE.fullmatch(name))}
    verbs = {"INSERT": "add", "UPDATE": "change", "DELETE": "delete", "UPDATE (id)": "hold"}
    to = f"{writer}@'%'" if site.engine == "mariadb" else writer
    tried = 0
    for rights in grants.writing(site.engine, lock_rows=False):
        for right in rights.rights:
            if (
                right.startswith("SELECT") or rights.table == "task_adhoc"
            ):  # a message's, which nothing probes
                continue
            probe = probes[verbs[right], rights.table]
            db.query(probe)
            site.execute(f"REVOKE {right} ON {{{rights.table}}} FROM {to}")
            with pytest.raises(DatabaseError, match=r"(?i)denied"):
                db.query(probe)
            site.execute(f"GRANT {right} ON {{{rights.table}}} TO {to}")
            tried += 1
    db.close()
    assert tried >= 30


def test_a_persons_password_is_nobodys_business(
    campus: Campus, writer: str, reader: str, settings: Settings
) -> None:
    for section in statements(campus.nights.config(), writer, reader)[reader][:1]:
        grant(campus.nights.site, section)
    db = connect(msgspec.structs.replace(settings, user=reader, password=SECRET))
    db.run_text(f"SELECT username FROM {db.quote('user')}")
    with pytest.raises(DatabaseError, match=r"(?i)denied"):
        db.run_text(f"SELECT password FROM {db.quote('user')}")
    db.close()


def test_names_are_quoted(campus: Campus) -> None:
    odd = "a`b\"c'd"
    for sections in statements(campus.nights.config(), odd, "r").values():
        for statement in (s for section in sections for s in section):
            plain = re.sub(r"`(?:[^`]|``)*`|\"(?:[^\"]|\"\")*\"", "", statement)
            assert "'" not in plain
            assert re.fullmatch(
                r"GRANT [A-Za-z(), ]+ ON (SCHEMA |DATABASE |SEQUENCE )?[.*]* TO @?;", plain
            ), statement


def test_the_same_trouble_is_told_once(campus: Campus, writer: str, reader: str) -> None:
    """Greffe's own tables are somebody else's, and its account has no right on them."""
    nights, site = campus.nights, campus.nights.site
    campus.people("a")
    add_classes(nights, ["C1", "C2"])
    nights.rule("ip", group="{{ td }}")
    nights.feed("ip", "who;course;td", ["a;C1;TD"], shrink="none", min_rows=0)
    assert nights.night().exit is Exit.DONE
    wanted = statements(nights.config(), writer, reader)[writer][0]
    grant(site, [s for s in wanted if "local_greffe" not in s])
    become(campus, writer)
    found = doctor(nights.config())
    assert [f.what.partition(":")[0] for f in found if f.severity == "stop"] == [
        "Greffe's tables are there, but its account may not read them"
    ]
    assert len(set(found)) == len(found)
    (right,) = [f.what for f in found if "may do everything" in f.what]
    assert "with Moodle's tables" in right
