"""What both kinds of workers share: their interface, and how a process and its leftovers are ended.

`ForkedWorkers` (Linux) has one process that imports torch and forks a child for every series.
`FreshWorkers` starts an interpreter for every series. A series is one or more tasks of one submission.
They run one after the other in one process, and each of them imports the submission anew.

A task that crashes, hangs or sends nonsense ends its process, but spoils no other task. If it was the
first task in the process, its outcome stands, and the tasks after it go on in a new process. If it was
a later one, an earlier task may be to blame: the new process then begins with this task once more.
"""

from __future__ import annotations

import contextlib
import math
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from grading.removal import remove_tree
from grading.wire import Outcome, Series, Task

START_LIMIT = 120.0  # seconds in which a worker must have imported torch
DEATH_LIMIT = 10.0  # seconds in which a killed process must be gone
OUTPUT_LIMIT = 64 * 1024  # bytes of what a submission prints that are kept


class CannotStart(Exception):
    """No worker could be started; the message says why."""


class Abandoned(Exception):
    """Whoever asked wants no answer any more."""


def outcome_without_frame(something_came: bool, status: int) -> Outcome:
    """The outcome of a task whose process ended by itself before its frame was complete."""
    if something_came:
        return Outcome("garbled", status=status, message="the result is not complete")
    crashed = status < 0 or status > 0xFFFF
    return Outcome("crashed" if crashed else "stopped", status=status)


class Workers:
    """What the two kinds share: a scratch folder, versions, and use in a `with` statement."""

    in_series = True

    def __init__(self) -> None:
        self.scratch = Path(tempfile.mkdtemp(prefix="grading-")).resolve()
        self.versions: dict[str, str] = {}
        self.layers: dict[str, object] = {}  # of the jail around each task; see grading.worker.jail
        self.outcomes: dict[int, Outcome] = {}  # not yet collected, by the task's number
        self.deadline = math.inf  # by time.monotonic(), for all tasks together
        # Looked at while an outcome is waited for: where it says True, `collect` raises Abandoned.
        self.abandon: Callable[[], bool] = lambda: False

    def out_of_time(self) -> bool:
        """Whether no further task may run."""
        return time.monotonic() > self.deadline

    def submit(self, task: Task) -> int:
        """Queue a task for a process of its own and return its number. Does not wait."""
        return self.submit_series([task])[0]

    def submit_series(self, tasks: list[Task]) -> list[int]:
        """Queue tasks of one submission, with one time limit, that may share a process."""
        raise NotImplementedError

    def collect(self, number: int) -> Outcome:
        """Wait for a task's outcome. Raises CannotStart where there are no workers, or Abandoned."""
        raise NotImplementedError

    def expect(self, series: int = 1) -> None:
        """So many more series will follow: get processes ready for them, where that takes a while."""

    def _put_off(self, late: Task, rest: Series) -> Series:
        """Put off those tasks that use all that a late one has used; returns the others.

        Of a task that uses several functions it is not known which of them has taken too long.
        """
        if late.uses is None:
            return rest
        put_off = [number for number, task in rest if set(late.uses) <= set(task.uses or ())]
        self.outcomes.update((number, Outcome("put off")) for number in put_off)
        return [(number, task) for number, task in rest if number not in put_off]

    def cancel(self) -> None:
        """Forget the tasks whose outcomes have not been collected; end those that are running."""

    def close(self) -> None:
        """End every process and remove what they left in the scratch folder."""
        remove_tree(self.scratch)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def kill_process(process: subprocess.Popen[bytes]) -> None:
    """Kill and reap."""
    with contextlib.suppress(OSError):
        process.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=DEATH_LIMIT)
