"""Messages to participants: queued by the engine, sent by a real Moodle to those whom they are meant for, and to nobody else."""

from __future__ import annotations

import json
import random
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from greffe.commands.message import CAPABILITY, Letter, Message, Progress, Selection, message, messages
from greffe.config import Config, parse
from greffe.errors import ArgumentError, GreffeError, RefusedError, SiteNotReadyError
from greffe.moodle.capabilities import may
from greffe.moodle.catalogue import Catalogue
from greffe.moodle.database import connect
from greffe.moodle.settings import settings_of
from tests.moodle.database import Database
from tests.moodle.scenario import Course, User
from tests.moodle.site import PHP, Site, Sites
from tests.moodle.steps import Enrol, JoinGroup, SetTimes, Step, SuspendByHand
from tests.moodle.tree import VERSIONS
from tests.moodle.world import MoodleWorld
from tests.plugin.lagging import on_postgresql, replica

pytestmark = [pytest.mark.moodle, pytest.mark.parametrize("version", VERSIONS)]
MAY = Path(__file__).parent / "php" / "may.php"
SEND = Path(__file__).parent / "php" / "send.php"
STUDENTS = [f"s{n}" for n in range(8)]
LETTER = Letter("Salle changée\N{NO-BREAK SPACE}: B12", "Le TD a lieu en <b>B12</b> & à l'heure.")


@dataclass
class Campus:
    """One course with a teacher and students."""

    site: Site
    database: Database

    @property
    def config(self) -> Config:
        return parse({"moodle": self.database.configuration()}, "test.toml")

    def live(self, *steps: Step) -> None:
        with self.site.living() as moodle:
            MoodleWorld(moodle, self.database).live(steps)

    def send(
        self, letter: Letter = LETTER, sender: str = "t", *, again: bool = False, **chosen: tuple[str, ...]
    ) -> Message:
        return message(self.config, "LAW1", sender, letter, Selection(**chosen), again=again)

    def cron(self) -> None:
        """Until nothing is left: cron comes each minute, and need not take all tasks at once."""
        said = ""
        for _ in range(5):
            said += self.site.cli("adhoc_task.php", "--execute", "--keep-alive=0")
            if not self.database.query(
                "SELECT 1 FROM mdl_local_greffe_message WHERE state IN ('queued', 'sending')"
            ):
                return
        raise AssertionError(said)

    def told(self, subject: str = LETTER.subject) -> list[str]:
        """Who has been told, as often as it was."""
        rows = self.database.query(
            "SELECT u.username FROM mdl_notifications n JOIN mdl_user u ON u.id = n.useridto"
            " WHERE n.subject = %s AND n.component = 'local_greffe' ORDER BY u.username",
            subject,
        )
        return [str(name) for (name,) in rows]

    def handled(self) -> int:
        """How many recipients the task has dealt with."""
        ((sent, failed),) = self.database.query("SELECT sent, failed FROM mdl_local_greffe_message")
        return int(sent) + int(failed)

    def progress(self) -> Progress:
        return messages(self.config)[0]


@pytest.fixture
def campus(version: str, plugged: Sites) -> Iterator[Campus]:
    site = plugged(version)
    site.reset()
    with site.database() as database, site.living() as moodle:
        world = MoodleWorld(moodle, database)
        world.prepare([Course("LAW1"), Course("LAW2")], [User(p) for p in ("t", "u", *STUDENTS)])
        world.live([Enrol("LAW1", "t", "editingteacher"), *(Enrol("LAW1", s) for s in STUDENTS)])
        yield Campus(site, database)


