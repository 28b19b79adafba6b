"""Workers for platforms that cannot fork safely: an interpreter per series, started ahead of it."""

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

from grading import wire
from grading.processes.workers import (
    OUTPUT_LIMIT,
    START_LIMIT,
    Abandoned,
    CannotStart,
    Workers,
    kill_process,
    outcome_without_frame,
)
from grading.removal import remove_tree
from grading.wire import Outcome, Series, Task, to_json

MAX_AHEAD = 6  # each takes about 250 MB
LOOK_EVERY = 0.05  # seconds between looks at whether a process has ended
SETTLE = 0.2  # seconds to wait for the last output of a process that has ended


class Interpreter:
    """One process that imports torch as soon as it is started and then runs one series of tasks."""

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
        self.mark = f"\0{os.urandom(8).hex()}\0"  # the worker prints it at the end of each task
        self.arrived = threading.Condition()
        # Not every platform can wait for several pipes at once. A thread for each works everywhere.
        self.readers = [
            threading.Thread(target=self._read_result, args=(self.process.stdout,), daemon=True),
            threading.Thread(target=self._read_printed, args=(self.process.stderr,), daemon=True),
        ]
        for reader in self.readers:
            reader.start()

    def _read_result(self, stream: IO[bytes]) -> None:
        self.first_line.put(stream.readline(4096))
        self._read(stream, self.frame, wire.MAX_FRAME_BYTES + wire.LENGTH_BYTES + 1)

    def _read_printed(self, stream: IO[bytes]) -> None:
        self._read(stream, self.printed, OUTPUT_LIMIT)

    def _read(self, stream: IO[bytes], into: bytearray, limit: int) -> None:
        while data := stream.read1(1 << 16):  # type: ignore[attr-defined]
            with self.arrived:
                into += data[: limit - len(into)]
                self.arrived.notify()

    def begin(self, series: Series) -> dict[str, str]:
        """Wait until torch is imported, hand over the series, and return the versions in use."""
        versions = self._wait_until_ready()
        submission = Path(shutil.copyfile(series[0][1].submission, self.box / "submitted.py"))
        self._tell(to_json(series, submission, self.mark) + b"\n")
        if os.name == "posix" and self.process.stdin:
            # From here on a submission can fill this pipe, and the judge may not wait for it.
            os.set_blocking(self.process.stdin.fileno(), False)
        return versions

    def go_on(self) -> None:
        """Let the next task begin."""
        self._tell(b"g")

    def _tell(self, message: bytes) -> None:
        assert self.process.stdin
        with contextlib.suppress(OSError):
            self.process.stdin.write(message)
            self.process.stdin.flush()

    def outcome(self, time_limit: float, abandon: Callable[[], bool]) -> Outcome:
        """Wait for the outcome of the current task. Raises Abandoned."""
        started = time.monotonic()
        with self.arrived:
            try:
                found = self._wait_for_frame(started + time_limit, abandon)
            except wire.BadFrame as error:
                found = Outcome("garbled", message=str(error))
            if found.ended == "done":
                self.arrived.wait_for(lambda: self.mark.encode() in self.printed, timeout=0.5)
            printed, _, after = bytes(self.printed).partition(self.mark.encode())
            self.printed[:] = after
            self.frame.clear()
        found.printed = printed.decode(errors="replace")
        found.tidy(self.box)
        found.seconds = time.monotonic() - started
        return found

    def _wait_for_frame(self, deadline: float, abandon: Callable[[], bool]) -> Outcome:
        """Wait for a frame, the end of the process or the deadline. Raises BadFrame or Abandoned."""
        while True:
            if abandon():
                raise Abandoned
            ended = self.process.poll() is not None
            if ended:
                self.arrived.wait(SETTLE)  # for what it wrote last
            if (frame := wire.first_frame(self.frame)) is not None:
                return Outcome("done", wire.decode(frame))
            if ended:
                return outcome_without_frame(bool(self.frame), self.process.returncode)
            left = deadline - time.monotonic()
            if left <= 0:
                return Outcome("timeout")
            # Not longer, because a grandchild may hold the pipe open after the process has ended.
            self.arrived.wait(min(left, LOOK_EVERY))

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
        """Kill, reap, let the readers finish, and remove what the submission has written."""
        assert self.process.stdin
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        kill_process(self.process)
        for reader in self.readers:
            reader.join(timeout=1)  # a grandchild may hold the pipe open; it is not waited for
        remove_tree(self.box)


class FreshWorkers(Workers):
    """Workers that start interpreters, and with them torch's import, ahead of their series."""

    def __init__(
        self, command: Callable[..., list[str]], config: str, environment: dict[str, str], jobs: int
    ) -> None:
        super().__init__()
        self.command, self.environment = command("once", config), environment
        self.count = 0
        self.queue: list[Series] = []
        self.ahead = max(jobs + 1, min(MAX_AHEAD, os.cpu_count() or 1))
        self.started = 0
        self.waiting: list[Interpreter] = []
        self._start_one()

    def _start_one(self) -> None:
        box = self.scratch / f"{self.started:06}"
        box.mkdir()
        self.started += 1
        self.waiting.append(Interpreter(self.command, self.environment, box))

    def submit_series(self, tasks: list[Task]) -> list[int]:
        """Queue the tasks and make sure that an interpreter is starting for them."""
        assert tasks
        series = list(enumerate(tasks, self.count))
        self.count += len(tasks)
        self.queue.append(series)
        self._look_ahead()
        return [number for number, _ in series]

    def _look_ahead(self) -> None:
        while len(self.waiting) < min(len(self.queue), self.ahead):
            self._start_one()

    def expect(self, series: int = 1) -> None:
        """Let so many more interpreters import torch than the queue needs."""
        while len(self.waiting) < min(len(self.queue) + series, MAX_AHEAD):
            self._start_one()

    def collect(self, number: int) -> Outcome:
        """Run queued series, each in the interpreter that was started first, up to this task."""
        while number not in self.outcomes:
            self._run(self.queue.pop(0))
        return self.outcomes.pop(number)

    def _run(self, series: Series) -> None:
        """Run a series until one of its tasks ends the process; the rest goes back to the queue."""
        if self.out_of_time():
            self.outcomes.update((number, Outcome("budget")) for number, _ in series)
            return
        if not self.waiting:
            self._start_one()
        interpreter = self.waiting.pop(0)
        self._look_ahead()
        try:
            self.versions = interpreter.begin(series)
            for place, (number, task) in enumerate(series):
                if place:
                    interpreter.go_on()
                outcome = interpreter.outcome(task.time_limit, self.abandon)
                outcome.first = place == 0
                fine = outcome.ended == "done"
                # If the task was the first in this process, the end is its own fault. A later task may
                # have suffered from those before it, so it is run again as the first of another one.
                if fine or outcome.first:
                    self.outcomes[number] = outcome
                if not fine or self.out_of_time():
                    rest = series[place + (fine or outcome.first) :]
                    if outcome.ended == "timeout" and outcome.first:
                        rest = self._put_off(task, rest)
                    if rest:
                        self.queue.insert(0, rest)
                    return
        finally:
            interpreter.close()

    def cancel(self) -> None:
        """Forget queued tasks."""
        self.queue.clear()
        self.outcomes.clear()

    def close(self) -> None:
        """End the interpreters that no task needed."""
        for interpreter in self.waiting:
            interpreter.close()
        super().close()
