"""Mail and webhook as two of a kind: each hears what its table asks for, when it is due, and remembers on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from greffe.config import Config
from greffe.config.amounts import seconds
from greffe.config.salvage import Told
from greffe.config.telling import Mail, Webhook
from greffe.telling import smtp, webhook
from greffe.telling.bounded import bounded
from greffe.telling.condition import Condition, Kind
from greffe.telling.letter import Letter
from greffe.telling.memory import Memory
from greffe.telling.writing import Writer


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

    return Channel(name, table, Writer(config.name, config.path, language), deliver)


def tell(
    channel: Channel, condition: Condition, memory: Memory, now: int, sent: Callable[[str, Letter], None]
) -> None:
    """Let one channel hear of a night, if it is to; ``memory`` has the night noted already, and notes that it was told.

    ``sent`` hears what went. Raises GreffeError where it could not be told: it will be the next time.
    """
    again = channel.table.again
    if condition.kind is Kind.GOOD:
        if channel.name in memory.owed and channel.wants("recovered"):
            letter = channel.writer.recovered(condition, memory, now)
            channel.deliver(letter)
            sent(channel.name, letter)
        memory.owed = [name for name in memory.owed if name != channel.name]
    elif channel.wants(condition.kind.value) and memory.due(channel.name, now, seconds(again)):
        letter = channel.writer.of(condition, memory, now, again)
        channel.deliver(letter)
        memory.told[channel.name] = now
        sent(channel.name, letter)
