"""Compare a batch of submissions with a fresh `grade.py` for each, and measure how the time grows.

Both must give the same results.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grading.kit import KIT
from instructor import catalogue
from instructor.bench.grade import memory

TIMES = 8.0  # a batch must be at least so many times as fast as a fresh grade.py per submission
SIZES = (50, 100, 200, 400)
WATCH_EVERY = 4.0  # seconds between looks at memory, which slow the batch down
SAMPLE = 12  # submissions per round that are graded by a fresh grade.py


def write_class(folder: Path, count: int) -> list[Path]:
    """Write `count` random catalogue entries under random names. No two files are the same."""
    rng = random.Random(0)
    entries: list[catalogue.Entry] = [*catalogue.all_mistakes(), *catalogue.alternatives_here()]
    paths = []
    for number in range(count):
        path = folder / f"{rng.randrange(16**8):08x}.py"
        source = catalogue.source_of(rng.choice(entries))
        path.write_text(f"{source}\n# {number}\n", encoding="utf-8")
        paths.append(path)
    return paths


def batch(source: Path, out: Path) -> tuple[float, float]:
    """Seconds of a whole batch, and the memory of its processes in MB, shared pages counted once."""
    command = [sys.executable, "-m", "instructor", "batch", str(source), "--out", str(out)]
    started, most = time.perf_counter(), 0.0
    process = subprocess.Popen(
        command, cwd=KIT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while True:
        try:
            process.wait(WATCH_EVERY)
            break
        except subprocess.TimeoutExpired:
            most = max(most, memory(process.pid)[1])
    return time.perf_counter() - started, most


def fresh(paths: list[Path], out: Path) -> float:
    """Seconds per submission with an interpreter and workers of its own for each."""
    out.mkdir()
    started = time.perf_counter()
    for path in paths:
        result = out / f"{path.stem}.json"
        command = [sys.executable, "grade.py", "--submission", str(path), "--json", str(result)]
        subprocess.run(command, cwd=KIT, stdout=subprocess.DEVNULL, check=False)
    return (time.perf_counter() - started) / len(paths)


def same_but_for_times(first: Path, second: Path) -> bool:
    """Whether two results files hold the same bytes, apart from lines with a time."""
    one, other = (
        [line for line in path.read_bytes().splitlines() if b"execution_time" not in line]
        for path in (first, second)
    )
    return one == other


def main(rounds: int) -> int:
    """Print seconds per submission, their ratio, and growth.

    Returns 1 where the ratio is under TIMES or a result differs.
    """
    ratio, different = 0.0, 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        alone: list[float] = []
        print("submissions   seconds   per submission   memory")
        for count in SIZES:
            source = folder / str(count)
            source.mkdir()
            paths = write_class(source, count)
            singles, out = folder / f"single{count}", folder / f"out{count}"
            alone.append(fresh(paths[:: max(count // SAMPLE, 1)][:SAMPLE], singles))
            seconds, megabytes = batch(source, out)
            different += sum(
                not same_but_for_times(path, out / "results" / path.name)
                for path in singles.iterdir()
            )
            each = seconds / count
            print(f"{count:11} {seconds:9.1f} {1000 * each:13.0f} ms {megabytes:6.0f} MB")
            if count == 200:
                ratio = statistics.median(alone) / each
    print(f"a fresh grade.py each, one after the other: {1000 * statistics.median(alone):.0f} ms")
    print(f"a batch of 200 is {ratio:.1f} times as fast (at least {TIMES:g})")
    print(f"{different} of {SAMPLE * len(SIZES)} results differ from those of grade.py")
    return int(ratio < TIMES or different > 0)
