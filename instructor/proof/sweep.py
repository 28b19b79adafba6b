"""Grade many sources with the real judge and workers, on all cores.

Every process of the pool keeps workers that have imported torch.
"""

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

from grading import ending, kernel
from grading.judge.grade import grade
from grading.judge.scores import Grade
from grading.processes.start import Share, preloads, start_workers
from grading.processes.tier import how_to_isolate
from grading.processes.workers import Workers
from grading.report.results import ALL_AT_ONCE, results
from grading.submission import CannotGrade, NotIsolated
from instructor.catalogue import REFERENCE


@dataclass
class Options:
    """How to grade: the arguments of grading.judge.grade that differ from their defaults."""

    only: tuple[str, ...] = ()
    visible_only: bool = False
    time_limit: float = 10.0
    budget: float = 480.0
    visible_needs_hidden: bool = False  # see Grade.withhold_unconfirmed


@dataclass(frozen=True)
class Place:
    """Where a pool grades.

    preload_from: a file whose imports the workers make only once, until they are to judge another that
        imports something else; see grading.processes.start.PRELOADABLE.
    processes: how many, or None for one per processor.
    closed, must_isolate: as for grading.processes.start.start_workers.
    """

    preload_from: Path = REFERENCE
    processes: int | None = None
    closed: tuple[Path, ...] = ()
    must_isolate: bool = False


_workers: Workers | None = None
_preloaded: list[str] = []  # what they have imported ahead
_place, _share = Place(), Share()  # where they are


def _start(place: Place, number: Any, of: int) -> None:
    """Start the workers of one process; `number`, shared by all, counts them."""
    global _place, _share
    signal.signal(signal.SIGTERM, _stop)
    # A terminal that is closed sends it to every process. Only the sweep's answers it, with SIGTERM to
    # this one. (Not ignored, for the workers would inherit that.)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, lambda *_: None)
    # If the sweep is killed, this process gets SIGTERM and ends with its workers.
    if sys.platform == "linux":
        kernel.try_prctl(kernel.PR_SET_PDEATHSIG, signal.SIGTERM)
    # It may have been killed before that, while this process imported what it needs.
    sweep_process = multiprocessing.parent_process()
    if sweep_process is not None and not sweep_process.is_alive():
        _stop()
    with number.get_lock():
        _place, _share = place, Share(number.value, of)
        number.value += 1
    with contextlib.suppress(OSError):  # then they are started with the first submission
        _renew_workers(place.preload_from)
    # A process of a pool ends without running atexit functions, but it does run finalizers.
    multiprocessing.util.Finalize(None, _close, exitpriority=1)


def _renew_workers(preload_from: Path) -> None:
    global _workers, _preloaded
    _close()
    _preloaded = preloads(preload_from.read_bytes())
    # Workers that are started and not noted yet would be left behind.
    with _put_off(signal.SIGTERM):
        _workers = start_workers(
            preload_from, share=_share, closed=_place.closed, must_isolate=_place.must_isolate
        )


def _close() -> None:
    global _workers
    with _put_off(signal.SIGTERM):  # so would half of what is being removed
        workers, _workers = _workers, None
        if workers is not None:
            workers.close()


@contextlib.contextmanager
def _put_off(*numbers: int) -> Iterator[None]:
    """Let these signals wait until the end of the block. What is ignored stays ignored.

    They are not blocked: the processes that are started meanwhile would inherit that.
    """
    came: list[int] = []
    heeded = [number for number in numbers if signal.getsignal(number) != signal.SIG_IGN]
    before = {n: signal.signal(n, lambda number, _: came.append(number)) for n in heeded}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in came:
            signal.raise_signal(number)


def _stop(*_: object) -> None:
    """End at once, in the middle of a grading, and leave nothing behind."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the pool may send it again meanwhile
    _close()
    os._exit(1)


def _grade(
    workers: Workers, content: bytes, options: Options, earlier: Grade | None = None
) -> Grade:
    with tempfile.TemporaryDirectory(dir=workers.scratch) as folder:
        submission = Path(folder) / "submitted.py"
        submission.write_bytes(content)
        made = grade(
            *(submission, workers, options.visible_only, options.only, options.time_limit),
            budget=options.budget,
            earlier=earlier,
        )
    if options.visible_needs_hidden:
        made.withhold_unconfirmed()
    return made


def _grade_one(item: tuple[str, str, Options]) -> tuple[str, Grade]:
    name, source, options = item
    assert _workers is not None
    return name, _grade(_workers, source.encode(errors="surrogateescape"), options)


@dataclass
class Judged:
    """A grade, or None and the reason why there is none."""

    grade: Grade | None
    reason: str = ""

    @property
    def document(self) -> dict[str, Any] | None:
        """The results document of the grade, if there is one."""
        return results(self.grade, ALL_AT_ONCE) if self.grade else None

    @property
    def seconds(self) -> float:
        """How long the grading took."""
        return self.grade.seconds if self.grade else 0.0


def judge_with(
    workers: Workers, content: bytes, options: Options, earlier: Grade | None = None
) -> Judged:
    """Grade a file's content. Raises NotIsolated, but nothing that a submission can cause.

    earlier: as for grading.judge.grade.grade.
    """
    try:
        return Judged(_grade(workers, content, options, earlier))
    except NotIsolated:
        raise
    except CannotGrade as error:
        return Judged(None, str(error))
    except OSError as error:
        return _without_grade(error)


def _without_grade(error: OSError) -> Judged:
    """What comes of a submission where the machine fails, such as where another has filled the disk."""
    return Judged(None, f"The grader could not go on ({error.strerror or type(error).__name__}).")


def judge_bytes(content: bytes, options: Options, earlier: Grade | None = None) -> Judged:
    """Like judge_with, in a process of the pool and with its workers.

    They have imported ahead what this submission imports and nothing else, as in a grading of its own.
    Otherwise it would depend on others whether `matplotlib.pyplot` is there after `import matplotlib`.
    """
    try:
        if _workers is None or preloads(content) != _preloaded:
            with _put_off(signal.SIGTERM), tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "submitted.py"
                path.write_bytes(content)
                _renew_workers(path)
        assert _workers is not None
        judged = judge_with(_workers, content, options, earlier)
        if judged.grade is None:
            _close()  # whatever is wrong with them, the next submission has others
        return judged
    except OSError as error:
        return _without_grade(error)


@contextlib.contextmanager
def pool(place: Place | None = None) -> Iterator[ProcessPoolExecutor]:
    """A pool of processes that grade. On leaving they are ended together with their workers.

    Raises NotIsolated where the place must isolate submissions and cannot.
    """
    place = place or Place()
    if place.must_isolate and sys.platform != "linux":
        raise NotIsolated(how_to_isolate({}))
    count = place.processes or os.cpu_count() or 1
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(count, context, _start, (place, context.Value("i", 0), count))
    others = set(multiprocessing.active_children())
    try:
        # Ctrl-C reaches every process of a terminal, but only this one has to answer it. A process that
        # is started while Ctrl-C is ignored goes on ignoring it. So all processes are started here.
        with _undisturbed():
            for _ in range(count):
                executor.submit(os.getpid)
        yield executor
    except BaseException:
        with _undisturbed():
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
            executor.shutdown(cancel_futures=True)
        raise
    executor.shutdown()


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Ignore Ctrl-C and put off other signals: a process that is started, not noted yet, would stay."""
    others = [number for number in ending.ENDS if number != signal.SIGINT]
    with _put_off(*others):
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
