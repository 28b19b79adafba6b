"""The process beside the student's code. Started by `dispatch`, as a script, in isolated mode.

`fork` (Linux): import torch once, then fork a child for every task. The parent has run no torch
operation and holds no answer, so a child is as good as a fresh interpreter and costs milliseconds.
`once` (elsewhere): import torch, take one task from standard input, answer on standard output, end.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import os
import select
import signal
import socket
import sys
from pathlib import Path
from typing import Any


def prepare(config: dict[str, Any]) -> dict[str, str]:
    """Set the import path, import what every submission needs, and return the versions."""
    # Isolated mode leaves out the user's site-packages and PYTHONPATH, where torch may well be.
    sys.path[:] = [config["kit"], *config["import_path"]]
    import numpy
    import numpy.random  # loaded on first use otherwise, in every child
    import torch

    for name in ("grading.exercise", "tests.scenarios", *config["preload"]):
        # A submission that imports it too will meet the same error and be told.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    sys.path.remove(config["kit"])
    return {"torch": torch.__version__, "numpy": numpy.__version__}


def perform(task: dict[str, Any], result_fd: int) -> None:
    """Run one task and write its frame."""
    from grading import exercise, frames

    # New streams: the old ones remember what their descriptors pointed to before.
    sys.stdout, sys.stderr = (
        io.TextIOWrapper(io.FileIO(fd, "w", closefd=False), "utf-8", "replace", write_through=True)
        for fd in (1, 2)
    )
    result = exercise.run(Path(task["submission"]), task["scenario"], task["inputs"])
    frame = frames.encode(result)
    while frame:
        frame = frame[os.write(result_fd, frame) :]
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # the submission may have closed it
            stream.flush()


# -- one interpreter for one task --


def serve_once(config: dict[str, Any]) -> None:
    """Answer one task from standard input on what was standard output."""
    result_fd = os.dup(1)
    os.dup2(2, 1)  # whatever the submission prints goes to standard error
    try:
        message: dict[str, Any] = {"ready": prepare(config)}
    except Exception as error:  # any failure to start is told to the judge
        message = {"failed": f"{type(error).__name__}: {error}"}
    os.write(result_fd, json.dumps(message).encode() + b"\n")
    line = sys.stdin.buffer.readline() if "ready" in message else b""
    if not line:
        return
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    perform(json.loads(line), result_fd)
    os._exit(0)


# -- a child for every task --


class ForkServer:
    """Forks a child for every task the judge sends; tells the judge when each has started and ended."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.children: dict[int, int] = {}  # pid: task number

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
            _kill(pid)

    def handle_message(self) -> bool:
        """Start or kill a child, as the judge says; False when it has hung up."""
        data, (*fds,), _, _ = socket.recv_fds(self.control, 4096, 3)
        if not data:
            return False
        message = json.loads(data)
        if "kill" in message:
            for pid, number in self.children.items():
                if number == message["kill"]:
                    _kill(pid)
            return True
        pid = os.fork()
        if pid == 0:
            self.control.close()
            run_child(fds, message["directory"])
        for fd in fds:
            os.close(fd)
        self.children[pid] = message["start"]
        self.tell(started=message["start"])
        return True

    def reap(self) -> None:
        """Report every child that has ended."""
        while self.children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            number = self.children.pop(pid, None)
            if number is not None:
                self.tell(ended=number, status=os.waitstatus_to_exitcode(status))


def _kill(pid: int) -> None:
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def run_child(fds: list[int], directory: str) -> None:
    """In the forked child: perform the task and end without returning."""
    status = 1
    task_fd, result_fd, output_fd = fds
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.chdir(directory)
        with open(os.devnull, "rb") as nothing:
            os.dup2(nothing.fileno(), 0)
        os.dup2(output_fd, 1)
        os.dup2(output_fd, 2)
        with open(task_fd, "rb") as file:
            task = json.load(file)
        keep = sorted({0, 1, 2, result_fd})
        for low, high in zip(keep, [*keep[1:], 4096]):
            os.closerange(low + 1, high)
        perform(task, result_fd)
        status = 0
    except BaseException as error:  # only the kit's own mistakes come here
        os.write(2, f"The kit failed: {type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(status)


def main() -> None:
    """Entry: `worker.py fork CONTROL_FD CONFIG` or `worker.py once CONFIG`, CONFIG in JSON."""
    mode, *_, config_text = sys.argv[1:]
    config = json.loads(config_text)
    if mode == "once":
        serve_once(config)
        return
    control = socket.socket(fileno=int(sys.argv[2]))
    server = ForkServer(control)
    try:
        versions = prepare(config)
    except Exception as error:  # any failure to start is told to the judge
        server.tell(failed=f"{type(error).__name__}: {error}")
        return
    gc.collect()
    gc.freeze()  # the collector would otherwise copy the parent's pages into every child
    server.tell(ready=versions)
    server.serve()
    os._exit(0)


if __name__ == "__main__":
    main()
