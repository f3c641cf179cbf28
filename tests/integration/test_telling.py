"""Nights on real databases, and who hears of them by a real mail server: how they end, and that it is told once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from greffe.errors import Exit
from greffe.telling.memory import place
from tests.integration.commandline import Site
from tests.lab.toml import PASSWORD
from tests.telling.post import Post, post

DAY = 86400


@pytest.fixture
def mailbox() -> Iterator[Post]:
    """The university's mail server."""
    with post() as found:
        yield found


def told_by(site: Site, mailbox: Post, more: str = "") -> str:
    """A configuration that tells."""
    return (
        f"state = '{site.directory / 'state'}'\n"
        f"[mail]\nserver = 'localhost'\nport = {mailbox.port}\nsecurity = 'none'\n"
        f"sender = 'greffe@univ.example'\nto = ['moodle@univ.example']\n{more}"
    )


def later(site: Site, seconds: int) -> None:
    """Time passes for what was told."""
    file = place(str(site.directory / "state"), str(site.directory / "greffe.toml"))
    memory = json.loads(file.read_text(encoding="utf-8"))
    memory["since"] -= seconds
    memory["told"] = {k: v - seconds for k, v in memory["told"].items()}
    file.write_text(json.dumps(memory), encoding="utf-8")


def words(mail: EmailMessage) -> str:
    """All that it says."""
    return "\n".join([mail["Subject"], *(part.get_content() for part in mail.iter_parts())])


def test_a_held_night_until_all_is_well_again(site: Site, mailbox: Post) -> None:
    guards = "[guards]\nfeed = { above = 5 }\n"
    site.configure(told_by(site, mailbox) + guards)
    assert site("nightly")[0] == Exit.DONE
    assert not mailbox.mails  # all is well

    site.deliver(range(80))
    code, night = site.json("nightly")
    assert code == Exit.HELD
    mail = mailbox.take()
    assert mail["Subject"] == "[Greffe] greffe: HELD – look at run 2: approve it only if it is right"
    text = words(mail)
    assert f"greffe -c {site.directory / 'greffe.toml'} approve {night['digest'][:12]}" in text
    assert night["report"] in text
    assert "s99" not in text
    assert "u99" not in text

    assert site("nightly")[0] == Exit.HELD
    assert not mailbox.mails  # the same, and no day has passed
    later(site, DAY)
    assert site("nightly")[0] == Exit.HELD
    assert (
        mailbox.take()["Subject"]
        == "[Greffe] greffe: HELD for 1 d – look at run 4: approve it only if it is right"
    )

    site("approve", night["digest"][:12], "--by", "A. Martin")
    assert site("nightly")[0] == Exit.DONE
    mail = mailbox.take()
    assert mail["Subject"] == "[Greffe] greffe: back to normal – nothing to do"
    assert "Before that the site was held for 1 d." in words(mail)
    assert site("nightly")[0] == Exit.DONE
    assert not mailbox.mails

    code, out = site("summary")
    assert code == Exit.DONE
    assert "6 nights in 7 days, 3 of them good; 221 changes in all." in out
    assert "ip: read in 6 nights, bad in 0; rows the last time: 80" in out
    assert site.json("summary", "--mail") == (Exit.DONE, {"sent": ["mail"]})
    assert mailbox.take()["Subject"] == "[Greffe] greffe: 3 of 6 nights good – see what is open"


