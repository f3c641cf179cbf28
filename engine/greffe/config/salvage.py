"""What a wrong configuration still says of whom to tell that it is wrong."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import msgspec

from greffe.config.reading import tables
from greffe.config.run import Run
from greffe.config.telling import Mail, Webhook, check_telling
from greffe.errors import ConfigError


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What there is of a configuration to tell of a night by, even if the rest of it is wrong."""

    mail: Mail | None = None
    webhook: Webhook | None = None
    run: Run = Run()
    path: str

    @property
    def name(self) -> str:
        """As ``Config.name``."""
        return Path(self.path).stem


def salvage(path: str | Path) -> Told:
    """What can be read of a configuration that ``load`` refuses: of each table all or nothing. Raises nothing."""
    found = Told(path=str(path))
    try:
        raw = tables(Path(path))
    except ConfigError:
        return found
    for key in {"mail", "webhook", "run"} & raw.keys():
        with suppress(msgspec.ValidationError, ConfigError):
            alone = msgspec.convert({key: raw[key], "path": found.path}, Told)
            check_telling(alone.path, alone.mail, alone.webhook)
            found = msgspec.structs.replace(found, **{key: getattr(alone, key)})
    return found
