"""The same files through Moodle's own course upload and through ``greffe methods``: the same rows, but for what
docs/en/differences.md names."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from greffe.commands._file.batch import Asked, Batched
from greffe.commands.methods_file import methods_file
from greffe.config import parse
from greffe.errors import Exit
from greffe.intake.opening import open_batchfile
from greffe.intake.wants import Wants
from tests.integration.nights import NO_GUARDS
from tests.lab.site import MoodleSite
from tests.moodle.database import Database, connected
from tests.moodle.following.sides import Campus, nothing_left
from tests.moodle.following.steps import Day, Enrol, Group, Members, Step, Visit
from tests.moodle.goldens import OF_FILES, keep, states_in
from tests.moodle.links import plain, prepare
from tests.moodle.site import Site, Sites
from tests.moodle.sqlworld import SqlWorld
from tests.moodle.state import State, another_day, differences
from tests.moodle.tree import VERSIONS

UPLOAD = Path(__file__).parent / "php" / "upload_courses.php"
GOLDEN = OF_FILES / "upload-courses.json"
COHORTS = (
    "shortname,enrolment_1,enrolment_1_role,enrolment_1_cohortidnumber,enrolment_1_groupname,enrolment_1_disable,"
    "enrolment_1_delete"
)
META = "shortname,enrolment_1,enrolment_1_metacoursename,enrolment_1_addtogroup,enrolment_1_disable,enrolment_1_delete"


@dataclass(frozen=True)
class Evening:
    """What happened by day, and the files that both are given then."""

    day: tuple[Step, ...]
    files: tuple[tuple[str, ...], ...]


EVENINGS = (
    Evening(
        (
            Members("L1", ("a", "b", "c")),
            Members("L2", ("c", "d")),
            Enrol("PARENT", "e", "editingteacher"),
            Group("MED2", "Promo L2"),
        ),
        (
            (COHORTS, "MED1,cohort,student,L1,,0,0", "MED2,cohort,teacher,L2,Promo L2,0,0", "PARENT,cohort,student,L1,,0,0",
             "CHILD,cohort,student,L2,,1,0"),
            (META, "CHILD,meta,PARENT,0,0,0"),
        ),
    ),
    Evening(
        (Members("L1", ("b", "c", "d")), Visit("MED1", "a")),
        (
            (COHORTS, "MED1,cohort,student,L1,,1,0", "MED2,cohort,teacher,L2,,0,1", "PARENT,cohort,student,L1,,1,0"),
            (META, "CHILD,meta,PARENT,0,1,0"),
        ),
    ),
    Evening(
        (Members("L1", ("a", "b", "c", "d")), Visit("CHILD", "b")),
        (
            (COHORTS, "MED1,cohort,student,L1,,0,0", "PARENT,cohort,student,L1,,0,0", "CHILD,cohort,student,L2,,0,0"),
            (META, "CHILD,meta,PARENT,0,0,0"),
        ),
    ),
    Evening(
        (),
        (
            (COHORTS, "MED1,cohort,student,L1,,0,1", "CHILD,cohort,student,L2,,0,1"),
            (META, "CHILD,meta,PARENT,0,0,1"),
        ),
    ),
)  # fmt: skip


def upload(site: Site, lines: tuple[str, ...]) -> str:
    """What Moodle's own upload says of it."""
    return site.php(UPLOAD, stdin="\n".join(lines) + "\n")


def deliver(folder: Path, lines: tuple[str, ...]) -> Path:
    file = folder / "courses.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def greffe(database: Database, folder: Path, lines: tuple[str, ...]) -> Batched:
    config = parse({"moodle": database.configuration(), "guards": NO_GUARDS}, "test.toml")
    file = open_batchfile(deliver(folder, lines), wants=Wants.METHODS)
    done = methods_file(config, file, Asked(), with_grades=True)
    assert done.result is not None, list(done.lines.told())
    assert (done.result.exit, done.refused) == (Exit.DONE, [])
    return done


def told(database: Database, days: int) -> State:
    """Rows by meaning. When an instance was last written is not compared, nor who was marked dirty: Moodle's upload writes each
    instance that it meets once more (differences.md, file-clock), and marks the course of a new one. Nor is the role of a meta
    link, which has none: NULL by the upload, 0 by Moodle's own page and by Greffe."""
    state = plain(database, days)
    for row in state["enrol"]:
        del row["timemodified"]
        if row["enrol"] == "meta":
            del row["roleid"]
    state.pop("cache_flags", None)
    return state


