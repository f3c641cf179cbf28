"""LDIF files: the contract, RFC 2849's ways of writing the same, and what makes one bad."""

from __future__ import annotations

import gzip
import tempfile
from base64 import b64encode
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greffe.config import parse
from greffe.config.feeds import Feed
from greffe.errors import ConfigError, FeedError
from greffe.feed.opening import open_feed
from greffe.model import Table
from tests.contracts.table import Deliver, TableContract

REGISTRATION = (
    "[etab={UAI}0141408E][anneeinsc=2026][etape={UAI:0141408E}L1DRT][eltpedago={UAI:0141408E}DRT101]"
)
PLAIN = {"A": "cn", "B": "description"}
Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def make(content: str | bytes) -> Path:
        path = tmp_path / "people.ldif"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


def read(path: Path, columns: dict[str, str] | None = None, each: str | None = None) -> Table:
    return open_feed("ip", Feed(ldif=str(path), columns=columns or PLAIN, each=each))


def rows(table: Table) -> list[tuple[int, list[str]]]:
    return [(line, list(cells)) for line, cells in table.rows()]


class TestContractOfLdif(TableContract):
    first_line = 3
    lines_of_a_row = 5

    @pytest.fixture
    def deliver(self, write: Write) -> Deliver:
        def make(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
            lines = ["version: 1", ""]
            for n, row in enumerate(rows):
                cells = [
                    f"c{i}:: {b64encode(cell.encode()).decode()}" if cell else "# none"
                    for i, cell in enumerate(row)
                ]
                lines += [f"dn: cn=r{n}", *cells, ""]
            return read(
                write("".join(f"{line}\n" for line in lines)),
                {name: f"c{n}" for n, name in enumerate(header)},
            )

        return make


def test_registrations_of_supann_by_default(write: Write) -> None:
    path = write(
        f"dn: uid=e1,ou=people\nsupannEtuId: 00000001\nsupannEtuInscription: {REGISTRATION}\n"
        "supannEtuInscription: [anneeinsc=2025][etape=L0]\n\n"
        "dn: uid=e2,ou=people\nsupannEtuId: 00000002\n"
    )
    table = open_feed("ip", Feed(ldif=str(path)))
    assert table.columns == ("COD_ETU", "COD_ANU", "COD_DIP", "COD_ETP", "COD_ELP", "COD_ETB")
    assert rows(table) == [
        (1, ["00000001", "2026", "", "L1DRT", "DRT101", "0141408E"]),
        (1, ["00000001", "2025", "", "L0", "", ""]),
    ]


def test_a_label_can_be_a_column_of_its_own(write: Write) -> None:
    path = write(f"dn: uid=e1\nsupannEtuInscription: {REGISTRATION}\n")
    columns = {"FROM": "SUPANNetuinscription{etape}", "ALL": "supannEtuInscription"}
    assert rows(read(path, columns)) == [(1, ["UAI:0141408E", REGISTRATION])]


@pytest.mark.parametrize(
    "text",
    [
        "dn: cn=a\ncn: Éléonore\ndescription: x y\n",
        "dn: cn=a\r\ncn: Éléonore\r\ndescription: x y\r\n",
        "version: 1\ndn: cn=a\ncn: Éléonore\ndescription: x y\n\n\n",
        "version: 1\n\n# a word\n#  and\n  more\ndn: cn=a\nCN: Élé\n ono\n re\nDescription:   x\n  y",
        "dn:: Y249YQ==\ncn:: w4lsw6lv\n bm9yZQ==\nDescription:x y\n\n",
        "dn: cn=a\ncn;lang-fr: autre\ncn: Éléonore\njpegPhoto:< file:///etc/passwd\ndescription: x y\n",
        "dn: cn=a\ncn: Éléonore\ndescription: x y\n\n# pagedresults: cookie=YQ==\n\n# pagedresults: cookie=\n",
        "search: 2\nresult: 0 Success\npagedresults: cookie=YQ==\n\ndn: cn=a\ncn: Éléonore\ndescription: x y\n\nsearch: 3\npagedresults: cookie=\n",
        "dn: cn=a\ncn: Éléonore\ndescription: x y\n\nsearch: 2\nresult: 0 Success\n\n# numResponses: 2\n",
    ],
)
def test_ways_of_writing_the_same(write: Write, text: str) -> None:
    for content in (text.encode(), b"\xef\xbb\xbf" + text.encode(), gzip.compress(text.encode())):
        assert [cells for _, cells in rows(read(write(content)))] == [["Éléonore", "x y"]]


def test_lines_are_those_of_the_file(write: Write) -> None:
    path = write("version: 1\n\n# a\ndn: cn=a\ncn: a\n\n\n#b\n\ndn: cn=b\ncn:: Y\n g==\n")
    assert rows(read(path)) == [(4, ["a", ""]), (10, ["b", ""])]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ": is empty"),
        (b"version: 2\ndn: cn=a\n", ", line 1: is LDIF of version '2'"),
        (b" cn: a\n", ", line 1: begins with a space"),
        (b"cn: a\n", ", line 1: an entry begins with dn:, not with 'cn: a'"),
        (b"dn: cn=a\ncn\n", ", line 2: has no attribute before a colon: 'cn'"),
        (b"dn: cn=a\ncn:: %%%\n", ", line 2: is no base64"),
        (b"dn: cn=a\ncn:< file:///etc/passwd\n", ", line 2: names an address instead of a value, and none is"),
        (b"dn: cn=a\nchangetype: delete\n", ", line 2: holds changes, not entries"),
        (b"dn: cn=a\n\nref: ldap://other/ou=x\n", ", line 3: refers to another server"),
        (b"dn: cn=a\n\nsearch: 2\nresult: 4 Size limit exceeded\n", ", line 4: the search that wrote the file was not"),
        (b"dn: cn=a\ncn: a\ndn: cn=b\ncn: b\n", ", line 3: an entry has a second dn"),
        (b"dn: cn=a\n\nsearch: 2\nresult: 0 Success\npagedresults: cookie=YQ==\n", ", line 5: the search that wrote the file asked for pages"),
        (b"dn: cn=a\n\n# pagedresults: estimate=9 cookie=YQ==\n", ", line 3: the search that wrote the file asked for pages"),
        (b"dn: cn=\xe9\n", ", line 1, byte 8: 0xE9 is not valid utf-8"),
        (b"dn: cn=a\ncn: a\0b\n", ", line 2, byte 6: a NUL byte"),
        (b"\xff\xfed\0n\0", ": is UTF-16"),
        (b"PK\x03\x04", ": is a spreadsheet or a ZIP archive, not a LDIF file"),
        (gzip.compress(b"dn: cn=a\n" * 1000, mtime=0)[:-9], ": the gzip stream ends too early"),
    ],
)  # fmt: skip
def test_what_makes_a_file_bad(write: Write, content: bytes, words: str) -> None:
    path = write(content)
    with pytest.raises(FeedError) as caught:
        rows(read(path))
    assert str(caught.value).startswith(f"[feed.ip] {path}{words}")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="no such file"):
        read(tmp_path / "nothing.ldif")


