"""One command as a whole process, measured by a parent so small that it does not show in the figures.

A child's peak of memory begins at what its parent held when it forked. So whoever measures runs this file as a
process of its own (``measure``), and that starts the command.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took from its start to its end."""

    seconds: float
    cpu_seconds: float
    peak_mb: float


class CommandError(RuntimeError):
    """The command ended with another exit code than 0; its output says why."""


def measure(argv: Sequence[str], environment: Mapping[str, str]) -> Cost:
    """Run a command to its end. Raises CommandError."""
    reader, writer = os.pipe()
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", __file__, str(writer), *argv],
            env=os.environ | environment, capture_output=True, text=True, check=False, pass_fds=[writer],
        )  # fmt: skip
        os.close(writer)
        with os.fdopen(reader, closefd=False) as answer:
            said = answer.read()
    finally:
        os.close(reader)
    if done.returncode:
        raise CommandError(f"{' '.join(argv)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return Cost(**json.loads(said))


def _main() -> int:
    """``process.py FD COMMAND…``: run the command, write its cost to the descriptor, end as it ended."""
    writer, argv = int(sys.argv[1]), sys.argv[2:]
    start = time.perf_counter()
    child = os.fork()
    if not child:
        os.set_inheritable(writer, False)
        os.execvp(argv[0], argv)  # noqa: S606 - the very point
    _, status, used = os.wait4(child, 0)
    seconds = time.perf_counter() - start
    cost = {
        "seconds": seconds,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss / 1024,  # Linux counts in KiB
    }
    os.write(writer, json.dumps(cost).encode())
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(_main())
