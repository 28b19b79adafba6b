"""The batch on an existing Dask cluster: the same unit of work, scheduled and retried by Dask.

Every worker must have the kit (by a shared file system, or as the same clone) and the same packages. A
worker with another kit refuses, so every result is of the kit that started the batch.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from multiprocessing.util import Finalize
from typing import Any

from grading.judge.scores import Grade
from grading.processes.start import start_workers
from grading.processes.workers import Workers
from grading.submission import CannotGrade, NotIsolated
from instructor.batch.entries import Result, Work
from instructor.batch.record import kit_hash
from instructor.proof import sweep

RETRIES = 3  # of a submission whose worker died
_lock = threading.Lock()  # a judge is alone in its process: it redirects what it prints


class AnotherKit(Exception):
    """A worker's kit or packages are not those the batch was started with."""


@dataclass
class _Started:
    """Workers that were started for one batch. close: ends them, at the latest with this process."""

    workers: Workers
    batch: str
    close: Finalize


_started: _Started | None = None


def grade_remotely(
    content: bytes,
    kit: str,
    options: sweep.Options,
    place: sweep.Place,
    batch: str,
    visible_only: bool = False,
    earlier: Grade | None = None,
) -> sweep.Judged | AnotherKit | NotIsolated:
    """On a worker: grade a submission's bytes. earlier: as for grading.judge.grade.grade.

    batch: the same text for a whole batch, and another one for every other.
    Why nothing can be graded here is returned: what is raised, Dask would try again.
    """
    if kit_hash(options) != kit:
        return AnotherKit("a worker has another version of the kit or of its packages.")
    with _lock:
        asked = replace(options, visible_only=visible_only)
        try:
            judged = sweep.judge_with(_workers_for(batch, place), content, asked, earlier)
        except NotIsolated as error:
            _close_workers()  # they answer nothing more
            return error
        if judged.grade is None:
            _close_workers()  # whatever is wrong with them, the next submission has others
        return judged


def _workers_for(batch: str, place: sweep.Place) -> Workers:
    """This batch's workers: only those that start with it try what must stay closed in it."""
    global _started
    if _started is not None and _started.batch != batch:
        _close_workers()
    if _started is None:
        workers = start_workers(
            sweep.REFERENCE, closed=place.closed, must_isolate=place.must_isolate
        )
        _started = _Started(workers, batch, Finalize(None, workers.close, exitpriority=1))
    return _started.workers


def _close_workers() -> None:
    global _started
    if _started is not None:
        _started.close()
        _started = None


def runner_at(
    address: str, kit: str
) -> Callable[[Work, sweep.Options, sweep.Place], Iterator[Result]]:
    """What grades on the cluster at this address. Raises CannotGrade."""
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise CannotGrade(
            "--dask needs the package distributed. "
            "Install it with: python -m pip install distributed"
        ) from None
    try:
        client = Client(address, timeout=20)
    except (OSError, ValueError) as error:
        raise CannotGrade(f"There is no Dask scheduler at {address} ({error}).") from None

    batch = secrets.token_hex(8)

    def judge_all(
        work: Work,
        options: sweep.Options,
        place: sweep.Place,
        earlier: Mapping[str, sweep.Judged] | None = None,
        again: bool = False,
    ) -> Iterator[tuple[str, sweep.Judged]]:
        visible_only = earlier is None
        what = f"{'visible' if visible_only else 'all'}{'-again' if again else ''}"
        futures: dict[Any, str] = {
            client.submit(
                grade_remotely,
                *(data, kit, options, place, batch, visible_only),
                earlier and earlier[content].grade,
                retries=RETRIES,
                key=f"{batch}-{content}-{what}",
            ): content
            for content, data in work.items()
        }
        for future in as_completed(futures):
            try:
                judged = future.result()
            except Exception as error:  # Dask has given up on it
                reason = f"The cluster could not grade this ({type(error).__name__})."
                judged = sweep.Judged(None, reason)
            if isinstance(judged, (AnotherKit, NotIsolated)):
                raise CannotGrade(f"Nothing more was graded: {judged}")
            yield futures[future], judged

    def judge_alone(
        work: Work,
        options: sweep.Options,
        place: sweep.Place,
        earlier: Mapping[str, sweep.Judged] | None = None,
    ) -> Iterator[tuple[str, sweep.Judged]]:
        for content, data in work.items():
            yield from judge_all({content: data}, options, place, earlier, again=True)

    def run(work: Work, options: sweep.Options, place: sweep.Place) -> Iterator[Result]:
        # The order is that of instructor.batch.on_this_machine: first all visible answers.
        with client:
            how = (options, place)
            visible = dict(judge_all(work, *how))
            again = {c: data for c, data in work.items() if _was_disturbed(visible[c])}
            visible |= judge_alone(again, *how)
            # Who has no visible answers is asked no hidden test: visible ones would come after it.
            graded = {c: data for c, data in work.items() if visible[c].grade}
            for content in work.keys() - graded.keys():
                yield _result(content, visible[content])
            again = {}
            for content, judged in judge_all(graded, *how, earlier=visible):
                # Who was disturbed when nobody else was there has disturbed itself.
                if _was_disturbed(judged) and not _was_disturbed(visible[content]):
                    again[content] = work[content]
                else:
                    yield _result(content, judged)
            for content, judged in judge_alone(again, *how, earlier=visible):
                yield _result(content, judged)

    return run


def _was_disturbed(judged: sweep.Judged) -> bool:
    return judged.grade is None or judged.grade.disturbed


def _result(content: str, judged: sweep.Judged) -> Result:
    return content, judged.document, judged.reason, judged.seconds
