"""Inside the worker parent on Linux: fork a jailed child for every series, and bury what it leaves."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import stat
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grading import kernel
from grading.wire import BURIAL_LIMIT
from grading.worker.jail import Jail, unused_user

FIRST_USER = 30_000
WRITABLE_BY_ALL = ("/tmp", "/var/tmp", "/dev/shm", "/run/lock", "/dev/mqueue")


class ForkServer:
    """Starts and kills children as the judge says, and tells it when each has started and ended."""

    def __init__(
        self,
        control_fd: int,
        config: dict[str, Any],
        perform: Callable[[dict[str, Any], int, int], None],
    ) -> None:
        self.control = socket.socket(fileno=control_fd)
        self.perform = perform
        self.jail = Jail(config["kit"], config["import_path"])
        self.first_user = unused_user(FIRST_USER + os.getpid() % 20_000)
        self.children: dict[int, tuple[int, int]] = {}  # pid: (task number, slot)
        kernel.try_prctl(kernel.PR_SET_DUMPABLE, 0)
        # Whatever a child's children do, they become children of this process, not of init.
        kernel.try_prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)

    def try_jail(self) -> dict[str, object]:
        """The layers every child will be put into."""
        return self.jail.trial(self.first_user)

    def tell(self, **message: Any) -> None:
        """Send one message to the judge."""
        self.control.send(json.dumps(message).encode())

    def serve(self) -> None:
        """Until the judge hangs up."""
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        while True:
            sources: list[Any] = [self.control, wake_read]
            readable, _, _ = select.select(sources, [], [])
            if wake_read in readable:
                os.read(wake_read, 4096)
                self.reap()
            if self.control in readable and not self.handle_message():
                break
        for pid in self.children:
            kill(pid)
        self.bury(set(), [slot for _, slot in self.children.values()])

    def handle_message(self) -> bool:
        """Start or kill a child; False when the judge has hung up."""
        data, (*fds,), _, _ = socket.recv_fds(self.control, 4096, 4)
        if not data:
            return False
        message = json.loads(data)
        if "kill" in message:
            for pid, (number, _) in self.children.items():
                if number == message["kill"]:
                    kill(pid)
            return True
        busy = {slot for _, slot in self.children.values()}
        slot = next(slot for slot in range(len(busy) + 1) if slot not in busy)
        user = self.first_user + slot
        if self.jail.layers.get("user"):
            os.chown(message["box"], user, user)
        try:
            pid = os.fork()
        except OSError:  # the machine has no more processes to give; the judge will see no result
            pid = -1
        if pid == 0:
            self.control.close()
            self.run_child(fds, message["box"], user, message["cpu_seconds"])
        for fd in fds:
            os.close(fd)
        self.tell(started=message["start"])
        if pid == -1:
            self.tell(ended=message["start"], status=1)
        else:
            self.children[pid] = (message["start"], slot)
        return True

    def run_child(self, fds: list[int], box: str, user: int, cpu_seconds: int) -> None:
        """In the child: into the jail, perform the series, and end without returning."""
        status, end = 1, os._exit  # kept here: the submission may replace it
        series_fd, result_fd, output_fd, go_fd = fds
        try:
            os.setsid()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.chdir(box)
            with open(os.devnull, "rb") as nothing:
                os.dup2(nothing.fileno(), 0)
            os.dup2(output_fd, 1)
            os.dup2(output_fd, 2)
            with open(series_fd, "rb") as file:
                series = json.load(file)
            keep = sorted({0, 1, 2, result_fd, go_fd})
            for low, high in zip(keep, [*keep[1:], 4096]):
                os.closerange(low + 1, high)
            os.environ.update(HOME=box, TMPDIR=box, MPLCONFIGDIR=box, XDG_CACHE_HOME=box)
            tempfile.tempdir = box
            self.jail.enter(box, user, cpu_seconds)
            self.perform(series, result_fd, go_fd)
            status = 0
        except BaseException as error:  # only the kit's own mistakes come here
            os.write(2, f"The kit failed: {type(error).__name__}: {error}\n".encode())
        finally:
            end(status)

    def reap(self) -> None:
        """Report every child that has ended, when nothing of it is left."""
        while self.children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            number, slot = self.children.pop(pid, (None, 0))
            if number is not None:
                self.bury(set(self.children), [slot])
                self.tell(ended=number, status=os.waitstatus_to_exitcode(status))

    def bury(self, alive: set[int], slots: list[int]) -> None:
        """Kill every process that ended children have left behind, and wait until none is there."""
        deadline = time.monotonic() + BURIAL_LIMIT
        while time.monotonic() < deadline:
            left = own_children() - alive
            if not left:
                break
            if self.jail.layers.get("user"):
                for slot in slots:
                    with contextlib.suppress(OSError):
                        self.kill_user(self.first_user + slot)
            for pid in left:
                kill(pid)
            for pid in left:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)
        if self.jail.layers.get("user") and not self.jail.layers.get("landlock"):
            for slot in slots:
                remove_files_of(self.first_user + slot)

    def kill_user(self, user: int) -> None:
        """Kill all processes of a user at once, which no fork can outrun."""
        pid = os.fork()
        if pid == 0:
            try:
                os.setresuid(user, user, user)
                os.kill(-1, signal.SIGKILL)
            finally:
                os._exit(0)
        os.waitpid(pid, 0)


def kill(pid: int) -> None:
    """Kill a process and its group, if they are there."""
    for send in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            send(pid, signal.SIGKILL)


def own_children() -> set[int]:
    """The processes whose parent is this one, dead or alive."""
    own = Path(f"/proc/self/task/{os.getpid()}/children")
    with contextlib.suppress(OSError):
        return {int(pid) for pid in own.read_text(encoding="ascii").split()}
    children = set()  # a kernel without that file
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = file.read_text(errors="replace").rpartition(")")[2].split()
            if int(fields[1]) == os.getpid():
                children.add(int(file.parent.name))
    return children


def remove_files_of(user: int) -> None:
    """Remove what a user left in the folders anybody may write to (without Landlock it can)."""
    folders, found = list(WRITABLE_BY_ALL), []
    for folder in folders:  # which grows
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    status = entry.stat(follow_symlinks=False)
                    is_folder = stat.S_ISDIR(status.st_mode)
                    if status.st_uid == user:
                        found.append((entry.path, is_folder))
                    # Elsewhere the user could not have put anything.
                    if is_folder and (status.st_uid == user or status.st_mode & stat.S_IWOTH):
                        folders.append(entry.path)
    for path, is_folder in reversed(found):
        with contextlib.suppress(OSError):
            os.rmdir(path) if is_folder else os.unlink(path)
