"""Grade the catalogue over and over in the same two slots, and see whether anything piles up.

After every round it counts what a long batch could run out of: the processes, their open descriptors,
their memory, and the files below the folder for temporary ones. Scores must not change either.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, dataclass
from pathlib import Path
from unittest import mock

from instructor import catalogue
from instructor.bench.grade import descendants
from instructor.proof import sweep

SLOTS = 2
GROWTH_MB = 10.0  # what the memory may grow by between the first round and the last
SETTLED = 1.0  # seconds after which the last submission's process has ended


@dataclass
class Held:
    """What a grading holds while no submission runs.

    memory: in MB, without files' pages, whose share depends on who else on the machine uses them.
    """

    processes: int
    descriptors: int
    files: int
    memory: float


def held(scratch: Path) -> Held:
    """What this process and its descendants hold now, with the files below their folder."""
    members = list(descendants(os.getpid()))
    descriptors = sum(len(os.listdir(f"/proc/{member}/fd")) for member in members)
    files = sum(1 for _ in scratch.rglob("*"))
    return Held(len(members), descriptors, files, sum(map(own_memory, members)))


def own_memory(member: int) -> float:
    """The memory of a process that is no file's, in MB; pages shared with others are divided.

    Zero where it is not to be known.
    """
    try:
        lines = Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return 0.0
    sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    return (sizes["Pss_Anon"] + sizes["Pss_Shmem"]) / 1000


def grade_round(
    executor: ProcessPoolExecutor, sources: Iterable[tuple[str, str]]
) -> dict[str, float]:
    """Grade every source; scores by name."""
    return {name: g.score for name, g in sweep.sweep(executor, sources, sweep.Options()).items()}


def main(rounds: int) -> int:
    """Print what is held after each round; 1 where it has grown or a score has changed."""
    entries: list[catalogue.Entry] = [*catalogue.all_mistakes(), *catalogue.alternatives_here()]
    sources = [(entry.name, catalogue.source_of(entry)) for entry in entries]
    seen: list[Held] = []
    changed = 0
    print("submissions   seconds   processes   descriptors   files   memory")
    with (
        tempfile.TemporaryDirectory() as name,
        mock.patch.dict(os.environ, TMPDIR=name),
        mock.patch.object(tempfile, "tempdir", name),
    ):
        Path(name).chmod(0o711)  # the boxes inside belong to other users
        with sweep.pool(sweep.Place(processes=SLOTS)) as executor:
            scores: dict[str, float] = {}
            started = time.perf_counter()
            for number in range(1, rounds + 1):
                found = grade_round(executor, sources)
                for entry, score in found.items():
                    if scores.get(entry, score) != score:
                        changed += 1
                        print(f"{entry}: {scores[entry]:g} points at first, {score:g} now")
                scores = scores or found
                time.sleep(SETTLED)
                seen.append(held(Path(name)))
                seconds = time.perf_counter() - started
                print(
                    f"{number * len(sources):11} {seconds:9.0f} {seen[-1].processes:11}"
                    f" {seen[-1].descriptors:13} {seen[-1].files:7} {seen[-1].memory:6.0f} MB",
                    flush=True,
                )
        left = sum(1 for _ in Path(name).rglob("*"))
    print(f"{changed} scores changed from one round to another")
    print(f"{left} files are left when the slots have ended")
    return int(changed + left > 0 or has_grown(seen[0], seen[-1]))


def has_grown(first: Held, last: Held) -> bool:
    """Whether more is held than at first. Memory may grow by GROWTH_MB: it is never exactly the same."""
    *counts, megabytes = (after - before for before, after in zip(astuple(first), astuple(last)))
    return max(counts) > 0 or megabytes > GROWTH_MB
