"""File systems of a child's own, where root may mount them: a box of fixed size, nothing else to fill.

The workers' parent enters a mount namespace once. In it the folders in which everybody may write are
read-only, and no file keeps the time when it was last read: a later child could see it. Over the box of
every child lies a file system of fixed size, which goes with the child. A folder of the box is the
child's shared memory.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable

from grading import kernel
from grading.removal import WRITABLE_BY_ALL

BOX_BYTES, BOX_FILES = 64 * 2**20, 2_000
SHARED_MEMORY = "/dev/shm"  # where locks and queues of `multiprocessing` lie


def enter_namespace(others: Iterable[str] = ()) -> None:
    """Leave the file systems that others see. Raises OSError where that is not allowed.

    others: folders that become read-only beside the usual ones.
    """
    kernel.unshare(kernel.CLONE_NEWNS)
    kernel.mount("none", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
    for folder in (*WRITABLE_BY_ALL, *others):
        if os.path.isdir(folder):
            kernel.mount(folder, folder, "", kernel.MS_BIND | kernel.MS_REC)
            flags = kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY
            kernel.mount("none", folder, "", flags | kernel.MS_NOSUID | kernel.MS_NODEV)
    with contextlib.suppress(OSError):  # a kernel before 5.12, or a container that has locked them
        kernel.keep_no_access_times("/")


def mount_box(box: str, user: int) -> None:
    """Lay a file system of fixed size over a box, with the files that are in it. Raises OSError.

    The kernel copies them. In this process's memory they would stay, and every later child gets a copy
    of it: a submission has found those of its classmates there.
    """
    with contextlib.ExitStack() as files:
        names = os.listdir(box)
        kept = [files.enter_context(open(os.path.join(box, name), "rb")) for name in names]
        flags = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOATIME
        limits = f"size={BOX_BYTES},nr_inodes={BOX_FILES},mode=700,uid={user},gid={user}"
        kernel.mount("tmpfs", box, "tmpfs", flags, limits)
        for name, source in zip(names, kept):
            with open(os.path.join(box, name), "wb") as target:
                while os.sendfile(target.fileno(), source.fileno(), None, BOX_BYTES):
                    pass


def give_shared_memory(box: str, user: int) -> None:
    """In a child: make a folder of its box its shared memory. Raises OSError."""
    if not os.path.isdir(SHARED_MEMORY):
        return
    own = os.path.join(box, ".shared_memory")
    os.mkdir(own, 0o700)
    os.chown(own, user, user)
    kernel.unshare(kernel.CLONE_NEWNS)
    kernel.mount(own, SHARED_MEMORY, "", kernel.MS_BIND)


def unmount_box(box: str) -> None:
    """Take the file system away, with all that is in it."""
    kernel.unmount(box)
