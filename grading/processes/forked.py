"""Workers on Linux: one process that has imported torch forks a child for every series of tasks."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import selectors
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grading import kernel, wire
from grading.processes.tier import how_to_isolate, tier_of
from grading.processes.workers import (
    OUTPUT_LIMIT,
    START_LIMIT,
    Abandoned,
    CannotStart,
    Workers,
    kill_process,
    outcome_without_frame,
)
from grading.removal import BURIAL_LIMIT, REMOVAL_LIMIT, remove_tree
from grading.submission import NotIsolated
from grading.wire import Ended, Outcome, Series, Task, to_json

LOOK_EVERY = 0.25  # seconds between looks at what a running submission has written
LATE_EVERY = 0.05  # seconds between looks at whether a task is late
MAX_BOX_BYTES = 64 * 2**20
MAX_BOX_FILES = 2_000
MAX_BOX_DEPTH = 16  # of folders in folders
# Seconds in which the parent must report the end of a killed child.
ANSWER_LIMIT = BURIAL_LIMIT + 5.0
STARTS = 4  # of the parent, before these workers give up
AFTERWARDS = 2.0  # seconds a process may take to end when all its tasks are done
MAX_WAITING = 5.0  # time limits for which a task may wait for a processor that others have


@dataclass
class Running:
    """A series that has been handed over, and the judge's ends of its pipes.

    name: one that nobody can guess or count, since the submission can see it.
    frame, printed: what has arrived of the current task's answer and of what it prints.
    started: when the current task began, by time.monotonic().
    process: its number, or -1 where there is none.
    waited: seconds for which it had waited for a processor when the current task began.
    """

    name: str
    series: Series
    box: Path
    result_fd: int
    output_fd: int
    go_fd: int
    at: int = 0  # the index of the current task in the series
    frame: bytearray = field(default_factory=bytearray)
    printed: bytearray = field(default_factory=bytearray)
    started: float = 0.0
    process: int = -1
    waited: float = 0.0
    killed: Ended | None = None  # why the judge has had it killed
    killed_at: float = 0.0
    garbled: str = ""  # what is wrong with its frame
    removal: float = 0.0  # seconds more that the parent may take to report its end

    def deadline(self) -> float:
        """When the judge stops waiting for a result, for the process's end, or for word of its death."""
        if self.killed:
            return self.killed_at + ANSWER_LIMIT + self.removal
        done = self.at == len(self.series)
        return self.started + (AFTERWARDS if done else self.series[0][1].time_limit)

    def begin_task(self) -> None:
        """Measure the current task's time from now."""
        self.started, self.waited = time.monotonic(), seconds_without_processor(self.process)

    def is_late(self, now: float) -> bool:
        """Whether the deadline is over, not counting the time in which others had the processor.

        On a crowded machine a quick solution would otherwise take longer than it may. A submission that
        crowds itself gains some time and no more.
        """
        if now <= self.deadline():
            return False
        waited = seconds_without_processor(self.process) - self.waited
        return now > self.deadline() + min(waited, MAX_WAITING * self.series[0][1].time_limit)


