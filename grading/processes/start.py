"""Start the kind of workers that this platform supports."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

from grading.kit import KIT
from grading.processes.workers import Workers

WORKER = KIT / "grading" / "worker" / "main.py"
# If the submission imports one of these, the parent imports it before it forks: once for all tasks.
PRELOADABLE = ("matplotlib.pyplot", "scipy.signal", "scipy", "gymnasium", "tqdm.auto", "tqdm")
PASSED_ON = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SYSTEMROOT",
    "SYSTEMDRIVE",
    "WINDIR",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "ATEN_CPU_CAPABILITY",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
)


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
        # Lets glibc use large pages for the heap: a fork then copies half as many page table entries.
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
        str(WORKER),
        *arguments,
    ]


def start_workers(submission: Path, jobs: int = 1, fresh: bool | None = None) -> Workers:
    """Start workers of the kind that this platform supports. They import torch after this returns."""
    if sys.platform == "linux" and not fresh:
        from grading.processes.forked import ForkedWorkers

        kind: Callable[..., Workers] = ForkedWorkers
    else:
        from grading.processes.fresh import FreshWorkers

        kind = FreshWorkers
    return kind(_command, _config(submission), _environment(), jobs)
