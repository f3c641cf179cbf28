"""What holds for every command: help with examples, one JSON document, exit codes, errors without tracebacks."""

from __future__ import annotations

import importlib
import json
import pkgutil
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

import greffe.cli
from greffe import __version__
from greffe.cli import exits, run
from greffe.cli.app import app
from greffe.errors import Exit
from greffe.view.asked import SORTS

COMMANDS = [
    "setup", "init", "doctor", "plan", "apply", "nightly", "methods", "cohorts", "rollover", "enrol", "renew", "convert", "advise", "approve", "undo", "release", "runs", "show", "participants", "list", "why", "why-not", "history", "message", "messages", "health", "summary", "mail", "audit", "grants", "prune", "plugin", "backup", "restore", "migrate", "sql", "completion", "manual", "demo"
]  # fmt: skip
GROUPS = {"list": ["students"], "methods": ["sync"], "plugin": ["prepare"]}
"""Commands that are groups, with one of theirs."""
#: what each needs beside a configuration
ARGUMENTS = GROUPS | {
    "list": ["students", "A"],
    "apply": ["x.plan"],
    "approve": ["0123456789"],
    "rollover": ["--from", "2025", "--to", "2026", "--yes"],
    "undo": ["1", "--yes"],
    "release": ["A"],
    "enrol": [__file__, "--yes"],
    "renew": ["A", "--end", "none", "--yes"],
    "convert": ["A", "--from", "database", "--to", "manual", "--yes"],
    "advise": [__file__, "--course", "A"],
    "show": ["1"],
    "mail": ["--test"],
    "backup": ["x.jsonl.gz"],
    "participants": ["A"],
    "why": ["A"],
    "why-not": ["A", "B"],
    "history": ["A"],
    "message": ["A", "--subject", "S", "--body", __file__, "--from", "t", "--yes"],
}
SPEAKING = [
    "doctor",
    "plan",
    "apply",
    "nightly",
    "methods",
    "rollover",
    "enrol",
    "renew",
    "convert",
    "advise",
    "approve",
    "undo",
    "release",
    "runs",
    "show",
    "participants",
    "list",
    "why",
    "why-not",
    "history",
    "message",
    "messages",
    "summary",
    "mail",
    "audit",
    "grants",
    "plugin",
    "backup",
    "migrate",
    "sql",
]


def test_every_command_that_is_written_can_be_called() -> None:
    """A merge can lose the line by which a command is known."""
    written = {
        each
        for module in pkgutil.iter_modules(greffe.cli.__path__, "greffe.cli.")
        for each in vars(importlib.import_module(module.name)).values()
        if isinstance(each, click.Command)
    }
    context = click.Context(app)
    known = {command for name in COMMANDS if (command := app.get_command(context, name))}
    known |= {sub for group in known if isinstance(group, click.Group) for sub in group.commands.values()}
    assert written - {app} == {c for c in known if c.name != "demo"}


def test_commands_come_in_the_order_in_which_one_meets_them() -> None:
    assert app.list_commands(click.Context(app)) == COMMANDS


def test_whoever_sorts_or_filters_students_is_told_which_command_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["list", "students", "A", "--sort", "age"]) == Exit.USAGE
    said = capsys.readouterr().err
    assert f"`greffe participants COURSE` has it: --sort {'|'.join(SORTS)}" in said
    assert run(["list", "students", "A", "--role=student"]) == Exit.USAGE
    assert capsys.readouterr().err.endswith("has it: --role\n")
    assert run(["list", "students", "A", "--colour"]) == Exit.USAGE
    assert "participants" not in capsys.readouterr().err


@pytest.mark.parametrize("name", COMMANDS)
def test_help_gives_examples_and_exit_codes(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, *GROUPS.get(name, []), "--help"]) == 0
    text = capsys.readouterr().out
    examples = text.partition("Examples:")[2].partition("Exit codes:")
    assert f"greffe {name}" in examples[0] or f" {name}" in examples[0]
    assert "\n  0   " in examples[2]
    assert "--json" in text


@pytest.mark.parametrize("name", COMMANDS)
def test_examples_are_lines_that_parse(name: str) -> None:
    command = app.get_command(click.Context(app), name)
    assert command is not None
    if isinstance(command, click.Group):
        command = command.commands[GROUPS[name][0]]
    lines = [line.strip() for line in command.examples.strip().splitlines()]  # type: ignore[attr-defined]
    assert lines
    for line in lines:
        words = shlex.split(line.partition(" | ")[0])
        assert words[0] == "greffe"
        context = app.make_context("greffe", words[1:])
        found, _, rest = app.resolve_command(context, context._protected_args + context.args)
        assert found in COMMANDS
        sub = app.get_command(context, str(found))
        assert sub is not None
        sub.make_context(str(found), rest, parent=context).close()


def test_every_exit_code_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(exits.MEANING) == set(Exit)
    assert run(["--help"]) == 0
    text = capsys.readouterr().out
    for code in Exit:
        assert f"\n  {code.value:<2}  {exits.MEANING[code]}" in text


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"greffe {__version__}\n"


@pytest.mark.parametrize("name", SPEAKING)
def test_missing_configuration_is_two_lines(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "none.toml"
    assert run(["-c", str(file), name, *ARGUMENTS.get(name, [])]) == Exit.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        f"greffe: {file}: no such file",
        "→ Write one with `greffe init`, or name it with -c.",
    ]


