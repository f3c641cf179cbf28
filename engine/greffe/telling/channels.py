"""Mail and webhook as two of a kind: each hears what its table asks for, when it is due, and remembers on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from greffe.config import Config
from greffe.config.amounts import seconds
from greffe.config.salvage import Told
from greffe.config.telling import Mail, Webhook
from greffe.errors import PartlyToldError
from greffe.telling import smtp, webhook
from greffe.telling.bounded import bounded
from greffe.telling.condition import Condition, Kind
from greffe.telling.letter import Letter
from greffe.telling.memory import Memory
from greffe.telling.writing import Writer

Sent = Callable[[str, Letter], None]
"""Who hears which channel took which letter."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to tell somebody."""

    name: str
    table: Mail | Webhook
    writer: Writer
    deliver: Callable[[Letter], None]

    def wants(self, event: str) -> bool:
        """Whether its table asks for this."""
        return event in self.table.on

    def summary_is_due(self, memory: Memory, now: int) -> bool:
        """Whether this is the day, and it has not had its summary today."""
        today = datetime.fromtimestamp(now, UTC).astimezone()
        named = (
            today.strftime("%A").lower() == self.table.summary
        )  # the C locale's names: nothing sets another
        return named and self.wants("summary") and memory.summaries.get(self.name) != f"{today:%Y-%m-%d}"


def channels(config: Config | Told) -> Iterator[Channel]:
    """Those that the configuration has."""
    if config.mail is not None:
        yield _channel("mail", config, config.mail, partial(smtp.send, config.mail), config.mail.language)
    if config.webhook is not None:
        yield _channel("webhook", config, config.webhook, partial(webhook.send, config.webhook), "en")


def _channel(
    name: str, config: Config | Told, table: Mail | Webhook, send: Callable[[Letter], None], language: str
) -> Channel:
    def deliver(letter: Letter) -> None:
        bounded(f"the {name}", partial(send, letter))

    # whoever reads it sits somewhere else than the one who named it
    return Channel(name, table, Writer(config.name, str(Path(config.path).absolute()), language), deliver)


def tell(channel: Channel, condition: Condition, memory: Memory, now: int, sent: Sent) -> None:
    """Let one channel hear of a night, if it is to; ``memory`` has the night noted already, and notes that it was told.

    ``sent`` hears what went. Raises GreffeError where it could not be told: it will be the next time; and where some have not
    had it, who do not get it again.
    """
    again = channel.table.again

    def over() -> None:
        memory.owed = [name for name in memory.owed if name != channel.name]

    def told() -> None:
        memory.told[channel.name] = now

    if condition.kind is Kind.GOOD:
        if channel.name in memory.owed and channel.wants("recovered"):
            pass_on(channel, channel.writer.recovered(condition, memory, now), sent, over)
        else:
            over()
    elif channel.wants(condition.kind.value) and memory.due(channel.name, now, seconds(again)):
        pass_on(channel, channel.writer.of(condition, memory, now, again), sent, told)


def pass_on(channel: Channel, letter: Letter, sent: Sent, note: Callable[[], None] = lambda: None) -> None:
    """Deliver it and ``note`` that it went: also where some have not had it, since the others would have it again and again.
    Raises GreffeError where anybody has not had it."""
    missed: PartlyToldError | None = None
    try:
        channel.deliver(letter)
    except PartlyToldError as e:
        missed = e
    note()
    sent(channel.name, letter)
    if missed is not None:
        raise missed
