"""Runs programs beside a submission with no jail at all, each as a user with nothing to lose.

`python undefended_server.py`, as root. Reads requests, one JSON object a line, and answers each with
how the program ended and what it printed. Torch is imported once; every program runs in a fork.
"""

import contextlib
import ctypes
import gc
import json
import os
import resource
import runpy
import select
import signal
import sys
import time

PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 4, 36
KEPT = 20_000  # bytes of what a program printed last


def become(uid, cpu_seconds):
    """Be that user, with bounds on what an attack can use up."""
    resource.setrlimit(resource.RLIMIT_NPROC, (100, 100))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**24, 2**24))
    resource.setrlimit(resource.RLIMIT_AS, (3 * 2**30, 3 * 2**30))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    os.setsid()
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    # As after the start of a program: its own /proc belongs to it.
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)


def end_all(uid):
    """Kill every process of that user, until none is left to wait for."""
    while True:
        killer = os.fork()
        if killer == 0:
            with contextlib.suppress(OSError):
                os.setresuid(uid, uid, uid)
                os.kill(-1, signal.SIGKILL)
            os._exit(0)
        try:
            os.waitpid(-1, 0)
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return


def watch(program, pipe, seconds):
    """Whether the program and all that hold its output end in time, and what it printed last.

    A program that has used up its processor time has not ended by itself.
    """
    deadline, printed, is_open, ended = time.monotonic() + seconds, b"", True, False
    overran = False
    while time.monotonic() < deadline and (is_open or not ended):
        if is_open and select.select([pipe], [], [], 0.01)[0]:
            data = os.read(pipe, 1 << 16)
            printed, is_open = (printed + data)[-KEPT:], bool(data)
        if not is_open:
            time.sleep(0.005)
        if not ended:
            number, status = os.waitpid(program, os.WNOHANG)
            ended = number == program
            overran = ended and os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU
    return ended and not is_open and not overran, printed


def next_program():
    """Serve requests; returns in the fork for each, with the request, and with None at the end."""
    # What a program leaves behind becomes a child of this process.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for line in iter(sys.stdin.readline, ""):
        request = json.loads(line)
        read, write = os.pipe()
        program = os.fork()
        if program == 0:
            with open(os.devnull, "r+b") as nothing:
                os.dup2(nothing.fileno(), 0)
                os.dup2(nothing.fileno(), 2)
            os.dup2(write, 1)
            os.closerange(3, 64)
            return request
        os.close(write)
        in_time, printed = watch(program, read, request["seconds"])
        os.close(read)
        end_all(request["uid"])
        print(json.dumps([in_time, printed.decode(errors="replace")]), flush=True)
    return None


def main():
    """Import what all programs need, and serve."""
    import numpy.random  # noqa: F401
    import pytest  # noqa: F401
    import torch  # noqa: F401

    gc.collect()
    gc.freeze()  # a program would otherwise copy every page of this process when it ends
    request = next_program()
    if request is None:
        return
    become(request["uid"], request["cpu_seconds"])
    os.chdir(request["folder"])
    sys.argv = request["arguments"]
    sys.path[0] = request["folder"]
    if os.path.exists(sys.argv[0]):
        runpy.run_path(sys.argv[0], run_name="__main__")
    else:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
