"""The time that one task takes in a forked worker and in a fresh interpreter."""

from __future__ import annotations

import statistics
import time

from grading.judge.keys import read_key
from grading.kit import VISIBLE
from grading.processes.start import start_workers
from grading.wire import Task
from instructor.catalogue import REFERENCE

BOUND_MS = 50.0


def milliseconds(fresh: bool, tasks: list[Task]) -> list[float]:
    """Whole time of each task, from handing it over to its outcome, one after the other."""
    with start_workers(REFERENCE, fresh=fresh) as workers:
        workers.collect(workers.submit(tasks[0]))  # torch is imported now
        times = []
        for task in tasks:
            started = time.perf_counter()
            outcome = workers.collect(workers.submit(task))
            times.append(1000 * (time.perf_counter() - started))
            assert outcome.ended == "done"
    return times


def main(rounds: int) -> int:
    """Print medians; 1 where forked workers are over their bound."""
    importing = [Task(REFERENCE, None, {})] * 10 * rounds
    visible = read_key(VISIBLE.key).cases.values()
    cases = [Task(REFERENCE, c.scenario, c.inputs) for c in visible] * rounds
    empty = statistics.median(milliseconds(False, importing))
    of_cases = statistics.median(milliseconds(False, cases))
    fresh = statistics.median(milliseconds(True, importing[:5]))
    print(f"forked worker, importing the submission only: {empty:6.1f} ms (bound {BOUND_MS:.0f})")
    print(f"forked worker, a visible case:                {of_cases:6.1f} ms")
    print(f"fresh interpreter, importing only:            {fresh:6.1f} ms")
    return int(empty > BOUND_MS)
