"""Start the kind of workers that this platform supports."""

from __future__ import annotations

import json
import os
import re
import site
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grading.kit import KIT, must_stay_closed
from grading.processes.tier import how_to_isolate
from grading.processes.workers import Workers
from grading.submission import NotIsolated

WORKER = KIT / "grading" / "worker" / "main.py"
# If the submission imports one of these, the parent imports it before it forks: once for all tasks.
# Others take a child less than 20 milliseconds.
PRELOADABLE = ("matplotlib.pyplot", "scipy.signal", "gymnasium")
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
MIN_THREAD_LIMIT = 8
# Large pages for the heap: a fork then copies half as many page table entries. And few heaps: otherwise
# every thread reserves 64 MB, which counts towards the memory that a submission may have.
GLIBC_TUNABLES = "glibc.malloc.hugetlb=1:glibc.malloc.arena_max=2"


@dataclass(frozen=True)
class Share:
    """Which part of a machine some workers may use: the `number`th of `of` equal ones, from 0."""

    number: int = 0
    of: int = 1

    def cores(self) -> list[int]:
        """Processors for the submissions; empty where they need not be bound to any."""
        if self.of == 1 or not hasattr(os, "sched_getaffinity"):
            return []
        cores = sorted(os.sched_getaffinity(0))
        return cores[self.number % len(cores) :: self.of] or cores


def preloads(content: bytes) -> list[str]:
    """What workers for a submission with this content import ahead of it."""
    source = "\n".join(content.decode(errors="replace").splitlines())
    return [
        name
        for name in PRELOADABLE
        # Blanks of one line only: over many empty lines, a search across them takes for ever.
        if re.search(rf"^[ \t]*(import|from)[ \t]+{re.escape(name)}\b", source, flags=re.MULTILINE)
    ]


def _config(submission: Path, share: Share, closed: Iterable[Path]) -> str:
    """What a worker must know before its first import."""
    here = {str(KIT), os.getcwd(), "", str(Path(sys.argv[0] or ".").resolve().parent)}
    # The program may itself lie among the packages, as Jupyter's kernel does.
    packages = {*map(sysconfig.get_path, ("purelib", "platlib")), site.getusersitepackages()}
    import_path = [entry for entry in sys.path if entry in packages or entry not in here]
    try:
        content = submission.read_bytes()
    except OSError:
        content = b""
    return json.dumps(
        {
            "kit": str(KIT),
            "import_path": import_path,
            "preload": preloads(content),
            "cores": share.cores(),
            "share": share.of,
            "closed": [str(path.resolve()) for path in (*must_stay_closed(), *closed)],
        }
    )


WHOLE_MACHINE = Share()


def _environment() -> dict[str, str]:
    clean = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {
        # The arrays are tiny: more threads would only wait for each other.
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1"),
        # Whatever number of threads a submission asks torch for, it gets no more.
        "OMP_THREAD_LIMIT": str(max(MIN_THREAD_LIMIT, os.cpu_count() or 1)),
        "MPLBACKEND": "Agg",
        # In the jail there is no list of users in which to look up the own one.
        **dict.fromkeys(("USER", "LOGNAME"), "student"),
        "GLIBC_TUNABLES": GLIBC_TUNABLES,
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


def start_workers(
    submission: Path,
    jobs: int = 1,
    fresh: bool | None = None,
    share: Share = WHOLE_MACHINE,
    closed: Iterable[Path] = (),
    must_isolate: bool = False,
) -> Workers:
    """Start workers of the kind that this platform supports. They import torch after this returns.

    closed: what no submission may be able to read, beside the answers.
    must_isolate: raise NotIsolated, here or before the first task runs, where submissions cannot be
        kept away from all that.
    """
    config, environment = _config(submission, share, closed), _environment()
    if sys.platform == "linux" and not fresh:
        from grading.processes.forked import ForkedWorkers

        return ForkedWorkers(_command, config, environment, jobs, must_isolate)
    if must_isolate:
        raise NotIsolated(how_to_isolate({}))
    from grading.processes.fresh import FreshWorkers

    return FreshWorkers(_command, config, environment, jobs)
