"""Whether tonight's reading of a feed can be trusted (safety.md §4), judged before anything is planned.

Each test is one function that gives the sentences it has to say. A *problem* makes the feed bad: nothing that it can
reach is touched tonight. A *remark* is for a person to know.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from greffe.config.amounts import seconds, share
from greffe.config.feeds import Feed
from greffe.model import FeedCounts
from greffe.rules.text import shown
from greffe.rules.words import count, people

FEW = 10
"""Below this many people or rows a share says little; a test by share then holds its tongue."""

HOUR = 3600


def distrust(
    feed: Feed,
    counts: FeedCounts,
    last_good: FeedCounts | None,
    now: int,
    unknown_roles: Collection[str] = (),
) -> list[str]:
    """Why the feed is bad tonight, in whole sentences; empty: it is good. ``unknown_roles``: what its rules give as role and
    the site does not know: rows may count for nothing by that alone.

    ``last_good`` is what the last night saw on which the feed was good, None before the first. ``now`` in seconds
    since 1970. Problems that are already in ``counts`` (a reader's error) are not repeated.
    """
    return [
        *_too_few(feed, counts),
        *_shrunk(feed, counts, last_good),
        *_too_old(feed, counts, now),
        *_cut(counts, last_good),
        *_nothing_left(feed, counts, unknown_roles),
        *_fewer_people(feed, counts, last_good),
        *_strangers(feed, counts),
        *_unknown_codes(counts, last_good),
    ]


def remarks(feed: Feed, counts: FeedCounts, last_good: FeedCounts | None, now: int) -> list[str]:
    """What a person should know although the feed may be good."""
    return [*_first_night(counts, last_good), *_oddities(counts), *_changes(feed, counts, last_good, now)]


def _too_few(feed: Feed, counts: FeedCounts) -> Iterator[str]:
    if not counts.rows and feed.min_rows:
        if feed.csv:
            yield "It has a header and not one row."
        else:
            yield f"{'The query' if feed.dsn else 'The directory'} gave not one row."
    elif counts.rows < feed.min_rows:
        yield f"It has {count(counts.rows, 'row')}, fewer than min_rows = {feed.min_rows}."


def _shrunk(feed: Feed, counts: FeedCounts, last: FeedCounts | None) -> Iterator[str]:
    limit = share(feed.shrink)
    if limit is None or last is None or not counts.rows:
        return
    if counts.rows < last.rows * (1 - limit) and last.rows - counts.rows >= FEW:
        yield (
            f"It shrank from {count(last.rows, 'row')} on the last good night to {counts.rows:,} "
            f"(−{_percent(last.rows - counts.rows, last.rows)}; shrink = {feed.shrink})."
        )


def _too_old(feed: Feed, counts: FeedCounts, now: int) -> Iterator[str]:
    if feed.max_age is not None and counts.delivered and now - counts.delivered > seconds(feed.max_age):
        yield (
            f"It was delivered {_when(counts.delivered)}, {_age(now - counts.delivered)} ago; "
            f"max_age = {feed.max_age}."
        )


def _cut(counts: FeedCounts, last: FeedCounts | None) -> Iterator[str]:
    if not counts.final_newline and last is not None and last.final_newline:
        yield "Its last line does not end with a newline, as it did on the last good night: it was cut short."


def _nothing_left(feed: Feed, counts: FeedCounts, unknown_roles: Collection[str]) -> Iterator[str]:
    if not counts.rows or counts.kept:
        return
    if counts.other_years == counts.rows:
        yield (
            f"All {count(counts.rows, 'row')} are of academic years that are not open ({feed.year_column}): "
            "was last year's file delivered again?"
        )
        return
    causes = [
        f"{count(counts.other_years, 'row')} of other academic years" if counts.other_years else "",
        f"{count(counts.not_required, 'row')} without a match in [feed.{feed.requires.feed}]"
        if feed.requires and counts.not_required
        else "",
    ]
    if counts.unknown_codes:
        causes.append(count(counts.unknown_codes, "unknown code"))
    if unknown_roles:
        causes.append(
            f"its rules give roles that the site does not have ({', '.join(sorted(map(shown, unknown_roles)))})"
        )
    known = ", ".join(filter(None, causes)) or "keep and the rules' when leave out all of them"
    yield f"Of its {count(counts.rows, 'row')} none counts: {known}."


def _fewer_people(feed: Feed, counts: FeedCounts, last: FeedCounts | None) -> Iterator[str]:
    """As many rows as ever, but of few people: an export that repeats itself, or a broken join at the source.

    Both the number and the people per row must have fallen: at the start of a year people per row falls alone.
    """
    limit = share(feed.shrink)
    if limit is None or last is None or not last.kept or not counts.kept or last.people < FEW:
        return
    fewer = counts.people < last.people * (1 - limit)
    thinner = counts.people / counts.kept < last.people / last.kept * (1 - limit)
    if fewer and thinner:
        yield (
            f"It names {people(counts.people)} in {count(counts.kept, 'row')}; on the last good night it named "
            f"{last.people:,} in {last.kept:,}: are rows repeated, or is the person column wrong?"
        )


def _strangers(feed: Feed, counts: FeedCounts) -> Iterator[str]:
    who = feed.who
    if who is None or not counts.kept:
        return
    if counts.empty_people == counts.kept:
        yield f"The person column {who.column} is empty in every row."
        return
    limit = share(feed.unknown_people)
    if limit is None or not counts.people or counts.unknown_people <= limit * counts.people:
        return
    if counts.unknown_people < FEW and counts.unknown_people < counts.people:
        return
    sentence = (
        f"Moodle does not know {counts.unknown_people:,} of its {people(counts.people)} by {who.match} "
        f"({_percent(counts.unknown_people, counts.people)}; unknown_people = {feed.unknown_people})"
    )
    if counts.padded_people:
        width = f" = {counts.pad_width}" if counts.pad_width else ""
        sentence += f"; {counts.padded_people:,} of them are ids that lost leading zeros: set pad{width}"
    yield sentence + "."


def _unknown_codes(counts: FeedCounts, last: FeedCounts | None) -> Iterator[str]:
    if counts.kept and counts.codes and counts.unknown_codes >= counts.codes and last is not None:
        known = last.codes - last.unknown_codes
        if known > 0:
            yield (
                f"Not one of its {count(counts.codes, 'code')} is a course of the site; on the last good night "
                f"{known:,} of {last.codes:,} were: did the codes change their form?"
            )


def _first_night(counts: FeedCounts, last: FeedCounts | None) -> Iterator[str]:
    if last is not None:
        return
    if not counts.final_newline:
        yield "Its last line does not end with a newline: see that it is complete; from now on this is normal for it."
    if counts.codes and counts.unknown_codes >= counts.codes:
        yield f"Not one of its {count(counts.codes, 'code')} is a course of the site: check the rules' course and match."


def _oddities(counts: FeedCounts) -> Iterator[str]:
    if counts.duplicates:
        yield f"{count(counts.duplicates, 'row')} said what another row had already said."
    if counts.empty_people:
        yield f"{count(counts.empty_people, 'row')} named nobody (empty person)."
    if counts.ambiguous_people:
        match, were = ("matches", "was") if counts.ambiguous_people == 1 else ("match", "were")
        yield f"{people(counts.ambiguous_people)} {match} several Moodle accounts and {were} left out."
    if counts.padded_people:
        yield f"{people(counts.padded_people)} would be found if the ids had leading zeros (pad = {counts.pad_width})."


def _changes(feed: Feed, counts: FeedCounts, last: FeedCounts | None, now: int) -> Iterator[str]:
    if counts.delivered > now + HOUR:
        yield f"It is dated {_when(counts.delivered)}, which is in the future: is a clock wrong?"
    if last is None:
        return
    if feed.file and counts.delivered and last.delivered:
        if counts.delivered == last.delivered:
            yield f"It has not been delivered anew since {_when(counts.delivered)}."
        elif counts.delivered < last.delivered:
            yield f"It is older ({_when(counts.delivered)}) than on the last good night ({_when(last.delivered)})."
    limit = share(feed.shrink)
    if limit is not None and last.kept - counts.kept >= FEW and counts.kept < last.kept * (1 - limit):
        rows = f"{count(counts.kept, 'row')} {'counts' if counts.kept == 1 else 'count'}"
        yield f"{rows} tonight; on the last good night {last.kept:,} did."


def _percent(part: int, whole: int) -> str:
    return f"{100 * part // whole}%"


def _when(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M} UTC"


def _age(duration: int) -> str:
    return f"{duration // HOUR} h" if duration < 72 * HOUR else f"{duration // (24 * HOUR)} days"