class ForkedWorkers(Workers):
    """Workers that run at most `jobs` series at a time, each in a forked child."""

    def __init__(
        self,
        command: Callable[..., list[str]],
        config: str,
        environment: dict[str, str],
        jobs: int,
        must_isolate: bool,
    ) -> None:
        super().__init__()
        self.must_isolate = must_isolate
        self.jobs = jobs
        # The boxes inside belong to other users, who must be able to reach them.
        self.scratch.chmod(0o711)
        # A submission under the same user must not read the answers out of this process.
        kernel.try_prctl(kernel.PR_SET_DUMPABLE, 0)
        self.command, self.config, self.environment = command, config, environment
        self.selector = selectors.DefaultSelector()
        self.starts_left = STARTS
        self._start_parent()
        self.next_look = 0.0  # when to look next at what the boxes hold
        self.count = 0
        self.queue: list[Series] = []
        self.running: dict[str, Running] = {}  # by name
        self.lost: set[int] = set()  # tasks whose process was killed by somebody else

    def submit_series(self, tasks: list[Task]) -> list[int]:
        """Queue tasks that may share a process and return their numbers."""
        assert tasks
        series = list(enumerate(tasks, self.count + 1))
        self.count += len(tasks)
        self.queue.append(series)
        self._fill()
        return [number for number, _ in series]

    def collect(self, number: int) -> Outcome:
        """Serve all tasks until this one has ended."""
        while number not in self.outcomes:
            if self.abandon():
                raise Abandoned
            self._serve()
        return self.outcomes.pop(number)

    def cancel(self) -> None:
        """Forget queued tasks, end running ones."""
        self.queue.clear()
        for running in self.running.values():
            self._kill(running, "cancelled")
        with contextlib.suppress(CannotStart):  # the parent has gone: nothing is left to end
            while self.running:
                self._serve()
        self.outcomes.clear()

    def close(self) -> None:
        """Close the connection and end all processes.

        When the connection is closed, the parent kills its children and ends. If it does not, it is
        killed.
        """
        for running in self.running.values():
            self._tell({"kill": running.name})
        self.control.close()
        if self.start_deadline is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.parent.wait(timeout=BURIAL_LIMIT + 3 + self._removal_limit())
        kill_process(self.parent)
        for running in self.running.values():
            for fd in (running.result_fd, running.output_fd, running.go_fd):
                os.close(fd)
        self.selector.close()
        super().close()

    # -- starting --

    def _start_parent(self) -> None:
        """Start the process that imports torch. Raises CannotStart where it had to be done too often."""
        if self.starts_left == 0:
            raise CannotStart("the process that runs the submission has stopped answering")
        self.starts_left -= 1
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control.setblocking(False)
        self.parent = subprocess.Popen(
            self.command("fork", str(theirs.fileno()), self.config),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.scratch,
            env=self.environment,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()
        self.selector.register(self.control, selectors.EVENT_READ)
        self.start_deadline: float | None = time.monotonic() + START_LIMIT

    def _replace_parent(self) -> None:
        """Start another parent, because this one no longer does what it is told.

        Its children die with it. Their tasks begin anew, except those that were to be killed.
        """
        self.selector.unregister(self.control)
        self.control.close()
        kill_process(self.parent)
        for running in list(self.running.values()):
            self._finish(running, -signal.SIGKILL)
        self._start_parent()

    def _fill(self) -> None:
        while self.queue and len(self.running) < self.jobs and self.start_deadline is None:
            series = self.queue.pop(0)
            if self.out_of_time():
                self.outcomes.update((number, Outcome("budget")) for number, _ in series)
            else:
                self._start(series)

    def _start(self, series: Series) -> None:
        task, name = series[0][1], secrets.token_hex(8)
        box = self.scratch / name
        box.mkdir(mode=0o700)
        submission = shutil.copyfile(task.submission, box / "submitted.py")
        submission.chmod(0o644)
        cpu_seconds = int(2 * task.time_limit) * len(series) + 5
        with tempfile.TemporaryFile(dir=self.scratch) as file:
            file.write(to_json(series, submission))
            file.flush()
            file.seek(0)
            # Only now: a full disk has ended this before, and the pipes would stay open.
            result_read, result_write = os.pipe()
            output_read, output_write = os.pipe()
            go_read, go_write = os.pipe()
            fields = {"start": name, "box": str(box), "cpu_seconds": cpu_seconds}
            message = json.dumps(fields).encode()
            theirs = [result_write, output_write, go_read]
            try:
                socket.send_fds(self.control, [message], [file.fileno(), *theirs])
            except BlockingIOError:
                pass  # it does not read, and `_serve` will find that it does not answer
            except OSError as error:
                raise CannotStart("the process that runs the submission has gone") from error
            finally:
                for fd in theirs:
                    os.close(fd)
        fds = (result_read, output_read, go_write)
        running = Running(name, series, box, *fds, started=time.monotonic())
        running.removal = self._removal_limit()
        self.running[name] = running
        # A submission can fill or hold open each of these pipes, and the judge may wait for none.
        for fd in fds:
            os.set_blocking(fd, False)
        for fd in (result_read, output_read):
            self.selector.register(fd, selectors.EVENT_READ, running)

    def _removal_limit(self) -> float:
        """Seconds in which the parent removes what a child has left outside its box, if it can."""
        bounded = self.layers.get("landlock") or self.layers.get("mounts")
        return REMOVAL_LIMIT if self.layers.get("user") and not bounded else 0.0

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
        # A deadline that is over, and yet the task is not late, is looked at again a little later.
        soon = now + LATE_EVERY
        deadlines += [max(running.deadline(), soon) for running in self.running.values()]
        if self.start_deadline is not None:
            deadlines.append(self.start_deadline)
        wait = max(min(deadlines) - now, 0)
        for key, _ in self.selector.select(wait):
            if key.fileobj is self.control:
                self._hear()
            elif key.data.name in self.running:
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
                if now > running.deadline():
                    self._replace_parent()
                    return
            elif running.is_late(now):
                self._kill(running, "timeout")
            elif self.out_of_time():
                self._kill(running, "budget")
            elif now > self.next_look and holds_too_much(running.box):
                self._kill(running, "disk")
        if now > self.next_look:
            self.next_look = now + LOOK_EVERY

    def _kill(self, running: Running, why: Ended) -> None:
        running.killed, running.killed_at = why, time.monotonic()
        self._tell({"kill": running.name})

    def _hear(self) -> None:
        data = self.control.recv(4096)
        if not data:
            raise CannotStart("the process that runs the submission has gone")
        message = json.loads(data)
        if "failed" in message:
            raise CannotStart(message["failed"])
        if "ready" in message:
            self.versions, self.layers = message["ready"], message["layers"]
            if self.must_isolate and tier_of(self.layers).letter == "D":
                raise NotIsolated(how_to_isolate(self.layers))
            self.start_deadline = None
            self._fill()
        elif "started" in message and message["started"] in self.running:
            running = self.running[message["started"]]
            running.process = message["process"]
            running.begin_task()
        elif "ended" in message and message["ended"] in self.running:
            self._finish(self.running[message["ended"]], message["status"])
            self._fill()

    def _drain(self, running: Running, fd: int) -> bool:
        """Read what has arrived; False if nothing more is there now."""
        try:
            data = os.read(fd, 1 << 16)
        except BlockingIOError:
            return False
        if not data:
            with contextlib.suppress(KeyError):
                self.selector.unregister(fd)
            return False
        if fd == running.result_fd:
            if not running.killed:
                running.frame += data
                self._look_for_frame(running)
        elif len(running.printed) < OUTPUT_LIMIT:
            running.printed += data[: OUTPUT_LIMIT - len(running.printed)]
        return True

    def _drain_all(self, running: Running, fd: int) -> None:
        # Bounded: a grandchild that holds the pipe could go on writing for ever.
        for _ in range(wire.MAX_FRAME_BYTES >> 16):
            if not self._drain(running, fd):
                break

    def _look_for_frame(self, running: Running) -> None:
        """If the current task has answered, note its outcome and let the next task begin."""
        try:
            if running.at == len(running.series):
                raise wire.BadFrame("the result is longer than it says")
            frame = wire.first_frame(running.frame)
            if frame is None:
                return
            result = wire.decode(frame)
        except wire.BadFrame as error:
            running.garbled = str(error)
            self._kill(running, "garbled")
            return
        self._drain_all(running, running.output_fd)  # what it printed came before the frame
        now = time.monotonic()
        printed = running.printed.decode(errors="replace")
        seconds = now - running.started
        self._note(running, Outcome("done", result, printed=printed, seconds=seconds))
        running.frame.clear()
        running.printed.clear()
        running.begin_task()
        if running.at < len(running.series) and not self.out_of_time():
            with contextlib.suppress(OSError):
                os.write(running.go_fd, b"g")

    def _note(self, running: Running, outcome: Outcome) -> None:
        """Note the outcome of the current task and make the next one current."""
        outcome.first = running.at == 0
        outcome.tidy(running.box)
        self.outcomes[running.series[running.at][0]] = outcome
        running.at += 1

    def _finish(self, running: Running, status: int) -> None:
        for fd in (running.result_fd, running.output_fd):
            self._drain_all(running, fd)
            with contextlib.suppress(KeyError):
                self.selector.unregister(fd)
        for fd in (running.result_fd, running.output_fd, running.go_fd):
            os.close(fd)
        del self.running[running.name]
        if running.at < len(running.series):
            self._take_over(running, status)
        remove_tree(running.box)

    def _take_over(self, running: Running, status: int) -> None:
        """Deal with a process that has ended before all its tasks were done."""
        # Where memory runs out, the kernel kills, and not always the one whose fault it is. So the
        # first time nobody is to blame. (A submission that does this to itself only runs twice.)
        number = running.series[running.at][0]
        lost = status == -signal.SIGKILL and not running.killed
        blameless = lost and number not in self.lost
        if lost:
            self.lost.add(number)
        # If the current task was the first in this process, the end is its own fault. A later task
        # may have suffered from those before it, so it is run again as the first of another process.
        final = (running.at == 0 and not blameless) or running.killed in ("budget", "cancelled")
        task = running.series[running.at][1]
        if final:
            outcome = outcome_without_frame(bool(running.frame), status)
            if running.killed:
                outcome = Outcome(running.killed, message=running.garbled)
            outcome.lost = lost
            outcome.printed = running.printed.decode(errors="replace")
            outcome.seconds = time.monotonic() - running.started
            self._note(running, outcome)
        rest = running.series[running.at :]
        if final and running.killed == "timeout":
            rest = self._put_off(task, rest)
        if rest and running.killed != "cancelled":
            self.queue.insert(0, rest)


def seconds_without_processor(process: int) -> float:
    """For how long a process (its first thread) could have run while others had the processor.

    0.0 where the kernel does not tell. Source: the kernel's Documentation/scheduler/sched-stats.rst.
    """
    try:
        fields = Path(f"/proc/{process}/schedstat").read_text(encoding="ascii").split()
        return int(fields[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def holds_too_much(box: Path) -> bool:
    """Whether the files in a box are too many, too large, too deep or closed to be looked at.

    Every folder is opened from the one it was found in, and no link is followed: the submission may
    put another thing in its place meanwhile.
    """
    return _measure(box, None, 0, [MAX_BOX_FILES, MAX_BOX_BYTES])


def _measure(folder: str | Path, parent: int | None, depth: int, left: list[int]) -> bool:
    """Whether a folder holds more than is left of files and bytes; takes off what it holds."""
    try:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
    except (FileNotFoundError, NotADirectoryError):
        return False  # it has gone, or is another thing now
    except OSError as error:
        return error.errno != errno.ELOOP
    try:
        for name in os.listdir(fd):
            try:
                status = os.stat(name, dir_fd=fd, follow_symlinks=False)
            except FileNotFoundError:
                continue
            left[0] -= 1
            left[1] -= status.st_blocks * 512
            if min(left) < 0:
                return True
            is_folder = stat.S_ISDIR(status.st_mode)
            if is_folder and (depth == MAX_BOX_DEPTH or _measure(name, fd, depth + 1, left)):
                return True
    finally:
        os.close(fd)
    return False
