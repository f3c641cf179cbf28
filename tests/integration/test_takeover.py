"""``greffe init`` and ``greffe doctor`` on real sites."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from greffe.commands.doctor import doctor
from greffe.commands.init import init
from greffe.commands.plan import plan
from greffe.config import Config, load
from greffe.config.courses import Purge
from greffe.config.moodle import Moodle
from greffe.config.secret import Secret
from greffe.errors import ArgumentError, ConfigError, Exit, RefusedError
from greffe.moodle.database import Settings
from greffe.moodle.locks import SiteLocks
from tests.lab.site import MoodleSite


@dataclass
class University:
    """A site whose Moodle reads an external table, and is in step with it."""

    site: MoodleSite
    moodle: Moodle

    def set(self, name: str, value: str | None) -> None:
        self.site.execute("DELETE FROM {config_plugins} WHERE plugin = 'enrol_database' AND name = %s", name)
        if value is not None:
            self.site.insert("config_plugins", plugin="enrol_database", name=name, value=value)


@pytest.fixture
def university(moodle_site: MoodleSite, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> University:
    monkeypatch.setenv("GREFFE_MOODLE_PASSWORD", settings.password)
    monkeypatch.setenv("GREFFE_FEED_PASSWORD", settings.password)
    u = University(
        moodle_site,
        Moodle(
            type="mariadb" if settings.engine == "mariadb" else "pgsql",
            host=settings.host,
            port=settings.port,
            name=settings.name,
            user=settings.user,
            password=Secret(env="GREFFE_MOODLE_PASSWORD"),
        ),
    )
    for name, value in {
        "dbtype": "mysqli" if settings.engine == "mariadb" else "postgres8",
        "dbhost": f"{settings.host}:{settings.port}",
        "dbname": settings.name,
        "dbuser": settings.user,
        "dbpass": "s3cret",
        "remoteenroltable": "enr",
        "remotecoursefield": "CODE",
        "remoteuserfield": "NUM",
        "remoterolefield": "PROFIL",
        "ignorehiddencourses": "1",
        "unenrolaction": None,
    }.items():
        u.set(name, value)
    moodle_site.execute("CREATE TABLE enr (CODE varchar(20), NUM varchar(20), PROFIL varchar(20))")
    people = [moodle_site.add_user(f"u{n}", idnumber=f"{n:08}") for n in range(12)]
    for code, visible in (("ELP1", 1), ("ELP2", 1), ("CACHE", 0)):
        course = moodle_site.add_course(code, idnumber=code, visible=visible)
        (context,) = moodle_site.fetch(
            "SELECT id FROM {context} WHERE contextlevel = 50 AND instanceid = %s", course
        )
        # Moodle gives a hidden course the method as well, only nobody in it
        enrol = moodle_site.insert("enrol", enrol="database", courseid=course)
        for n, person in enumerate(people):
            role, profil = (3, "editingteacher") if n == 0 else (5, "") if n == 1 else (5, "student")
            moodle_site.execute("INSERT INTO enr VALUES (%s, %s, %s)", code, f"{n:08}", profil)
            if visible:
                moodle_site.insert(
                    "user_enrolments", enrolid=enrol, userid=person, timestart=0, timeend=0, modifierid=2
                )
                moodle_site.insert(
                    "role_assignments", roleid=role, contextid=context["id"], userid=person, component="enrol_database", itemid=enrol, timemodified=1, modifierid=2,
                )  # fmt: skip
    return u


def test_a_site_in_step_is_taken_over_without_a_change(university: University, tmp_path: Path) -> None:
    file = tmp_path / "greffe.toml"
    notes = init(file, moodle=university.moodle, from_enrol_database=True)
    text = file.read_text(encoding="utf-8")
    assert "s3cret" not in text
    assert any("GREFFE_FEED_PASSWORD" in note for note in notes)
    config = load(file)
    (rule,) = config.course
    assert (rule.leavers, rule.hidden_courses, rule.default_role, rule.match) == (
        "unenrol",
        "skip",
        "student",
        "idnumber",
    )
    assert rule.purge == Purge(with_grades=True)
    assert "deletes the person's grades" in text
    assert config.feed["external"].person == msgspec.convert(
        {"column": "person"}, type(config.feed["external"].who)
    )

    night = plan(config)
    assert night.feeds.bad == {}
    assert night.plan.courses == []
    # and it is no accident: one row more is one enrolment
    university.site.add_user("nouveau", idnumber="00000099")
    university.site.execute("INSERT INTO enr VALUES ('ELP1', '00000099', 'student')")
    later = plan(config)
    assert len(later.plan.courses) == 1


# setting, value, words of the refusal
REFUSED = [
    ("dbtype", "oci8po", "'oci8po'"),
    ("dbtype", "mssqlnative", "'mssqlnative'"),
    ("remoteotheruserfield", "AUTRE = 1", "remoteotheruserfield is more than a name"),
    ("localrolefield", "id", "localrolefield"),
    ("remoteuserfield", "NUM FROM x; DROP TABLE y; --", "remoteuserfield is more than a name"),
    ("remotecoursefield", "a--b", "remotecoursefield is more than a name"),
    ("dbhost", "host=x password=s3cret", "dbhost is more"),
    ("localuserfield", "phone1", "'phone1'"),
]


def test_what_cannot_be_taken_over(university: University, tmp_path: Path) -> None:
    file = tmp_path / "greffe.toml"
    for setting, value, words in REFUSED:
        (usual,) = university.site.fetch(
            "SELECT MIN(value) AS value FROM {config_plugins} WHERE plugin = 'enrol_database' AND name = %s",
            setting,
        )
        university.set(setting, value)
        with pytest.raises(RefusedError, match=words) as e:
            init(file, moodle=university.moodle, from_enrol_database=True)
        assert not file.exists()
        assert "s3cret" not in f"{e.value} {e.value.todo}"
        assert e.value.todo
        university.set(setting, usual["value"])


@pytest.mark.parametrize(
    ("cleared", "words"),
    [
        (["dbtype"], "dbtype is empty"),
        (["dbtype", "remoteenroltable", "remoteuserfield"], "dbtype, remoteenroltable, remoteuserfield are empty"),
    ],
)  # fmt: skip
def test_nothing_to_take_over_is_wrong_usage(
    university: University, tmp_path: Path, cleared: list[str], words: str
) -> None:
    for setting in cleared:
        university.set(setting, "")
    file = tmp_path / "greffe.toml"
    with pytest.raises(ArgumentError, match=words) as e:
        init(file, moodle=university.moodle, from_enrol_database=True)
    assert e.value.exit is Exit.USAGE
    assert "without --from-enrol-database" in e.value.todo
    assert not file.exists()


def test_a_prefix_without_moodle_is_named(university: University, tmp_path: Path) -> None:
    wrong = msgspec.structs.replace(university.moodle, prefix="nix_")
    with pytest.raises(ConfigError, match="the prefix 'nix_'"):
        init(tmp_path / "greffe.toml", moodle=wrong, from_enrol_database=True)


def test_other_settings(university: University, tmp_path: Path) -> None:
    for name, value in {
        "unenrolaction": "3", "remoterolefield": "", "defaultrole": "4", "localuserfield": "username", "localcoursefield": "shortname",
        "ignorehiddencourses": "0", "dbencoding": "iso-8859-1\n[hostile]", "dbsetupsql": "SET NAMES 'utf8'", "newcoursetable": "c", "dbuser": "a@b/c", "dbpass": "",
    }.items():  # fmt: skip
        university.set(name, value)
    file = tmp_path / "greffe.toml"
    notes = init(file, moodle=university.moodle, from_enrol_database=True)
    assert len(notes) == 3
    config = load(file)
    (rule,) = config.course
    assert (rule.leavers, rule.hidden_courses, rule.role, rule.default_role, rule.match) == (
        "suspend-no-roles", "enrol", "teacher", None, "shortname",
    )  # fmt: skip
    feed = config.feed["external"]
    assert feed.password is None
    assert feed.sql == "SELECT CODE AS course, NUM AS person FROM enr"
    assert feed.who is not None
    assert feed.who.match == "username"
    assert "a%40b%2Fc@" in str(feed.dsn)


def test_the_doctor_of_a_site_taken_over(university: University, tmp_path: Path, settings: Settings) -> None:
    file = tmp_path / "greffe.toml"
    init(file, moodle=university.moodle, from_enrol_database=True)
    config = load(file)
    found = doctor(config)
    assert [f for f in found if f.severity == "stop"] == []
    assert any("at every login it would undo" in f.what for f in found if f.severity == "warn")
    assert "[feed.external]: 36 rows" in "\n".join(f.what for f in found if f.severity == "ok")
    university.site.execute("DROP TABLE enr")
    bad = [f for f in doctor(config) if "[feed.external] cannot be trusted" in f.what]
    assert [f.severity for f in bad] == ["bad"]
    rule = msgspec.structs.replace(config.course[0], role="professeur", default_role=None)
    refused = [
        f.what for f in doctor(msgspec.structs.replace(config, course=[rule])) if f.severity == "refused"
    ]
    assert refused == ["[[course]] number 1 leads nowhere: role 'professeur' is no role of the site"]


def test_the_doctor_sees_another_greffe(university: University, settings: Settings) -> None:
    from greffe.moodle.database import connect

    other = connect(settings)
    with SiteLocks(other, university.moodle, settings):
        config = Config(moodle=msgspec.structs.replace(university.moodle, lock_wait="0s"))
        assert any("another greffe" in f.what for f in doctor(config) if f.severity == "stop")
    other.close()


def test_the_doctor_without_a_database(university: University) -> None:
    for wrong in (
        {"name": "greffe_no_such"},
        {"port": 1, "host": "127.0.0.1", "socket": None},
        {"user": "greffe_nobody"},
        {"password": Secret(env="GREFFE_NOT_SET")},
        {"config_php": "/nowhere/config.php"},
        {"prefix": "nix_"},
    ):
        found = doctor(Config(moodle=msgspec.structs.replace(university.moodle, **wrong)))
        assert [f.severity for f in found] == ["stop"], wrong
        assert found[0].todo


def test_an_existing_file_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "greffe.toml"
    file.write_text("mine")
    with pytest.raises(ConfigError, match="is there already"):
        init(file)
    assert file.read_text() == "mine"
