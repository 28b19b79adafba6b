"""Whole-process time and memory of `python grade.py`, against `python -c "import torch"`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from grading.kit import KIT

REFERENCE = str(KIT / "instructor" / "reference.py")
COMMANDS = {
    "import torch": [sys.executable, "-c", "import torch"],
    "visible tests": [sys.executable, "grade.py", "--submission", REFERENCE, "--visible"],
    "all tests": [sys.executable, "grade.py", "--submission", REFERENCE],
    "all tests, stubs": [sys.executable, "grade.py"],
}
BOUNDS = {"visible tests": 1.5, "all tests": 2.0}
MEMORY_BOUND_MB = 600


@dataclass
class Measured:
    """One run of a command: seconds, and the largest memory of its processes together, in MB.

    resident counts a page that processes share once for each of them, proportional once in all.
    """

    seconds: float
    resident: float = 0.0
    proportional: float = 0.0


def descendants(pid: int) -> list[int]:
    """The process and all its descendants (Linux)."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += [int(child) for child in task.read_text().split()]
            except OSError:
                continue
    return found


def memory(pid: int) -> tuple[float, float]:
    """Resident and proportional memory of a process tree now, in MB; zeros where unknown."""
    resident = proportional = 0
    for member in descendants(pid):
        try:
            lines = Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
        resident += sizes.get("Rss", 0)
        proportional += sizes.get("Pss", 0)
    return resident / 1000, proportional / 1000


def run(command: list[str], watch_memory: bool = False) -> Measured:
    """Run a command once. Watching its memory slows it down, so time and memory are measured apart."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=KIT, stdout=subprocess.DEVNULL)
    measured = Measured(0.0)
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.01):
            resident, proportional = memory(process.pid)
            measured.resident = max(measured.resident, resident)
            measured.proportional = max(measured.proportional, proportional)

    watcher = threading.Thread(target=watch)
    if watch_memory:
        watcher.start()
    process.wait()
    measured.seconds = time.perf_counter() - started
    done.set()
    if watch_memory:
        watcher.join()
    return measured


def main(rounds: int) -> int:
    """Print medians, ratios and memory; 1 where a bound is exceeded."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, command in COMMANDS.items():
            times[name].append(run(command).seconds)
    base = statistics.median(times["import torch"])
    exceeded = False
    print(f"{'':18}{'median':>8}{'least':>8}{'ratio':>7}{'bound':>7}   ({rounds} rounds, in turn)")
    for name, seconds in times.items():
        ratio = statistics.median(seconds) / base
        bound = BOUNDS.get(name)
        exceeded |= bound is not None and ratio > bound
        print(
            f"{name:18}{statistics.median(seconds):7.2f}s{min(seconds):7.2f}s{ratio:7.2f}"
            + (f"{bound:7.1f}" if bound else "")
        )
    measured = run(COMMANDS["all tests"], watch_memory=True)
    exceeded |= measured.resident > MEMORY_BOUND_MB
    print(
        f"memory of all processes together: {measured.resident:.0f} MB resident, "
        f"{measured.proportional:.0f} MB with shared pages counted once (bound {MEMORY_BOUND_MB})"
    )
    return int(exceeded)
