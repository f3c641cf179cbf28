"""An LDAP feed on a real slapd: the contract, TLS, limits, and every way in which a list could be incomplete."""

from __future__ import annotations

import ast
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import trustme

from greffe.config.directory import Directory as Asked
from greffe.config.feeds import Feed
from greffe.config.secret import Secret
from greffe.errors import ConfigError, FeedError
from greffe.feed.directory import by_name
from greffe.feed.opening import open_feed
from greffe.model import Table
from tests.contracts.table import Deliver, TableContract
from tests.lab.directory import BASE, PASSWORD, READER, Directory, ldif

DRT101 = (
    "[etab={UAI}0141408E][anneeinsc=2026][regimeinsc={SISE}10][cursusann={SUPANN}L1][diplome={SISE}2300123]"
    "[etape={UAI:0141408E}L1DRT][eltpedago={UAI:0141408E}DRT101]"
)


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> Secret:
    monkeypatch.setenv("LDAP_PASSWORD", PASSWORD)
    return Secret(env="LDAP_PASSWORD")


def feed(
    url: str,
    secret: Secret | None,
    columns: dict[str, str] | None = None,
    *,
    each: str | None = None,
    **more: Any,
) -> Feed:
    keys: dict[str, Any] = {"base": BASE, "bind": READER, "filter": "(objectClass=plainRow)", "page": 100}
    return Feed(
        ldap=Asked(url=url, **(keys | more)), password=secret, columns=columns or {"A": "c0"}, each=each
    )


def plain_rows(rows: Sequence[Sequence[str]]) -> list[str]:
    return [
        ldif(
            f"cn=r{n},{BASE}",
            {"objectClass": "plainRow", "cn": f"r{n}"} | {f"c{i}": cell for i, cell in enumerate(row)},
        )
        for n, row in enumerate(rows)
    ]


def student(number: int, *registrations: str) -> str:
    return ldif(
        f"uid=e{number},{BASE}",
        {
            "objectClass": ["inetOrgPerson", "supannPerson"],
            "uid": f"e{number}",
            "cn": "x",
            "sn": "x",
            "supannEtuId": f"{number:08}",
            "supannEtuInscription": list(registrations),
        },
    )


