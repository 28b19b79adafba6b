"""A filter of system calls: what right solutions need is permitted, everything else is refused.

The lists below hold what the interpreter, torch, NumPy, Gymnasium and Matplotlib were seen to call while
they ran right solutions (`python -m instructor syscalls --record`). Two kinds are added: other spellings
of the same calls, which another C library or processor uses, and calls that concern nothing but the
process itself. A call that nobody thought of is refused, whatever it does.

Some calls of libraries matter only to other processes or users, and here there are none: these succeed
and do nothing. So `shutil.copy` works, but no submission changes the mode of any file.

A process cannot start another one here, only threads. So nothing can outlive it, and its limits hold
for all that it does.
"""

from __future__ import annotations

import ctypes
import errno
import functools
from collections.abc import Iterable

from grading.kernel import AUDIT_ARCHITECTURES, PR_SET_SECCOMP, machine, number, prctl
from grading.system_calls import LAST_KNOWN

# Which files the calls on files reach is decided by Landlock and the user id.
ALLOWED = {
    "files": """
        close close_range creat dup dup2 dup3 read readv pread64 preadv write writev pwrite64
        pwritev lseek ftruncate fsync fdatasync copy_file_range sendfile umask stat fstat lstat
        newfstatat statx access faccessat faccessat2 readlink readlinkat getdents getdents64
        getcwd chdir fchdir statfs fstatfs mkdir mkdirat rmdir unlink unlinkat rename renameat
        renameat2
    """,
    "memory": "brk mmap munmap mremap mprotect msync membarrier mbind get_mempolicy",
    "threads": """
        futex set_robust_list rseq set_tid_address arch_prctl sched_yield sched_getaffinity
        sched_getscheduler sched_getparam sched_get_priority_max sched_get_priority_min gettid
        getcpu exit exit_group restart_syscall wait4 waitid
    """,
    "signals to itself": """
        rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend
        sigaltstack pause alarm setitimer getitimer
    """,
    "waiting": """
        poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait
        epoll_pwait2 eventfd eventfd2 pipe pipe2 nanosleep clock_nanosleep
    """,
    "clocks and random numbers": """
        clock_gettime clock_getres gettimeofday time times getrandom
    """,
    "questions about itself": """
        getpid getppid getuid geteuid getgid getegid getresuid getresgid getgroups getpgid
        getpgrp getsid getpriority getrlimit getrusage uname sysinfo capget
    """,
    # Of a pair that it has made itself: event loops have one.
    "sockets": "sendto recvfrom shutdown getsockopt getsockname getpeername",
}
# These succeed, and nothing is done. Locks are of use between processes; on the files of a library,
# which all submissions read, they would tell one submission about another. So would pages that are
# taken out of memory: `fadvise64` could do that to any file that may be read.
DONE_IN_NAME = "flock chmod fchmod fchmodat setpriority sched_setaffinity fadvise64"
# Attributes that copies of a file keep where the file system has them.
NOT_SUPPORTED = "getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr"
# Permitted only where the file system goes with the child: nothing that looks into a box meets a link.
LINKS = "link linkat symlink symlinkat"
# The same. Elsewhere they are done in name: under the same user, they would reach every file of that
# user, read-only or not, because Landlock does not bound them. So a file that is not there seems to be;
# `jail` puts that right for Python.
TIMES = "utime utimes futimesat utimensat"
# The C library has another way where these are "not known", but none where they are "not permitted".
# Their arguments lie in memory, where a filter cannot look.
UNKNOWN = ("clone3", "openat2")

