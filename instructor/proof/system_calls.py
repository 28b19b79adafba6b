"""The system calls of Linux: their numbers, and which of them right solutions make in the jail.

`python -m instructor syscalls` writes `grading/system_calls.py` from the kernel's headers (Debian's
packages `linux-libc-dev` and `linux-libc-dev-arm64-cross`, and `cpp`). With `--record` it grades the
reference, all alternatives and every eighth mistake with workers that `strace` watches, and adds what
they called inside the jail to `system_calls.json`. A test holds the jail's filter to that record.
"""

from __future__ import annotations

import json
import platform
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

from grading.judge.grade import grade
from grading.kit import KIT
from grading.processes import start
from instructor import catalogue

NUMBERS = KIT / "grading" / "system_calls.py"
RECORD = Path(__file__).with_name("system_calls.json")
HEADERS = (Path("/usr/include/x86_64-linux-gnu"), Path("/usr/aarch64-linux-gnu/include"))
EVERY_MISTAKE = 8  # one in so many is recorded
TIME_LIMIT = 60.0  # for each test: a watched process is slow

HEAD = '''"""The numbers of Linux's system calls: (x86-64, arm64), None where an architecture lacks one.

Written by `python -m instructor syscalls` from the kernel's headers. Do not edit.
"""

LAST_KNOWN = {last}  # calls with higher numbers are newer than these tables

NUMBERS: dict[str, tuple[int | None, int | None]] = {{
'''


def numbers_in(headers: Path) -> dict[str, int]:
    """The number of every system call in one architecture's headers. Raises OSError without `cpp`."""
    command = [
        "cpp",
        "-dM",
        "-nostdinc",
        "-undef",
        "-D__x86_64__",
        f"-I{headers}",
        "-I/usr/include",
    ]
    done = subprocess.run(
        [*command, "-"], input="#include <asm/unistd.h>", capture_output=True, text=True, check=True
    )
    defined = dict(re.findall(r"#define (__NR\w+) (\w+)", done.stdout))
    found = {}
    for name, value in defined.items():
        while value in defined:  # some are defined by another name
            value = defined[value]
        if name.startswith("__NR_") and value.isdigit():
            found[name.removeprefix("__NR_")] = int(value)
    return {n: v for n, v in found.items() if n not in ("syscalls", "arch_specific_syscall")}


def numbers_text(headers: tuple[Path, Path] = HEADERS) -> str:
    """What `grading/system_calls.py` should hold."""
    x86, arm = (numbers_in(folder) for folder in headers)
    lines = [f'    "{n}": ({x86.get(n)}, {arm.get(n)}),\n' for n in sorted(x86 | arm)]
    return HEAD.format(last=min(max(x86.values()), max(arm.values()))) + "".join(lines) + "}\n"


# -- recording --

# Of these calls an argument is recorded as well: its place among those that strace prints.
ARGUMENT = {"fcntl": 1, "ioctl": 1, "prctl": 0, "clone": 1, "open": 1, "openat": 2, "socketpair": 1}
CALL = re.compile(r"^(\w+)\((.*)")
ENTERED = "prctl(PR_SET_SECCOMP"


def calls_in(trace: list[str], since: str = "") -> dict[str, set[str]]:
    """The calls of one process, as strace tells them, behind the first line that begins with `since`."""
    found: dict[str, set[str]] = {}
    inside = not since
    for line in trace:
        match = CALL.match(line)
        if inside and match:
            name, arguments = match.groups()
            place = ARGUMENT.get(name)
            values = found.setdefault(name, set())
            if place is not None:
                values.add(re.split(r", |\)", arguments)[place])
        inside = inside or line.startswith(since)
    return found


def record() -> dict[str, list[str]]:
    """Grade with watched workers; the calls made in the jail, each with the arguments that count."""
    entries: list[catalogue.Entry] = list(catalogue.alternatives_here())
    entries += catalogue.all_mistakes()[::EVERY_MISTAKE]
    sources = {"reference": catalogue.REFERENCE.read_text(encoding="utf-8")}
    sources |= {entry.name: catalogue.source_of(entry) for entry in entries}
    watch = ["strace", "-ff", "-qq", "--string-limit=8"]
    plainly = start._command
    found: dict[str, set[str]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        watch += ["-o", str(folder / "trace")]
        submission = folder / "submitted.py"
        with (
            mock.patch.object(start, "_command", lambda *words: [*watch, *plainly(*words)]),
            start.start_workers(catalogue.REFERENCE) as workers,
        ):
            for source in sources.values():
                submission.write_text(source, encoding="utf-8")
                grade(submission, workers, time_limit=TIME_LIMIT)
        for trace in folder.glob("trace.*"):
            lines = trace.read_text(encoding="utf-8", errors="replace").splitlines()
            # A thread has a trace of its own; it begins inside the jail.
            is_thread = not any(line.startswith(("execve(", ENTERED)) for line in lines)
            for call, values in calls_in(lines, "" if is_thread else ENTERED).items():
                found.setdefault(call, set()).update(values)
    return {call: sorted(values) for call, values in sorted(found.items())}


def read_record() -> dict[str, Any]:
    """What was recorded so far."""
    return json.loads(RECORD.read_text(encoding="utf-8"))


def add_to_record(calls: dict[str, list[str]]) -> None:
    """Add the calls of this environment to the record."""
    import numpy
    import torch

    document = read_record() if RECORD.exists() else {"environments": [], "calls": {}}
    here = (
        f"Python {platform.python_version()}, torch {torch.__version__}, NumPy {numpy.__version__}"
    )
    libc = " ".join(platform.libc_ver())
    here += f", {libc}, Linux {platform.release().partition('-')[0]}, {platform.machine()}"
    document["environments"] = sorted({*document["environments"], here})
    for call, values in calls.items():
        document["calls"][call] = sorted({*document["calls"].get(call, []), *values})
    document["calls"] = dict(sorted(document["calls"].items()))
    RECORD.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def main(recording: bool) -> int:
    """Write the numbers, or record the calls."""
    if recording:
        add_to_record(record())
        print(f"wrote {RECORD.relative_to(KIT)}")
        return 0
    NUMBERS.write_text(numbers_text(), encoding="utf-8", newline="\n")
    print(f"wrote {NUMBERS.relative_to(KIT)}")
    return 0
