"""The batch on this machine: every core grades, and what ends a grader costs one submission at most."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from tqdm import tqdm

from grading.processes.start import preloads
from instructor.batch.entries import Result, Work
from instructor.proof import sweep

ATTEMPTS = 2  # for a submission during which the grader itself came to an end


def on_this_machine(work: Work, options: sweep.Options, place: sweep.Place) -> Iterator[Result]:
    """Grade on all cores, each with workers that have imported torch once. Raises NotIsolated.

    Two submissions that run at the same time can always tell each other something, if only by the load
    they are to the machine. So nobody is asked a hidden test before everybody's visible answers, which
    are shown, are in.

    What ran out of memory while others were being graded is asked again when nobody else is: a visible
    test before anybody's hidden ones, a hidden one after them.
    """
    if not work:
        return  # to start graders takes seconds
    work = by_imports(work)
    with tempfile.TemporaryDirectory() as folder:
        preload = Path(folder) / "imports.py"
        preload.write_bytes(next(iter(work.values()), b""))
        # Every process imports torch, also one for which no submission is left.
        few = len(work) if len(work) < (os.cpu_count() or 1) else None
        place = dataclasses.replace(place, preload_from=preload, processes=few)
        alone = dataclasses.replace(place, processes=1)
        first = dataclasses.replace(options, visible_only=True)
        with _Pool(place) as pool:
            asked = _judge_all(pool, work, first)
            visible = dict(tqdm(asked, "visible tests", len(work), leave=False, unit="submission"))
            again = {c: data for c, data in work.items() if _was_disturbed(visible[c])}
            if again:
                pool.replace(alone)
                visible |= _judge_all(pool, again, first)
                pool.replace(place)
            # Who has no visible answers is asked no hidden test: visible ones would come after it.
            # Backwards, because workers are ready for those who came last.
            graded = {c: work[c] for c in reversed(work) if visible[c].grade}
            for content in work.keys() - graded.keys():
                yield _result(content, visible[content])
            again = {}
            for content, judged in _judge_all(pool, graded, options, visible):
                # Who was disturbed when nobody else was there has disturbed itself.
                if _was_disturbed(judged) and not _was_disturbed(visible[content]):
                    again[content] = work[content]
                else:
                    yield _result(content, judged)
            if again:
                pool.replace(alone)
                for content, judged in _judge_all(pool, again, options, visible):
                    yield _result(content, judged)


def _was_disturbed(judged: sweep.Judged) -> bool:
    return judged.grade is None or judged.grade.disturbed


def _result(content: str, judged: sweep.Judged) -> Result:
    return content, judged.document, judged.reason, judged.seconds


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

    def replace(self, place: sweep.Place | None = None) -> None:
        """Start another pool, in the same place or in another."""
        self.place = place or self.place
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


def by_imports(work: Work) -> Work:
    """Those that import the same one after the other: between others, workers are started anew."""
    return dict(sorted(work.items(), key=lambda item: preloads(item[1])))
