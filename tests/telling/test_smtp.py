"""Mail by a real SMTP server: what it is made of, and that nothing goes where the server is not the one that was meant."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any

import pytest

from greffe.config import parse
from greffe.config.telling import Mail
from greffe.errors import PartlyToldError, TellingError
from greffe.telling.channels import channels, tell
from greffe.telling.condition import Condition, of_document
from greffe.telling.memory import Memory
from greffe.telling.smtp import message, send
from greffe.telling.writing import Writer
from tests.telling.letters import ENDS, NOW, night
from tests.telling.post import PASSWORD, USER, Certificate, certificate, post

pytestmark = pytest.mark.filterwarnings(
    "ignore:Requiring AUTH while not requiring TLS"
)  # the server warns of itself
LETTER = Writer("ecampus", "/etc/greffe/ecampus.toml", "fr").test()


def mail(port: int, **more: Any) -> Mail:
    """A table of the configuration."""
    table = {
        "server": "localhost",
        "port": port,
        "sender": "Greffe <greffe@univ.example>",
        "to": ["moodle@univ.example"],
    }
    found = parse({"moodle": {}, "mail": table | more}, "ecampus.toml").mail
    assert found
    return found


@pytest.mark.parametrize("security", ["starttls", "tls", "none"])
def test_a_letter_arrives(security: str, shown: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_SECRET", PASSWORD)
    secret = {"user": USER, "password": {"env": "SMTP_SECRET"}}
    with post(security, shown, login=True) as server:
        send(mail(server.port, security=security, ca=str(shown.file), language="fr", **secret), LETTER)
        got = server.take()
        assert server.logins == [USER]
    assert got["Subject"] == "[Greffe] ecampus : essai – rien à faire"
    assert got["To"] == "moodle@univ.example"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["Date"]
    assert got["Message-ID"].endswith("@univ.example>")
    plain, html = got.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert "Voici comment arrive un courriel de Greffe." in plain.get_content()
    assert '<html lang="fr">' in html.get_content()


def test_nothing_goes_to_a_server_that_is_not_the_one_that_was_meant(
    shown: Certificate, tmp_path: Path
) -> None:
    other = certificate(tmp_path, "elsewhere.example")
    cases = (
        ("tls", shown, None),
        ("starttls", shown, None),
        ("tls", other, other.file),
        ("starttls", other, other.file),
    )
    for security, certified, ca in cases:
        with post(security, certified) as server:
            with pytest.raises(TellingError, match="certificate"):
                send(mail(server.port, security=security, **({"ca": str(ca)} if ca else {})), LETTER)
            assert not server.mails


def test_a_server_without_starttls_gets_nothing() -> None:
    with post() as server:
        with pytest.raises(TellingError, match="STARTTLS") as error:
            send(mail(server.port), LETTER)
        assert 'security = "none"' in error.value.todo
        assert not server.mails


def test_what_is_refused_is_said_without_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_SECRET", "wrong-secret")
    with post(login=True) as server:
        wrong = mail(server.port, security="none", user=USER, password={"env": "SMTP_SECRET"})
        with pytest.raises(TellingError, match="535") as raised:
            send(wrong, LETTER)
        assert "wrong-secret" not in str(raised.value)
    with post() as server:
        server.refuses = "gone@univ.example"
        with pytest.raises(TellingError, match=r"takes none of gone@univ\.example"):
            send(mail(server.port, security="none", to=["gone@univ.example"]), LETTER)
        with pytest.raises(TellingError, match="went to others"):
            send(mail(server.port, security="none", to=["gone@univ.example", "here@univ.example"]), LETTER)
        assert server.take()["Subject"] == LETTER.subject


def test_how_a_server_takes_leave_changes_nothing() -> None:
    with post() as server:
        server.farewell = "421 too many connections, going down"
        send(mail(server.port, security="none"), LETTER)
        assert server.take()["Subject"] == LETTER.subject


def test_one_address_that_is_wrong_has_the_others_hear_it_once() -> None:
    with post() as server:
        server.refuses = "gone@univ.example"
        table = {
            "server": "localhost", "port": server.port, "security": "none", "sender": "greffe@univ.example",
            "to": ["gone@univ.example", "here@univ.example"],
        }  # fmt: skip
        (channel,) = channels(parse({"moodle": {}, "mail": table}, "ecampus.toml"))
        memory, sent = Memory(), list[str]()

        def hear(end: Condition, now: int) -> None:
            memory.note(end, now)
            tell(channel, end, memory, now, lambda _, letter: sent.append(letter.event))

        good = of_document(night(state="done", exit=0))
        with pytest.raises(PartlyToldError, match="went to others"):
            hear(ENDS["all"], NOW)
        # whoever reads it sits elsewhere than the one who typed the configuration's name
        assert f"greffe -c {Path('ecampus.toml').absolute()} show" in server.mails[0].as_string().replace(
            "=\n", ""
        )
        hear(ENDS["all"], NOW + 60)
        with pytest.raises(PartlyToldError):
            hear(good, NOW + 120)
        hear(good, NOW + 180)
        assert sent == ["held", "recovered"]
        assert len(server.mails) == 2


def test_a_site_whose_name_has_lines_is_told_of_in_one() -> None:
    odd = Writer("ecampus\nBcc: everybody@univ.example", "x.toml", "en").test()
    assert (
        message(mail(9), odd)["Subject"]
        == "[Greffe] ecampus Bcc: everybody@univ.example: a test – nothing to do"
    )


def test_a_file_of_authorities_that_is_none_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.touch()
    for file in (tmp_path / "none.pem", empty):
        with pytest.raises(TellingError, match=rf"^\[mail\] ca: {file} cannot be read"):
            send(mail(9, security="tls", ca=str(file)), LETTER)


def test_a_server_that_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        began = time.monotonic()
        with pytest.raises(TellingError, match="timed out"):
            send(mail(port, security="none", timeout=1), LETTER)
        assert time.monotonic() - began < 5
    with pytest.raises(TellingError, match="refused"):
        send(mail(port, security="none"), LETTER)
