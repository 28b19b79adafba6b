"""The batch on this machine: every core grades, and what ends a grader costs one submission at most."""

from __future__ import annotations

import contextlib
import dataclasses
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from tqdm import tqdm

from grading.processes.start import PRELOADABLE
from instructor.batch.entries import Result, Work
from instructor.proof import sweep

ATTEMPTS = 2  # for a submission during which the grader itself came to an end


def on_this_machine(work: Work, options: sweep.Options, place: sweep.Place) -> Iterator[Result]:
    """Grade on all cores, each with workers that have imported torch once. Raises NotIsolated.

    Two submissions that run at the same time can always tell each other something, if only by the load
    they are to the machine. So nobody is asked a hidden test before everybody's visible answers, which
    are shown, are in.

    What ran out of memory while others were being graded is graded again when nobody else is.
    """
    with tempfile.TemporaryDirectory() as folder:
        preload = Path(folder) / "imports.py"
        preload.write_text(imports_of(work), encoding="utf-8")
        place = dataclasses.replace(place, preload_from=preload)
        disturbed: Work = {}
        with _Pool(place) as pool:
            first = dataclasses.replace(options, visible_only=True)
            contents = _judge_all(pool, work, first)
            shown = tqdm(contents, "visible tests", len(work), leave=False, unit="submission")
            visible = dict(shown)
            for content, judged in _judge_all(pool, work, options, visible):
                if judged.grade and judged.grade.disturbed:
                    disturbed[content] = work[content]
                else:
                    yield content, judged.document, judged.reason, judged.seconds
        alone = dataclasses.replace(place, processes=1)
        if disturbed:
            with _Pool(alone) as pool:
                for content, judged in _judge_all(pool, disturbed, options):
                    yield content, judged.document, judged.reason, judged.seconds


class _Pool:
    """A pool of graders, with another one in its place where a process of it has ended."""

    def __init__(self, place: sweep.Place) -> None:
        self.place = place
        self.stack = contextlib.ExitStack()

    def __enter__(self) -> _Pool:
        self.executor = self.stack.enter_context(sweep.pool(self.place))
        return self

    def __exit__(self, *error: Any) -> None:
        self.stack.__exit__(*error)

    def replace(self) -> None:
        """Start another pool."""
        self.stack.close()
        self.executor = self.stack.enter_context(sweep.pool(self.place))


def _judge_all(
    pool: _Pool,
    work: Work,
    options: sweep.Options,
    earlier: Mapping[str, sweep.Judged] | None = None,
) -> Iterator[tuple[str, sweep.Judged]]:
    """Grade every content; what has no earlier grade, anew."""
    attempts = dict.fromkeys(work, 0)
    while attempts:
        waiting: dict[Future[sweep.Judged], str] = {}
        for content in attempts:
            before = earlier[content].grade if earlier else None
            future = pool.executor.submit(sweep.judge_bytes, work[content], options, before)
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
        if broken:
            pool.replace()
        # A process of the kit's own died, and which submission it had is not known: all that are left
        # are tried once more.
        for content in list(attempts):
            attempts[content] += 1
            if attempts[content] >= ATTEMPTS:
                del attempts[content]
                yield content, sweep.Judged(None, "The grader itself ended while it graded this.")


def imports_of(work: Work) -> str:
    """Import lines for what any submission imports and workers may as well import once."""
    text = b"\n".join(work.values()).decode(errors="replace")
    return "\n".join(f"import {name}" for name in PRELOADABLE if name in text)
