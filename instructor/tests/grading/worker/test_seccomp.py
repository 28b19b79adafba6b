"""The filter of system calls, run as the kernel would run it: what it permits, and what it refuses."""

import errno
import fcntl
import mmap
import os
import socket
import sys
import termios

import pytest

from grading.system_calls import LAST_KNOWN, NUMBERS
from grading.worker.jail import seccomp
from instructor.proof import system_calls

PID = 4321
PERMITTED, NOT_PERMITTED, NOT_KNOWN, KILLED = "permitted", "not permitted", "not known", "killed"
PRETENDED, NOT_SUPPORTED = "done in name", "not supported"
ACTIONS = {
    seccomp.ALLOW: PERMITTED,
    seccomp.FAIL_WITH: PRETENDED,
    seccomp.FAIL_WITH | errno.EOPNOTSUPP: NOT_SUPPORTED,
    seccomp.FAIL_WITH | errno.EPERM: NOT_PERMITTED,
    seccomp.FAIL_WITH | errno.ENOSYS: NOT_KNOWN,
    seccomp.KILL_PROCESS: KILLED,
}

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the jail is Linux's")


def run(lines, number, arguments=(), architecture=None):
    """What the filter says to a call."""
    halves = [half for a in arguments for half in (a & 0xFFFFFFFF, a >> 32 & 0xFFFFFFFF)]
    words = [number & 0xFFFFFFFF, architecture, 0, 0, *halves, *[0] * 12]
    accumulator = at = 0
    while True:
        code, if_true, if_false, operand = lines[at]
        at += 1
        if code == seccomp.LOAD:
            accumulator = words[operand // 4]
        elif code == seccomp.AND:
            accumulator &= operand
        elif code == seccomp.RETURN:
            return ACTIONS[operand]
        else:
            test = {
                seccomp.JUMP_EQUAL: accumulator == operand,
                seccomp.JUMP_SET: bool(accumulator & operand),
                seccomp.JUMP_AT_LEAST: accumulator >= operand,
            }
            at += if_true if test[code] else if_false


@pytest.fixture(params=["x86_64", "aarch64"])
def says(request, monkeypatch):
    """What the filter of one architecture says to a call by its name; None where there is none."""
    for module in (seccomp, sys.modules["grading.kernel"]):
        monkeypatch.setattr(module, "machine", lambda: request.param)
    seccomp._for_every_process.cache_clear()
    lines = seccomp.program(PID)
    architecture = seccomp.AUDIT_ARCHITECTURES[request.param]
    column = ["x86_64", "aarch64"].index(request.param)

    def ask(name, *arguments, architecture=architecture):
        number = name if isinstance(name, int) else NUMBERS[name][column]
        return None if number is None else run(lines, number, arguments, architecture)

    yield ask
    seccomp._for_every_process.cache_clear()


def value(text):
    """The number behind a constant, or behind several with bars between them."""
    places = (seccomp.FCNTL_COMMANDS, seccomp.IOCTL_REQUESTS, seccomp.PRCTL_OPTIONS)
    known = {k: v for place in places for k, v in place.items()} | {
        name: getattr(os, name) for name in dir(os) if name.startswith("O_")
    }
    known |= {"CLONE_THREAD": seccomp.CLONE_THREAD, "AF_UNIX": socket.AF_UNIX}
    return sum(known.get(word, 0) for word in text.removeprefix("flags=").split("|"))


RECORDED = [
    (name, argument)
    for name, arguments in system_calls.read_record()["calls"].items()
    for argument in arguments or [""]
]


@pytest.mark.parametrize(("name", "argument"), RECORDED)
def test_what_right_solutions_call_is_permitted(says, name, argument):
    place = {"clone": 0}.get(name, system_calls.ARGUMENT.get(name, 0))
    arguments = [0] * place + [value(argument)] if argument else []
    if name in ("kill", "tgkill", "prlimit64"):
        arguments = [PID]
    assert says(name, *arguments) in (PERMITTED, PRETENDED, None)


def test_what_nobody_thought_of_is_refused(says):
    some = {name: says(name) for name in NUMBERS}
    allowed = set(" ".join(seccomp.ALLOWED.values()).split())
    looked_at = {"open", "openat", "fallocate", "clone", "fcntl", "ioctl", "prctl", "socketpair"}
    looked_at |= {"kill", "tgkill", "prlimit64", "madvise", *seccomp.UNKNOWN}
    in_name = f"{seccomp.DONE_IN_NAME} {seccomp.TIMES}".split()
    assert {n for n, answer in some.items() if answer == PERMITTED} <= allowed | looked_at
    assert {n for n, answer in some.items() if answer == NOT_KNOWN} <= set(seccomp.UNKNOWN)
    assert {n for n, a in some.items() if a == PRETENDED} <= set(in_name)
    assert sum(answer == NOT_PERMITTED for answer in some.values()) > 150


REFUSED = {
    "another process": ("fork",),
    "another process, by clone": ("clone", 17),
    "a process that shares its memory": ("clone", 0x4100 | 17),
    "a thread in a namespace of its own": ("clone", seccomp.CLONE_THREAD | 0x10000000),
    "a program": ("execve",),
    "holes in a file": ("fallocate", 3, 3),
    "attributes of an open file": ("fsetxattr", 3),
    "emptying a file by name": ("truncate",),
    "emptying a file that is opened for reading": ("openat", 0, 0, os.O_RDONLY | os.O_TRUNC),
    "emptying a file that is opened for neither": ("openat", 0, 0, 3 | os.O_TRUNC),
    "another owner of a file's signals": ("fcntl", 3, 8),
    "the same, by a structure": ("fcntl", 3, 15),
    "the same, by a request": ("ioctl", 3, 0x8901),
    "another signal for a file": ("fcntl", 3, 10),
    "news of a folder": ("fcntl", 3, 1026),
    "news of a file": ("inotify_init1",),
    "a lease": ("fcntl", 3, 1024),
    "typing into a terminal": ("ioctl", 0, 0x5412),
    "life after its parent": ("prctl", 1, 0),
    "being looked into": ("prctl", 4, 1),
    "a filter of its own": ("prctl", 22, 2),
    "a pair of sockets for messages": ("socketpair", 1, 2),
    "a pair of sockets for records": ("socketpair", 1, 5),
    "a pair of sockets for a network": ("socketpair", 2, 1),
    "passing descriptors on": ("sendmsg",),
    "shared memory": ("shmget",),
    "semaphores": ("semget",),
    "queues": ("msgget",),
    "what the page cache holds": ("mincore",),
    "a signal to its parent": ("kill", PID - 1, 9),
    "a signal to everyone": ("kill", 2**64 - 1, 9),
    "a signal to another group": ("kill", 2**64 - (PID - 1), 9),
    "a signal to another's thread": ("tgkill", PID - 1, PID - 1, 9),
    "another's limits": ("prlimit64", PID - 1),
    "the way it is scheduled": ("sched_setscheduler", 0),
    "links": ("symlinkat",),
    "a new session": ("setsid",),
}
DONE_IN_NAME = {
    "permissions of an open file": ("fchmod", 3, 0o4755),
    "permissions of a file": ("fchmodat", 0, 0, 0o777),
    "times of a file": ("utimensat",),
    "pages of a file in memory": ("fadvise64", 3, 0, 0, 4),
    "the same, of a file that is mapped": ("madvise", 0, 4096, 21),
    "the same, more gently": ("madvise", 0, 4096, 20),
    "pages shared with others": ("madvise", 0, 4096, 12),
    "a lock on a library's file": ("flock", 3, 2),
    "the same, by fcntl": ("fcntl", 3, fcntl.F_SETLK),
    "the same, and waiting for it": ("fcntl", 3, fcntl.F_SETLKW),
    "the priority of others": ("setpriority", 0, PID - 1, 19),
    "the processors it runs on": ("sched_setaffinity", 0),
}
PERMITTED_ARGUMENTS = {
    "a thread": ("clone", seccomp.CLONE_THREAD | 0x3D0F00),
    "a file for reading": ("openat", 0, 0, os.O_RDONLY | os.O_CLOEXEC),
    "a file for writing": ("openat", 0, 0, os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    "memory given back": ("madvise", 0, 4096, 4),
    "large pages": ("madvise", 0, 4096, 14),
    "a pair of sockets": ("socketpair", 1, 1 | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK),
    "a signal to itself": ("kill", PID, 0),
    "a signal to its own group": ("kill", 2**64 - PID, 0),
    "its own limits": ("prlimit64", PID),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused(says, what):
    assert says(*REFUSED[what]) in (NOT_PERMITTED, None)


@pytest.mark.parametrize("what", DONE_IN_NAME)
def test_done_in_name_only(says, what):
    assert says(*DONE_IN_NAME[what]) == PRETENDED


def test_links_and_times_are_permitted_only_where_it_is_said():
    def says(name, own_mounts):
        return run(seccomp.program(PID, own_mounts), NUMBERS[name][0], (), 0xC000003E)

    seccomp._for_every_process.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        for module in (seccomp, sys.modules["grading.kernel"]):
            patch.setattr(module, "machine", lambda: "x86_64")
        assert (says("linkat", True), says("linkat", False)) == (PERMITTED, NOT_PERMITTED)
        assert (says("utimensat", True), says("utimensat", False)) == (PERMITTED, PRETENDED)
    seccomp._for_every_process.cache_clear()


@pytest.mark.parametrize("what", PERMITTED_ARGUMENTS)
def test_permitted(says, what):
    assert says(*PERMITTED_ARGUMENTS[what]) == PERMITTED


def test_newer_calls_are_not_known(says):
    assert says(LAST_KNOWN + 1) == NOT_KNOWN
    assert says(0x40000000) == NOT_KNOWN  # x86-64's other numbering
    assert says("clone3") == NOT_KNOWN


def test_another_architecture_ends_the_process(says):
    assert says("read", architecture=0x40000003) == KILLED


def test_constants_are_those_of_the_headers():
    for name, number in seccomp.FCNTL_COMMANDS.items():
        assert getattr(fcntl, name) == number
    for name, number in seccomp.IOCTL_REQUESTS.items():
        assert getattr(termios, name) == number
    assert seccomp.MADVICE_ABOUT_OTHERS["MADV_MERGEABLE"] == mmap.MADV_MERGEABLE
    assert os.O_TRUNC == seccomp.O_TRUNC
    assert socket.AF_UNIX == seccomp.AF_UNIX
    assert socket.SOCK_STREAM == seccomp.SOCK_STREAM
    assert socket.SOCK_NONBLOCK == seccomp.SOCK_NONBLOCK
    assert socket.SOCK_CLOEXEC == seccomp.SOCK_CLOEXEC


HEADERS_HERE = all(folder.exists() for folder in system_calls.HEADERS)


@pytest.mark.skipif(not HEADERS_HERE, reason="the kernel's headers are not installed")
def test_numbers_are_those_of_the_headers():
    for column, headers in enumerate(system_calls.HEADERS):
        found = system_calls.numbers_in(headers)
        # Headers of another version may know more calls, but no other numbers.
        ours = {n: pair[column] for n, pair in NUMBERS.items() if pair[column] is not None}
        assert {n: found[n] for n in ours if n in found} == {n: ours[n] for n in ours if n in found}
        assert len(set(ours) & set(found)) > 300
