"""The submissions where nothing is isolated: in a plain grader, and in a student's `pytest tests`."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from grading.kit import KIT
from grading.removal import remove_tree
from instructor.tests.hostile.accounts import FIRST_USER, Account, account

HERE = Path(__file__).resolve().parent
SERVER = HERE / "undefended_server.py"
PLAIN_GRADER = (HERE / "attacks" / "plain_grader.py").relative_to(KIT)
# Seconds after which a run hangs, and seconds of one processor; without an attack the plain grader needs
# less than half of one.
HANGS_AFTER, CPU_SECONDS = 5.0, 2
PYTEST_HANGS_AFTER, PYTEST_CPU_SECONDS = 30.0, 20


@dataclass
class Run:
    """How a run ended: its score where it gave one, and whether it had to be ended."""

    score: float | None
    hangs: bool
    printed: str

    def __str__(self) -> str:
        if self.score is not None:
            return f"{self.score:g}"
        return "no result (hangs)" if self.hangs else "no result"


class Undefended:
    """Runs submissions one after the other on an account; a kit that has changed is made anew."""

    def __init__(self, user: Account) -> None:
        self.user = user
        self.kit = _state(user.kit)
        self.server = subprocess.Popen(
            [user.python, "-B", str(SERVER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**user.environment, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        )

    def plain(self, source: str) -> Run:
        """What the plain grader makes of a submission."""
        kit, path = self.user.kit, self.user.kit / "submitted.py"
        work = kit.parent / "work"
        remove_tree(work)
        work.mkdir()
        os.chown(work, self.user.uid, self.user.uid)
        arguments = [str(kit / PLAIN_GRADER), str(kit), str(path)]
        run = self._run(source, work, arguments, HANGS_AFTER, CPU_SECONDS)
        # What the last line says is believed, as many a platform does.
        with contextlib.suppress(ValueError, IndexError, KeyError, TypeError):
            run.score = float(json.loads(run.printed.strip().splitlines()[-1])["score"])
        return run

    def pytest(self, source: str) -> Run:
        """How many tests `pytest tests` finds passed, where the submission lies beside the judge."""
        arguments = ["pytest", "-p", "no:cacheprovider", "tests", "--trust"]
        run = self._run(source, self.user.kit, arguments, PYTEST_HANGS_AFTER, PYTEST_CPU_SECONDS)
        passed = re.search(r"(\d+) passed", run.printed)
        run.score = float(passed[1]) if passed else None
        return run

    def _run(
        self, source: str, folder: Path, arguments: list[str], seconds: float, cpu_seconds: int
    ) -> Run:
        (self.user.kit / "submitted.py").write_text(source, encoding="utf-8")
        request = {
            "uid": self.user.uid,
            "folder": str(folder),
            "arguments": arguments,
            "seconds": seconds,
            "cpu_seconds": cpu_seconds,
        }
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        self.server.stdin.write(json.dumps(request) + "\n")
        self.server.stdin.flush()
        in_time, printed = json.loads(self.server.stdout.readline())
        if _state(self.user.kit) != self.kit:
            self.user.write_kit()
            self.kit = _state(self.user.kit)
        return Run(None, not in_time, printed)

    def close(self) -> None:
        """End the server."""
        assert self.server.stdin is not None
        self.server.stdin.close()
        self.server.wait()


Runs = dict[str, Run]


def run_all(
    sources: dict[str, str], with_pytest: Iterable[str], processes: int = 3
) -> tuple[Runs, Runs]:
    """What becomes of each submission in the plain grader and, of some, in `pytest tests`."""
    wanted = set(with_pytest)

    def some(number: int) -> tuple[Runs, Runs]:
        mine = dict(list(sources.items())[number::processes])
        with account(FIRST_USER + 1 + number) as user, contextlib.closing(Undefended(user)) as runs:
            plain = {name: runs.plain(source) for name, source in mine.items()}
            return plain, {name: runs.pytest(mine[name]) for name in mine if name in wanted}

    plain: Runs = {}
    with_judge: Runs = {}
    with ThreadPoolExecutor(processes) as threads:
        for some_plain, some_with_judge in threads.map(some, range(processes)):
            plain |= some_plain
            with_judge |= some_with_judge
    return plain, with_judge


def _state(folder: Path) -> dict[str, tuple[int, int, int]] | None:
    """Mode, size and time of all in a folder but the submission; None where it cannot be looked at."""
    found = {}
    try:
        for path in folder.rglob("*"):
            status = os.lstat(path)
            is_file = path.name != "submitted.py" and not path.is_dir()
            size_and_time = (status.st_size, status.st_mtime_ns) if is_file else (0, 0)
            found[str(path)] = (status.st_mode, *size_and_time)
    except (OSError, RecursionError):
        return None
    return found
