"""Run many sources on cases and keep what came out, as the judge would receive it.

Nothing is judged here: the keys are made from these outcomes. To grade many sources is the job of
instructor/proof/sweep.py, which needs a process for each judge; here threads do.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from grading.judge.keys import Case
from grading.kit import KIT
from grading.processes.start import start_workers
from grading.wire import Outcome, Task

# The outcomes of one catalogue entry, by case.
Outcomes = dict[str, Outcome]
Kept = TypeVar("Kept")


def sweep_cases(
    sources: Mapping[str, str], wanted: Mapping[str, list[Case]], time_limit: float = 10.0
) -> dict[str, Outcomes]:
    """Run every source on the cases wanted for it, on all cores; outcomes by source and case."""
    return sweep_and_reduce(sources, wanted, lambda _, outcome: outcome, time_limit)


def sweep_and_reduce(
    sources: Mapping[str, str],
    wanted: Mapping[str, list[Case]],
    reduce: Callable[[Case, Outcome], Kept],
    time_limit: float,
    bundle: int = 1,
    probing: bool = True,
) -> dict[str, dict[str, Kept]]:
    """Like sweep_cases, but keep only what `reduce` makes of an outcome: all would fill the memory.

    bundle: so many sources share a process, which saves half the time. None of them may change what
        another one finds there.
    probing: see grading.wire.Task.
    """
    names = list(sources)
    # Two for each core: one waits while what the other's submission has returned is read here.
    jobs = 2 * (os.cpu_count() or 1)
    with ThreadPoolExecutor(jobs) as threads:
        shares = [names[n::jobs] for n in range(jobs)]
        parts = threads.map(
            lambda share: _share_of_one_thread(
                *(share, sources, wanted, reduce, time_limit, bundle, probing)
            ),
            shares,
        )
        found = {name: kept for part in parts for name, kept in part.items()}
    return {name: found[name] for name in names}


def _share_of_one_thread(
    names: list[str],
    sources: Mapping[str, str],
    wanted: Mapping[str, list[Case]],
    reduce: Callable[[Case, Outcome], Kept],
    time_limit: float,
    bundle: int,
    probing: bool,
) -> dict[str, dict[str, Kept]]:
    """Run the sources `names` with workers of their own: the share of one thread.

    The cases of a source share a process, as the tests of a grading do.
    """
    found: dict[str, dict[str, Kept]] = {}
    reference = KIT / "instructor" / "reference.py"
    with tempfile.TemporaryDirectory() as folder, start_workers(reference) as workers:

        def outcomes_of(together: list[str]) -> list[Outcome]:
            path = Path(folder) / "submitted.py"
            path.write_text(
                _bundled([sources[n] for n in together], [len(wanted[n]) for n in together])
            )
            cases = [case for name in together for case in wanted[name]]
            tasks = [Task(path, case.scenario, case.inputs, time_limit, probing) for case in cases]
            numbers = workers.submit_series(tasks) if tasks else []
            return [workers.collect(number) for number in numbers]

        for first in range(0, len(names), bundle):
            together = names[first : first + bundle]
            outcomes = outcomes_of(together)
            if len(together) > 1 and any(outcome.ended != "done" for outcome in outcomes):
                # The process has ended in between, and no other one knows whose turn it is.
                outcomes = [outcome for name in together for outcome in outcomes_of([name])]
            for name in together:
                own, outcomes = outcomes[: len(wanted[name])], outcomes[len(wanted[name]) :]
                found[name] = {c.name: reduce(c, outcome) for c, outcome in zip(wanted[name], own)}
    return found


def _bundled(sources: list[str], turns: list[int]) -> str:
    """A submission that is one source after the other, each as often as it has turns.

    A task imports its submission anew, so the turn is kept where all modules find it.
    """
    if len(sources) == 1:
        return sources[0]
    return f"""\
import sys

if not hasattr(sys, "bundled"):
    sys.bundled = [code for source, turns in zip({sources!r}, {turns!r})
                   for code in [compile(source, __file__, "exec")] * turns]
exec(sys.bundled.pop(0))
"""
