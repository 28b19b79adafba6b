"""The workers' parent process on Linux: fork a jailed child per series, end what it leaves behind."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grading import kernel
from grading.removal import (
    BURIAL_LIMIT,
    REMOVAL_LIMIT,
    other_shared_folders,
    owners_in,
    remove_files_of,
    unlisted_by_others,
)
from grading.worker.jail import Jail, landlock, mounts
from grading.worker.jail.users import Users

HELPER_LIMIT = 1.0  # seconds for a helper that works as a slot's user
CONTROL_LIMIT = 30.0  # seconds in which the judge must take a message


@dataclass
class Child:
    """A series under way: its name, the user it runs as, and its box."""

    name: str
    user: int
    box: str


class ForkServer:
    """Starts and kills children as the judge says, and tells it when each has started and ended."""

    # Where children may write outside their boxes, beside the folders that every machine has.
    shared: Sequence[str] = ()

    def __init__(
        self,
        control_fd: int,
        config: dict[str, Any],
        perform: Callable[[dict[str, Any], int, int], None],
    ) -> None:
        self.control = socket.socket(fileno=control_fd)
        self.control.settimeout(CONTROL_LIMIT)
        self.perform = perform
        self.jail = Jail(
            config["kit"], config["import_path"], config["cores"], config["share"], config["closed"]
        )
        self.users = Users()
        self.children: dict[int, Child] = {}  # by process number
        kernel.try_prctl(kernel.PR_SET_DUMPABLE, 0)
        # When a child has ended, its own children become children of this process, not of init.
        kernel.try_prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)

    def try_jail(self) -> dict[str, object]:
        """The layers every child will be put into."""
        # With Landlock a child can write to its box only, and an ordinary user removes nothing.
        if os.getuid() == 0 and not landlock.abi():
            self.shared = other_shared_folders()
            self.users.owners = owners_in(self.shared)
        user = self.users.take()
        box = os.path.join(os.getcwd(), "trial")
        os.makedirs(box, exist_ok=True)  # there is one if this process replaces another
        try:
            with contextlib.suppress(OSError):
                mounts.enter_namespace(self.shared)
                mounts.mount_box(box, user)
                self.jail.own_mounts = True
            return self.jail.trial(box, user)
        finally:
            if self.jail.own_mounts:
                mounts.unmount_box(box)
            self.users.give_back(user)

    def tell(self, **message: Any) -> None:
        """Send one message to the judge."""
        self.control.send(json.dumps(message).encode())

    def serve(self) -> None:
        """Do what the judge says until it closes the connection."""
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
        for child in self.children.values():
            self.bury(set(), child)

    def handle_message(self) -> bool:
        """Start or kill a child; False if the judge has closed the connection."""
        data, (*fds,), _, _ = socket.recv_fds(self.control, 4096, 4)
        if not data:
            return False
        message = json.loads(data)
        if "kill" in message:
            for pid, child in self.children.items():
                if child.name == message["kill"]:
                    kill(pid)
            return True
        child = Child(message["start"], self.users.take(), message["box"])
        if self.jail.own_mounts:
            mounts.mount_box(child.box, child.user)
        elif self.jail.layers.get("user"):
            os.chown(child.box, child.user, child.user)
        try:
            pid = os.fork()
        except OSError:  # the machine has no more processes to give; the judge will see no result
            pid = -1
        if pid == 0:
            self.control.close()
            self.run_child(fds, child, message["cpu_seconds"])
        for fd in fds:
            os.close(fd)
        self.tell(started=child.name, process=pid)
        if pid == -1:
            self.bury(set(self.children), child)
            self.tell(ended=child.name, status=1)
        else:
            self.children[pid] = child
        return True

    def run_child(self, fds: list[int], child: Child, cpu_seconds: int) -> None:
        """In the child: enter the jail, perform the series, and end without returning."""
        status, end = 1, os._exit  # kept under another name: the submission may replace os._exit
        series_fd, result_fd, output_fd, go_fd = fds
        box = child.box
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
            self.jail.enter(box, child.user, cpu_seconds)
            self.perform(series, result_fd, go_fd)
            status = 0
        except BaseException as error:  # only the kit's own mistakes come here
            os.write(2, f"The kit failed: {type(error).__name__}: {error}\n".encode())
        finally:
            end(status)

    def reap(self) -> None:
        """For every child that has ended: end what it left behind, then tell the judge."""
        while self.children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            child = self.children.pop(pid, None)
            if child is not None:
                self.bury(set(self.children), child)
                self.tell(ended=child.name, status=os.waitstatus_to_exitcode(status))

    def bury(self, alive: set[int], child: Child) -> None:
        """End every process that a child has left behind, remove its files, and free its user.

        With the filter of system calls there are no such processes, since a child can start none.
        A user of whom files are left is not free: they would be the next child's.
        """
        deadline = time.monotonic() + BURIAL_LIMIT
        while time.monotonic() < deadline:
            left = own_children() - alive
            if not left:
                break
            if self.jail.layers.get("user"):
                # All at once, so that none escapes by forking.
                as_user(child.user, lambda: os.kill(-1, signal.SIGKILL), HELPER_LIMIT)
            for pid in left:
                kill(pid)
            for pid in left:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)
        removed = True
        if self.jail.own_mounts:
            with contextlib.suppress(OSError):
                mounts.unmount_box(child.box)
        elif self.jail.layers.get("user") and not self.jail.layers.get("landlock"):
            # Somebody may have spent minutes on making a million files: removing them takes longer
            # than ending processes.
            unlisted: list[str] = []
            removed = as_user(
                child.user,
                lambda: remove_files_of(child.user, unlisted, self.shared),
                REMOVAL_LIMIT,
                before=lambda: unlisted.extend(unlisted_by_others(child.user, self.shared)),
            )
        if removed:
            self.users.give_back(child.user)


def as_user(
    user: int, act: Callable[[], object], limit: float, before: Callable[[], object] | None = None
) -> bool:
    """Let a child act with the rights of a user; whether it came to its end within `limit` seconds.

    What a submission of that user has put in its way can then harm nobody else.
    before: what the child does with its own rights, before it gives them up.
    """
    try:
        pid = os.fork()
    except OSError:  # the machine has no more processes to give
        return False
    if pid == 0:
        status = 1
        try:
            if before:
                before()
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
            act()
            status = 0
        finally:
            os._exit(status)
    deadline = time.monotonic() + limit
    while (ended := os.waitpid(pid, os.WNOHANG))[0] == 0:
        if time.monotonic() > deadline:  # a process of that user may have stopped it
            kill(pid)
        time.sleep(0.001)
    return ended[1] == 0


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
    children = set()  # some kernels do not have that file
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = file.read_text(errors="replace").rpartition(")")[2].split()
            if int(fields[1]) == os.getpid():
                children.add(int(file.parent.name))
    return children
