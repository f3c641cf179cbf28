"""``--anonymise``: whatever a command shows or writes of a site full of trouble, nobody is named in it."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from greffe.errors import Exit
from tests.integration.commandline import Site
from tests.lab.site import MoodleSite
from tests.lab.toml import PASSWORD

FAR = 987_650_000
"""Ids of accounts, from here on: no figure of a report is like them."""
OPERATOR = "angstroem-operateur"
NAMED = re.compile(
    rf"zozime|ångström|angstr|2299\d+|@univ-secret|{FAR // 10_000}\d{{4}}|{OPERATOR}", re.IGNORECASE
)


@pytest.fixture
def site(
    moodle_site: MoodleSite,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Site:
    """A night has gone well; since then much is wrong: strangers, two with one number, values that are none, odd roles."""
    os.environ[PASSWORD] = moodle_site.password
    monkeypatch.setenv("SUDO_USER", OPERATOR)
    moodle_site.add_courses(
        [{"shortname": "L1-DROIT", "idnumber": "C1"}, {"shortname": "L2-DROIT", "idnumber": "C2"}]
    )
    moodle_site.add_users(
        [
            {"username": f"zozime{n}", "idnumber": f"2299{n:04}", "email": f"zozime.{n}@univ-secret.fr",
             "firstname": "Zozime", "lastname": "Ångström"}
            for n in range(30)
        ]
    )  # fmt: skip
    moodle_site.execute(f"UPDATE {{user}} SET id = id + {FAR} WHERE username LIKE 'zozime%%'")
    (tmp_path / "reports").mkdir()
    found = Site(tmp_path, capsys, site=moodle_site)
    found.configure()
    text = (tmp_path / "greffe.toml").read_text(encoding="utf-8")
    rule = "course = '{{ course }}'\nrole = '{{ role }}'\ndefault_role = 'student'\ngroup = '{{ td }}'\nend = '{{ end }}'\n"
    (tmp_path / "greffe.toml").write_text(text.replace("course = '{{ course }}'\n", rule), encoding="utf-8")
    deliver(found, [f"2299{n:04};C1;student;TD1;" for n in range(20)])
    assert found("nightly")[0] == Exit.DONE
    deliver(
        found,
        [f"2299{n:04};C1;student;TD1;" for n in range(18)]
        + ["22999999;C2;student;TD1;", "22999998;C1;student;TD2;", "22990025;C1;student;TD1;Zozime Ångström",
           f"22990026;C1;student;{'Zozime Ångström ' * 20};", "22990027;C1;student;TD1;"],
    )  # fmt: skip
    moodle_site.execute(
        "UPDATE {user} SET idnumber = '22990027', email = 'zozime.27@univ-secret.fr' WHERE username = 'zozime28'"
    )
    someone = FAR + min(
        r["id"] - FAR for r in moodle_site.fetch("SELECT id FROM {user} WHERE username LIKE 'zozime%%'")
    )
    for _ in range(2):
        moodle_site.insert(
            "role_assignments",
            roleid=5,
            contextid=99999,
            userid=someone,
            component="enrol_database",
            itemid=99999,
        )
        moodle_site.insert(
            "cache_flags", flagtype="accesslib/dirtyusers", name=str(someone), value="1", expiry=9_999_999_999
        )
    return found


def deliver(site: Site, rows: list[str]) -> None:
    (site.directory / "ip.csv").write_text(
        "who;course;role;td;end\n" + "".join(f"{r}\n" for r in rows), encoding="utf-8"
    )


def outputs(site: Site) -> Iterator[tuple[str, str]]:
    """(what it is, what it says) of every command whose output people paste into tickets."""
    people = site.directory / "people.csv"
    people.write_text(
        "idnumber,course\n22990003,L2-DROIT\n22990004,L1-DROIT\n2299zozime,L1-DROIT\n", encoding="utf-8"
    )
    file = ("--format", "4")
    page = site.directory / "audits.html"
    looks: list[tuple[str, ...]] = [
        ("doctor",), ("plan", "--limit", "99"), ("plan", "--person", "22990019"), ("plan", "--course", "L1-DROIT"),
        ("plan", "--person", "2299nobody"), ("runs",), ("show", "1", "--limit", "99"), ("show", "1", "--person", "22990003"),
        ("show", "1", "--person", "22990029"), ("undo", "1", "--dry-run"), ("audit", "--html", str(page)),
        ("enrol", str(people), *file, "--dry-run"), ("advise", str(people), *file), ("nightly",),
        ("show", "2", "--limit", "99"), ("undo", "2", "--yes"), ("runs",),
        *(("why", who) for who in ("22990003", "zozime3", "22999999", "22990027", "2299nobody", str(FAR))),
        ("why", "22990003", "L1-DROIT"), ("why-not", "22990029", "L2-DROIT"), ("why", "22990027", "L1-DROIT"),
        ("why", "22990025", "L1-DROIT"), ("why-not", "zozime3", "L2-DROIT"), ("why", "22990003", "2299zozime"),
        ("history", "22990003"), ("history", "zozime3"), ("history", "L1-DROIT"), ("history", "2299nobody"),
        ("history", "--person", "zozime29", "--course", "L1-DROIT"),
    ]  # fmt: skip
    number = 0
    for words in looks:
        for more in ((), ("--json",)):
            if more and words[0] in ("nightly", "undo") and "--dry-run" not in words:
                continue
            code, out = site(*words, "--anonymise", *more)
            number += 1
            yield f"{' '.join(words)} {more}: {code} (look {number})", out + site.err
    for report in [page, *(site.directory / "reports").glob("*run-2.html")]:
        assert stat.S_IMODE(report.stat().st_mode) == 0o600
        yield report.name, report.read_text(encoding="utf-8")


def test_nobody_is_named_and_the_site_is_full_of_names(site: Site) -> None:
    said = dict(outputs(site))
    leaks = {what: sorted(set(NAMED.findall(text))) for what, text in said.items() if NAMED.search(text)}
    assert leaks == {}
    assert not any("Traceback" in text for text in said.values())
    # what a ticket is about is there
    assert all(
        "L1-DROIT" in text
        for what, text in said.items()
        if what.startswith(("plan --course", "show 1 --limit"))
    )
    assert len(said) == 68, "each of them was looked at"
    assert len([what for what in said if what.endswith(".html")]) == 2
    assert all(
        re.search(r"\bP\d", text)
        for what, text in said.items()
        if what.startswith(("plan --limit", "show", "audit")) and "22990029" not in what
    )


def test_without_it_they_are_all_there(site: Site) -> None:
    """What the first test does not find would be there: or it would find nothing whatever the veil did."""
    for words, names in (
        (("plan", "--limit", "99"), "22999999|Zozime|22990027"),
        (("show", "1"), f"22990003|{OPERATOR}"),
        (("runs",), OPERATOR),
        (("audit",), str(FAR // 10_000)),
        (("why", "zozime3", "L1-DROIT"), "Zozime"),
        (("history", "22990003"), "22990003"),
        (("doctor",), "Zozime"),
    ):
        assert re.search(names, site(*words)[1]), words


def test_one_person_has_one_number_and_shows_in_both_forms_alike(site: Site) -> None:
    _, out = site("plan", "--course", "L1-DROIT", "--anonymise", "--limit", "99")
    code, document = site.json("plan", "--course", "L1-DROIT", "--anonymise")
    assert code == Exit.CHANGES_PENDING
    people = [c["person"] for c in document["changes"] if c["person"]]
    assert people
    assert all(re.fullmatch(r"P\d+", p) for p in people)
    plain = json.loads(site("plan", "--course", "L1-DROIT", "--json")[1])
    pairs = {(c["person"], d["person"]) for c, d in zip(plain["changes"], document["changes"], strict=True)}
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})
    assert all(p in out for p in people)


def test_not_even_a_traceback_names_him(site: Site) -> None:
    code, out = site("--debug", "history", "zozimenobody", "--anonymise")
    assert (code, NAMED.search(out + site.err)) == (Exit.USAGE, None)
    assert "in _kind" in site.err
    assert "ArgumentError" in site.err


def test_a_plan_file_takes_no_looser_rights_from_the_one_before(site: Site) -> None:
    file = site.directory / "tonight.plan"
    file.write_text("old", encoding="utf-8")
    file.chmod(0o644)
    site("plan", "--out", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