# Arguments that are allowed, with the values that the kernel's headers give them.
FCNTL_COMMANDS = {
    "F_DUPFD": 0,
    "F_GETFD": 1,
    "F_SETFD": 2,
    "F_GETFL": 3,
    "F_SETFL": 4,
    "F_GETLK": 5,
    "F_DUPFD_CLOEXEC": 1030,
}
FCNTL_LOCKS = {"F_SETLK": 6, "F_SETLKW": 7}
IOCTL_REQUESTS = {
    "TCGETS": 0x5401,
    "TIOCGWINSZ": 0x5413,
    "FIONREAD": 0x541B,
    "FIONBIO": 0x5421,
    "FIONCLEX": 0x5450,
    "FIOCLEX": 0x5451,
}
# Advice on memory that concerns others: pages of files, and pages that are shared when they are equal.
# It is taken in name only. Nothing may depend on its being followed. All other advice is about this
# process; to read a file into memory (MADV_WILLNEED, MADV_POPULATE_READ) a plain read is enough.
MADVICE_ABOUT_OTHERS = {"MADV_MERGEABLE": 12, "MADV_COLD": 20, "MADV_PAGEOUT": 21}
PRCTL_OPTIONS = {"PR_SET_NAME": 15, "PR_GET_NAME": 16}
CLONE_THREAD = 0x10000
NEW_NAMESPACES = 0x7E020080  # the CLONE_NEW... flags
O_ACCMODE, O_TRUNC = 0o3, 0o1000
AF_UNIX, SOCK_STREAM, SOCK_NONBLOCK, SOCK_CLOEXEC = 1, 1, 0o4000, 0o2000000

# Classic BPF, as in linux/bpf_common.h and linux/seccomp.h.
LOAD, JUMP_EQUAL, JUMP_SET, JUMP_AT_LEAST, AND, RETURN = 0x20, 0x15, 0x45, 0x35, 0x54, 0x06
ALLOW, KILL_PROCESS, FAIL_WITH = 0x7FFF0000, 0x80000000, 0x00050000
NR, ARCHITECTURE, ARGUMENTS = 0, 4, 16
X32_CALLS = 0x40000000
SECCOMP_MODE_FILTER = 2


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("k", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(_Instruction)))


Line = tuple[int, int, int, int]
NOT_PERMITTED, NOT_KNOWN = FAIL_WITH | errno.EPERM, FAIL_WITH | errno.ENOSYS
PERMIT: Line = (RETURN, 0, 0, ALLOW)
REFUSE: Line = (RETURN, 0, 0, NOT_PERMITTED)
PRETEND: Line = (RETURN, 0, 0, FAIL_WITH | 0)  # the error number 0: the call has succeeded


def program(own_pid: int, own_mounts: bool = False) -> list[Line]:
    """The filter for the process `own_pid`: lines of code, jump if true, jump if false, operand.

    own_mounts: whether its files go with it. Raises OSError where the architecture is not known.
    """
    lines = list(_for_every_process())
    # The kernel looks at the lower half of a process number only. A negative one is a group.
    for name in ("kill", "tgkill"):
        lines += _when(name, _only(0, (0, own_pid, 2**32 - own_pid)))
    lines += _when("prlimit64", _only(0, (0, own_pid)))
    for name in TIMES.split():
        lines += _when(name, [PERMIT if own_mounts else PRETEND])
    if own_mounts:
        for name in LINKS.split():
            lines += _when(name, [PERMIT])
    return [*lines, REFUSE]


