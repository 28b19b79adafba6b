"""Write what a benchmark has printed into its section of `instructor/MEASUREMENTS.md`."""

from __future__ import annotations

import contextlib
import datetime
import importlib
import io
import os
import platform
import re
import sys
from importlib.metadata import version

from grading.kit import KIT

MEASUREMENTS = KIT / "instructor" / "MEASUREMENTS.md"


class _Both(io.StringIO):
    """Shows what is printed, and keeps it."""

    def write(self, text: str) -> int:
        assert sys.__stdout__ is not None
        sys.__stdout__.write(text)
        return super().write(text)


def main(name: str, rounds: int, write: bool) -> int:
    """Run a benchmark and, if wanted, keep its table; the status is the benchmark's own."""
    benchmark = importlib.import_module(f"instructor.bench.{name}")
    if not write:
        return int(benchmark.main(rounds))
    printed = _Both()
    with contextlib.redirect_stdout(printed):
        status = int(benchmark.main(rounds))
    text = MEASUREMENTS.read_text(encoding="utf-8")
    MEASUREMENTS.write_text(
        with_section(text, name, rounds, printed.getvalue()), encoding="utf-8", newline="\n"
    )
    print(f"wrote {MEASUREMENTS.relative_to(KIT).as_posix()}")
    return status


def with_section(text: str, name: str, rounds: int, printed: str) -> str:
    """The document with what a benchmark has printed now in its section. Raises ValueError."""
    section = re.compile(
        rf"(<!-- bench {name} -->\n).*?(<!-- end of bench {name} -->\n)", re.DOTALL
    )
    today = datetime.date.today().isoformat()
    said = (
        f"Measured on {today} by `python -m instructor bench {name} --rounds {rounds}`: {machine()}.\n"
        f"\n```text\n{printed.rstrip()}\n```\n"
    )
    new, count = section.subn(lambda match: match[1] + said + match[2], text)
    if count != 1:
        raise ValueError(f"{MEASUREMENTS.name} has no section for bench {name}")
    return new


def machine() -> str:
    """What the figures depend on, in a line."""
    packages = ", ".join(f"{package} {version(package)}" for package in ("torch", "numpy"))
    where = f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores"
    return f"Python {platform.python_version()}, {packages}, {where}"
