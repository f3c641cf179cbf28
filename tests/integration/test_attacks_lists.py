"""Lists, explanations and audits under bad names, bad places to write to, and readers that go."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from greffe.errors import Exit
from tests.integration.commandline import Site


def test_no_output_replaces_what_the_site_needs(site: Site) -> None:
    feed, config = site.directory / "ip.csv", site.directory / "greffe.toml"
    before = feed.read_bytes(), config.read_bytes()
    for file, what in ((feed, "is the feed ip"), (config, "is the configuration"), (Path("/dev/null"), "no ordinary file")):  # fmt: skip
        for words in (
            ("participants", "C1", "--out"), ("list", "no-method", "--out"), ("plan", "--out"), ("audit", "--html"),
            ("audit", "--fix-plan"), ("methods", "export", "--all", "--out"), ("backup",),
        ):  # fmt: skip
            if words[0] in ("participants", "list") and file != feed:
                continue  # no list's name
            code, _ = site(*words, str(file))
            assert (code, what in site.err) == (Exit.USAGE, True), (words, site.err)
    assert (feed.read_bytes(), config.read_bytes()) == before
    assert Path("/dev/null").is_char_device()


def greffe(site: Site, *words: str, shell: str) -> tuple[int, str]:
    """A process whose stdout a shell has done something to: its exit code, and what it said."""
    line = f'"$0" -m greffe "$@" {shell}; echo "ended ${{PIPESTATUS[0]}}" >&2'
    config = str(site.directory / "greffe.toml")
    done = subprocess.run(
        ["bash", "-c", line, sys.executable, "-c", config, *words],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    *said, ended = done.stderr.splitlines()
    return int(ended.removeprefix("ended ")), "\n".join(said)


@pytest.mark.parametrize("shell", ["| true", ">&-"])
def test_who_stops_reading_is_no_error(site: Site, shell: str) -> None:
    with site.site.rows() as rows:
        rows.insert(
            "course",
            [
                {"shortname": f"n{n}", "fullname": "n" * 200, "category": 1, "idnumber": ""}
                for n in range(300)
            ],
        )
    assert greffe(site, "list", "no-method", shell=shell) == (Exit.DONE, "")
    assert greffe(site, "list", "no-method", "--json", shell=shell) == (Exit.DONE, "")


def test_numbers_that_no_table_holds_are_nothings_names(site: Site) -> None:
    site("nightly")
    for number in ("9" * 5000, "9" * 20, str(1 << 63)):
        for words in (
            ("list", "cohort"), ("list", "students"), ("list", "courses"), ("list", "promotion"), ("history",),
            ("history", "--cohort"), ("history", "--person"), ("history", "--course"), ("why",), ("why", "s1"),
            ("why-not", "s1"), ("participants",), ("show", "1", "--cohort"), ("show", "1", "--person"),
        ):  # fmt: skip
            assert site(*words, number)[0] == Exit.USAGE, (words, len(number))
        if len(number) > 4300:  # not even Python reads it
            continue
        assert site("runs", "--limit", number)[0] == Exit.DONE
        assert site("show", "1", "--from", number)[0] == Exit.DONE
        assert site("history", "C1", "--limit", number)[0] == Exit.DONE


def test_nothing_is_the_name_of_no_cohort_although_one_has_it(site: Site) -> None:
    site.site.add_cohort("", name="without idnumber")
    site("nightly")
    for words in (
        ("list", "cohort"), ("list", "promotion"), ("history",), ("history", "--cohort"), ("show", "1", "--cohort"),
        ("plan", "--cohort"), ("release", "--cohort"), ("undo", "1", "--dry-run", "--cohort"),
    ):  # fmt: skip
        for blank in ("", " "):
            assert site(*words, blank)[0] == Exit.USAGE, words


def test_a_course_without_context_takes_no_list_down(site: Site) -> None:
    (row,) = site.site.fetch("SELECT id FROM {course} WHERE idnumber = 'C2'")
    site.site.execute("DELETE FROM {context} WHERE contextlevel = 50 AND instanceid = %s", row["id"])
    (method,) = site.site.fetch("SELECT id FROM {enrol} WHERE courseid = %s", row["id"])
    (person,) = site.site.fetch("SELECT id FROM {user} WHERE idnumber = 's1'")
    site.site.insert(
        "user_enrolments", enrolid=method["id"], userid=person["id"], status=0, timestart=0, timeend=0, modifierid=2,
        timecreated=1, timemodified=1,
    )  # fmt: skip
    site("nightly")
    code, found = site.json("list", "courses", "s1")
    assert (code, len(found["rows"])) == (Exit.DONE, 1)


def test_nobody_several_people_and_somebody_who_waits_are_three_answers(site: Site) -> None:
    site.deliver(["s1", "s2", "newcomer"])
    site.site.add_users([{"username": f"twin{n}", "idnumber": "twin"} for n in range(2)])
    site("nightly")
    ids = [row["id"] for row in site.site.fetch("SELECT id FROM {user} WHERE idnumber = 'twin' ORDER BY id")]
    for name, said, todo in (
        ("nobody", "there is nobody with", "spelling"),
        ("twin", f"several people answer to 'twin': id {ids[0]}, id {ids[1]}", "Give the id"),
        (
            "newcomer",
            "Moodle has no account for 'newcomer', whom the feed ip names",
            "`greffe why 'newcomer'`",
        ),
    ):
        for words in (
            ("list", "courses"),
            ("show", "1", "--person"),
            ("history", "--person"),
            ("plan", "--person"),
        ):
            code, found = site.json(*words, name)
            assert (code, said in found["error"], todo in found["todo"]) == (Exit.USAGE, True, True), (
                words,
                found,
            )
    assert site("why", "newcomer")[0] != Exit.USAGE
    assert (site("why", "nobody")[0], "there is nobody with" in site.err) == (Exit.USAGE, True)


def test_a_file_that_cannot_be_written_is_named_with_what_helps(site: Site) -> None:
    for ending in ("csv", "html", "xlsx", "ods", "json"):
        # the name is short enough, but not the one that it has while it is written
        file = site.directory / f"{'x' * 249}.{ending}"
        code, _ = site("participants", "C1", "--out", str(file))
        assert (code, f"{file}: File name too long" in site.err) == (Exit.USAGE, True)
        assert (".part" in site.err, "no list was written" in site.err) == (False, True)
    assert {p.name for p in site.directory.iterdir()} == {"greffe.toml", "ip.csv", "reports"}


def test_filters_are_known_by_the_words_that_are_shown(site: Site) -> None:
    site("nightly")
    for word in ("active", "Actif", "ACTIVE"):
        code, found = site.json("participants", "C1", "--status", word)
        assert (code, len(found["rows"]), found["asked"]["status"]) == (Exit.DONE, 100, ["active"])
    for word in ("Hors période", "hors periode", "not current"):
        assert site.json("participants", "C1", "--status", word)[1]["rows"] == []
    assert site("participants", "C1", "--status", "gone")[0] == Exit.USAGE
    for word in ("étudiant", "etudiant", "Étudiant", "student"):
        assert len(site.json("participants", "C1", "--role", word, "--language", "fr")[1]["rows"]) == 100
    code, _ = site("participants", "--category", "Nowhere")
    assert (code, "Category 1" in site.err) == (Exit.USAGE, True)
