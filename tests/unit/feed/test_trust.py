"""Which nights a feed is believed: one night for each trap, beside the ordinary ones that must not trip."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from greffe.config.feeds import Feed, Requires
from greffe.feed.trust import distrust, remarks
from greffe.model import FeedCounts
from greffe.telling.problems import problem

NOW = 1_790_000_000
FEED = Feed(
    csv="/srv/ip.csv",
    person="COD_ETU",
    max_age="36h",
    requires=Requires(feed="ia", on=["COD_ETU"]),
    years="open",
)
GOOD = FeedCounts(
    feed="ip",
    rows=100_000,
    kept=90_000,
    other_years=10_000,
    people=30_000,
    unknown_people=300,
    codes=500,
    unknown_codes=20,
    delivered=NOW - 3600,
)


def night(**changes: Any) -> FeedCounts:
    return msgspec.structs.replace(GOOD, **changes)


LAST = night(delivered=NOW - 25 * 3600)


@pytest.mark.parametrize(
    "tonight",
    [
        night(),
        night(rows=99_000, kept=89_000),
        night(rows=70_001, kept=65_000, people=22_000),
        night(
            rows=300_000, kept=290_000, people=30_500
        ),  # courses chosen: many rows more for the same people
        night(kept=45_000, other_years=55_000, people=16_000),  # November: one year of two has closed
        night(unknown_people=14_999),
        night(delivered=0),
        night(unknown_codes=499),
        night(duplicates=5000, ambiguous_people=3, empty_people=12),
    ],
)
def test_ordinary_nights_are_trusted(tonight: FeedCounts) -> None:
    assert distrust(FEED, tonight, LAST, NOW) == []
    assert distrust(FEED, tonight, None, NOW) == []


@pytest.mark.parametrize(
    ("tonight", "sentence"),
    [
        (night(rows=0, kept=0), "It has a header and not one row."),
        (
            night(rows=69_999),
            "It shrank from 100,000 rows on the last good night to 69,999 (−30%; shrink = 30%).",
        ),
        (night(delivered=NOW - 40 * 3600), "It was delivered 2026-09-19 22:13 UTC, 40 h ago; max_age = 36h."),
        (
            night(delivered=NOW - 366 * 86_400),
            "It was delivered 2025-09-20 14:13 UTC, 366 days ago; max_age = 36h.",
        ),
        (
            night(final_newline=False),
            "Its last line does not end with a newline, as it did on the last good night: it was cut short.",
        ),
        (
            night(kept=0, other_years=100_000),
            (
                "All 100,000 rows are of academic years that are not open (COD_ANU): "
                "was last year's file delivered again?"
            ),
        ),
        (
            night(kept=0, not_required=90_000, unknown_codes=1),
            (
                "Of its 100,000 rows none counts: 10,000 rows of other academic years, 90,000 rows without a match in "
                "[feed.ia], 1 unknown code."
            ),
        ),
        (
            night(kept=0, other_years=0, unknown_codes=0),
            "Of its 100,000 rows none counts: keep and the rules' when leave out all of them.",
        ),
        (
            night(people=300, unknown_people=3),
            (
                "It names 300 people in 90,000 rows; on the last good night it named 30,000 in 90,000: are rows "
                "repeated, or is the person column wrong?"
            ),
        ),
        (
            night(unknown_people=28_000, padded_people=27_900, pad_width=8),
            (
                "Moodle does not know 28,000 of its 30,000 people by idnumber (93%; unknown_people = 50%); 27,900 of "
                "them are ids that lost leading zeros: set pad = 8."
            ),
        ),
        (night(empty_people=90_000, people=30_000), "The person column COD_ETU is empty in every row."),
        (
            night(unknown_codes=500),
            (
                "Not one of its 500 codes is a course of the site; on the last good night 480 of 500 were: did the "
                "codes change their form?"
            ),
        ),
    ],
)
def test_each_trap_is_named(tonight: FeedCounts, sentence: str) -> None:
    assert distrust(FEED, tonight, LAST, NOW) == [sentence]


def test_all_that_is_wrong_is_listed() -> None:
    tonight = night(
        rows=10, kept=10, other_years=0, people=1, unknown_people=1, final_newline=False, delivered=1
    )
    assert len(distrust(FEED, tonight, LAST, NOW)) == 5


def test_without_a_last_good_night_only_the_feed_itself_is_judged() -> None:
    odd = night(
        rows=10, kept=10, other_years=0, people=8, unknown_people=1, final_newline=False, unknown_codes=500
    )
    assert distrust(FEED, odd, None, NOW) == []
    assert len(remarks(FEED, odd, None, NOW)) == 2


def test_small_feeds_are_not_judged_by_shares() -> None:
    last = night(rows=12, kept=12, people=9, unknown_people=0, other_years=0)
    tonight = night(rows=5, kept=5, people=4, unknown_people=3, other_years=0)
    assert distrust(FEED, tonight, last, NOW) == []
    assert distrust(FEED, msgspec.structs.replace(tonight, unknown_people=4), last, NOW) != []


def test_limits_can_be_set() -> None:
    lax = Feed(csv="x", person="COD_ETU", shrink="none", unknown_people="none", min_rows=0)
    assert distrust(lax, night(rows=1, kept=1, people=1, unknown_people=1, other_years=0), LAST, NOW) == []
    assert distrust(lax, night(rows=0, kept=0), LAST, NOW) == []
    strict = Feed(sql="select 1", dsn="postgresql:///x", person="COD_ETU", min_rows=200_000)
    assert distrust(strict, night(), None, NOW) == ["It has 100,000 rows, fewer than min_rows = 200000."]
    assert distrust(strict, night(rows=0, kept=0), None, NOW) == ["The query gave not one row."]


@pytest.mark.parametrize(
    ("tonight", "words"),
    [
        (night(duplicates=1), "1 row said what another row had already said."),
        (night(empty_people=2), "2 rows named nobody"),
        (night(ambiguous_people=1), "1 person match"),
        (night(padded_people=2, pad_width=8), "would be found if the ids had leading zeros (pad = 8)"),
        (night(delivered=NOW + 86_400), "in the future"),
        (night(delivered=LAST.delivered), "has not been delivered anew since 2026-09-20 13:13 UTC"),
        (night(delivered=LAST.delivered - 60), "older (2026-09-20 13:12 UTC) than on the last good night"),
        (night(kept=40_000), "40,000 rows count tonight; on the last good night 90,000 did."),
        (night(kept=1), "1 row counts tonight; on the last good night 90,000 did."),
    ],
)
def test_oddities_are_remarked_upon(tonight: FeedCounts, words: str) -> None:
    assert remarks(FEED, night(), LAST, NOW) == []
    [remark] = remarks(FEED, tonight, LAST, NOW)
    assert words in remark


def test_the_first_night_notes_a_missing_newline_which_is_normal_from_then_on() -> None:
    never = night(final_newline=False)
    assert "see that it is complete" in remarks(FEED, never, None, NOW)[0]
    assert distrust(FEED, never, msgspec.structs.replace(LAST, final_newline=False), NOW) == []


FEW = {"other_years": 0, "not_required": 0, "unknown_people": 0}
LDIF = Feed(ldif="/srv/people.ldif", person="uid", min_rows=2)


@pytest.mark.parametrize(
    ("feed", "tonight"),
    [
        (FEED, night(rows=0, kept=0)),
        (Feed(sql="select 1", dsn="postgresql:///x", person="who"), night(rows=0, kept=0)),
        (LDIF, night(rows=0, kept=0)),
        (LDIF, night(rows=1, kept=1, people=1, **FEW)),
        (Feed(csv="x", person="who", min_rows=200_000), night()),
        (FEED, night(rows=69_999, delivered=1, final_newline=False)),
        (FEED, night(kept=0, other_years=100_000)),
        (FEED, night(rows=1, kept=0, other_years=1)),
        (FEED, night(kept=0, not_required=90_000, unknown_codes=1)),
        (FEED, night(rows=1, kept=0, **FEW)),
        (FEED, night(kept=0, other_years=1, not_required=1, unknown_codes=2)),
        (FEED, night(people=300, unknown_people=3)),
        (FEED, night(people=1, unknown_people=0)),
        (FEED, night(empty_people=90_000)),
        (FEED, night(unknown_people=28_000)),
        (FEED, night(unknown_people=28_000, padded_people=27_900, pad_width=8)),
        (FEED, night(rows=99_000, kept=1, people=1, unknown_people=1)),
        (FEED, night(unknown_codes=500)),
        (FEED, night(codes=1, unknown_codes=1)),
    ],
)
def test_whatever_is_wrong_can_be_said_in_french(feed: Feed, tonight: FeedCounts) -> None:
    """Mail goes to people who did not choose the language of this code."""
    found = distrust(feed, tonight, LAST, NOW)
    assert found
    french = [problem(sentence, "fr") for sentence in found]
    assert not set(french) & set(found)
    assert not re.search(r"\b(rows?|the|unknown|of)\b|\d,\d", re.sub("unknown_people", "", " ".join(french)))
