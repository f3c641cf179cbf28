"""After a night on which much went wrong at once, in a real browser: what stands first in the morning, and why."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from greffe.commands.audit import audit
from greffe.commands.message import Letter, Selection, message
from greffe.telling.problems import CAUSES, PROBLEMS, problem
from tests.browser.conftest import Visit
from tests.browser.monitoring import checks_end
from tests.browser.screen import PHONE
from tests.browser.university import EVIL, HEALTH, University

pytestmark = [pytest.mark.moodle, pytest.mark.browser]


def test_what_went_wrong_is_said(campus: University, visit: Visit) -> None:
    screen = visit(campus.at("troubled"), "admin")
    night = campus.last_run() - 1
    (digest,) = campus.database.query("SELECT digest FROM mdl_local_greffe_run WHERE id = %s", night)[0]
    text = screen.go(f"{HEALTH}?lang=en")
    # the feed that is bad, the course whose losses are held, what an observer broke
    assert "names course, which the feed does not have; it has uid, cours" in text
    assert f"greffe approve {digest[:12]}" in text
    assert text.count("Histoire moderne: ") == 1  # whoever is suspended loses something, too
    assert "Failed within the last 24 hours: " in text
    assert screen.page.locator("a[href*='tasklogs.php']", has_text="What broke").count() == 1
    assert "undo" in screen.page.locator(".local_greffe-table tbody tr").first.inner_text()
    screen.picture("health-troubled")
    phone = visit(campus, "admin", PHONE)
    phone.go(HEALTH)
    phone.picture("health-troubled-phone")
    french = screen.go(f"{HEALTH}?lang=fr")
    assert "Échecs des dernières 24 heures" in french
    assert screen.page.locator("li[lang=en]", has_text="which the feed does not have").count() == 1
    screen.picture("health-troubled-fr")
    screen.go(f"{HEALTH}?lang=en")
    assert "could not be relayed" in checks_end(campus, 2)

    text = screen.go(f"/local/greffe/run.php?id={night}&course=HIS200&person=22000001")
    assert f"(taken back by run {night + 1})" in text
    assert "(Moodle could not be told)" in text
    screen.picture("run-undone")


def test_what_the_audits_found(campus: University, visit: Visit) -> None:
    """As the engine recorded it: what needs a hand first, and how many found nothing."""
    admin = visit(campus.at("troubled"), "admin")
    assert "No audit has run yet." in admin.go(f"{HEALTH}?lang=en")
    ((person,),) = campus.database.query("SELECT id FROM mdl_user WHERE username = 'e002'")
    campus.database.insert("mdl_user_enrolments", [{"enrolid": 999_999, "userid": person, "timeend": 0}])
    found = audit(campus.nights.config())
    grave = [o.audit.name for o in found.found if o.audit.severity in ("critical", "error")]
    assert grave == ["enrolments_without_method"]
    text = admin.go(HEALTH)
    assert "enrolments_without_method 1" in text
    assert "Audits that found nothing: " in text
    admin.picture("health-drift")
    assert "enrolments_without_method" in checks_end(campus, 2)
    campus.database.run("DELETE FROM mdl_user_enrolments WHERE enrolid = 999999")


def test_how_far_a_message_has_come(campus: University, visit: Visit) -> None:
    """Who wrote, who queued it, how many have it, and why the others have not; never to whom it went."""
    campus.at("troubled")
    admin = visit(campus, "admin")
    assert "Messages to participants" not in admin.go(f"{HEALTH}?lang=en")
    queued = message(
        campus.nights.config(), "DRT101", "prof", Letter(f"Salle changée {EVIL}", "Le TD a lieu en B12."),
        Selection(groups=("TD 2",)),
    )  # fmt: skip
    assert queued.amount > 20
    assert f"0 of {queued.amount} people have it" in admin.go(HEALTH)
    campus.database.run("UPDATE mdl_user SET suspended = 1 WHERE username IN ('e001', 'e005')")
    campus.site.cli(
        "adhoc_task.php", "--execute", "--keep-alive=0", "--classname=local_greffe\\task\\send_message"
    )
    text = admin.go(HEALTH)
    campus.database.run("UPDATE mdl_user SET suspended = 0 WHERE username IN ('e001', 'e005')")
    assert (
        f"Salle changée {EVIL} (Droit civil 1) {queued.amount - 2} of {queued.amount} people have it" in text
    )
    assert "from Claire Berger, queued by " in text
    assert "account gone or suspended: 2" in text
    assert not admin.page.locator("script", has_text="alert(1)").count()
    admin.picture("health-message")


@contextmanager
def problems(campus: University, said: list[Any]) -> Iterator[str]:
    """The bad feed of the last night, by its name, with something else against it."""
    ((run, kept),) = campus.database.query(
        "SELECT id, feeds FROM mdl_local_greffe_run WHERE kind = 'nightly' ORDER BY id DESC LIMIT 1"
    )
    feeds = json.loads(kept)
    (bad,) = (feed for feed in feeds if feed["problems"])
    bad["problems"] = said
    write = "UPDATE mdl_local_greffe_run SET feeds = %s WHERE id = %s"
    campus.database.run(write, json.dumps(feeds), run)
    try:
        yield bad["feed"]
    finally:
        campus.database.run(write, kept, run)


def test_what_is_wrong_with_a_feed_in_the_readers_language(campus: University, visit: Visit) -> None:
    """What the engine says in English, but for what a reader of a file says; never as markup."""
    campus.at("troubled")
    said = [english.replace("{}", "<b>7</b>") for english, _ in PROBLEMS.values()]
    causes = ", ".join(english.replace("{}", "7") for english, _ in CAUSES.values())
    said += [f"Of its 60,722 rows none counts: {causes}.", "/srv/<b>.csv, line 3: has 2 cells"]
    with problems(campus, said):
        admin = visit(campus, "admin")
        english = admin.go(f"{HEALTH}?lang=en")
        assert [s for s in said if f"✗ {s}" not in english] == []
        french = admin.go(f"{HEALTH}?lang=fr")
        french = french.replace("60,722", "60 722")  # thousands are the language pack's
        assert [s for s in said if f"✗ {problem(s, 'fr')}" not in " ".join(french.split())] == []
        assert admin.page.locator('.local_greffe-problem[lang="en"]').all_inner_texts() == [f"✗ {said[-1]}"]


def test_a_feed_is_not_good_by_what_nobody_can_read(campus: University, visit: Visit) -> None:
    """An engine of another day may write what is wrong with a feed in another shape: it is bad all the same."""
    campus.at("troubled")
    with problems(campus, [{"code": "shrank", "values": [5, 3]}]) as feed:
        text = visit(campus, "admin").go(f"{HEALTH}?lang=en")
        assert f"Feeds that cannot be trusted: {feed}." in text


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        ("failures", '[{"user":5,"why":"<b>moon</b>"},{"user":6,"why":"left"}]', "<b>moon</b>: 1"),
        ("failures", '[{"user":5,"why":["left"]},7,{"user":6,"why":"left"}]', "left the course meanwhile: 1"),
        ("failures", '{"why":', "people have it"),
        ("state", "paused", "paused"),
    ],
)
def test_a_message_as_nobody_wrote_it(
    campus: University, visit: Visit, column: str, text: str, said: str
) -> None:
    """Its row is told as far as it can be read; a word that the page does not know stands there as it is."""
    campus.at("troubled")
    where = "WHERE subject = 'Odd'"
    campus.database.insert("mdl_local_greffe_message", [
        {"courseid": campus.course("DRT101"), "userid": 2, "subject": "Odd", "state": "sent", "operator": "scola",
         "amount": 2, "timecreated": int(time.time())},
    ])  # fmt: skip
    try:
        campus.database.run(f"UPDATE mdl_local_greffe_message SET {column} = %s {where}", text)
        shown = visit(campus, "admin").go(f"{HEALTH}?lang=en")
        assert "Odd (Droit civil 1)" in shown
        assert said in shown
        assert not re.findall(r"\[\[(?:unreached|message):", shown)
    finally:
        campus.database.run(f"DELETE FROM mdl_local_greffe_message {where}")
