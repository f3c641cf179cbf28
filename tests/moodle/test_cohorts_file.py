"""The same files through Moodle's own upload of cohorts and through ``greffe cohorts``: the same rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from greffe.commands._file.batch import Asked, Batched
from greffe.commands.cohorts_file import cohorts_file
from greffe.config import parse
from greffe.errors import Exit
from greffe.intake.opening import open_batchfile
from greffe.intake.wants import Wants
from tests.lab.site import MoodleSite
from tests.moodle.cohorts import OWN, PEOPLE, PHP, prepare, state
from tests.moodle.database import Database, connected
from tests.moodle.goldens import OF_FILES
from tests.moodle.site import Site, Sites
from tests.moodle.snapshot import checksums
from tests.moodle.tree import VERSIONS

UPLOAD = Path(__file__).parent / "php" / "upload_cohorts.php"
GOLDEN = OF_FILES / "upload-cohorts.json"
COHORTS = (
    "name,idnumber,description,category_idnumber,visible",
    "Première année,L1,<p>Inscrits</p>,SANTE,1",
    "Deuxième année,L2,,,no",
    "\"Troisième, dite L3\",L3,,SANTE,",
)  # fmt: skip
MEMBERS = [("add", "L1", PEOPLE[:4]), ("add", "L2", PEOPLE[2:]), ("del", "L1", PEOPLE[:1])]


def greffe(database: Database, folder: Path, lines: tuple[str, ...], **asked: Any) -> Batched:
    file = folder / "cohorts.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    config = parse({"moodle": database.configuration()}, "test.toml")
    return cohorts_file(config, open_batchfile(file, wants={Wants.COHORTS, Wants.MEMBERS}), Asked(**asked))


def upload(site: Site, lines: tuple[str, ...]) -> str:
    """What Moodle's page says of them; '' where it is content."""
    return site.php(UPLOAD, "comma", stdin="\n".join(lines) + "\n")


@pytest.mark.moodle
@pytest.mark.parametrize("version", VERSIONS)
def test_the_same_rows_as_moodles_cohort_upload(
    version: str, moodles: Sites, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    site = moodles(version)
    site.reset()
    with site.database() as database:
        prepare(site, database, plugin=False)
        assert upload(site, COHORTS) == ""
        words = {"add": "join", "del": "leave"}
        steps = [{"step": words[do], "cohort": cohort, "people": people} for do, cohort, people in MEMBERS]
        site.php(PHP, stdin=json.dumps(steps))
        moodle = state(database)
    if request.config.getoption("--record", default=False):
        GOLDEN.write_text(
            json.dumps(elsewhere(moodle), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    assert elsewhere(moodle) == golden()
    site.reset()
    with site.database() as database:
        prepare(site, database, plugin=False)
        before = checksums(database)
        by_files(database, tmp_path)
        after = checksums(database)
        changed = {t for t in after if after[t] != before.get(t) and not t.startswith("mdl_local_greffe_")}
        assert changed <= OWN
        assert state(database) == moodle


def by_files(database: Database, folder: Path) -> None:
    """The cohorts, and their members, one file after the other."""
    assert done(greffe(database, folder, COHORTS))
    for do in ("add", "del"):
        lines = tuple(f"{do},{c},{p}" for action, c, people in MEMBERS if action == do for p in people)
        assert done(greffe(database, folder, lines))


def golden() -> dict[str, Any]:
    """As Moodle once left them."""
    kept: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return kept


def test_greffe_writes_the_golden_rows(moodle_site: MoodleSite, tmp_path: Path) -> None:
    category = moodle_site.insert("course_categories", name="SANTE", idnumber="SANTE", path="/2", depth=1)
    moodle_site.insert("context", contextlevel=40, instanceid=category, path=f"/1/{category}", depth=2)
    moodle_site.add_users([{"username": p, "idnumber": p} for p in PEOPLE])
    with connected(moodle_site.server, moodle_site.dbname) as database:
        by_files(database, tmp_path)
        assert elsewhere(state(database)) == golden()


def elsewhere(found: dict[str, Any]) -> dict[str, Any]:
    """The same on any copy of a site: whether a cohort is the whole site's, or of the one category."""
    rows = [row | {"contextid": int(row["contextid"] == 1)} for row in found["cohort"]]
    return found | {"cohort": rows}


def done(found: Batched) -> bool:
    return found.result is not None and found.result.exit is Exit.DONE and not found.lines.refused


@pytest.mark.moodle
@pytest.mark.parametrize("version", VERSIONS)
def test_what_moodles_cohort_upload_does_otherwise(version: str, moodles: Sites, tmp_path: Path) -> None:
    site = moodles(version)
    site.reset()
    with site.database() as database:
        prepare(site, database, plugin=False)
        assert done(greffe(database, tmp_path, COHORTS))
        again = (COHORTS[0], "Nouveau nom,L1,,,1")
        assert "row 1:" in upload(site, again)  # file-existing-cohort
        assert done(greffe(database, tmp_path, again))
        assert database.query("SELECT name FROM mdl_cohort WHERE idnumber = 'L1'") == [("Nouveau nom",)]

        astray = (COHORTS[0], "Ailleurs,L9,,NULLE PART,1")  # file-category
        refused = greffe(database, tmp_path, astray)
        assert (refused.result, len(refused.lines.refused)) == (None, 1)
        assert upload(site, astray) == ""
        assert database.query(
            "SELECT x.contextlevel FROM mdl_cohort k JOIN mdl_context x ON x.id = k.contextid WHERE k.idnumber = 'L9'"
        ) == [(10,)]
