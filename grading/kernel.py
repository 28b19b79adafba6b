"""The system calls the jail needs, through ctypes: Linux on x86-64 and 64-bit ARM.

Constants and structures are those of the kernel's user-space headers.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform

from grading.system_calls import NUMBERS

LIBC = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_SET_SECCOMP = 22
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38

CAP_DAC_READ_SEARCH = 2
LINUX_CAPABILITY_VERSION_3 = 0x20080522

AUDIT_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def machine() -> str:
    """The architecture, by the kernel's name."""
    return platform.machine()


def number(name: str) -> int | None:
    """The number of a system call on this architecture, or None."""
    column = {"x86_64": 0, "aarch64": 1}.get(machine())
    return None if column is None else NUMBERS[name][column]


def syscall(name: str, *arguments: int | ctypes.c_void_p | None) -> int:
    """Make a system call. Raises OSError."""
    assert LIBC is not None
    nr = number(name)
    if nr is None:
        raise OSError(38, f"{name} is not known on {machine()}")
    result = LIBC.syscall(ctypes.c_long(nr), *arguments)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")
    return result


def prctl(option: int, *arguments: object) -> None:
    """Control the process. Raises OSError."""
    assert LIBC is not None
    padded = [ctypes.c_ulong(a) if isinstance(a, int) else a for a in (*arguments, 0, 0, 0, 0)[:4]]
    if LIBC.prctl(ctypes.c_int(option), *padded) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"prctl {option}: {os.strerror(error)}")


def try_prctl(option: int, *arguments: object) -> None:
    """Control the process, where the kernel (or what stands in for one) knows how."""
    with contextlib.suppress(OSError):
        prctl(option, *arguments)


class CapabilityHeader(ctypes.Structure):
    """struct __user_cap_header_struct."""

    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class CapabilityData(ctypes.Structure):
    """struct __user_cap_data_struct, of which there are two."""

    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def set_capabilities(mask: int) -> None:
    """Keep these capabilities (bits below 32) and no other. Raises OSError."""
    header = CapabilityHeader(LINUX_CAPABILITY_VERSION_3, 0)
    data = (CapabilityData * 2)(CapabilityData(mask, mask, 0), CapabilityData(0, 0, 0))
    syscall("capset", ctypes.byref(header), ctypes.byref(data))  # type: ignore[arg-type]
