"""Greffe's own tables set aside for Moodle's plugin, and taken back, without a Moodle that takes them over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from greffe.cli import running
from greffe.commands.plugin import finish, prepare
from greffe.commands.runs import runs
from greffe.errors import ArgumentError, Exit, SiteNotReadyError
from greffe.moodle.owntables import META, aside, tables
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite
from tests.lab.toml import moodle_table


@pytest.fixture
def nights(moodle_site: MoodleSite, tmp_path: Path) -> Nights:
    """A site on which one night was run, with one person in one course and one who waits."""
    moodle_site.add_course("LAW1", idnumber="LAW1")
    moodle_site.add_user("u1", idnumber="1")
    made = Nights(moodle_site, tmp_path)
    made.feed("ip", "course;who", ["LAW1;1", "LAW1;2"], unknown_people="none")
    made.rule("ip", role="student")
    assert made.night().counts["enrol"] == 1
    return made


def content(site: MoodleSite) -> dict[str, list[dict[str, Any]]]:
    return {t: site.fetch(f"SELECT * FROM {{{t}}} ORDER BY id") for t in tables(site.engine)}


def pose_as_installed(site: MoodleSite) -> None:
    site.insert("config_plugins", plugin="local_greffe", name="version", value="2026112500")


def test_there_and_back(nights: Nights) -> None:
    config, before = nights.config(), content(nights.site)
    assert not finish(config).done
    assert not prepare(config, back=True).done
    looked = prepare(config, dry_run=True)
    assert looked.statements
    assert not looked.done
    assert content(nights.site) == before
    assert prepare(config).done
    for command in (nights.night, lambda: runs(config), lambda: finish(config)):
        with pytest.raises(SiteNotReadyError) as error:
            command()
        assert "--back" in error.value.todo
    assert not prepare(config).done
    assert prepare(config, back=True).done
    assert content(nights.site) == before
    assert nights.night().run == 2


def test_another_greffe_is_at_work(nights: Nights) -> None:
    from greffe.commands._session import open_site

    nights.more["moodle"] = {"lock_wait": "1s"}
    with open_site(nights.config()) as session, session.locked(()), pytest.raises(SiteNotReadyError):
        prepare(nights.config())


def test_cut_off_in_the_middle(nights: Nights) -> None:
    """MariaDB renames one table at a time: whatever is left where, nothing is made anew, and the same command goes on."""
    config, before = nights.config(), content(nights.site)
    statements = prepare(config, dry_run=True).statements
    for done in range(1, len(statements)):
        nights.site.execute(statements[done - 1])
        with pytest.raises(SiteNotReadyError):
            nights.night()
    nights.site.execute(statements[-1])
    back = prepare(config, back=True, dry_run=True).statements
    nights.site.execute(back[0])
    with pytest.raises(SiteNotReadyError):
        nights.night()
    assert prepare(config, back=True).done
    assert content(nights.site) == before


def test_what_a_cut_off_installer_left(nights: Nights) -> None:
    config, before = nights.config(), content(nights.site)
    prepare(config)
    made = "CREATE TABLE {local_greffe_run} (id BIGINT)"
    nights.site.execute(made)
    with pytest.raises(SiteNotReadyError):
        nights.night()
    assert prepare(config).done
    assert nights.site.fetch(
        "SELECT * FROM {local_greffe_meta}".replace("{local_greffe_meta}", _kept(nights))
    )
    nights.site.execute(made)
    nights.site.execute("INSERT INTO {local_greffe_run} (id) VALUES (1)")
    for back in (False, True):
        with pytest.raises(ArgumentError, match="holds rows"):
            prepare(config, back=back)
    nights.site.execute("DELETE FROM {local_greffe_run}")
    assert prepare(config, back=True).done
    assert content(nights.site) == before


def _kept(nights: Nights) -> str:
    return aside(nights.site.prefix, META)


def test_beside_the_plugin(nights: Nights) -> None:
    """Once Moodle knows the plugin, the tables in this place are Moodle's."""
    config = nights.config()
    pose_as_installed(nights.site)
    with pytest.raises(ArgumentError, match="already"):
        prepare(config)
    nights.site.execute("DELETE FROM {config_plugins} WHERE plugin = 'local_greffe'")
    prepare(config)
    pose_as_installed(nights.site)
    with pytest.raises(ArgumentError, match="own tables"):
        prepare(config, back=True)
    # its tables are there, and not filled yet
    nights.site.execute("CREATE TABLE {local_greffe_meta} (id BIGINT, name VARCHAR(50), value VARCHAR(255))")
    assert not prepare(config).done
    with pytest.raises(SiteNotReadyError, match="set aside"):
        nights.night()


def test_a_fresh_installation_that_has_not_ended(moodle_site: MoodleSite, tmp_path: Path) -> None:
    nights = Nights(moodle_site, tmp_path)
    moodle_site.execute("CREATE TABLE {local_greffe_meta} (id BIGINT, name VARCHAR(50), value VARCHAR(255))")
    pose_as_installed(moodle_site)
    with pytest.raises(SiteNotReadyError, match="not ended"):
        nights.night()


def test_beside_moodles_installer(moodle_site: MoodleSite, tmp_path: Path) -> None:
    nights = Nights(moodle_site, tmp_path)
    moodle_site.execute("DELETE FROM {config} WHERE name = 'upgraderunning'")
    moodle_site.insert("config", name="upgraderunning", value="4000000000")
    with pytest.raises(SiteNotReadyError, match="upgrade of Moodle"):
        nights.night()
    with pytest.raises(Exception, match="local_greffe_meta"):
        moodle_site.fetch("SELECT * FROM {local_greffe_meta}")


def test_names_that_moodles_schema_check_does_not_count() -> None:
    for prefix in ("mdl_", "a", "aside_", "kept_", "k", "m2_", ""):
        name = aside(prefix, META)
        assert not prefix or not name.startswith(prefix)
        assert prefix + META in name


def test_on_the_command_line(nights: Nights, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "greffe.toml"
    nights.config()  # the password stands in the environment from here on
    file.write_text(moodle_table(nights.site.server, nights.site.dbname), encoding="utf-8")

    def greffe(*arguments: str) -> tuple[int, str]:
        code = running.run(["-c", str(file), "plugin", *arguments])
        return code, capsys.readouterr().out

    assert greffe("finish") == (Exit.DONE, "There is nothing to do.\n")
    code, out = greffe("prepare", "--dry-run")
    assert code == Exit.CHANGES_PENDING
    assert out.count("RENAME") >= len(tables(nights.site.engine))
    code, out = greffe("prepare", "--json")
    assert (code, json.loads(out)["done"]) == (Exit.DONE, True)
    assert "upgrade.php" in json.loads(out)["next"]
    code, out = greffe("finish")
    assert code == Exit.NOT_READY
    code, out = greffe("prepare", "--back")
    assert (code, out) == (Exit.DONE, "Greffe's tables are back. Greffe works as before.\n")
    code, out = greffe("prepare", "--back")
    assert (code, out) == (Exit.DONE, "There is nothing to do. Greffe works as before.\n")
