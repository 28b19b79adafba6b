"""Run catalogue entries on the keys' cases and keep what came out, as the judge would receive it."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from grading.judge.keys import Case
from grading.kit import KIT
from grading.processes.start import start_workers
from grading.wire import Outcome, Task

# The outcomes of one catalogue entry, by case.
Outcomes = dict[str, Outcome]


def observe(
    sources: Mapping[str, str], wanted: Mapping[str, list[Case]], time_limit: float = 10.0
) -> dict[str, Outcomes]:
    """Run every source on the cases wanted for it, on all cores; outcomes by source and case."""
    names = list(sources)
    jobs = os.cpu_count() or 1
    with ThreadPoolExecutor(jobs) as threads:
        shares = [names[n::jobs] for n in range(jobs)]
        parts = threads.map(lambda share: _observe(share, sources, wanted, time_limit), shares)
        found = {name: outcomes for part in parts for name, outcomes in part.items()}
    return {name: found[name] for name in names}


def _observe(
    names: list[str],
    sources: Mapping[str, str],
    wanted: Mapping[str, list[Case]],
    time_limit: float,
) -> dict[str, Outcomes]:
    """Run the sources `names` with workers of their own: the share of one core."""
    found: dict[str, Outcomes] = {}
    reference = KIT / "instructor" / "reference.py"
    with tempfile.TemporaryDirectory() as folder, start_workers(reference) as workers:
        for name in names:
            path = Path(folder) / "submitted.py"
            path.write_text(sources[name], encoding="utf-8")
            tasks = {
                case.name: workers.submit(Task(path, case.scenario, case.inputs, time_limit))
                for case in wanted[name]
            }
            found[name] = {case: workers.collect(number) for case, number in tasks.items()}
    return found


@contextlib.contextmanager
def environment(**variables: str) -> Iterator[None]:
    """Set environment variables for a while: workers that are started meanwhile get them."""
    saved = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in saved.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