def test_what_fails_before_the_site_is_open(
    site: Site, mailbox: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.configure(told_by(site, mailbox, "language = 'fr'\n") + "[guards]\nfeed = { abov = 5 }\n")
    assert site("nightly")[0] == Exit.USAGE
    mail = mailbox.take()
    assert mail["Subject"] == "[Greffe] greffe : ÉCHEC de la nuit – corrigez la configuration"
    assert "there is no key abov" in words(mail)

    site.configure(told_by(site, mailbox, "language = 'fr'\n"))
    monkeypatch.setenv(PASSWORD, "no-such-password-22012345")
    assert site("nightly")[0] == Exit.DATABASE
    mail = mailbox.take()
    assert mail["Subject"] == "[Greffe] greffe : ÉCHEC de la nuit – voyez la base de données"
    assert "22012345" not in words(mail)
    monkeypatch.setenv(PASSWORD, site.site.password)
    assert site("nightly")[0] == Exit.DONE
    assert "retour à la normale" in mailbox.take()["Subject"]


def test_a_mail_that_cannot_be_sent_changes_nothing_of_the_night(site: Site, mailbox: Post) -> None:
    site.configure(told_by(site, mailbox))
    site("nightly")
    (site.directory / "ip.csv").write_text("who;course\n", encoding="utf-8")
    mailbox.refuses = "moodle@univ.example"
    code, night = site.json("nightly")
    assert (code, night["state"]) == (Exit.PARTIAL, "partial")
    assert "takes none of moodle@univ.example" in site.err
    assert "greffe mail --test" in site.err
    mailbox.refuses = ""
    assert site("nightly")[0] == Exit.PARTIAL
    mail = mailbox.take()  # told at the next occasion
    assert mail["Subject"].startswith("[Greffe] greffe: BAD FEED ip")
    assert "It has a header and not one row." in words(mail)


def test_a_fault_of_what_tells_changes_nothing_of_the_night(site: Site, mailbox: Post) -> None:
    today = f"{datetime.now().astimezone():%A}".lower()
    site.configure(told_by(site, mailbox, f"summary = '{today}'\n"))
    assert site("nightly")[0] == Exit.DONE
    assert mailbox.take()["Subject"] == "[Greffe] greffe: a good week – nothing to do"
    assert site("nightly")[0] == Exit.DONE
    assert not mailbox.mails  # once a day

    (site.directory / "state").rename(site.directory / "forgotten")
    site.site.execute("UPDATE {local_greffe_run} SET state = 'odd' WHERE id = 1")
    assert site("nightly")[0] == Exit.DONE
    assert "not told: KeyError: a fault in Greffe itself" in site.err


def test_one_id_goes_through_all_lines_and_nobody_is_named(site: Site) -> None:
    file = site.directory / "greffe.log"
    site.configure(f"[log]\nformat = 'json'\nfile = '{file}'\n")
    site.deliver([*range(100), "new1"])
    site("nightly")
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert len({line["id"] for line in lines}) == 1
    assert {line["site"] for line in lines} == {"greffe"}
    events = [line["event"] for line in lines]
    began = events.index("run-began")
    assert {line["run"] for line in lines[began:]} == {1}
    assert events[-1] == "run-ended"
    assert {"step", "feed", "planned"} <= set(events)
    assert lines[-1]["counts"] == {"assign-role": 100, "create-method": 1, "enrol": 100}
    text = file.read_text(encoding="utf-8")
    assert "new1" not in text
    assert '"s7"' not in text


def test_every_site_has_its_night(site: Site, tmp_path: Path) -> None:
    directory = tmp_path / "sites"
    directory.mkdir()
    good = (site.directory / "greffe.toml").read_text(encoding="utf-8")
    (directory / "ecampus.toml").write_text(good, encoding="utf-8")
    (directory / "broken.toml").write_text("[moodle]\nnaem = 'x'\n", encoding="utf-8")
    code, out = site("nightly", "--all", "--directory", str(directory), "--parallel", "2", "--json")
    assert code == Exit.USAGE
    found = {s["site"]: s for s in json.loads(out)["sites"]}
    assert (found["broken"]["exit"], found["ecampus"]["exit"]) == (Exit.USAGE, Exit.DONE)
    assert found["ecampus"]["text"] == "Run 1 made 201 changes in 1 course."
    assert "naem" in found["broken"]["text"]
    assert "broken: greffe: " in site.err

    metrics = tmp_path / "greffe.prom"
    code, out = site("health", "--all", "--directory", str(directory), "--prometheus", str(metrics))
    assert code == 3
    assert "ecampus: GREFFE OK" in out
    assert "broken: GREFFE UNKNOWN" in out
    text = metrics.read_text(encoding="utf-8")
    assert 'greffe_check_status{check="night",site="ecampus"} 0.0' in text
    assert 'greffe_check_status{check="tables",site="broken"} 3.0' in text
    assert text.count("# TYPE greffe_check_status gauge") == 1
    assert metrics.stat().st_mode & 0o777 == 0o644
    code, out = site("doctor", "--all", "--directory", str(directory))
    assert code == Exit.USAGE
    assert "Nothing stops a night." in out
