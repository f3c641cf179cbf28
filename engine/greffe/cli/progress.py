"""Progress bars on stderr, for who sits at a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text


class Amount(ProgressColumn):
    """How much is done, where there is something to count."""

    def render(self, task: Task) -> Text:
        """``9,630/104,748``."""
        counted = task.total is not None and task.total > 1
        return Text(f"{task.completed:,.0f}/{task.total:,.0f}" if counted else "", "green")


class Bars:
    """One line for each step; bars that are full stay until something is printed."""

    def __init__(self, console: Console | None = None) -> None:
        self._progress = Progress(
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            Amount(),
            TimeElapsedColumn(),
            console=console or Console(stderr=True),
            transient=True,
        )
        self._task: int | None = None
        self._progress.start()

    def step(self, text: str, total: int = 0) -> None:
        """A step begins, so the one before it is over."""
        self._finish()
        self._task = self._progress.add_task(text, total=total or None)

    def advance(self, done: int) -> None:
        """So many more are done."""
        if self._task is not None:
            self._progress.advance(self._progress.task_ids[-1], done)

    def stop(self) -> None:
        """Leave the terminal clean."""
        self._finish()
        self._progress.stop()

    def _finish(self) -> None:
        if self._task is None:
            return
        task = self._progress.tasks[-1]
        total = task.total or max(task.completed, 1)
        self._progress.update(task.id, total=total, completed=total)
        self._task = None