def test_a_file_without_line_ends_does_not_fill_the_memory(write: Write) -> None:
    with patch("greffe.feed.ldif.MOST_CHARACTERS", 1000):
        for content in (
            "dn: cn=a\ncn: " + "a" * 1000,
            "dn: cn=a\n" + "cn: a\n" * 400,
            "dn: cn=a\n" + " a\n" * 900,
        ):
            with pytest.raises(FeedError, match=r"has more than 1,000 characters"):
                rows(read(write(content)))


def test_a_last_line_without_its_end_is_noticed(write: Write) -> None:
    table = read(write("dn: cn=a\ncn: a"))
    assert rows(table) == [(1, ["a", ""])]
    assert not table.final_newline


def test_too_many_refused_lines_are_a_bad_feed(write: Write) -> None:
    path = write("".join(f"dn: cn={n}\ncn: a\ncn: b\n\n" for n in range(20)))
    table = read(path)
    assert rows(table) == []
    assert [(r.line, r.cells, r.why) for r in table.refused[:3]] == [
        (1, {"A": "a"}, "'cn=0', cn: has 2 values"),
        (1, {"A": "b"}, "'cn=0', cn: has 2 values"),
        (5, {"A": "a"}, "'cn=1', cn: has 2 values"),
    ]
    with patch("greffe.feed.entries.MOST_REFUSED", 20):
        rows(read(path))
    with (
        patch("greffe.feed.entries.MOST_REFUSED", 10),
        pytest.raises(
            FeedError, match=r"more than 10 lines cannot be taken; the first is 1: 'cn=0', cn: has 2 values"
        ),
    ):
        rows(read(path))


def test_what_could_not_be_read_is_said_by_its_column(write: Write) -> None:
    columns = {"who": "uid", "name": "cn", "year": "x[anneeinsc]"}
    entries = (
        "dn: cn=1\nuid:: 6Q==\ncn: a\ncn: b\nx: [anneeinsc=2026]\n\n",
        "dn: cn=2\nuid: 2\nx: anneeinsc=2026\nx: [anneeinsc=2026]\n\n",
    )
    table = read(write("".join(entries)), columns)
    assert rows(table) == [(7, ["2", "", "2026"])]
    assert [(r.cells, r.unread) for r in table.refused] == [
        ({"name": "a"}, ("who",)),
        ({"name": "b"}, ("who",)),
        ({"who": "2"}, ("year",)),
    ]