def play(database: Database, give: Callable[[tuple[str, ...]], object]) -> list[State]:
    states = []
    for days, evening in enumerate(EVENINGS, 1):
        Day(database).live(evening.day)
        another_day(database)
        for lines in evening.files:
            give(lines)
        states.append(told(database, days))
    return states


@pytest.mark.moodle
@pytest.mark.parametrize("version", VERSIONS)
def test_the_same_rows_as_moodles_course_upload(
    version: str, moodles: Sites, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    site = moodles(version)
    site.reset()
    with site.database() as database:
        prepare(Campus(site, database))
        # the methods were switched on behind Moodle's back
        shutil.rmtree(site.dataroot / "cache" / "cachestore_file", ignore_errors=True)

        def by_moodle(lines: tuple[str, ...]) -> None:
            said = upload(site, lines)
            assert f"Courses updated: {len(lines) - 1}" in said, said

        moodle = play(database, by_moodle)
    if request.config.getoption("--record", default=False):
        keep(GOLDEN, moodle, about="what tool_uploadcourse leaves of methods")
    assert not differences(states_in(GOLDEN), moodle)
    site.reset()
    with site.database() as database:
        prepare(Campus(site, database))

        def by_greffe(lines: tuple[str, ...]) -> None:
            greffe(database, tmp_path, lines)
            nothing_left(site, database)

        assert not differences(moodle, play(database, by_greffe))


def test_greffe_writes_the_golden_rows(moodle_site: MoodleSite, tmp_path: Path) -> None:
    with connected(moodle_site.server, moodle_site.dbname) as database:
        prepare(SqlWorld(database))
        assert not differences(
            states_in(GOLDEN), play(database, lambda lines: greffe(database, tmp_path, lines))
        )


TWO = (
    "shortname,enrolment_1,enrolment_1_role,enrolment_1_cohortidnumber,enrolment_2,enrolment_2_role,enrolment_2_cohortidnumber",
    "MED1,cohort,student,L1,cohort,student,L2",
)
ROLE = (COHORTS, "MED1,cohort,teacher,L1,,0,0")
GROUP = (COHORTS, "MED1,cohort,student,L1,Tous,0,0")
NEW_GROUP = (COHORTS, "MED1,cohort,student,L1,Nouveau,0,0")
#: the file, and then: (cohort, role, whether it has a group) of MED1's methods by Moodle, and by Greffe
WRONG = {
    "file-two-methods": (
        TWO,
        [("L2", "student", False)],
        [("L1", "student", False), ("L2", "student", False)],
    ),
    "file-role": (
        ROLE,
        [("L1", "student", False), ("L1", "teacher", False)],
        [("L1", "teacher", False)],
    ),
    "file-group": (NEW_GROUP, [("L1", "student", False)], [("L1", "student", True)]),
    "file-group-later": (GROUP, [("L1", "student", False)], [("L1", "student", True)]),
}


@pytest.mark.moodle
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("case", WRONG)
def test_what_moodles_course_upload_does_otherwise(
    version: str, case: str, moodles: Sites, tmp_path: Path
) -> None:
    lines, by_moodle, by_greffe = WRONG[case]
    before = () if case == "file-two-methods" else (COHORTS, "MED1,cohort,student,L1,,0,0")
    docs = Path(__file__).parents[2] / "docs"
    for language in ("en", "fr"):
        assert f'<a id="{case}">' in (docs / language / "differences.md").read_text(encoding="utf-8")
    site = moodles(version)
    for expected, plays in ((by_moodle, "moodle"), (by_greffe, "greffe")):
        site.reset()
        with site.database() as database:
            prepare(Campus(site, database))
            people = Members("L1", ("a", "b")), Members("L2", ("c",))
            Day(database).live((*people, Group("MED1", "Tous")))
            for given in (before, lines):
                if given and plays == "moodle":
                    upload(site, given)
                elif given:
                    greffe(database, tmp_path, given)
            assert methods(database) == expected


def methods(database: Database) -> list[tuple[str, str, bool]]:
    found = database.query(
        "SELECT k.idnumber, r.shortname, COALESCE(e.customint2, 0) FROM mdl_enrol e JOIN mdl_course c ON c.id = e.courseid"
        " JOIN mdl_cohort k ON k.id = e.customint1 JOIN mdl_role r ON r.id = e.roleid"
        " WHERE e.enrol = 'cohort' AND c.idnumber = 'MED1' ORDER BY k.idnumber, r.shortname"
    )
    return [(str(k), str(r), bool(g)) for k, r, g in found]
