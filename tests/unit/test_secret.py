"""A password that cannot be had is told with what to do, and no message holds a password."""

from __future__ import annotations

from pathlib import Path

import pytest

from greffe.config.secret import Secret
from greffe.errors import ConfigError


def test_a_password_comes_without_the_end_of_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "password"
    file.write_text("of a file\n")
    monkeypatch.setenv("GREFFE_TRIAL", "of the environment")
    assert Secret(file=str(file)).read("[moodle]") == "of a file"
    assert Secret(env="GREFFE_TRIAL").read("[moodle]") == "of the environment"
    assert Secret(command="echo 'of a command'").read("[moodle]") == "of a command"


@pytest.mark.parametrize(
    ("secret", "words", "todo"),
    [
        (Secret(env="GREFFE_NOT_SET"), "the environment has no variable GREFFE_NOT_SET", "Give GREFFE_NOT_SET its value"),
        (Secret(file="/nowhere/password"), "/nowhere/password cannot be read", "Write the password there"),
        (Secret(file="a\0b"), "is no text in UTF-8, or no name of a file", "Write the password there"),
        (Secret(command="/nowhere/hunter2"), "its password command cannot be run: No such file", "by hand"),
        (Secret(command="sh -c 'echo hunter2 >&2; exit 3'"), "its password command ended with exit code 3", "by hand"),
        (Secret(command="echo 'hunter2"), "its password command is none", "by hand"),
        (Secret(command=""), "its password command is none", "by hand"),
        (Secret(command=r"printf 'hunter2\377'"), "its password command is none, or prints no text", "by hand"),
        (Secret(), "give one of env, file, command", "Correct the configuration"),
    ],
)  # fmt: skip
def test_a_password_that_cannot_be_had_is_told_with_what_to_do(secret: Secret, words: str, todo: str) -> None:
    with pytest.raises(ConfigError) as e:
        secret.read("[moodle]")
    assert str(e.value).startswith("[moodle]: ")
    assert words in str(e.value)
    assert todo in e.value.todo
    assert "hunter2" not in str(e.value) + e.value.todo


def test_a_file_that_is_no_text_is_not_quoted(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes(b"hunter2\xff")
    with pytest.raises(ConfigError, match="is no text in UTF-8") as e:
        Secret(file=str(file)).read("[moodle]")
    assert "hunter2" not in str(e.value)
