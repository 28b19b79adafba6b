"""The process beside the student's code. Started by `grading.processes`, as a script, in isolated mode.

`fork` (Linux): import torch once, then fork a child for every series. The parent has run no torch
operation and holds no answer, so a child is as good as a fresh interpreter and costs milliseconds.
`once` (elsewhere): import torch, take one series from standard input, answer on standard output, end.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import io
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any


def prepare(config: dict[str, Any]) -> dict[str, str]:
    """Set the import path, import what every submission needs, and return the versions."""
    # Isolated mode leaves out the user's site-packages and PYTHONPATH, where torch may well be.
    sys.path[:] = [config["kit"], *config["import_path"]]
    import numpy
    import numpy.random  # otherwise every child would load it on first use
    import torch

    for name in ("grading.worker.exercise", "tests.scenarios.parts", *config["preload"]):
        # If the submission imports it too, it meets the same error, and the student is told. A package
        # that is broken here may raise anything.
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    from grading.worker.open_modules import keep_open

    keep_open("utils", config["kit"])
    sys.path.remove(config["kit"])
    return {
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "cpu capability": torch.backends.cpu.get_cpu_capability(),
    }


def perform(series: dict[str, Any], result_fd: int, go_fd: int) -> None:
    """Run the tasks one after the other and write a frame for each.

    Each task but the first waits until the judge lets it begin. Every task imports the submission
    anew, so that no value in its module is left from an earlier task.
    """
    from grading import wire
    from grading.worker import exercise

    path = Path(series["submission"])
    source = path.read_bytes()  # here, because the submission may move its own file
    for number, task in enumerate(series["tasks"]):
        if number and not os.read(go_fd, 1):
            return
        sys.stdout, sys.stderr = new_stream(1), new_stream(2)
        # The standard library's watchdog also interrupts a loop that never returns to Python's own.
        faulthandler.dump_traceback_later(task["tells_where"], file=2)
        result = exercise.run(
            path, task["scenario"], task["inputs"], source, task["probing"], task["definitions"]
        )
        faulthandler.cancel_dump_traceback_later()
        for stream in (sys.stdout, sys.stderr):
            # The submission may have closed it, or put something else in its place.
            with contextlib.suppress(BaseException):
                stream.flush()
        with contextlib.suppress(OSError):
            os.write(2, series["mark"].encode())
        answer = wire.with_length(wire.encode(result))
        while answer:
            answer = answer[os.write(result_fd, answer) :]


def new_stream(fd: int) -> io.TextIOWrapper:
    """A new text stream on a descriptor: an earlier task may have closed or replaced the old stream.

    If a task has closed the descriptor itself, what is written to the stream is lost.
    """
    try:
        raw = io.FileIO(fd, "w", closefd=False)
    except OSError:
        raw = io.FileIO(os.devnull, "w")
    return io.TextIOWrapper(raw, "utf-8", "replace", write_through=True)


# -- one interpreter for one series --


def serve_once(config: dict[str, Any]) -> None:
    """Read one series of tasks from standard input; answer on what was standard output at first."""
    result_fd, go_fd = os.dup(1), os.dup(0)
    os.dup2(2, 1)  # whatever the submission prints goes to standard error
    try:
        message: dict[str, Any] = {"ready": prepare(config)}
    except Exception as error:  # any failure to start is told to the judge
        message = {"failed": f"{type(error).__name__}: {error}"}
    os.write(result_fd, json.dumps(message).encode() + b"\n")
    # The judge sends nothing after this line before it has a frame, so no other byte is read here.
    line = sys.stdin.buffer.readline() if "ready" in message else b""
    if not line:
        return
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    perform(json.loads(line), result_fd, go_fd)
    os._exit(0)


def main() -> None:
    """Entry: `main.py fork CONTROL_FD CONFIG` or `main.py once CONFIG`, CONFIG in JSON."""
    # If the grader ignores Ctrl-C, this process would, too. A submission that raises it must not notice.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    mode, *_, config_text = sys.argv[1:]
    config = json.loads(config_text)
    if mode == "once":
        serve_once(config)
        return
    sys.path.insert(0, config["kit"])
    from grading.worker.forkserver import ForkServer

    server = ForkServer(int(sys.argv[2]), config, perform)
    try:
        versions = prepare(config)
    except Exception as error:  # any failure to start is told to the judge
        server.tell(failed=f"{type(error).__name__}: {error}")
        return
    gc.collect()
    gc.freeze()  # the collector would otherwise copy the parent's pages into every child
    server.tell(ready=versions, layers=server.try_jail())
    server.serve()
    os._exit(0)


if __name__ == "__main__":
    main()
