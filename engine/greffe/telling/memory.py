"""What was told, and since when it is so: one small file for each site, since the database may be what is down.

Moments are seconds since 1970 by this machine's clock.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import msgspec

from greffe.privatefile import private_file
from greffe.telling.condition import Condition, Kind

_EARLY = 0.1
"""A night begins a little earlier or later each day; a tenth of the pause makes no difference to who is told."""


class Memory(msgspec.Struct, kw_only=True):
    """How a site was left by its last night, and who knows."""

    kind: Kind = Kind.GOOD
    about: str = ""
    since: int = 0
    """When its kind began; 0: never otherwise."""
    told: dict[str, int] = {}
    """Channel → when it was last told of this."""
    was: Kind = Kind.GOOD
    was_since: int = 0
    """Of a good state: what it was before…"""
    owed: list[str] = []
    """…and the channels that heard of that, and not yet that it is over."""
    running: int = 0
    """When the night began that has not yet said how it ended; 0: none."""
    summaries: dict[str, str] = {}
    """Channel → the day of its last summary."""

    def note(self, condition: Condition, now: int) -> None:
        """The night that has just ended. The age of a kind goes on where only what it is about has changed."""
        if (condition.kind, condition.about) == (self.kind, self.about):
            return
        if condition.kind is Kind.GOOD:
            self.was, self.was_since, self.owed = self.kind, self.since, sorted(self.told)
        if condition.kind is not self.kind:
            self.since = now
        if condition.kind is not Kind.GOOD:
            self.owed = []
        self.kind, self.about, self.told = condition.kind, condition.about, {}

    def due(self, channel: str, now: int, again: int) -> bool:
        """Whether a channel is to hear of this state: at once, then once in ``again`` seconds. A refusal is told once:
        it can be meant, and stands in the summary."""
        last = self.told.get(channel)
        if self.kind is Kind.GOOD:
            return False
        if last is None:
            return True
        return self.kind is not Kind.REFUSED and now - last >= again * (1 - _EARLY)


def place(state: str | None, config_file: str) -> Path:
    """The file for a site. ``state``: the directory that its configuration names."""
    # systemd gives several directories with colons between them
    own = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    shared = Path("/var/lib/greffe")
    if state or own:
        directory = Path(state or own)
    elif shared.is_dir() and os.access(shared, os.W_OK | os.X_OK):
        directory = shared
    else:
        directory = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "greffe"
    whole = Path(config_file).resolve()
    mark = sha256(str(whole).encode()).hexdigest()[:8]  # two sites may have files of one name
    return directory / f"{whole.stem}-{mark}.told.json"


def recall(file: Path) -> Memory:
    """What is remembered; of a file that is not there or is damaged nothing, so that rather too much is told than nothing."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Memory)
    except (OSError, msgspec.MsgspecError):
        return Memory()


def remember(file: Path, memory: Memory) -> None:
    """Keep it. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with private_file(file) as out:
        out.write(msgspec.json.format(msgspec.json.encode(memory), indent=1).decode())
