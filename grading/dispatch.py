"""The judge's side of the workers: send a task, wait for its outcome, keep the time.

`ForkedWorkers` (Linux) has one process that imports torch and forks a child per series of tasks;
`FreshWorkers` starts an interpreter per series. A series is one task, or several of one submission that
share a process, with the submission imported anew for each. Neither lets a submission that crashes,
hangs, prints without end or sends nonsense spoil more than its own task: what such a task leaves of its
series goes on in a process of its own, beginning with that task where it was not the first.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grading import frames

KIT = Path(__file__).resolve().parent.parent
START_LIMIT = 120.0  # seconds in which a worker must have imported torch
OUTPUT_LIMIT = 64 * 1024  # bytes of what a submission prints that are kept
# Imported ahead of the fork when the submission mentions them, so that not every task pays for it.
PRELOADABLE = ("matplotlib.pyplot", "scipy.signal", "scipy", "gymnasium", "tqdm.auto", "tqdm")
PASSED_ON = (
    *("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "TEMP"),
    *("TMP", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "USERPROFILE", "APPDATA", "LOCALAPPDATA"),
    *("ATEN_CPU_CAPABILITY", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
)


class CannotStart(Exception):
    """No worker could be started; the message says why."""


@dataclass
class Task:
    """One scenario to run on one submission. Without a scenario the submission is only imported."""

    submission: Path
    scenario: str | None
    inputs: dict[str, Any]
    time_limit: float = 10.0


Series = list[tuple[int, Task]]  # tasks of one submission that share a process, with their numbers


def to_json(series: Series, submission: Path, mark: str = "") -> bytes:
    """What the worker reads; the submission may be a copy. mark: what it prints behind each task."""
    tasks = [{"scenario": task.scenario, "inputs": task.inputs} for _, task in series]
    return json.dumps({"submission": str(submission), "tasks": tasks, "mark": mark}).encode()


@dataclass
class Outcome:
    """How a task ended.

    ended: "done" (there is a result), "timeout", "crashed" (status: minus the signal, or the exit
    status), "stopped" (it ended without a result), "garbled" (message says what arrived instead),
    "disk" (it wrote too much), "budget" (the grading as a whole ran out of time before it).
    first: whether no other task was run in its process before it.
    """

    ended: str
    result: frames.Result | None = None
    status: int = 0
    message: str = ""
    printed: str = ""
    seconds: float = 0.0
    first: bool = True

    def forget_folder(self, box: Path) -> None:
        """Leave the folder it ran in, another one every time, out of what the submission said."""
        folder = f"{box}{os.sep}"
        self.printed = self.printed.replace(folder, "")
        if self.result is not None and self.result.error is not None:
            self.result.error.message = self.result.error.message.replace(folder, "")


def outcome_without_frame(something_came: bool, status: int) -> Outcome:
    """The outcome of a task whose process ended by itself before its frame was complete."""
    if something_came:
        return Outcome("garbled", status=status, message="the result is not complete")
    crashed = status < 0 or status > 0xFFFF
    return Outcome("crashed" if crashed else "stopped", status=status)


def _config(submission: Path) -> str:
    """What a worker must know before its first import."""
    here = {str(KIT), os.getcwd(), "", str(Path(sys.argv[0] or ".").resolve().parent)}
    import_path = [entry for entry in sys.path if entry not in here]
    try:
        source = submission.read_text(errors="replace")
    except OSError:
        source = ""
    preload = [
        name
        for name in PRELOADABLE
        if re.search(rf"^\s*(import|from)\s+{re.escape(name)}\b", source, flags=re.MULTILINE)
    ]
    return json.dumps({"kit": str(KIT), "import_path": import_path, "preload": preload})


def _environment() -> dict[str, str]:
    clean = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {
        # The arrays are tiny: more threads would only wait for each other.
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1"),
        "MPLBACKEND": "Agg",
        # Large pages for the heap, where the C library is glibc: a fork copies half as many entries.
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
        **clean,
    }


def _command(*arguments: str) -> list[str]:
    return [
        sys.executable,
        "-I",
        "-B",
        "-X",
        "utf8",
        str(Path(__file__).with_name("worker.py")),
        *arguments,
    ]


class Workers:
    """What the two kinds share: a scratch folder, versions, and use in a `with` statement."""

    in_series = True

    def __init__(self) -> None:
        self.scratch = Path(tempfile.mkdtemp(prefix="grading-")).resolve()
        self.versions: dict[str, str] = {}
        self.layers: dict[str, object] = {}  # of the jail around each task; see grading.jail
        self.deadline = math.inf  # by time.monotonic(), for all tasks together

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
        """Wait for a task's outcome. Raises CannotStart where there are no workers."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Forget the tasks whose outcomes have not been collected; end those that are running."""

    def close(self) -> None:
        """End every process and remove what they left in the scratch folder."""
        remove_tree(self.scratch)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def start_workers(submission: Path, jobs: int = 1, fresh: bool | None = None) -> Workers:
    """The workers this platform can have. Torch's import has begun when this returns."""
    if sys.platform == "linux" and not fresh:
        from grading.forked import ForkedWorkers

        kind: Callable[..., Workers] = ForkedWorkers
    else:
        from grading.fresh import FreshWorkers

        kind = FreshWorkers
    return kind(_command, _config(submission), _environment(), jobs)


def kill_process(process: subprocess.Popen[bytes]) -> None:
    """Kill and reap."""
    with contextlib.suppress(OSError):
        process.kill()
    process.wait()


def remove_tree(folder: Path) -> None:
    """Remove a folder, whatever a submission has made of it."""
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if folder.exists() and os.name == "posix":
        # Folders without permissions, or nested deeper than Python can follow.
        for command in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
            subprocess.run([*command, "--", str(folder)], check=False, stderr=subprocess.DEVNULL)
