"""Workers where the platform cannot fork safely: an interpreter for every task, started ahead."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from grading import frames
from grading.dispatch import (
    OUTPUT_LIMIT,
    START_LIMIT,
    CannotStart,
    Outcome,
    Task,
    Workers,
    kill_process,
    outcome_of,
)

MAX_AHEAD = 6  # each takes about 250 MB


class Interpreter:
    """One process, importing torch from the moment it is made; takes one task."""

    def __init__(self, command: list[str], environment: dict[str, str], box: Path) -> None:
        self.box = box
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=box,
            env=environment,
        )
        assert self.process.stdout
        assert self.process.stderr
        self.first_line: queue.Queue[bytes] = queue.Queue()
        self.frame, self.printed = bytearray(), bytearray()
        # Pipes cannot be waited for together on every platform; threads can read them everywhere.
        self.readers = [
            threading.Thread(target=self._read_result, args=(self.process.stdout,), daemon=True),
            threading.Thread(target=self._read_printed, args=(self.process.stderr,), daemon=True),
        ]
        for reader in self.readers:
            reader.start()

    def _read_result(self, stream: IO[bytes]) -> None:
        self.first_line.put(stream.readline(4096))
        while data := stream.read1(1 << 16):  # type: ignore[attr-defined]
            self.frame += data[: frames.MAX_FRAME_BYTES + 1 - len(self.frame)]

    def _read_printed(self, stream: IO[bytes]) -> None:
        while data := stream.read1(1 << 16):  # type: ignore[attr-defined]
            self.printed += data[: OUTPUT_LIMIT - len(self.printed)]

    def perform(self, task: Task) -> tuple[Outcome, dict[str, str]]:
        """The outcome of the task, and the versions this interpreter runs on."""
        versions = self._wait_until_ready()
        submission = Path(shutil.copyfile(task.submission, self.box / "submitted.py"))
        started = time.monotonic()
        assert self.process.stdin
        with contextlib.suppress(OSError):
            self.process.stdin.write(task.to_json(submission) + b"\n")
            self.process.stdin.close()
        timed_out = False
        try:
            self.process.wait(timeout=task.time_limit)
        except subprocess.TimeoutExpired:
            timed_out = True
        seconds = time.monotonic() - started
        self.close()
        if timed_out:
            printed = self.printed.decode(errors="replace")
            return Outcome("timeout", printed=printed, seconds=seconds), versions
        status = self.process.returncode
        return outcome_of(bytes(self.frame), bytes(self.printed), status, seconds), versions

    def _wait_until_ready(self) -> dict[str, str]:
        try:
            message = json.loads(self.first_line.get(timeout=START_LIMIT) or b"{}")
        except queue.Empty:
            raise CannotStart(f"torch could not be imported within {START_LIMIT:.0f} s") from None
        if "ready" not in message:
            self.close()
            printed = self.printed.decode(errors="replace").strip().splitlines()
            raise CannotStart(message.get("failed") or (printed or ["it ended at once"])[-1])
        return message["ready"]

    def close(self) -> None:
        """Kill, reap, and let the readers finish."""
        kill_process(self.process)
        for reader in self.readers:
            reader.join(timeout=1)  # a grandchild may hold the pipe open; it is not waited for


class FreshWorkers(Workers):
    """Keeps several interpreters importing torch ahead of the tasks that will need them."""

    def __init__(
        self, command: Callable[..., list[str]], config: str, environment: dict[str, str], jobs: int
    ) -> None:
        super().__init__()
        self.command, self.environment = command("once", config), environment
        self.tasks: list[Task] = []
        self.ahead = max(jobs + 1, min(MAX_AHEAD, os.cpu_count() or 1))
        self.started = 0
        self.waiting: list[Interpreter] = []
        self._start_one()

    def _start_one(self) -> None:
        box = self.scratch / str(self.started)
        box.mkdir()
        self.started += 1
        self.waiting.append(Interpreter(self.command, self.environment, box))

    def submit(self, task: Task) -> int:
        """Remember the task and make sure an interpreter is on its way for it."""
        self.tasks.append(task)
        self._look_ahead()
        return len(self.tasks) - 1

    def _look_ahead(self) -> None:
        while self.started < len(self.tasks) and len(self.waiting) < self.ahead:
            self._start_one()

    def collect(self, number: int) -> Outcome:
        """Run the task in the interpreter that has been starting for longest."""
        if self.out_of_time():
            return Outcome("budget")
        if not self.waiting:
            self._start_one()
        interpreter = self.waiting.pop(0)
        self._look_ahead()
        try:
            outcome, self.versions = interpreter.perform(self.tasks[number])
        finally:
            interpreter.close()
        return outcome

    def close(self) -> None:
        """End the interpreters that no task needed."""
        for interpreter in self.waiting:
            interpreter.close()
        super().close()
