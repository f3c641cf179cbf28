"""``greffe setup`` in a directory that stands for a machine's root: what it makes, what it leaves alone, whom it refuses."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from greffe.cli import run
from greffe.cli.app import app
from greffe.cli.manual import manual
from greffe.commands.setup import setup
from greffe.config import load
from greffe.errors import ArgumentError, ConfigError, Exit
from greffe.setup.written import State

PROGRAM = Path("/bin/true")
UNITS = ("greffe@.service", "greffe@.timer", "greffe-failed@.service")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The root of a machine without accounts."""
    (tmp_path / "etc").mkdir()
    for name in ("passwd", "group", "shadow", "gshadow"):
        (tmp_path / "etc" / name).touch()
    return tmp_path


def files(root: Path) -> dict[str, tuple[int, int, bytes | None]]:
    """Path → mode, when it was changed, content."""
    return {
        str(p.relative_to(root)): (p.stat().st_mode & 0o777, p.stat().st_mtime_ns, p.read_bytes() if p.is_file() else None)
        for p in root.rglob("*")
    }  # fmt: skip


def states(root: Path, *, yes: bool = False, cron: bool = False) -> dict[str, str]:
    done = setup("ecampus", PROGRAM, {"man/man1/greffe.1": "page\n"}, root=root, yes=yes, cron=cron)
    return {i.path.removeprefix(str(root)): i.state for i in done.items}


def test_looking_writes_nothing(machine: Path) -> None:
    before = files(machine)
    assert set(states(machine).values()) == {"make"}
    assert files(machine) == before


def test_all_of_it_and_a_second_time_nothing(machine: Path) -> None:
    assert states(machine, yes=True)["/etc/greffe/ecampus.toml"] == "make"
    after = files(machine)
    modes = {path: oct(mode) for path, (mode, _, _) in after.items()}
    assert modes["etc/greffe"] == "0o750"
    assert modes["etc/greffe/ecampus.toml"] == modes["etc/greffe/ecampus.env"] == "0o640"
    assert modes["var/lib/greffe/ecampus/reports"] == modes["var/log/greffe"] == "0o750"
    assert all(modes[f"etc/systemd/system/{u}"] == "0o644" for u in UNITS)
    ((_, _, user, group, *_),) = [
        line.split(":") for line in (machine / "etc/passwd").read_text().splitlines()
    ]
    for path, owner in (("etc/greffe/ecampus.toml", 0), ("var/lib/greffe/ecampus", int(user))):
        there = (machine / path).stat()
        assert (there.st_uid, there.st_gid) == (owner, int(group))
    assert set(states(machine).values()) == set(states(machine, yes=True).values()) == {"keep"}
    assert files(machine) == after


def test_the_configuration_is_one_to_fill_in(machine: Path) -> None:
    states(machine, yes=True)
    raw = tomllib.loads((machine / "etc/greffe/ecampus.toml").read_text())
    assert raw == {"moodle": {}, "run": {"reports": "/var/lib/greffe/ecampus/reports"}}
    assert load(machine / "etc/greffe/ecampus.toml").run.reports


def test_what_somebody_wrote_is_never_replaced(machine: Path) -> None:
    states(machine, yes=True)
    unit, config = machine / "etc/systemd/system/greffe@.service", machine / "etc/greffe/ecampus.toml"
    unit.write_text(unit.read_text().replace("Nice=10", "Nice=5"))
    config.write_text("[moodle]\n")
    for _ in range(2):
        assert states(machine, yes=True)["/etc/systemd/system/greffe@.service.new"] == State.BESIDE
        assert "Nice=5" in unit.read_text()
        assert "Nice=10" in unit.with_name("greffe@.service.new").read_text()
        assert config.read_text() == "[moodle]\n"


def test_what_an_older_greffe_wrote_is_brought_up_to_date(machine: Path) -> None:
    setup("ecampus", Path("/bin/false"), {}, root=machine, yes=True)
    unit = machine / "etc/systemd/system/greffe@.service"
    assert "ExecStart=/bin/false " in unit.read_text()
    assert states(machine, yes=True)["/etc/systemd/system/greffe@.service"] == "replace"
    assert "ExecStart=/bin/true " in unit.read_text()
    assert not list(unit.parent.glob("*.new"))


