"""The batch on an existing Dask cluster: the same unit of work, scheduled and retried by Dask.

Every worker must have the kit (by a shared file system, or as the same clone) and the same packages. A
worker with another kit refuses, so every result is of the kit that started the batch.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
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
_workers: Workers | None = None


class AnotherKit(Exception):
    """A worker's kit or packages are not those the batch was started with."""


def grade_remotely(
    content: bytes,
    kit: str,
    options: sweep.Options,
    must_isolate: bool,
    visible_only: bool = False,
    earlier: Grade | None = None,
) -> sweep.Judged:
    """On a worker: grade a submission's bytes. earlier: as for grading.judge.grade.grade."""
    global _workers
    if kit_hash(options) != kit:
        raise AnotherKit("a worker has another version of the kit or of its packages.")
    with _lock:
        if _workers is None:
            _workers = start_workers(sweep.REFERENCE, must_isolate=must_isolate)
        asked = replace(options, visible_only=visible_only)
        return sweep.judge_with(_workers, content, asked, earlier)


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

    def judge_all(
        work: Work, *how: object, earlier: Mapping[str, sweep.Judged] | None = None
    ) -> Iterator[tuple[str, sweep.Judged]]:
        visible_only = earlier is None
        futures: dict[Any, str] = {
            client.submit(
                grade_remotely,
                *(data, kit, *how, visible_only),
                earlier and earlier[content].grade,
                retries=RETRIES,
                key=f"{kit[:8]}-{content}-{'visible' if visible_only else 'all'}",
            ): content
            for content, data in work.items()
        }
        for future in as_completed(futures):
            try:
                judged = future.result()
            except (AnotherKit, NotIsolated) as error:
                raise CannotGrade(f"Nothing more was graded: {error}") from None
            except Exception as error:  # Dask has given up on it
                reason = f"The cluster could not grade this ({type(error).__name__})."
                judged = sweep.Judged(None, reason)
            yield futures[future], judged

    def run(work: Work, options: sweep.Options, place: sweep.Place) -> Iterator[Result]:
        with client:
            # First all visible answers, as in instructor.batch.on_this_machine.
            how = (options, place.must_isolate)
            visible = dict(judge_all(work, *how))
            # Who has no visible answers is asked no hidden test: visible ones would come after it.
            graded = {content: data for content, data in work.items() if visible[content].grade}
            for content in work.keys() - graded.keys():
                yield content, None, visible[content].reason, 0.0
            for content, judged in judge_all(graded, *how, earlier=visible):
                yield content, judged.document, judged.reason, judged.seconds

    return run
