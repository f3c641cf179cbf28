"""Who hears of a night: told once it has ended, however it did; what cannot be told changes nothing of the night itself."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial

from greffe import logs
from greffe.apply.register import nights_since
from greffe.apply.schema import has_tables
from greffe.commands._session import reach
from greffe.commands.health import health
from greffe.config import Config
from greffe.config.salvage import Told, salvage
from greffe.errors import ArgumentError, ConfigError, GreffeError, InterruptedRunError, TellingError
from greffe.report.document import Document
from greffe.report.health import Check
from greffe.report.texts import moment
from greffe.telling.channels import Channel, channels, pass_on, tell
from greffe.telling.condition import Condition, of_document, of_error
from greffe.telling.discretion import said
from greffe.telling.letter import Letter
from greffe.telling.memory import Memory, place, recall, remember
from greffe.telling.week import DAY, Week, week_of

Warn = Callable[[GreffeError], None]
"""Who hears of what could not be told."""


class Night:
    """One night that is to be told of."""

    def __init__(self, path: str, warn: Warn) -> None:
        self._path, self._warn, self._over = path, warn, False

    def began(self) -> None:
        """It begins. Kept, so that somebody can tell of it if it is killed; that it cannot be kept is said at its end."""
        config = salvage(self._path)
        if any(channels(config)):
            with suppress(OSError, RuntimeError):  # RuntimeError: nobody's home
                file = place(config.run.state, config.path)
                memory = recall(file)
                memory.running = int(time.time())
                remember(file, memory)

    def killed(self) -> bool:
        """It is over: tell of it, if it has not said itself how it ended. Whether there was anything to tell."""
        config = salvage(self._path)
        began = recall(place(config.run.state, config.path)).running
        if began:
            text = f"the night that began at {moment(began)} was killed, or had no memory left: it said nothing more"
            self.failed(InterruptedRunError(text))
        return bool(began)

    def ended(self, config: Config, document: Document) -> None:
        """It came to its end."""
        self._over = True
        with self._warning():
            self._tell(config, of_document(document))

    def failed(self, error: GreffeError) -> None:
        """It did not; the configuration itself may be what is wrong."""
        if not self._over:
            self._over = True
            with self._warning():
                self._tell(salvage(self._path), of_error(error))

    def _tell(self, config: Config | Told, condition: Condition) -> None:
        found = list(channels(config))
        if not found:
            return
        now = int(time.time())
        file = place(config.run.state, config.path)
        memory = recall(file)
        memory.note(condition, now)
        memory.running = 0
        for channel in found:
            with self._warning():
                tell(channel, condition, memory, now, _sent)
        if isinstance(config, Config) and any(c.summary_is_due(memory, now) for c in found):
            with self._warning():
                self._summary(config, found, memory, now)
        try:
            remember(file, memory)
        except OSError as e:
            self._hear(
                TellingError(
                    f"{file}: what was told cannot be remembered: {e.strerror}; it will be told again",
                    todo="Name a directory that Greffe's account can write: [run] state.",
                )
            )

    def _summary(self, config: Config, found: list[Channel], memory: Memory, now: int) -> None:
        week, checks = summary(config)
        for channel in found:
            if channel.summary_is_due(memory, now):
                today = time.strftime("%Y-%m-%d", time.localtime(now))
                done = partial(memory.summaries.update, {channel.name: today})
                with self._warning():
                    pass_on(channel, channel.writer.summary(week, checks), _sent, done)

    @contextmanager
    def _warning(self) -> Iterator[None]:
        """Whatever happens here happens after the night, and changes nothing of how it ended."""
        try:
            yield
        except GreffeError as e:
            self._hear(e)
        except KeyboardInterrupt:
            self._hear(
                TellingError("a signal came while the night was told of: it will be told the next time")
            )
        except Exception as e:
            fault = TellingError(
                f"not told: {type(e).__name__}: a fault in Greffe itself",
                todo="Report it, with the traceback of `greffe --debug summary --mail`.",
            )
            self._hear(fault)

    def _hear(self, error: GreffeError) -> None:
        logs.event("not-told", said(error), level=logging.WARNING)
        self._warn(error)


@contextmanager
def telling(path: str, warn: Warn) -> Iterator[Night]:
    """A night is run in the block, which says how it ended; where it is left by an error, that is told. ``path``: the site's
    configuration. ``warn`` hears what could not be told."""
    night = Night(path, warn)
    night.began()
    try:
        yield night
    except GreffeError as e:
        night.failed(e)
        raise
    except KeyboardInterrupt:
        night.failed(InterruptedRunError("a signal stopped it before it had begun to write"))
        raise
    except OSError as e:
        night.failed(ConfigError(f"{e.filename or 'the output'}: {e.strerror or type(e).__name__}"))
        raise
    except Exception as e:
        night.failed(GreffeError(f"{type(e).__name__}: a fault in Greffe itself"))  # its words may hold a row
        raise


def summary(config: Config, days: int = 7) -> tuple[Week, list[Check]]:
    """What the last days came to, and what is open now. Raises ConfigError, DatabaseError, SiteNotReadyError."""
    with closing(reach(config.moodle)) as db:
        now = int(db.value("clock"))
        runs = nights_since(db, now - days * DAY) if has_tables(db) else []
    found = health(config)
    waiting = sum(found.register.waiting.values()) if found.register else 0
    return week_of(runs, waiting, days), found.checks


def send_summary(config: Config, week: Week, checks: list[Check]) -> list[str]:
    """Send it to everybody whose table asks for it; the channels that had it. Raises TellingError, ConfigError."""
    found = [c for c in _configured(config) if c.wants("summary")]
    if not found:
        raise ConfigError(f'{config.path}: neither [mail] nor [webhook] has "summary" in its `on`')
    for channel in found:
        pass_on(channel, channel.writer.summary(week, checks), _sent)
    return [c.name for c in found]


def send_test(config: Config) -> list[str]:
    """Send a test on every channel; their names. Raises TellingError, ConfigError."""
    found = _configured(config)
    for channel in found:
        pass_on(channel, channel.writer.test(), _sent)
    return [c.name for c in found]


def _configured(config: Config) -> list[Channel]:
    if found := list(channels(config)):
        return found
    raise ArgumentError(
        f"{config.path}: has no [mail] and no [webhook], so nobody hears of anything",
        todo='Give it a table [mail] with server = "smtp.univ.example", sender = "greffe@univ.example" and '
        'to = ["moodle@univ.example"], then try with `greffe mail --test`.',
    )


def _sent(channel: str, letter: Letter) -> None:
    logs.event("told", f"{channel}: {letter.subject}", channel=channel, about=letter.event)
