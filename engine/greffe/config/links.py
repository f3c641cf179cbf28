"""``[[link]]``: which courses have which cohort, or which parent course, by an enrolment method."""

from __future__ import annotations

import re
from typing import Literal

from greffe.config.courses import CourseField
from greffe.config.strict import Strict
from greffe.errors import ConfigError
from greffe.model import Surplus

_KEY = re.compile(r"[A-Za-z_]\w*")


class LinkRule(Strict, frozen=True, kw_only=True):
    """Instances of one method, one for each row of its source: a table, a feed, or courses that fit a pattern."""

    method: Literal["cohort", "meta"]
    """Cohort sync or course meta link."""
    table: list[dict[str, str]] | None = None
    """Rows in the configuration itself."""
    feed: str | None = None
    """A feed without people: a CSV file or a query."""
    courses: str | None = None
    """A regular expression that the whole key of a course must fit; its named groups are columns."""
    course: str | None = None
    """Template: the course that gets the method. Default: the column ``course``."""
    match: CourseField = "idnumber"
    """What courses are found by, parents too."""
    cohort: str | None = None
    """Template: the idnumber of the cohort. Default: the column ``cohort``."""
    parent: str | None = None
    """Template: the parent course. Default: the column ``parent``."""
    role: str = "student"
    """Template: what the cohort's members become; '' for no role. Meta links copy the parent's roles."""
    group: str | None = None
    """Template: a group of the course, by its name, that everybody joins; '' for none. Without it: as it is."""
    new_group: str | None = None
    """Template: the same, and the group is created where the course has none of that name."""
    enabled: bool = True
    """Whether the instance is switched on."""
    surplus: Surplus = Surplus.DISABLE
    """What happens to an instance of Greffe's that no row asks for any more."""
    adopt: bool = False
    """Whether an instance that somebody made by hand may be changed, and becomes Greffe's."""
    when: str | None = None
    """Expression over the columns; rows for which it is false are not for this rule."""

    @property
    def source(self) -> str:
        """Who speaks: the feed, or '' for the configuration."""
        return self.feed or ""


def check_link(at: str, rule: LinkRule) -> None:
    """Refuse a rule that cannot lead anywhere; ``at`` names it."""
    given = [k for k in ("table", "feed", "courses") if getattr(rule, k) is not None]
    if len(given) != 1:
        raise ConfigError(f"{at}: give one of table, feed and courses: where its rows come from")
    if rule.method == "cohort" and rule.parent is not None:
        raise ConfigError(f"{at}: parent is for the method meta; the method cohort follows a cohort")
    if rule.method == "meta" and rule.cohort is not None:
        raise ConfigError(f"{at}: cohort is for the method cohort; the method meta follows a parent")
    if rule.group is not None and rule.new_group is not None:
        raise ConfigError(f"{at}: give group (it must be there) or new_group (it is created), not both")
    if rule.courses is not None:
        _check_pattern(at, rule)
    for number, row in enumerate(rule.table or [], 1):
        if bad := [k for k in row if not _KEY.fullmatch(k)]:
            raise ConfigError(f"{at}, row {number}: {bad[0]!r} cannot be the name of a column")


def _check_pattern(at: str, rule: LinkRule) -> None:
    if rule.match == "id":
        raise ConfigError(f"{at}: courses is a pattern over idnumbers or shortnames, not ids")
    if rule.course is not None:
        raise ConfigError(f"{at}: courses says already which courses get the method; take course out")
    if (rule.cohort if rule.method == "cohort" else rule.parent) is None:
        what = "cohort" if rule.method == "cohort" else "parent"
        raise ConfigError(f"{at}: courses needs a template {what}: what the courses follow")
    try:
        pattern = re.compile(str(rule.courses))
    except re.error as e:
        raise ConfigError(f"{at}: courses is no regular expression: {e}") from e
    if "course" in pattern.groupindex:
        raise ConfigError(f"{at}: a group of courses cannot be called course: that is the whole key")
