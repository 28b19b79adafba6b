"""Workers on Linux: one process that has imported torch forks a child for every task."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import selectors
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grading import frames, kernel
from grading.dispatch import (
    OUTPUT_LIMIT,
    START_LIMIT,
    CannotStart,
    Outcome,
    Task,
    Workers,
    kill_process,
    outcome_of,
    remove_tree,
)

LOOK_EVERY = 0.25  # seconds between looks at what a running submission has written
MAX_BOX_BYTES = 64 * 2**20
MAX_BOX_FILES = 2_000
BURIAL_LIMIT = 5.0  # seconds the parent takes at most to end what a submission left behind


@dataclass
class Running:
    """A task that has been handed over, and the ends of its pipes that the judge reads."""

    number: int
    task: Task
    box: Path
    result_fd: int
    output_fd: int
    frame: bytearray = field(default_factory=bytearray)
    printed: bytearray = field(default_factory=bytearray)
    started: float = 0.0
    killed: str = ""


class ForkedWorkers(Workers):
    """Keeps at most `jobs` children at work."""

    def __init__(
        self, command: Callable[..., list[str]], config: str, environment: dict[str, str], jobs: int
    ) -> None:
        super().__init__()
        self.jobs = jobs
        # The boxes inside belong to other users, who must be able to reach them.
        self.scratch.chmod(0o711)
        # A submission under the same user must not read the answers out of this process.
        kernel.try_prctl(kernel.PR_SET_DUMPABLE, 0)
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.parent = subprocess.Popen(
            command("fork", str(theirs.fileno()), config),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.scratch,
            env=environment,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.control, selectors.EVENT_READ)
        self.start_deadline: float | None = time.monotonic() + START_LIMIT
        self.next_look = 0.0  # at what the boxes hold
        self.count = 0
        self.queue: list[tuple[int, Task]] = []
        self.running: dict[int, Running] = {}
        self.outcomes: dict[int, Outcome] = {}

    def submit(self, task: Task) -> int:
        """Queue a task and return its number."""
        self.count += 1
        self.queue.append((self.count, task))
        self._fill()
        return self.count

    def collect(self, number: int) -> Outcome:
        """Serve all tasks until this one has ended."""
        while number not in self.outcomes:
            self._serve()
        return self.outcomes.pop(number)

    def cancel(self) -> None:
        """Forget queued tasks, end running ones."""
        self.queue.clear()
        for running in self.running.values():
            self._kill(running, "cancelled")
        with contextlib.suppress(CannotStart):  # then there is nothing left to end
            while self.running:
                self._serve()
        self.outcomes.clear()

    def close(self) -> None:
        """Hang up and kill; the children die with their parent's last act or by our hand."""
        for running in self.running.values():
            self._tell({"kill": running.number})
        self.control.close()
        if self.start_deadline is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.parent.wait(timeout=BURIAL_LIMIT + 3)
        kill_process(self.parent)
        for running in self.running.values():
            os.close(running.result_fd)
            os.close(running.output_fd)
        self.selector.close()
        super().close()

    # -- starting --

    def _fill(self) -> None:
        while self.queue and len(self.running) < self.jobs and self.start_deadline is None:
            number, task = self.queue.pop(0)
            if self.out_of_time():
                self.outcomes[number] = Outcome("budget")
            else:
                self._start(number, task)

    def _start(self, number: int, task: Task) -> None:
        result_read, result_write = os.pipe()
        output_read, output_write = os.pipe()
        box = self.scratch / str(number)
        box.mkdir(mode=0o700)
        submission = shutil.copyfile(task.submission, box / "submitted.py")
        submission.chmod(0o644)
        cpu_seconds = int(2 * task.time_limit) + 5
        with tempfile.TemporaryFile(dir=self.scratch) as file:
            file.write(task.to_json(submission))
            file.flush()
            file.seek(0)
            fields = {"start": number, "box": str(box), "cpu_seconds": cpu_seconds}
            message = json.dumps(fields).encode()
            try:
                socket.send_fds(
                    self.control, [message], [file.fileno(), result_write, output_write]
                )
            except OSError as error:
                raise CannotStart("the process that runs the submission has gone") from error
            finally:
                os.close(result_write)
                os.close(output_write)
        running = Running(number, task, box, result_read, output_read, started=time.monotonic())
        self.running[number] = running
        for fd in (result_read, output_read):
            os.set_blocking(fd, False)
            self.selector.register(fd, selectors.EVENT_READ, running)

    def _tell(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):
            self.control.send(json.dumps(message).encode())

    # -- serving --

    def _serve(self) -> None:
        """Wait for the next thing to happen and deal with it."""
        now = time.monotonic()
        deadlines = [now + LOOK_EVERY]
        if not self.out_of_time():
            deadlines.append(self.deadline)
        deadlines += [r.started + r.task.time_limit for r in self.running.values() if not r.killed]
        if self.start_deadline is not None:
            deadlines.append(self.start_deadline)
        wait = max(min(deadlines) - now, 0)
        for key, _ in self.selector.select(wait):
            if key.fileobj is self.control:
                self._hear()
            elif key.data.number in self.running:
                self._drain(key.data, key.fd)
        now = time.monotonic()
        if self.start_deadline is not None and now > self.start_deadline:
            raise CannotStart(f"torch could not be imported within {START_LIMIT:.0f} seconds")
        if self.start_deadline is not None and self.out_of_time():
            raise CannotStart(
                "torch could not be imported in the time the grading may take (--budget)"
            )
        for running in self.running.values():
            if running.killed:
                continue
            if now > running.started + running.task.time_limit:
                self._kill(running, "timeout")
            elif self.out_of_time():
                self._kill(running, "budget")
            elif now > self.next_look and holds_too_much(running.box):
                self._kill(running, "disk")
        if now > self.next_look:
            self.next_look = now + LOOK_EVERY

    def _kill(self, running: Running, why: str) -> None:
        running.killed = why
        self._tell({"kill": running.number})

    def _hear(self) -> None:
        data = self.control.recv(4096)
        if not data:
            raise CannotStart("the process that runs the submission has gone")
        message = json.loads(data)
        if "failed" in message:
            raise CannotStart(message["failed"])
        if "ready" in message:
            self.versions, self.layers = message["ready"], message["layers"]
            self.start_deadline = None
            self._fill()
        elif "started" in message and message["started"] in self.running:
            self.running[message["started"]].started = time.monotonic()
        elif "ended" in message and message["ended"] in self.running:
            self._finish(self.running[message["ended"]], message["status"])
            self._fill()

    def _drain(self, running: Running, fd: int) -> bool:
        """Read what there is; False when there is no more now."""
        try:
            data = os.read(fd, 1 << 16)
        except BlockingIOError:
            return False
        if not data:
            with contextlib.suppress(KeyError):
                self.selector.unregister(fd)
            return False
        if fd == running.result_fd:
            running.frame += data
            if len(running.frame) > frames.MAX_FRAME_BYTES and not running.killed:
                self._kill(running, "garbled")
        elif len(running.printed) < OUTPUT_LIMIT:
            running.printed += data[: OUTPUT_LIMIT - len(running.printed)]
        return True

    def _finish(self, running: Running, status: int) -> None:
        for fd in (running.result_fd, running.output_fd):
            # Bounded: a grandchild that holds the pipe could go on writing for ever.
            for _ in range(frames.MAX_FRAME_BYTES >> 16):
                if not self._drain(running, fd):
                    break
            with contextlib.suppress(KeyError):
                self.selector.unregister(fd)
            os.close(fd)
        del self.running[running.number]
        seconds = time.monotonic() - running.started
        outcome = outcome_of(bytes(running.frame), bytes(running.printed), status, seconds)
        if running.killed:
            outcome = Outcome(running.killed, printed=outcome.printed, seconds=seconds)
            if running.killed == "garbled":
                outcome.message = "the result is too large"
        self.outcomes[running.number] = outcome
        remove_tree(running.box)


def holds_too_much(box: Path) -> bool:
    """Whether the files in a box are too many or take too much room."""
    count = size = 0
    folders = [str(box)]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    count += 1
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    if count > MAX_BOX_FILES or size > MAX_BOX_BYTES:
                        return True
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:  # too deep to be looked at is too much
                return True
    return False