class TestContractOfADirectory(TableContract):
    @pytest.fixture
    def deliver(self, slapd: Directory, secret: Secret) -> Deliver:
        def make(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
            slapd.serve(plain_rows(rows))
            columns = {name: f"c{n}" for n, name in enumerate(header)}
            return open_feed("ip", feed(slapd.url, secret, columns, page=500))

        return make


READ = """
import resource, sys
from greffe.config import parse
from greffe.feed.directory import by_name
from greffe.feed.opening import open_feed
feed = parse({"moodle": {}, "feed": {"ip": eval(sys.argv[1])}}, "x").feed["ip"]
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
table = open_feed("ip", feed)
rows = table.rows()
next(rows)
before, count, seen = peak(), 1, set()
for _, cells in rows:
    count += 1
    seen.add(tuple(cells[1:]))
print((count, peak() - before, sorted(seen)))
"""


def test_fifty_thousand_people_in_little_memory(slapd: Directory, secret: Secret) -> None:
    years = [DRT101, DRT101.replace("DRT101", "ECO102"), DRT101.replace("2026", "2025")]
    slapd.serve(student(n, *years) for n in range(50_000))
    asked = {
        "ldap": {"url": slapd.url, "base": BASE, "bind": READER},
        "password": {"env": secret.env},
        "person": "COD_ETU",
    }
    # a process of its own, since the highest memory of this one may have been another test's
    done = subprocess.run(
        [sys.executable, "-c", READ, repr(asked)], capture_output=True, text=True, check=True
    )
    count, grown, seen = ast.literal_eval(done.stdout)
    assert count == 150_000
    assert seen == [
        ("2025", "2300123", "L1DRT", "DRT101", "0141408E"),
        ("2026", "2300123", "L1DRT", "DRT101", "0141408E"),
        ("2026", "2300123", "L1DRT", "ECO102", "0141408E"),
    ]
    assert grown < 10 * 1024  # KiB


def test_what_cannot_be_taken_is_refused_by_line_and_name(slapd: Directory, secret: Secret) -> None:
    slapd.serve(
        [
            student(1, DRT101, "[etab={UAI}0141408E]anneeinsc=2026"),
            student(2, DRT101.replace("eltpedago", "etape")),
            student(3, DRT101.replace("{UAI:0141408E}DRT101", "DRT}101")),
            student(4, DRT101.replace("DRT101", "DRT102")),
        ]
    )
    table = open_feed("ip", Feed(ldap=Asked(url=slapd.url, base=BASE, bind=READER), password=secret))
    assert [(line, cells[0], cells[4]) for line, cells in table.rows()] == [
        (1, "00000001", "DRT101"),
        (4, "00000004", "DRT102"),
    ]
    assert [(r.line, r.cells, r.why.split(", supann")[0]) for r in table.refused] == [
        (n, {"COD_ETU": f"0000000{n}"}, f"'uid=e{n},{BASE}'") for n in (1, 2, 3)
    ]
    for refused, words in zip(
        table.refused,
        (
            "is not [key=value][key=value]… from its character 21 on",
            "has the field etape twice",
            "in its field eltpedago has braces that are no {label} before a text",
        ),
        strict=True,
    ):
        assert refused.why.endswith(words)


def test_several_values_are_rows_where_that_is_said_and_refused_elsewhere(
    slapd: Directory, secret: Secret
) -> None:
    slapd.serve(
        [
            ldif(
                f"cn=r,{BASE}",
                {"objectClass": "plainRow", "cn": "r", "c0": ["a", "b"], "c1": "x", "bytes": b"\xff"},
            )
        ]
    )
    columns = {"A": "C0", "B": "c1", "C": "c2"}
    each = open_feed("ip", feed(slapd.url, secret, columns, each="c0"))
    assert sorted(list(cells) for _, cells in each.rows()) == [["a", "x", ""], ["b", "x", ""]]
    several = open_feed("ip", feed(slapd.url, secret, {"A": "c0", "B": "c1"}))
    assert list(several.rows()) == []
    # each of them may be who is meant, and so loses nothing
    assert sorted(r.cells["A"] for r in several.refused) == ["a", "b"]
    assert all(r.why.endswith("c0: has 2 values") and r.unread == () for r in several.refused)
    table = open_feed("ip", feed(slapd.url, secret, {"A": "bytes", "B": "c1"}))
    assert list(table.rows()) == []
    [refused] = table.refused
    assert (refused.cells, refused.unread) == ({"B": "x"}, ("A",))
    assert re.search(r"bytes: .* is no text", refused.why)


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ("size=unlimited size.prtotal=250", "[Ss]ize limit exceeded"),
        ("size=250", "[Ss]ize limit exceeded"),
        ("size.pr=50 size=unlimited", "[Aa]dministrative limit exceeded|[Ss]ize limit exceeded"),
        ("size=unlimited size.prtotal=disabled", "."),
    ],
)
def test_a_limit_of_the_directory_is_an_error_and_never_a_part(
    slapd: Directory, secret: Secret, limit: str, words: str
) -> None:
    slapd.settings = [f'limits dn.exact="{READER}" {limit}']
    slapd.serve(plain_rows([[f"{n}"] for n in range(1000)]))
    with pytest.raises(FeedError, match=rf"^\[feed\.ip\] ldap://127\.0\.0\.1:\d+: .*{words}"):
        list(open_feed("ip", feed(slapd.url, secret)).rows())


def test_a_directory_that_dies_between_two_pages(slapd: Directory, secret: Secret) -> None:
    slapd.serve(plain_rows([[f"{n}"] for n in range(1000)]))
    rows = open_feed("ip", feed(slapd.url, secret)).rows()
    assert next(rows) == (1, ["0"])
    slapd.signal(signal.SIGKILL)
    with pytest.raises(FeedError, match="Can't contact LDAP server"):
        list(rows)


