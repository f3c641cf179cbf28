"""One link of a chain, as it is told."""

from __future__ import annotations

from greffe.commands._explaining.outlook import Prospect
from greffe.report.texts import moment
from greffe.view.chain import Cause, Link, Step


def step(
    link: Link,
    what: str,
    table: str = "",
    row: int = 0,
    made: int = 0,
    run: int = 0,
    *,
    cause: Cause | None = None,
    todo: str = "",
) -> Step:
    """One link; with ``cause`` one that does not hold, and only then has it a ``todo``."""
    return Step(
        link=link,
        what=what,
        table=table,
        row=row,
        made=made,
        run=run,
        cause=cause.value if cause else "",
        todo=todo if cause else "",
    )


def missing(link: Link, what: str, coming: Prospect | None, cause: Cause, todo: str) -> Step:
    """A link without a row: what a night would do about it; where none would, ``cause`` and ``todo``."""
    return (
        step(link, f"{what}; {coming.why}", cause=coming.cause, todo=coming.todo)
        if coming
        else step(link, what, cause=cause, todo=todo)
    )


def day(seconds: int) -> str:
    """The day of a moment, in this machine's own time zone."""
    return moment(seconds)[:10]
