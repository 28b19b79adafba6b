"""The system calls the jail needs, through ctypes: Linux on x86-64 and 64-bit ARM.

Constants and structures are those of the kernel's user-space headers.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import struct

from grading.system_calls import NUMBERS

LIBC = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_SET_SECCOMP = 22
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38

CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_NOATIME, MS_BIND, MS_REC, MS_PRIVATE = 1 << 10, 1 << 12, 1 << 14, 1 << 18
MNT_DETACH = 2
MOUNT_ATTR_NOATIME, MOUNT_ATTR_ALL_ATIMES = 0x10, 0x70
AT_FDCWD, AT_RECURSIVE = -100, 0x8000

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


def unshare(flags: int) -> None:
    """Leave namespaces that are shared with others. Raises OSError."""
    assert LIBC is not None
    _check("unshare", LIBC.unshare(ctypes.c_int(flags)))


def enter_user_namespace() -> None:
    """Leave the namespace of users, without the rights that a new one gives. Raises OSError."""
    unshare(CLONE_NEWUSER)
    set_capabilities(0)


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """Mount a file system, or change a mount. Raises OSError."""
    assert LIBC is not None
    texts = [ctypes.c_char_p(text.encode()) for text in (source, target, kind, options)]
    source_text, target_text, kind_text, options_text = texts
    done = LIBC.mount(source_text, target_text, kind_text, ctypes.c_ulong(flags), options_text)
    _check("mount", done)


def keep_no_access_times(target: str) -> None:
    """No file below a mount, and below the mounts in it, keeps when it was read. Raises OSError."""
    attributes = struct.pack("4Q", MOUNT_ATTR_NOATIME, MOUNT_ATTR_ALL_ATIMES, 0, 0)
    path, given = ctypes.c_char_p(target.encode()), ctypes.create_string_buffer(attributes)
    addresses = [ctypes.cast(pointer, ctypes.c_void_p) for pointer in (path, given)]
    syscall(
        *("mount_setattr", AT_FDCWD, addresses[0], AT_RECURSIVE, addresses[1]),
        ctypes.c_void_p(len(attributes)),
    )


def unmount(target: str) -> None:
    """Take a mount away, even where something still uses it. Raises OSError."""
    assert LIBC is not None
    _check("umount2", LIBC.umount2(ctypes.c_char_p(target.encode()), ctypes.c_int(MNT_DETACH)))


def _check(what: str, result: int) -> None:
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


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