@functools.cache
def _for_every_process() -> tuple[Line, ...]:
    """The part of the filter that is the same for every process; made once, before the forks."""
    if machine() not in AUDIT_ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"no filter for {machine()}")
    lines: list[Line] = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_EQUAL, 1, 0, AUDIT_ARCHITECTURES[machine()]),
        (RETURN, 0, 0, KILL_PROCESS),
        (LOAD, 0, 0, NR),
        # What is newer than the tables, x86-64's other numbering included, is not known here.
        (JUMP_AT_LEAST, 0, 1, LAST_KNOWN + 1),
        (RETURN, 0, 0, NOT_KNOWN),
    ]
    for name in " ".join(ALLOWED.values()).split():
        lines += _when(name, [PERMIT])
    for names, action in (
        (DONE_IN_NAME.split(), PRETEND),
        (NOT_SUPPORTED.split(), (RETURN, 0, 0, FAIL_WITH | errno.EOPNOTSUPP)),
        (UNKNOWN, (RETURN, 0, 0, NOT_KNOWN)),
    ):
        for name in names:
            lines += _when(name, [action])
    for name, flags in (("open", 1), ("openat", 2)):
        lines += _when(name, _not_emptying(flags))
    lines += _when("fallocate", _only(1, (0,)))  # not to punch holes, nor to hide the size
    lines += _when("clone", _only_a_thread())
    lines += _when(
        "fcntl", [*_pretend(1, FCNTL_LOCKS.values()), *_only(1, FCNTL_COMMANDS.values())]
    )
    lines += _when("madvise", [*_pretend(2, MADVICE_ABOUT_OTHERS.values()), PERMIT])
    lines += _when("ioctl", _only(1, IOCTL_REQUESTS.values()))
    lines += _when("prctl", _only(0, PRCTL_OPTIONS.values()))
    return (*lines, *_when("socketpair", _only_connected_pairs()))


def _when(name: str, then: list[Line]) -> list[Line]:
    """The lines `then` for one system call, which must all end in a return."""
    nr = number(name)
    if nr is None:  # this architecture has another spelling of it
        return []
    return [(JUMP_EQUAL, 0, len(then), nr), *then]


def _argument(place: int) -> Line:
    """Load the lower half of an argument: the flags and numbers looked at here have 32 bits."""
    return (LOAD, 0, 0, ARGUMENTS + 8 * place)


def _only(place: int, values: Iterable[int]) -> list[Line]:
    """Permit the call where an argument is one of the values."""
    lines = [_argument(place)]
    for value in values:
        lines += [(JUMP_EQUAL, 0, 1, value), PERMIT]
    return [*lines, REFUSE]


def _pretend(place: int, values: Iterable[int]) -> list[Line]:
    """Let the call succeed without doing anything where an argument is one of the values."""
    lines = [_argument(place)]
    for value in values:
        lines += [(JUMP_EQUAL, 0, 1, value), PRETEND]
    return lines


def _only_a_thread() -> list[Line]:
    """Permit clone to start a thread of this process."""
    lines = [_argument(0), (JUMP_SET, 0, 1, NEW_NAMESPACES), REFUSE]
    return [*lines, (JUMP_SET, 0, 1, CLONE_THREAD), PERMIT, REFUSE]


def _not_emptying(flags: int) -> list[Line]:
    """Permit to open a file, but not to empty one without opening it for writing.

    Landlock before its third version does not see that.
    """
    lines = [_argument(flags), (AND, 0, 0, O_ACCMODE | O_TRUNC)]
    for mode in (0, O_ACCMODE):  # for reading, and for neither
        lines += [(JUMP_EQUAL, 0, 1, mode | O_TRUNC), REFUSE]
    return [*lines, PERMIT]


def _only_connected_pairs() -> list[Line]:
    """Permit a pair of sockets that can reach nothing but each other."""
    kinds = ~(SOCK_NONBLOCK | SOCK_CLOEXEC) & 0xFFFFFFFF
    return [
        _argument(0),
        (JUMP_EQUAL, 1, 0, AF_UNIX),
        REFUSE,
        _argument(1),
        (AND, 0, 0, kinds),
        (JUMP_EQUAL, 0, 1, SOCK_STREAM),
        PERMIT,
        REFUSE,
    ]


def install(own_pid: int, own_mounts: bool) -> None:
    """Enter the filter, for good. Needs no_new_privs. Raises OSError."""
    lines = program(own_pid, own_mounts)
    instructions = (_Instruction * len(lines))(*(_Instruction(*line) for line in lines))
    filter_program = _Program(len(lines), instructions)
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(filter_program))
