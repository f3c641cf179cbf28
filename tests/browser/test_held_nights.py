"""When a guard holds the last night, in a real browser, and who does not see it."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Visit
from tests.browser.monitoring import ask, checks_end, same_as_the_engine
from tests.browser.screen import PHONE
from tests.browser.university import HEALTH, University

pytestmark = [pytest.mark.moodle, pytest.mark.browser]


def test_when_a_guard_holds(campus: University, visit: Visit) -> None:
    screen = visit(campus.at("held"), "admin")
    text = screen.go(f"{HEALTH}?lang=en")
    run = campus.last_run()
    (digest,) = campus.database.query("SELECT digest FROM mdl_local_greffe_run WHERE id = %s", run)[0]
    approve = f"greffe approve {digest[:12]}"
    assert "2 things need a hand" in text
    assert f"The guards hold run {run}: none of its changes was made" in text
    assert text.count("Feed ip: 65 of 219, ") == 1  # suspended: that is a loss, too
    assert approve in text
    screen.picture("health-held")
    screen.page.click(f"button[aria-label='Copy the command {approve}']")
    screen.page.get_by_text("Text copied to clipboard").first.wait_for()
    assert screen.page.evaluate("navigator.clipboard.readText()") == approve

    french = screen.go(f"{HEALTH}?lang=fr")
    assert f"Les garde-fous retiennent l’exécution {run}" in french
    assert "Si le plan est juste, laissez-le passer avec" in french
    assert "membres retirés (limite 10%, à partir de 5 membres)" in french
    assert "Toutes les méthodes cohort : 35 sur 118, " in " ".join(french.split())
    screen.picture("health-held-fr")
    screen.go(f"{HEALTH}?lang=en")

    phone = visit(campus, "admin", PHONE)
    assert approve in phone.go(HEALTH)
    phone.picture("health-held-phone")

    plain = visit(campus, "admin", script=False)
    assert approve in plain.go(HEALTH)
    assert plain.page.locator("[data-action=copytoclipboard]:visible").count() == 0


def test_nobody_else_sees_it(campus: University, visit: Visit) -> None:
    campus.at("held")
    for username in ("prof", "e001"):
        screen = visit(campus, username)
        for page in ("index.php", f"run.php?id={campus.last_run()}", "waiting.php"):
            screen.refused(f"/local/greffe/{page}")


def test_monitoring_when_a_guard_holds(campus: University) -> None:
    same_as_the_engine(campus.at("held"), "critical")
    assert "greffe approve" in checks_end(campus, 2)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("counts", "5"),
        ("counts", '{"enrol":{"many":1}}'),
        ("verdicts", '{"verdicts":"x","approved_by":{}}'),
        ("verdicts", '{"verdicts":[5,{"level":"feed"}]}'),
        ("feeds", '{"ip":5}'),
        ("feeds", '[{"feed":["ip"]}]'),
        ("feeds", '[{"feed":"ip","source":{},"problems":"x","notes":[{}],"rows":{}}]'),
        ("feeds", "[{"),
        ("feeds", '[{"feed":"ip","delivered":-9223372036854775807}]'),
    ],
)
def test_what_greffe_did_not_write_is_read_as_nothing(
    campus: University, visit: Visit, column: str, text: str
) -> None:
    same_as_the_engine(campus.at("held"), "critical")
    run = campus.last_run()
    kept = campus.database.query(f"SELECT {column} FROM mdl_local_greffe_run WHERE id = %s", run)[0][0]
    write = f"UPDATE mdl_local_greffe_run SET {column} = %s WHERE id = %s"
    campus.database.run(write, text, run)
    try:
        assert [ask(campus, kind)[0] for kind in ("json", "prometheus")] == [200, 200]
        checks_end(campus, 2)
        screen = visit(campus, "admin")
        assert f"The guards hold run {run}" in screen.go(f"{HEALTH}?lang=en")
        assert f"Run {run}" in screen.go(f"/local/greffe/run.php?id={run}")
    finally:
        campus.database.run(write, kept, run)