def test_only_those_who_are_meant_are_told(campus: Campus) -> None:
    campus.live(
        SuspendByHand("LAW1", "s1", "manual"),
        SetTimes("LAW1", "s2", 0, int(time.time()) - 60, "manual"),
        JoinGroup("LAW1", "s4", "TD1"),
        JoinGroup("LAW1", "s5", "TD2"),
    )
    campus.database.run("UPDATE mdl_user SET suspended = 1 WHERE username = 's3'")
    queued = campus.send()
    assert (queued.amount, queued.sender, queued.course) == (5, "t", "LAW1")
    assert campus.told() == []
    assert campus.progress().state == "queued"

    campus.cron()
    assert campus.told() == ["s0", "s4", "s5", "s6", "s7"]
    done = campus.progress()
    assert (done.state, done.sent, done.failed, done.sender) == ("sent", 5, 0, "t")
    assert done.operator
    assert campus.database.query("SELECT recipients FROM mdl_local_greffe_message") == [(None,)]
    ((html, plain, sender),) = campus.database.query(
        "SELECT fullmessagehtml, fullmessage, u.username FROM mdl_notifications n JOIN mdl_user u ON u.id = n.useridfrom"
        " WHERE n.component = 'local_greffe' AND n.useridto = (SELECT id FROM mdl_user WHERE username = 's0')"
    )
    assert "&lt;b&gt;B12&lt;/b&gt; &amp; à l" in html  # plain text stays text
    assert (plain, sender) == (LETTER.body, "t")

    assert campus.send(Letter("TD", "1"), groups=("TD1", "TD2")).amount == 2
    assert campus.send(Letter("Étudiants", "2"), roles=("student",)).amount == 5
    assert campus.send(Letter("À la main", "3"), methods=("manual",)).amount == 5
    ((chosen,),) = campus.database.query(
        "SELECT recipients FROM mdl_local_greffe_message WHERE subject = 'TD'"
    )
    names = dict(campus.database.query("SELECT id, username FROM mdl_user"))
    assert sorted(names[user] for user in json.loads(chosen)) == ["s4", "s5"]
    campus.cron()
    assert campus.told("TD") == ["s4", "s5"]


def test_what_changes_before_it_is_sent(campus: Campus) -> None:
    campus.send()
    campus.database.run("UPDATE mdl_user SET suspended = 1 WHERE username = 's3'")
    campus.live(SuspendByHand("LAW1", "s1", "manual"))
    campus.cron()
    assert campus.told() == ["s0", "s2", "s4", "s5", "s6", "s7"]
    done = campus.progress()
    assert (done.state, done.sent, done.failed) == ("sent", 6, 2)
    ((failures,),) = campus.database.query("SELECT failures FROM mdl_local_greffe_message")
    assert sorted(f["why"] for f in json.loads(failures)) == ["account", "left"]

    campus.send(Letter("Plus tard", "x"))
    campus.database.run("DELETE FROM mdl_role_capabilities WHERE capability = %s", CAPABILITY)
    campus.site.cli("purge_caches.php")
    campus.cron()
    assert campus.told("Plus tard") == []
    refused = campus.progress()
    assert (refused.state, refused.sent) == ("refused", 0)
    assert "may not write" in refused.error


