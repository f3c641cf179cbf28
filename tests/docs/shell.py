"""The lines of the pages as a shell reads them: which are typed, which are only looked at, how they may end."""

from __future__ import annotations

import re
import shlex

import click

from greffe.cli.app import app
from greffe.errors import Exit
from tests.docs import pages
from tests.docs.pages import Command

ELSEWHERE = frozenset(
    ["alias", "apt", "apt-get", "cat", "cd", "chgrp", "chmod", "chown", "cp", "crontab", "curl", "docker", "echo", "export", "git", "grep", "install", "journalctl", "jq", "ldapsearch", "less", "ln", "loginctl", "ls", "man", "mkdir", "mkfs", "mysql", "php", "pip", "pip-audit", "pipx", "podman", "ps", "psql", "python", "python3", "rm", "rsync", "runuser", "setfacl", "source", "su", "systemctl", "systemd-analyze", "tail", "tar", "touch", "useradd", "watch", "wget", "ci/bench", "ci/demo", "ci/docs", "ci/image", "ci/lint", "ci/test", "ci/release", "mariadb", "mariadb-dump", "mysqldump", "pg_dump", "/opt/greffe/bin/pip"]
)  # fmt: skip
"""First words of lines that need another machine: only their syntax is looked at."""

TYPED = frozenset(
    [
        "", "advise", "apply", "approve", "audit", "backup", "cohorts", "completion", "convert", "doctor", "enrol", "grants",
        "health", "history", "init", "list", "mail", "manual", "messages", "methods", "migrate", "nightly", "participants", "plan",
        "plugin prepare", "prune", "release", "renew", "restore", "rollover", "runs", "setup", "show", "sql", "summary", "undo",
        "why", "why-not",
    ]
)  # fmt: skip
"""Commands that touch nothing but the database of the site that the configuration names, and files that they are told to
write. Any other is an error and is not typed: these tests may run as root, on a machine that is somebody's."""

NOT_RUN = {
    r"demo\b": "makes sites of its own: tests/integration/test_demo.py and test_demo_kept.py run it whole",
    r"message\b": "needs Moodle's plugin and its rights: tests/plugin/test_messages.py sends real ones",
    r"plugin finish\b": "only after Moodle's own upgrade: tests/plugin/test_install.py runs both",
    r"setup\b.* --yes\b": "changes the machine: tests/unit/test_setup.py does it in a directory, tests/deployment/ on a machine",
    r"(nightly|plan|doctor|health)\b.* --all\b": "looks for its sites where this machine has them: tests/telling/test_sites.py",
}
"""Commands of Greffe whose arguments are only looked at, and why."""

DONE = {Exit.DONE}
LOOKED = {Exit.DONE, Exit.CHANGES_PENDING}
ENDINGS: list[tuple[str, set[Exit]]] = [
    (r"\baudit\b", {Exit.DONE, Exit.FOUND_WARNINGS, Exit.FOUND_ERRORS}),
    (r"\bplan\b", LOOKED),
    (r"\bsetup\b", LOOKED),
    (r"--dry-run\b", LOOKED),
    # the codes of Nagios: whatever it finds, but not UNKNOWN
    (r"\bhealth\b", {Exit.DONE, Exit.BUG, Exit.USAGE}),
]
"""How a command may end where the page does not say it (``# exit code 4``)."""


def words_of(line: str) -> list[str]:
    """The words of a line, without who runs it, with which environment, and where Greffe lives."""
    words = shlex.split(line)
    if words[0] == "sudo":
        words = words[3:] if words[1] == "-u" else words[1:]
    while words and re.match(r"[A-Z_]+=", words[0]):
        words = words[1:]
    if words and words[0].endswith("/bin/greffe"):
        words[0] = "greffe"
    return words or ["export"]


def name_of(words: list[str]) -> str:
    """``nightly``, ``plugin finish``: which command the words after ``greffe`` call; '' for none."""
    found = [word for word in words[global_words(words) :] if not word.startswith("-")]
    return " ".join(found[:2]) if found[:1] == ["plugin"] else "".join(found[:1])


def global_words(words: list[str]) -> int:
    """How many words stand before the command: options of all commands, and their values."""
    valued = {o for p in app.params if isinstance(p, click.Option) and not p.is_flag for o in p.opts}
    place = 0
    while place < len(words) and words[place].startswith("-"):
        place += 2 if words[place] in valued else 1
    return place


def is_run(words: list[str]) -> bool:
    """Whether a command is typed, and not only looked at."""
    line = shlex.join(words[global_words(words) :])
    return not any(re.match(pattern, line) for pattern in NOT_RUN)


def ending(command: Command, words: list[str]) -> set[Exit]:
    """The exit codes that are right here."""
    if said := re.search(r"(?:exit code|code de sortie) (\d+)", _source(command)):
        return {Exit(int(said[1]))}
    line = shlex.join(words)
    return next((codes for pattern, codes in ENDINGS if re.search(pattern, line)), DONE)


def _source(command: Command) -> str:
    return pages.page(command.page).text.splitlines()[command.line - 1]


def accept(command: Command, words: list[str], wrong: list[str]) -> None:
    """Its arguments are such that click takes them."""
    try:
        context = app.make_context("greffe", list(words))
        group: click.Group = app
        rest = [*context._protected_args, *context.args]
        while True:
            name, found, rest = group.resolve_command(context, rest)
            assert found is not None
            context = found.make_context(str(name), rest, parent=context)
            if not isinstance(found, click.Group):
                return
            group, rest = found, [*context._protected_args, *context.args]
    except click.ClickException as e:
        wrong.append(f"{command.where}: {e.format_message()}")