def test_cron(machine: Path) -> None:
    states(machine, yes=True, cron=True)
    assert not (machine / "etc/systemd").exists()
    text = (machine / "etc/cron.d/greffe-ecampus").read_text()
    line = text.splitlines()[-1]
    assert line.startswith("#30 3 * * *  greffe  ")  # nothing runs before somebody has looked
    script = (
        line.partition("greffe  ")[2].replace("/etc/", f"{machine}/etc/").replace("/var/", f"{machine}/var/")
    )
    log = machine / "var/log/greffe/ecampus.log"
    (machine / "etc/greffe/ecampus.env").write_text("SECRET='a b'\n")
    for code, mailed in ((0, ""), (10, ""), (4, "told a b\n")):
        program = machine / "program"
        program.write_text(f'#!/bin/sh\necho "told $SECRET"\nexit {code}\n')
        program.chmod(0o755)
        words = ["/bin/sh", "-c", script.replace("/bin/true", str(program))]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert (done.stdout, done.stderr) == (mailed, "")
        assert log.read_text() == "told a b\n"


@pytest.mark.parametrize("zone", ["Europe/Paris", "Europe/London", "America/Martinique", "America/Miquelon"])
def test_no_day_is_without_its_night_where_clocks_are_changed(machine: Path, zone: str) -> None:
    setup("ecampus", PROGRAM, {}, root=machine, yes=True)
    timer = (machine / "etc/systemd/system/greffe@.timer").read_text()
    (when,) = re.findall(r"^OnCalendar=(.+)$", timer, re.MULTILINE)
    for before, days in (
        ("2026-10-23 12:00", ["10-24", "10-25", "10-26"]),
        ("2026-10-30 12:00", ["10-31", "11-01", "11-02"]),
        ("2027-03-12 12:00", ["03-13", "03-14", "03-15"]),
        ("2027-03-26 12:00", ["03-27", "03-28", "03-29"]),
    ):
        words = ["systemd-analyze", "calendar", f"--base-time={before}", "--iterations=3", when]
        told = subprocess.run(
            words, env=os.environ | {"TZ": zone, "LC_ALL": "C"}, capture_output=True, text=True, check=True
        )
        assert re.findall(r"(?:elapse|Iter\. #\d): \w+ \d{4}-(\d\d-\d\d)", told.stdout) == days


@pytest.mark.parametrize("name", ["", "E", "a b", "../x", "-a", "a.b", "é", "a" * 33])
def test_names_that_cannot_be(machine: Path, name: str) -> None:
    with pytest.raises(ArgumentError, match="cannot be the name"):
        setup(name, PROGRAM, {}, root=machine, yes=True)


def test_a_directory_for_a_trial_is_empty_at_first(tmp_path: Path) -> None:
    assert set(states(tmp_path).values()) == {"make"}
    assert states(tmp_path, yes=True)["greffe"] == "make"
    assert set(states(tmp_path).values()) == {"keep"}


def test_a_config_php_that_cannot_be_read_stops_all_of_it(machine: Path) -> None:
    before = files(machine)
    for yes in (False, True):
        with pytest.raises(ConfigError, match=r"/nope/config\.php"):
            setup("ecampus", PROGRAM, {}, config_php=Path("/nope/config.php"), root=machine, yes=yes)
    assert files(machine) == before


def test_a_program_in_somebodys_home(machine: Path) -> None:
    """What pipx installs for root alone: the account could not run it."""
    home = machine / "home"
    home.mkdir(mode=0o700)
    program = home / "greffe"
    program.touch(0o755)
    link = machine / "greffe"
    link.symlink_to(program)
    for named in (program, link):
        with pytest.raises(ArgumentError) as error:
            setup("ecampus", named, {}, root=machine)
        assert "PIPX_HOME=/opt/pipx" in error.value.todo
    for odd in ("a b", "50%", "$HOME", "a;b", "a\nb", "a'b"):
        program = machine / odd / "greffe"
        program.parent.mkdir()
        program.touch(0o755)
        with pytest.raises(ArgumentError, match="cannot stand in a unit"):
            setup("ecampus", program, {}, root=machine)
    for named in (Path("greffe"), machine / "none"):
        with pytest.raises(ArgumentError, match="no program"):
            setup("ecampus", named, {}, root=machine)


