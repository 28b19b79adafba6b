"""The judge's side of the workers: send a task, wait for its outcome, keep the time.

`ForkedWorkers` (Linux) has one process that imports torch and forks a child per task; `FreshWorkers`
starts an interpreter per task. Both answer to `submit` and `collect`, and neither lets a submission
that crashes, hangs, prints without end or sends nonsense spoil more than its own task.
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

    def to_json(self, submission: Path) -> bytes:
        """What the worker reads; the submission may be a copy."""
        fields = {
            "submission": str(submission),
            "scenario": self.scenario,
            "inputs": self.inputs,
        }
        return json.dumps(fields).encode()


@dataclass
class Outcome:
    """How a task ended.

    ended: "done" (there is a result), "timeout", "crashed" (status: minus the signal, or the exit
    status), "stopped" (it ended without a result), "garbled" (message says what arrived instead),
    "disk" (it wrote too much), "budget" (the grading as a whole ran out of time before it).
    """

    ended: str
    result: frames.Result | None = None
    status: int = 0
    message: str = ""
    printed: str = ""
    seconds: float = 0.0


def outcome_of(frame: bytes, printed: bytes, status: int, seconds: float) -> Outcome:
    """The outcome of a task that ended by itself."""
    text = printed.decode(errors="replace")
    try:
        result = frames.decode(frame)
    except frames.BadFrame as error:
        if frame:
            ended = "garbled"
        else:
            ended = "crashed" if status < 0 or status > 0xFFFF else "stopped"
        return Outcome(ended, status=status, message=str(error), printed=text, seconds=seconds)
    return Outcome("done", result, printed=text, seconds=seconds)


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

    def __init__(self) -> None:
        self.scratch = Path(tempfile.mkdtemp(prefix="grading-")).resolve()
        self.versions: dict[str, str] = {}
        self.layers: dict[str, object] = {}  # of the jail around each task; see grading.jail
        self.deadline = math.inf  # by time.monotonic(), for all tasks together

    def out_of_time(self) -> bool:
        """Whether no further task may run."""
        return time.monotonic() > self.deadline

    def submit(self, task: Task) -> int:
        """Queue a task and return its number. Does not wait."""
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
