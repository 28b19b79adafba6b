"""Remove what a submission leaves behind, whatever it has made of it.

The workers' parent reads this file before it knows where packages lie: it needs nothing but Python.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
from collections.abc import Iterable
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


def unlisted_by_others(user: int) -> list[str]:
    """What lies in folders that others may enter but not list: who knows a name can write below it.

    To be called with root's rights, which are used for looking only. What is the user's own is left out.
    """
    found: list[str] = []
    folders = list(WRITABLE_BY_ALL)
    for folder in folders:  # the loop adds folders to this list
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            listed = os.stat(folder).st_mode & stat.S_IROTH
            for entry in entries:
                if not listed:
                    found.append(entry.path)
                if entry.is_dir(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    if status.st_uid != user and status.st_mode & stat.S_IXOTH:
                        folders.append(entry.path)
    return found


def remove_files_of(user: int, unlisted: Iterable[str] = ()) -> None:
    """Remove what a user left in folders where everybody may write; only Landlock would forbid it.

    To be called with that user's rights: a path may be another one when it is followed.
    unlisted: what `unlisted_by_others` has found.
    """
    folders = list(WRITABLE_BY_ALL)
    for path in unlisted:
        _remove_or_note(path, user, folders)
    for folder in folders:  # the loop adds folders to this list
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                _remove_or_note(entry.path, user, folders)


def _remove_or_note(path: str, user: int, folders: list[str]) -> None:
    """Remove what is the user's; note another's folder that the user may enter."""
    with contextlib.suppress(OSError):
        status = os.lstat(path)
        is_folder = stat.S_ISDIR(status.st_mode)
        if status.st_uid == user:
            remove_tree(Path(path)) if is_folder else os.unlink(path)
        elif is_folder and status.st_mode & stat.S_IXOTH:
            folders.append(path)
