"""From a feed's configuration to an open table; the drivers are only imported by the feeds that need them."""

from __future__ import annotations

from functools import partial

from greffe.config.directory import columns_of
from greffe.config.feeds import Feed
from greffe.feed.csvfile import CsvFile
from greffe.model import FeedCounts, Table


def open_feed(name: str, feed: Feed) -> Table:
    """Open the feed and read its header.

    Raises FeedError (no such file, no answer from the database, a header that cannot be used) or ConfigError.
    """
    if feed.csv is not None:
        return CsvFile(name, feed.csv, encoding=feed.encoding, separator=feed.separator)
    if feed.ldap is not None or feed.ldif is not None:
        return _open_entries(name, feed)
    from greffe.feed.database import open_query

    return open_query(name, feed)


def _open_entries(name: str, feed: Feed) -> Table:
    from greffe.feed.entries import Entries

    columns = columns_of(f"[feed.{name}]", feed.columns, feed.each)
    if feed.ldap is not None:
        from greffe.feed.directory import Search

        return Entries(name, feed.source, columns, partial(Search, name, feed, feed.ldap))
    from greffe.feed.ldif import LdifFile

    return Entries(name, feed.source, columns, partial(LdifFile, name, feed.source))


def note_delivery(table: Table, counts: FeedCounts) -> None:
    """Write down what the reader itself knows of the delivery; call it when the rows were walked."""
    counts.source = table.source
    counts.delivered = table.delivered
    counts.final_newline = table.final_newline
    counts.notes += table.notes