def test_without_root_it_is_said(
    machine: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    words = ["setup", "ecampus", "--program", "/bin/true", "--root", str(machine)]
    assert run([*words, "--yes"]) == Exit.USAGE
    assert (
        "greffe: only root may set a machine up\n→ Run the same command with sudo" in capsys.readouterr().err
    )
    assert run(words) == Exit.CHANGES_PENDING
    assert "would be made" in capsys.readouterr().out


@pytest.mark.parametrize("most", [20])
def test_the_units_are_right_and_closed(machine: Path, most: int) -> None:
    """As systemd judges them: no word that it does not know, and an exposure of 2.0 of 10 at most."""
    states(machine, yes=True)
    room = machine / "etc/systemd/system"
    names = [u.replace("@", "@ecampus") for u in UNITS]
    verify = ["systemd-analyze", "verify", "--man=no", *(str(room / n) for n in names)]
    done = subprocess.run(verify, capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if "greffe" in line]
    assert (done.returncode, ours) == (0, [])
    for unit in (UNITS[0], UNITS[2]):
        secure = ["systemd-analyze", "security", "--offline=true", f"--threshold={most}", str(room / unit)]
        done = subprocess.run(secure, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-400:] + done.stderr


def test_what_systemd_does_with_each_exit_code(machine: Path) -> None:
    """The documented table: docs/en/installation.md."""
    states(machine, yes=True)
    unit = (machine / "etc/systemd/system/greffe@.service").read_text()
    good = re.findall(r"^SuccessExitStatus=(.*)$", unit, re.MULTILINE)[0].split()
    at_once = re.findall(r"^RestartPreventExitStatus=(.*)$", unit, re.MULTILINE)[0].split()
    assert "Restart=on-failure" in unit
    ends = {
        Exit.BUG,
        Exit.USAGE,
        Exit.HELD,
        Exit.PARTIAL,
        Exit.NOT_READY,
        Exit.DATABASE,
        Exit.INTERRUPTED,
        Exit.REFUSED,
    }
    told = {
        int(e): "good" if str(int(e)) in good else "at once" if str(int(e)) in at_once else "again"
        for e in ends
    }
    for language, words in (
        ("en", {"success": "good", "failure at once": "at once", "tried again": "again"}),
        ("fr", {"succès": "good", "échec immédiat": "at once", "nouvel essai": "again"}),
    ):
        page = (Path(__file__).parents[2] / "docs" / language / "installation.md").read_text(encoding="utf-8")
        rows = re.findall(r"^\| (\d+) \|.*\| ([^|]+) \|$", page, re.MULTILINE)
        assert {int(code): words[what] for code, what in rows if code != "0"} == told


def test_the_manual_has_every_command_and_option() -> None:
    page = manual(app)
    for name in app.list_commands(click.Context(app)):
        command = app.get_command(click.Context(app), name)
        assert command is not None
        title = name.replace("-", r"\-")
        assert f'.SS "greffe {title}"' in page
        for option in command.params:
            if isinstance(option, click.Option) and not option.hidden:
                assert option.opts[0].replace("-", r"\-") in page, f"{name} {option.opts[0]}"
    assert not re.search(r"^'", page, re.MULTILINE)


def test_completion_completes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", "bash"]) == Exit.DONE
    script = tmp_path / "greffe.bash"
    script.write_text(capsys.readouterr().out)
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    program = bin_ / "greffe"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m greffe "$@"\n')
    program.chmod(0o755)
    ask = f'. {script}; COMP_WORDS=(greffe ni); COMP_CWORD=1; _greffe_completion greffe; echo "${{COMPREPLY[@]}}"'
    env = {**os.environ, "PATH": f"{bin_}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True, env=env)
    assert done.stdout == "nightly\n"
    for shell, words in (("zsh", "#compdef greffe"), ("fish", "complete --no-files --command greffe")):
        assert run(["completion", shell]) == Exit.DONE
        assert words in capsys.readouterr().out
    assert run(["completion", "csh"]) == Exit.USAGE
