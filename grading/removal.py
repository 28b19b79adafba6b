"""Remove what a submission leaves behind, whatever it has made of it.

The workers' parent reads this file before it knows where packages lie: it needs nothing but Python.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
from pathlib import Path

BURIAL_LIMIT = 5.0  # seconds in which a worker ends what a task left behind; the judge waits longer
REMOVAL_LIMIT = 60.0  # seconds that removing a folder may take
WRITABLE_BY_ALL = ("/tmp", "/var/tmp", "/dev/shm", "/run/lock", "/dev/mqueue")


def remove_tree(folder: Path) -> None:
    """Remove a folder and all that is in it."""
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if folder.exists() and os.name == "posix":
        # Folders without permissions, or nested deeper than Python can follow.
        for command in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
            with contextlib.suppress(subprocess.TimeoutExpired):
                subprocess.run(
                    [*command, "--", str(folder)],
                    check=False,
                    stderr=subprocess.DEVNULL,
                    timeout=REMOVAL_LIMIT,
                )


def remove_files_of(user: int) -> None:
    """Remove what a user left in folders where everybody may write; only Landlock would forbid it.

    To be called with that user's rights: a path may be another one when it is followed.
    """
    folders = [Path(name) for name in WRITABLE_BY_ALL]
    for folder in folders:  # the loop adds folders to this list
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    status = entry.stat(follow_symlinks=False)
                    is_folder = stat.S_ISDIR(status.st_mode)
                    if status.st_uid == user:
                        remove_tree(Path(entry.path)) if is_folder else os.unlink(entry.path)
                    # The user cannot have written to any other folder.
                    elif is_folder and status.st_mode & stat.S_IWOTH:
                        folders.append(Path(entry.path))
