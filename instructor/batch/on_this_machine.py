"""The batch on this machine: every core grades, and what ends a grader costs one submission at most."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from grading.processes.start import PRELOADABLE
from instructor.batch.entries import Result, Work
from instructor.proof import sweep

ATTEMPTS = 2  # for a submission during which the grader itself came to an end


def on_this_machine(work: Work, options: sweep.Options, place: sweep.Place) -> Iterator[Result]:
    """Grade on all cores, each with workers that have imported torch once. Raises NotIsolated.

    What ran out of memory while others were being graded is graded again when nobody else is.
    """
    with tempfile.TemporaryDirectory() as folder:
        preload = Path(folder) / "imports.py"
        preload.write_text(imports_of(work), encoding="utf-8")
        place = dataclasses.replace(place, preload_from=preload)
        disturbed: Work = {}
        for content, judged in _judge_all(work, options, place):
            if judged.disturbed:
                disturbed[content] = work[content]
            else:
                yield content, judged.document, judged.reason, judged.seconds
        alone = dataclasses.replace(place, processes=1)
        for content, judged in _judge_all(disturbed, options, alone):
            yield content, judged.document, judged.reason, judged.seconds


def _judge_all(
    work: Work, options: sweep.Options, place: sweep.Place
) -> Iterator[tuple[str, sweep.Judged]]:
    attempts = dict.fromkeys(work, 0)
    while attempts:
        with sweep.pool(place) as executor:
            waiting: dict[Future[sweep.Judged], str] = {}
            for content in attempts:
                future = executor.submit(sweep.judge_bytes, work[content], options)
                waiting[future] = content
            broken = False
            while waiting and not broken:
                ended, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in ended:
                    content = waiting.pop(future)
                    try:
                        judged = future.result()
                    except BrokenProcessPool:
                        broken = True
                        continue
                    del attempts[content]
                    yield content, judged
        # A process of the kit's own died, and which submission it had is not known: all that are left
        # are tried once more.
        for content in list(attempts):
            attempts[content] += 1
            if attempts[content] >= ATTEMPTS:
                del attempts[content]
                reason = "The grader itself ended while it graded this."
                yield content, sweep.Judged(None, reason, 0.0)


def imports_of(work: Work) -> str:
    """Import lines for what any submission imports and workers may as well import once."""
    text = b"\n".join(work.values()).decode(errors="replace")
    return "\n".join(f"import {name}" for name in PRELOADABLE if name in text)