def test_a_directory_that_hangs(slapd: Directory, secret: Secret, monkeypatch: pytest.MonkeyPatch) -> None:
    slapd.serve(plain_rows([[f"{n}"] for n in range(1000)]))
    rows = open_feed("ip", feed(slapd.url, secret, page_timeout="1s")).rows()
    assert next(rows) == (1, ["0"])
    slapd.signal(signal.SIGSTOP)
    begin = time.monotonic()
    with pytest.raises(FeedError, match="gave no answer in time"):
        list(rows)
    assert time.monotonic() - begin < 5
    monkeypatch.setattr("greffe.feed.directory.CONNECT_SECONDS", 1)
    with pytest.raises(
        FeedError, match=r"gave no answer in time|no session was opened in 1 seconds|Timed out"
    ):
        open_feed("ip", feed(slapd.url, secret))
    assert time.monotonic() - begin < 10


@pytest.mark.parametrize(("scheme", "start_tls"), [("ldap", False), ("ldap", True), ("ldaps", False)])
def test_what_listens_and_says_nothing(
    secret: Secret, monkeypatch: pytest.MonkeyPatch, scheme: str, start_tls: bool
) -> None:
    monkeypatch.setattr("greffe.feed.directory.CONNECT_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begin = time.monotonic()
        url = f"{scheme}://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(FeedError, match=rf"^\[feed\.ip\] {url}: "):
            open_feed("ip", feed(url, secret, start_tls=start_tls))
        assert time.monotonic() - begin < 5
    for thread in threading.enumerate():
        if thread.name == f"connecting to {url}":  # who is left behind ends with the other side
            thread.join(20)
            assert not thread.is_alive()


def packed(tag: int, *parts: bytes) -> bytes:
    """A value of ASN.1, of less than 128 bytes."""
    content = b"".join(parts)
    return bytes([tag, len(content)]) + content


def test_a_name_that_is_no_text_is_the_feeds_trouble() -> None:
    """slapd gives none; directories that were filled otherwise do."""
    success = (packed(0x0A, b"\0"), packed(4), packed(4))
    name = packed(0x64, packed(4, b"uid=\xff,dc=x"), packed(0x30))
    answers = [[packed(0x61, *success)], [name, packed(0x65, *success)]]

    def answer(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            for number, parts in enumerate(answers, 1):
                connection.recv(4096)
                connection.sendall(b"".join(packed(0x30, packed(2, bytes([number])), part) for part in parts))
            connection.recv(4096)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=answer, args=(listening,))
        thread.start()
        url = f"ldap://127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(FeedError, match=r"not valid UTF-8: .*uid=.*xff"):
            open_feed("ip", Feed(ldap=Asked(url=url, base="dc=x"), columns={"A": "uid"}))
        thread.join(20)
        assert not thread.is_alive()


def test_a_pointer_to_another_server_is_a_list_that_is_not_complete(slapd: Directory, secret: Secret) -> None:
    elsewhere = ldif(
        f"ou=medecine,{BASE}",
        {
            "objectClass": ["referral", "extensibleObject"],
            "ou": "medecine",
            "ref": "ldap://other.example/ou=x",
        },
    )
    slapd.serve([*plain_rows([["a"]]), elsewhere])
    with pytest.raises(FeedError, match=r"refers to ldap://other\.example/"):
        list(open_feed("ip", feed(slapd.url, secret)).rows())
    assert list(open_feed("ip", feed(slapd.url, secret, referrals="ignore")).rows()) == [(1, ["a"])]


def test_a_part_of_an_attribute_is_not_taken_for_it() -> None:
    whole = by_name("[feed.x] ldaps://ad", "cn=all", {"cn": [b"all"], "Member;lang-fr": [b"x"]})
    assert whole == {"cn": [b"all"], "member;lang-fr": [b"x"]}
    with pytest.raises(
        FeedError, match="'cn=all' has more values of member than the directory gives at once"
    ):
        by_name(
            "[feed.x] ldaps://ad", "cn=all", {"cn": [b"all"], "member": [], "member;range=0-1499": [b"x"]}
        )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"base": "ou=nobody,dc=univ,dc=example"}, "No such object"),
        ({"filter": "(objectClass=plainRow"}, "Bad search filter"),
        ({"bind": "cn=stranger,dc=univ,dc=example"}, "Invalid credentials"),
    ],
)
def test_what_is_wrong_is_named(slapd: Directory, secret: Secret, change: dict[str, Any], words: str) -> None:
    slapd.serve(plain_rows([["a"]]))
    with pytest.raises(FeedError, match=rf"^\[feed\.ip\] ldap://127\.0\.0\.1:\d+: {words}") as caught:
        open_feed("ip", feed(slapd.url, secret, **change))
    assert PASSWORD not in str(caught.value)


