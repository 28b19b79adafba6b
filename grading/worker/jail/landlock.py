"""Landlock: a process gives up access to files, TCP, other processes' signals and abstract sockets.

See Documentation/userspace-api/landlock.rst of the kernel. What an older kernel does not know is left
out, and `abi()` says how much it knows.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterable

from grading.kernel import syscall

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
FILE_ACCESS_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
TRUNCATE = 1 << 14
TCP_ABI, TCP = 4, 0b11
SCOPE_ABI, SCOPES = 6, 0b11  # abstract sockets, signals
CREATE_RULESET_VERSION = 1
RULE_PATH_BENEATH = 1


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def abi() -> int:
    """The version of Landlock this kernel has; 0 where there is none."""
    try:
        return syscall("landlock_create_ruleset", None, 0, CREATE_RULESET_VERSION)
    except OSError:
        return 0


def _file_access(version: int) -> int:
    return max(access for since, access in FILE_ACCESS_BY_ABI.items() if since <= version)


def make_ruleset(read: Iterable[str], write: Iterable[str]) -> int:
    """A ruleset that allows reading beneath some paths and everything beneath others; its descriptor.

    Paths that do not exist are left out. Raises OSError.
    """
    version = abi()
    everything = _file_access(version)
    ruleset = _Ruleset(
        everything, TCP if version >= TCP_ABI else 0, SCOPES if version >= SCOPE_ABI else 0
    )
    size = 24 if version >= SCOPE_ABI else 16 if version >= TCP_ABI else 8
    fd = syscall("landlock_create_ruleset", ctypes.byref(ruleset), size, 0)  # type: ignore[arg-type]
    for path in read:
        _allow(fd, path, EXECUTE | READ_FILE | READ_DIR)
    for path in write:
        _allow(fd, path, everything)
    return fd


def _allow(ruleset: int, path: str, access: int) -> None:
    with contextlib.suppress(FileNotFoundError):
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not os.path.isdir(path):
                access &= EXECUTE | READ_FILE | WRITE_FILE | (TRUNCATE if abi() >= 3 else 0)
            rule = _PathBeneath(access, fd)
            reference = ctypes.byref(rule)
            syscall("landlock_add_rule", ruleset, RULE_PATH_BENEATH, reference, 0)  # type: ignore[arg-type]
        finally:
            os.close(fd)


def restrict_self(ruleset: int) -> None:
    """Enter the ruleset, for good. Needs no_new_privs. Raises OSError."""
    syscall("landlock_restrict_self", ruleset, 0)
    os.close(ruleset)
