"""Grade many sources with the real judge and workers, on all cores, each process with warm workers."""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.util
import os
import signal
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grading import kernel
from grading.judge.grade import grade
from grading.judge.scores import Grade
from grading.processes.start import start_workers
from grading.processes.workers import Workers
from grading.report.results import results
from grading.submission import CannotGrade
from instructor.catalogue import REFERENCE


@dataclass
class Options:
    """How to grade: the arguments of grading.judge.grade that differ from their defaults."""

    only: tuple[str, ...] = ()
    visible_only: bool = False
    time_limit: float = 10.0


_workers: Workers | None = None


def _start(preload_from: Path) -> None:
    global _workers
    signal.signal(signal.SIGTERM, _stop)
    # Nothing may outlive a sweep that is killed: the workers end when this process does.
    if sys.platform == "linux":
        kernel.try_prctl(kernel.PR_SET_PDEATHSIG, signal.SIGTERM)
    _workers = start_workers(preload_from)
    # Processes of a pool end without running atexit functions, but they do run these.
    multiprocessing.util.Finalize(None, _workers.close, exitpriority=1)


def _stop(*_: object) -> None:
    """End at once, in the middle of a grading, and leave nothing behind."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the pool sends another one meanwhile
    if _workers is not None:
        _workers.close()
    os._exit(1)


def _grade(workers: Workers, content: bytes, options: Options) -> Grade:
    with tempfile.TemporaryDirectory(dir=workers.scratch) as folder:
        submission = Path(folder) / "submitted.py"
        submission.write_bytes(content)
        return grade(submission, workers, options.visible_only, options.only, options.time_limit)


def _grade_one(item: tuple[str, str, Options]) -> tuple[str, Grade]:
    name, source, options = item
    assert _workers is not None
    return name, _grade(_workers, source.encode(errors="surrogateescape"), options)


@dataclass
class Judged:
    """A results document, or None and the reason why there is none; and how long it took."""

    document: dict[str, Any] | None
    reason: str
    seconds: float


def judge_with(workers: Workers, content: bytes, options: Options) -> Judged:
    """Grade a file's content. Raises nothing that a submission can cause."""
    try:
        made = _grade(workers, content, options)
    except CannotGrade as error:
        return Judged(None, str(error), 0.0)
    return Judged(results(made), "", made.seconds)


def judge_bytes(content: bytes, options: Options) -> Judged:
    """The same in a process of the pool."""
    assert _workers is not None
    return judge_with(_workers, content, options)


@contextlib.contextmanager
def pool(preload_from: Path = REFERENCE) -> Iterator[ProcessPoolExecutor]:
    """Processes that grade; ended, with their workers, on leaving.

    preload_from: a file whose imports the workers make once, see grading.dispatch.
    """
    count = os.cpu_count() or 1
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(count, context, _start, (preload_from,))
    others = set(multiprocessing.active_children())
    # Ctrl-C goes to every process of a terminal, and is for this one to answer. Who starts with it
    # ignored goes on ignoring it; so all processes are started here.
    with _deaf_to_interrupts():
        for _ in range(count):
            executor.submit(os.getpid)
    try:
        yield executor
    except BaseException:
        with _deaf_to_interrupts():
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
            executor.shutdown(cancel_futures=True)
        raise
    executor.shutdown()


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def sweep(
    executor: ProcessPoolExecutor, sources: Iterable[tuple[str, str]], options: Options
) -> dict[str, Grade]:
    """Grade (name, source) pairs; returns grades by name, in order."""
    items = [(name, source, options) for name, source in sources]
    return dict(executor.map(_grade_one, items))
