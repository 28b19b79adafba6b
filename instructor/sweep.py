"""Grade many sources with the real judge and workers, on all cores, each process with warm workers."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import multiprocessing.util
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from grading.dispatch import KIT, Workers, start_workers
from grading.judge import Grade, grade
from grading.results import results


@dataclass
class Options:
    """How to grade: the arguments of grading.judge.grade that differ from their defaults."""

    only: tuple[str, ...] = ()
    visible_only: bool = False
    time_limit: float = 10.0


_workers: Workers | None = None


def _start() -> None:
    global _workers
    _workers = start_workers(KIT / "instructor" / "reference.py")
    # Processes of a pool end without running atexit functions, but they do run these.
    multiprocessing.util.Finalize(None, _workers.close, exitpriority=1)


def _grade_one(item: tuple[str, str, Options]) -> tuple[str, Grade]:
    name, source, options = item
    assert _workers is not None
    with tempfile.TemporaryDirectory() as folder:
        submission = Path(folder) / "submitted.py"
        submission.write_text(source, encoding="utf-8", errors="surrogateescape")
        return name, grade(
            submission, _workers, options.visible_only, options.only, options.time_limit
        )


@contextlib.contextmanager
def pool() -> Iterator[ProcessPoolExecutor]:
    """Processes that grade; ended, with their workers, on leaving."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context, initializer=_start) as executor:
        yield executor


def sweep(
    executor: ProcessPoolExecutor, sources: Iterable[tuple[str, str]], options: Options
) -> dict[str, Grade]:
    """Grade (name, source) pairs; returns grades by name, in order."""
    items = [(name, source, options) for name, source in sources]
    return dict(executor.map(_grade_one, items))


def main() -> None:
    """Grade {"sources": {name: source}, "time_limit": seconds} from standard input; print results."""
    request = json.load(sys.stdin)
    with pool() as executor:
        options = Options(time_limit=request["time_limit"])
        grades = sweep(executor, request["sources"].items(), options)
    documents = {name: results(grade) for name, grade in grades.items()}
    json.dump(documents, sys.stdout, allow_nan=False)


if __name__ == "__main__":
    main()