def test_a_wrong_and_an_empty_password(slapd: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    slapd.settings += ["access to * by anonymous read"]
    slapd.common += ["allow bind_anon_dn"]
    slapd.serve(plain_rows([["a"]]))
    monkeypatch.setenv("WRONG", "w0rd")
    with pytest.raises(FeedError, match="Invalid credentials"):
        open_feed("ip", feed(slapd.url, Secret(env="WRONG")))
    monkeypatch.setenv("WRONG", "")
    with pytest.raises(ConfigError, match="the password is empty"):
        open_feed("ip", feed(slapd.url, Secret(env="WRONG")))


class TestTls:
    @pytest.fixture
    def authority(self) -> trustme.CA:
        return trustme.CA()

    @pytest.fixture
    def ca(self, authority: trustme.CA, tmp_path: Path) -> str:
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        return str(tmp_path / "ca.pem")

    @pytest.mark.parametrize("start_tls", [False, True])
    def test_the_right_server(
        self, slapd: Directory, secret: Secret, authority: trustme.CA, ca: str, start_tls: bool
    ) -> None:
        slapd.certify(authority, "127.0.0.1")
        slapd.settings.append("security tls=128")
        slapd.serve(plain_rows([["a"]]))
        url = slapd.url if start_tls else slapd.tls_url
        assert list(open_feed("ip", feed(url, secret, ca=ca, start_tls=start_tls)).rows()) == [(1, ["a"])]
        with pytest.raises(FeedError, match="Confidentiality required"):
            open_feed("ip", feed(slapd.url, secret))

    @pytest.mark.parametrize("start_tls", [False, True])
    @pytest.mark.parametrize("wrong", ["host", "authority"])
    def test_another_server(
        self, slapd: Directory, secret: Secret, authority: trustme.CA, ca: str, wrong: str, start_tls: bool,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        monkeypatch.setenv("LDAPTLS_REQCERT", "never")  # what is in the air here does not count
        if wrong == "host":
            slapd.certify(authority, "ldap.elsewhere.example")
        else:
            slapd.certify(trustme.CA(), "127.0.0.1")
        slapd.serve(plain_rows([["a"]]))
        url = slapd.url if start_tls else slapd.tls_url
        with pytest.raises(FeedError, match="its certificate cannot be trusted") as caught:
            open_feed("ip", feed(url, secret, ca=ca, start_tls=start_tls))
        assert f"-verify_ip 127.0.0.1 -CAfile {ca}" in caught.value.todo
        assert ("-starttls ldap" in caught.value.todo) == start_tls

    def test_authorities_that_cannot_be_read(self, slapd: Directory, secret: Secret) -> None:
        with pytest.raises(FeedError, match=r"ca: /nowhere/ca\.pem cannot be read"):
            open_feed("ip", feed(slapd.tls_url, secret, ca="/nowhere/ca.pem"))
