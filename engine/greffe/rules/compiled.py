"""A rule of the configuration, ready to be asked about one combination of codes after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from greffe.config.courses import CourseRule
from greffe.rules.templates import Template, condition
from greffe.rules.text import clean

_NO = ("", "0")
"""What says no where a cell says yes or no: as PHP has it."""


class Compiled:
    """A rule with its templates compiled against one feed's columns."""

    def __init__(self, rule: CourseRule, number: int, columns: Sequence[str]) -> None:
        self.rule = rule
        self.owner = f"[[course]] number {number}"

        def template(text: str | None, key: str) -> Template | None:
            return None if text is None else Template(text, columns, f"{self.owner}, {key}")

        self.course = Template(rule.course, columns, f"{self.owner}, course")
        self.role = Template(rule.role, columns, f"{self.owner}, role")
        self.other = template(rule.other_user, "other_user")
        self.group = template(rule.group, "group")
        self.start = template(rule.start, "start")
        self.end = template(rule.end, "end")
        used, self.when = (
            condition(rule.when, columns, f"{self.owner}, when")
            if rule.when
            else (frozenset(), lambda _: True)
        )
        parts = [self.course, self.role, self.other, self.group, self.start, self.end]
        self.columns = used.union(*(t.columns for t in parts if t))
        self.timed = self.start is not None or self.end is not None

    def role_alone(self, values: Mapping[str, str]) -> bool:
        """Whether the person gets the role without being enrolled (enrol_database's remoteotheruserfield)."""
        return self.other is not None and clean(self.other(values)) not in _NO
