"""A filter of system calls: what a submission has no business with fails with "not permitted".

It covers what Landlock does not: other processes of the same user, sockets of every kind, kernel
interfaces with a history, and anything that would outlive the process.
"""

from __future__ import annotations

import ctypes
import errno
import functools

from grading.kernel import AUDIT_ARCHITECTURES, PR_SET_SECCOMP, machine, number, prctl

REFUSED = (
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "kcmp",
    "pidfd_open",
    "pidfd_getfd",
    "pidfd_send_signal",
    "process_madvise",
    "process_mrelease",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "unshare",
    "setns",
    "mount",
    "umount2",
    "pivot_root",
    "chroot",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsmount",
    "fsconfig",
    "mount_setattr",
    "open_by_handle_at",
    "name_to_handle_at",
    "keyctl",
    "add_key",
    "request_key",
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "init_module",
    "finit_module",
    "delete_module",
    "kexec_load",
    "reboot",
    "swapon",
    "acct",
    "quotactl",
    "syslog",
    "shmget",
    "semget",
    "msgget",
    "mq_open",
    "rt_sigqueueinfo",
    "rt_tgsigqueueinfo",
    "setpriority",
    "ioprio_set",
    "migrate_pages",
    "move_pages",
    "socket",
    "connect",
    "bind",
    "listen",
    # Memory that counts for no process, and what Landlock leaves open on files of the same user.
    "memfd_create",
    "memfd_secret",
    "chmod",
    "fchmodat",
    "fchmodat2",
    "chown",
    "lchown",
    "fchownat",
    "utime",
    "utimes",
    "futimesat",
    "utimensat",
    "setxattr",
    "lsetxattr",
    "removexattr",
    "lremovexattr",
)
NEW_NAMESPACES = 0x7E020080  # the CLONE_NEW... flags

# Classic BPF, as in linux/bpf_common.h and linux/seccomp.h.
LOAD, JUMP_EQUAL, JUMP_SET, JUMP_AT_LEAST, RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
ALLOW, KILL_PROCESS, FAIL_WITH = 0x7FFF0000, 0x80000000, 0x00050000
NR, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
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
PERMISSION, NO_SUCH_CALL = FAIL_WITH | errno.EPERM, FAIL_WITH | errno.ENOSYS


def program(own_pid: int) -> list[Line]:
    """The filter for the process `own_pid`: lines of code, jump if true, jump if false, operand.

    Raises OSError where the architecture is not known.
    """
    lines = list(_for_every_process())
    # Only on itself. The upper halves of the arguments do not matter: a process number has 32 bits.
    for name in ("kill", "tgkill"):
        lines += _when(name, _unless_first_argument(own_pid, 0, 2**32 - own_pid))
    for name in ("prlimit64", "sched_setaffinity", "sched_setscheduler", "sched_setparam"):
        lines += _when(name, _unless_first_argument(own_pid, 0))
    lines += _when("sched_setattr", _unless_first_argument(own_pid, 0))
    return [*lines, (RETURN, 0, 0, ALLOW)]


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
        (JUMP_AT_LEAST, 0, 1, X32_CALLS),
        (RETURN, 0, 0, NO_SUCH_CALL),
    ]
    for name in (*REFUSED, "tkill"):
        lines += _when(name, [(RETURN, 0, 0, PERMISSION)])
    lines += _when("clone3", [(RETURN, 0, 0, NO_SUCH_CALL)])  # its arguments cannot be looked at
    refuse_namespaces: list[Line] = [
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (JUMP_SET, 0, 1, NEW_NAMESPACES),
        (RETURN, 0, 0, PERMISSION),
        (RETURN, 0, 0, ALLOW),
    ]
    return (*lines, *_when("clone", refuse_namespaces))


def _when(name: str, then: list[Line]) -> list[Line]:
    """The lines `then` for one system call, which must all end in a return."""
    nr = number(name)
    if nr is None:
        return []
    return [(JUMP_EQUAL, 0, len(then), nr), *then]


def _unless_first_argument(*allowed: int) -> list[Line]:
    lines: list[Line] = [(LOAD, 0, 0, FIRST_ARGUMENT)]
    for value in allowed:
        lines += [(JUMP_EQUAL, 0, 1, value), (RETURN, 0, 0, ALLOW)]
    return [*lines, (RETURN, 0, 0, PERMISSION)]


def install(own_pid: int) -> None:
    """Enter the filter, for good. Needs no_new_privs. Raises OSError."""
    lines = program(own_pid)
    instructions = (_Instruction * len(lines))(*(_Instruction(*line) for line in lines))
    filter_program = _Program(len(lines), instructions)
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(filter_program))