def test_a_killed_task_forgets_nobody(campus: Campus) -> None:
    queued, dice, kills = campus.send(), random.Random(5), 0
    for number in range(1, 4):
        with subprocess.Popen(
            [*PHP, str(SEND), str(queued.id)], env=campus.site.environment, cwd=campus.site.dataroot,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            while campus.handled() < 2 * number and process.poll() is None:
                time.sleep(0.001)
            time.sleep(dice.random() * 0.01)
            kills += process.poll() is None
            process.kill()
    campus.cron()
    told = campus.told()
    assert set(told) == set(STUDENTS)
    assert len(told) <= len(STUDENTS) + kills
    assert kills
    assert campus.progress().state == "sent"


@pytest.mark.parametrize("way", ["open", "error", "exit"])
def test_an_observer_that_breaks_repeats_nobody(campus: Campus, way: str) -> None:
    """Another plugin's, at one person's notification: whoever had the message does not get it again, and the others get it."""
    queued = campus.send()
    log = "SELECT COUNT(*) FROM mdl_logstore_standard_log WHERE eventname LIKE %s AND component = 'core'"
    for _ in range(2):
        subprocess.run(
            [*PHP, str(SEND), str(queued.id), way, "s3"], env=campus.site.environment, cwd=campus.site.dataroot,
            capture_output=True, check=False,
        )  # fmt: skip
    assert campus.told() == STUDENTS
    done = campus.progress()
    assert (done.state, done.sent + done.failed) == ("sent", len(STUDENTS))
    # Moodle's round of observers goes on with the next person's event
    ((logged,),) = campus.database.query(log, "%notification_sent")
    assert logged >= len(STUDENTS) - 1


@on_postgresql
def test_a_replica_that_lags_behind_repeats_nobody(campus: Campus) -> None:
    queued = campus.send()
    with replica(campus.site) as environment:
        for _ in range(2):
            done = subprocess.run(
                [*PHP, str(SEND), str(queued.id)], env=environment, cwd=campus.site.dataroot, text=True,
                capture_output=True, check=False,
            )  # fmt: skip
            assert done.stdout.endswith("done"), done.stderr
    assert campus.told() == STUDENTS


def test_the_same_at_the_same_moment_is_queued_once(campus: Campus) -> None:
    """Both look before either has written: the table can be read, but not written to, until both have come so far."""
    postgresql = campus.site.server.engine == "postgresql"
    with campus.site.database() as holder, ThreadPoolExecutor(2) as two:
        if postgresql:
            holder.run("BEGIN")
            holder.run("LOCK TABLE mdl_local_greffe_message IN SHARE MODE")
        else:
            holder.run("LOCK TABLES mdl_local_greffe_message READ")
        sent = [two.submit(campus.send) for _ in range(2)]
        try:
            deadline = time.monotonic() + 60
            while (waiting := waits(campus.database)) < 2:
                assert time.monotonic() < deadline, f"{waiting} of two wait"
                time.sleep(
                    0.15
                )  # InnoDB shows a stale picture to whoever looks again within a tenth of a second
        finally:
            holder.run("ROLLBACK" if postgresql else "UNLOCK TABLES")
    refused = [error for one in sent if (error := one.exception())]
    assert [type(error) for error in refused] == [RefusedError]
    assert "within the last day" in str(refused[0])
    assert campus.database.query("SELECT COUNT(*) FROM mdl_local_greffe_message") == [(1,)]
    campus.cron()
    assert campus.told() == STUDENTS


def waits(database: Database) -> int:
    """How many statements wait for a lock of somebody else's."""
    asked = (
        ["pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"]
        if database.server.engine == "postgresql"
        else [
            "information_schema.processlist WHERE db = DATABASE() AND state LIKE 'Waiting for table%'",
            "information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'",
        ]
    )
    return sum(int(database.query(f"SELECT COUNT(*) FROM {one}")[0][0]) for one in asked)


def test_a_list_that_greffe_did_not_write(campus: Campus) -> None:
    """Each person once, in whatever order the list has them, and what is nobody is passed over."""
    campus.send()
    ((kept,),) = campus.database.query("SELECT recipients FROM mdl_local_greffe_message")
    people = json.loads(kept)
    odd = [*reversed(people), *people, "x", None, 2.5, {"id": people[0]}, [people[0]]]
    campus.database.run("UPDATE mdl_local_greffe_message SET recipients = %s", json.dumps(odd))
    campus.cron()
    assert campus.told() == STUDENTS
    assert campus.progress().state == "sent"


def test_who_may_is_who_may_in_moodle(campus: Campus) -> None:
    """Roles, overrides and prohibitions at every level, in many random mixtures."""
    database, dice = campus.database, random.Random(11)
    ((course,),) = database.query("SELECT id FROM mdl_course WHERE shortname = 'LAW1'")
    ((path,),) = database.query(
        "SELECT path FROM mdl_context WHERE contextlevel = 50 AND instanceid = %s", course
    )
    contexts = [int(part) for part in path.split("/") if part]
    roles = [int(r) for (r,) in database.query("SELECT id FROM mdl_role ORDER BY id")]
    people = {
        str(n): int(i) for i, n in database.query("SELECT id, username FROM mdl_user WHERE deleted = 0")
    }
    answers = set()
    for _ in range(6):
        database.run("DELETE FROM mdl_role_capabilities WHERE capability = %s", CAPABILITY)
        database.run("DELETE FROM mdl_role_assignments WHERE component = 'test'")
        database.insert("mdl_role_capabilities", [
            {"contextid": c, "roleid": r, "capability": CAPABILITY, "permission": dice.choice((1, 1, -1, -1000)), "timemodified": 0,
             "modifierid": 2}
            for r in roles for c in contexts if dice.random() < 0.3
        ])  # fmt: skip
        database.insert("mdl_role_assignments", [
            {"roleid": dice.choice(roles), "contextid": dice.choice(contexts), "userid": i, "component": "test", "itemid": 0,
             "timemodified": 0, "modifierid": 2, "sortorder": 0}
            for i in people.values() for _ in range(dice.randint(0, 2))
        ])  # fmt: skip
        campus.site.cli("purge_caches.php")
        asked = {"course": course, "capability": CAPABILITY, "people": list(people)}
        moodle = json.loads(campus.site.php(MAY, stdin=json.dumps(asked)))
        db = connect(settings_of(campus.config.moodle))
        try:
            catalogue = Catalogue(db)
            ours = {n: may(db, catalogue, i, CAPABILITY, contexts) for n, i in people.items() if n != "guest"}
        finally:
            db.close()
        moodle.pop("guest", None)
        assert ours == moodle
        answers |= set(moodle.values())
    assert answers == {True, False}


def refusal(kind: type[GreffeError], campus: Campus, **asked: object) -> str:
    with pytest.raises(kind) as raised:
        campus.send(**asked)  # type: ignore[arg-type]
    assert raised.value.todo
    return str(raised.value)


def test_what_is_refused(campus: Campus) -> None:
    assert "'s0' may not send" in refusal(RefusedError, campus, sender="s0")
    assert "may not send" in refusal(RefusedError, campus, sender="u")
    assert "nobody here" in refusal(ArgumentError, campus, sender="nobody")
    assert "no role" in refusal(ArgumentError, campus, roles=("captain",))
    assert "no group" in refusal(ArgumentError, campus, groups=("TD9",))
    assert "by the method" in refusal(ArgumentError, campus, methods=("cohort",))
    assert "nobody in LAW1" in refusal(ArgumentError, campus, roles=("manager",))
    for letter in (
        Letter("", "x"),
        Letter("x", " \n"),
        Letter("a\nb", "x"),
        Letter("x" * 256, "x"),
        Letter("x", "é" * 200_000),
    ):
        refusal(ArgumentError, campus, letter=letter)
    assert "U+2028, at place 2" in refusal(ArgumentError, campus, letter=Letter("a\u2028b", "x"))
    assert "U+0007, at place 2" in refusal(ArgumentError, campus, letter=Letter("a\ab", "x"))
    assert campus.database.query("SELECT COUNT(*) FROM mdl_local_greffe_message") == [(0,)]

    campus.send()
    assert "within the last day" in refusal(RefusedError, campus)
    assert campus.send(again=True).id == 2
    campus.database.run("UPDATE mdl_local_greffe_message SET courseid = 4711 WHERE id = 1")
    assert [m.course for m in messages(campus.config)] == ["LAW1", "course 4711 (gone)"]
    campus.database.run("UPDATE mdl_user SET suspended = 1 WHERE username = 't'")
    assert "suspended" in refusal(RefusedError, campus, letter=Letter("x", "y"))
    campus.database.run("DELETE FROM mdl_config_plugins WHERE plugin = 'local_greffe' AND name = 'version'")
    assert "not installed" in refusal(SiteNotReadyError, campus)
