"""From a file, or from what one would hold, to a configuration that was checked."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from greffe.config.checks import check
from greffe.config.site import Config
from greffe.errors import ConfigError


def load(path: str | Path) -> Config:
    """Read and check a site's configuration.

    Raises ConfigError that names the file and the key.
    """
    file = Path(path)
    return parse(tables(file), str(file))


def parse(raw: dict[str, Any], path: str) -> Config:
    """Check a configuration that is already a dictionary; ``path`` names it in errors. Raises ConfigError."""
    if "path" in raw:
        raise ConfigError(f"{path}: unknown key `path`")
    whole = raw | {"path": path}
    try:
        config = msgspec.convert(whole, Config)
    except msgspec.ValidationError as e:
        from greffe.config.words import explain

        raise ConfigError(f"{path}: {explain(e, whole, Config)}") from e
    check(config)
    return config


def tables(file: Path) -> dict[str, Any]:
    """What the file holds, whatever it means. Raises ConfigError."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as e:
        raise ConfigError(
            f"{file}: no such file", todo="Write one with `greffe init`, or name it with -c."
        ) from e
    except OSError as e:
        raise ConfigError(f"{file}: cannot be read: {e.strerror}") from e
    except UnicodeDecodeError as e:
        raise ConfigError(f"{file}: is not UTF-8 (byte {e.start})") from e
    except tomllib.TOMLDecodeError as e:
        raise ConfigError(f"{file}: is not valid TOML: {e}") from e
