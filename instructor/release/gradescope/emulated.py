"""An emulated autograder platform: a folder laid out as /autograder, and the real run_autograder.

The zip is unpacked as the platform does it. But no image is built: the virtual environment is the one
in which this code runs.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MEMORY_BYTES = 768 * 2**20
CGROUP = Path("/sys/fs/cgroup/memory")


@dataclass
class Run:
    """The results of one upload."""

    status: int
    results: dict[str, Any]
    stdout: str
    seconds: float


class Platform:
    """One image, made from a zip, in which uploads are graded one after the other."""

    def __init__(self, root: Path, autograder_zip: Path) -> None:
        self.root = root
        for folder in ("source", "submission", "results"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(autograder_zip) as archive:
            for info in archive.infolist():
                target = Path(archive.extract(info, root / "source"))
                target.chmod(info.external_attr >> 16 & 0o777)
        shutil.copy(root / "source" / "run_autograder", root / "run_autograder")
        (root / "venv").symlink_to(sys.prefix)
        metadata = {"id": 1, "created_at": "2026-01-01T00:00:00.000000-05:00", "users": []}
        (root / "submission_metadata.json").write_text(json.dumps(metadata))

    def grade(self, upload: dict[str, bytes | Path], timeout: float = 300) -> Run:
        """Grade an upload: contents by name; a path stands for a symbolic link to it."""
        for folder in ("submission", "results"):
            shutil.rmtree(self.root / folder, ignore_errors=True)
            (self.root / folder).mkdir()
        for name, content in upload.items():
            file = self.root / "submission" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Path):
                file.symlink_to(content)
            else:
                file.write_bytes(content)
        started = time.monotonic()
        with limited_memory() as enter:
            done = subprocess.run(
                [str(self.root / "run_autograder")],
                cwd=self.root,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=timeout,
                preexec_fn=enter,
            )
        seconds = time.monotonic() - started
        text = (self.root / "results" / "results.json").read_text(encoding="utf-8")
        return Run(done.returncode, json.loads(text, parse_constant=_refuse), done.stdout, seconds)


def _refuse(name: str) -> None:
    raise ValueError(f"{name} in the results")


@contextlib.contextmanager
def limited_memory() -> Iterator[Any]:
    """Yield a function that puts the process that calls it under the platform's memory limit.

    Yield None if no such limit can be set: without root, or with another kind of cgroup.
    """
    group = CGROUP / f"kit-{os.getpid()}"
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(MEMORY_BYTES))
    except OSError:
        yield None
        return
    try:
        yield lambda: (group / "tasks").write_text(str(os.getpid()))
    finally:
        for _ in range(100):
            with contextlib.suppress(OSError):
                group.rmdir()
                break
            time.sleep(0.02)