LDIF_BYTES = st.lists(
    st.sampled_from(
        [b"dn: cn=a", b"cn: a", b"cn:: Yg==", b"cn:: Y", b"\n", b"\n", b"\r\n", b"\n ", b"# x", b":", b"version: 1", b"\0",
         b"\xe9", b"\xc3\xa9", b"search: 1", b"\nresult: 4", b" ", b"\n\n", b"description:", b"changetype: add"]
    ),
    max_size=40,
).map(b"".join)  # fmt: skip


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=100), LDIF_BYTES), st.integers(4, 40))
def test_any_bytes_give_rows_or_a_feed_error(content: bytes, block: int) -> None:
    with (
        tempfile.NamedTemporaryFile() as file,
        patch("greffe.feed.bytestream.BLOCK", block),
        suppress(FeedError),
    ):
        Path(file.name).write_bytes(content)
        assert all(len(cells) == 2 for _, cells in rows(read(Path(file.name))))


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.text(min_size=1, max_size=90), st.text(max_size=20)), max_size=5),
    st.integers(2, 80),
)
def test_what_is_written_is_what_is_read(entries: list[tuple[str, str]], width: int) -> None:
    def folded(line: str) -> str:
        parts = [line[:width], *(line[at : at + width - 1] for at in range(width, len(line), width - 1))]
        return "\n ".join(parts) + "\n"

    def line(name: str, value: str) -> str:
        plain = value.isascii() and value.isprintable() and value[0] not in " :<"
        return folded(f"{name}: {value}" if plain else f"{name}:: {b64encode(value.encode()).decode()}")

    text = "".join(
        folded(f"dn: cn={n}") + line("cn", a) + (line("description", b) if b else "") + "\n"
        for n, (a, b) in enumerate(entries)
    )
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_text(text or "# nobody\n", encoding="utf-8")
        assert [cells for _, cells in rows(read(Path(file.name)))] == [[a, b] for a, b in entries]


@pytest.mark.parametrize(
    ("feed", "words"),
    [
        ({"ldif": "x", "csv": "x"}, "give one of csv, sql or query (with dsn), ldap and ldif"),
        ({"csv": "x", "columns": {"A": "cn"}}, "columns and each are for ldap and ldif"),
        ({"ldif": "x", "columns": {"A": "c n"}}, "A = 'c n' is none of attribute, attribute[field] and attribute{field}"),
        ({"ldif": "x", "columns": {"A": "a[x]", "B": "b[x]"}}, "columns take fields of a and b"),
        ({"ldif": "x", "columns": {"A": "a[x]"}, "each": "b"}, "each is b, but columns take fields of a"),
        ({"ldap": {"url": "ldaps://h"}}, "the key base is missing"),
    ],
)  # fmt: skip
def test_configurations_that_cannot_be(feed: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse({"moodle": {}, "feed": {"ip": feed}}, "greffe.toml")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("ldap", "password", "words"),
    [
        ({"url": "ldap://ldap.example"}, True, "would travel readable to ldap.example"),
        ({"url": "ldap://cn=x:s3cret@ldap.example"}, True, "there is an account in the url"),
        ({"url": "http://ldap.example"}, True, "a url is ldaps://HOST"),
        ({"url": "ldaps://"}, True, "a url is ldaps://HOST"),
        ({"url": "ldaps://a ldaps://b"}, True, "a url is ldaps://HOST"),
        ({"url": "ldaps://[h"}, True, "is no valid address"),
        ({"url": "ldaps://h/ou=people"}, True, "the url names more than a server"),
        ({"url": "ldaps://h", "start_tls": True}, True, "start_tls is for ldap://"),
        ({"url": "ldaps://h"}, False, "bind needs a password"),
        ({"url": "ldaps://h", "bind": None}, True, "there is a password, but no bind"),
        ({"url": "ldaps://h", "scope": "everything"}, True, "scope"),
    ],
)
def test_directories_that_cannot_be(ldap: dict[str, object], password: bool, words: str) -> None:
    asked = {k: v for k, v in ({"base": "dc=x", "bind": "cn=greffe"} | ldap).items() if v is not None}
    feed = {"ldap": asked} | ({"password": {"env": "X"}} if password else {})
    with pytest.raises(ConfigError) as caught:
        parse({"moodle": {}, "feed": {"ip": feed}}, "greffe.toml")
    assert words in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "more",
    [{}, {"url": "ldap://h", "start_tls": True}, {"url": "ldap://h", "plain": True}, {"url": "ldap://127.0.0.1:389"},
     {"url": "ldap://[::1]"}, {"url": "ldap://localhost/"}, {"url": "ldapi://%2Frun%2Fslapd%2Fldapi"}],
)  # fmt: skip
def test_directories_that_can_be(more: dict[str, object]) -> None:
    feed = {"ldap": {"url": "ldaps://h", "base": "dc=x"} | more}
    assert parse({"moodle": {}, "feed": {"ip": feed}}, "greffe.toml").feed["ip"].source.startswith("ldap")