@pytest.mark.parametrize("name", SPEAKING)
def test_an_error_is_a_json_document_too(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "none.toml"
    assert run(["-c", str(file), name, *ARGUMENTS.get(name, []), "--json"]) == Exit.USAGE
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["exit"] == 2
    assert document["kind"] == "ConfigError"
    assert document["error"] == f"{file}: no such file"
    assert err.startswith("greffe: ")


def test_the_environment_names_the_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GREFFE_CONFIG", str(tmp_path / "from-environment.toml"))
    assert run(["plan"]) == Exit.USAGE
    assert "from-environment.toml: no such file" in capsys.readouterr().err
    assert run(["-c", "named.toml", "plan"]) == Exit.USAGE
    assert "named.toml: no such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing"],
        ["nothing", "--json"],
        ["plan", "--nothing"],
        ["plan", "--nothing", "--json"],
        ["undo", "x"],
        ["show", "0"],
        ["show", "0", "--json"],
        ["release", "--all", "--json"],
        ["enrol", __file__, "--anonymise", "--report", "people.csv", "--yes"],
        ["advise", __file__, "--course", "A", "--anonymise", "--into", "advice"],
        ["apply"],
        ["apply", "--json"],
        ["plan", "--course", "\udce9t\udce9"],
        ["plan", "--course", "\udce9t\udce9", "--json"],
        ["-c", "\udcff.toml", "plan"],
    ],
)
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == Exit.USAGE
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    assert "Error: " in err
    if "--json" in arguments:
        document = json.loads(out)
        assert (document["exit"], document["kind"]) == (Exit.USAGE, "UsageError")
        assert document["error"] in err
        assert "--help" in document["todo"]
    else:
        assert out == ""


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    words: list[str | bytes] = [sys.executable, "-m", "greffe", "plan", "--course", b"\xe9t\xe9"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == Exit.USAGE
    assert r"argument 3 is no text in UTF-8: \xe9t\xe9" in done.stderr


def test_without_a_terminal_a_question_is_wrong_usage(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "greffe", "release", "--all"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == Exit.USAGE
    assert "give --yes" in done.stderr
    assert "interrupted" not in done.stderr


@pytest.mark.parametrize("words", [[], ["methods"]])
def test_summaries_of_commands_are_whole_in_80_columns(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run([*words, "--help"]) == 0
    commands = capsys.readouterr().out.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
    assert [line.split()[0] for line in commands] == (["apply", "export", "sync"] if words else COMMANDS)
    assert all(line.endswith(".") and not line.endswith("...") and len(line) <= 80 for line in commands)


def test_an_unreachable_database_ends_with_its_own_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "greffe.toml"
    file.write_text('[moodle]\ntype = "pgsql"\nhost = "127.0.0.1"\nport = 1\nname = "m"\nuser = "u"\n')
    assert run(["-c", str(file), "plan"]) == Exit.DATABASE
    err = capsys.readouterr().err
    assert err.startswith("greffe: ")
    assert "\n→ " in err
    assert "Traceback" not in err


def test_a_fault_shows_no_traceback_unless_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_path: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("greffe.config.load", broken)
    assert run(["plan"]) == Exit.BUG
    err = capsys.readouterr().err
    assert "fault in Greffe" in err
    assert "secret detail" not in err
    with pytest.raises(RuntimeError, match="secret detail"):
        run(["--debug", "plan"])


def test_an_interrupt_has_its_own_code(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_path: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("greffe.config.load", interrupted)
    assert run(["plan"]) == Exit.INTERRUPTED
    assert (
        capsys.readouterr()
        .err.strip()
        .startswith("greffe: interrupted\n→ What was not committed is not there.")
    )


def test_an_interrupt_at_a_question_has_begun_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("click.termui.visible_prompt_func", gone)
    monkeypatch.setattr("greffe.config.load", lambda _path: click.confirm("Take run 2 back?"))
    assert run(["plan"]) == Exit.INTERRUPTED
    said = capsys.readouterr().err
    assert "greffe: interrupted at the question: nothing was done" in said
    assert "finishes what is left" not in said


@pytest.mark.parametrize("expires", ["24", "tomorrow", "-1h", "1 h", "١h", "0h", "9" * 30 + "d"])
def test_an_approval_needs_a_duration(expires: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["approve", "0123456789", "--expires", expires]) == Exit.USAGE
    assert "24h" in capsys.readouterr().err


def test_sql_needs_no_connection(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "greffe.toml"
    file.write_text(
        '[moodle]\ntype = "mariadb"\nhost = "nowhere.invalid"\nname = "m"\nuser = "u"\nprefix = "m2_"\n'
    )
    assert run(["-c", str(file), "sql"]) == 0
    assert "lock_courses" in capsys.readouterr().out
    assert run(["-c", str(file), "sql", "lock_courses", "--json"]) == 0
    assert "`m2_course`" in json.loads(capsys.readouterr().out)["sql"]
    assert run(["-c", str(file), "sql", "nothing"]) == Exit.USAGE
    told = capsys.readouterr().err
    assert "→ `greffe sql` lists them all" in told
    assert len(told) < 200, "hundreds of names hide what is wrong"
    assert run(["-c", str(file), "sql", "lock_course"]) == Exit.USAGE
    assert "did you mean lock_courses" in capsys.readouterr().err


def test_init_writes_a_file_that_is_never_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "greffe.toml"
    assert run(["-c", str(file), "init"]) == 0
    text = file.read_text()
    assert "greffe doctor" in capsys.readouterr().out
    assert run(["-c", str(file), "init"]) == Exit.USAGE
    assert file.read_text() == text
    other = tmp_path / "other.toml"
    capsys.readouterr()
    assert run(["init", "--out", str(other), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"file": str(other), "notes": []}


def test_parsing_loads_no_driver_and_no_table() -> None:
    """A night without changes must not pay for what it does not use."""
    code = (
        "import sys; from greffe.cli import run; run(['nightly', '--help']);"
        "print(sorted({'rich', 'jinja2', 'psycopg', 'pymysql', 'msgspec'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"
