"""Remove what a submission leaves behind, whatever it has made of it.

The workers' parent reads this file before it knows where packages lie: it needs nothing but Python.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

BURIAL_LIMIT = 5.0  # seconds in which a worker ends what a task left behind; the judge waits longer
REMOVAL_LIMIT = 60.0  # seconds that removing a folder may take
WRITABLE_BY_ALL = ("/tmp", "/var/tmp", "/dev/shm", "/run/lock", "/dev/mqueue")
_ENTERS, _WRITES = stat.S_IXOTH, stat.S_IXOTH | stat.S_IWOTH
NOT_LOOKED_AT = ("proc", "sys", "afs", "net")  # no files, or those of a whole network


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


def other_shared_folders(root: str = "/") -> list[str]:
    """Folders in the root and one level below where everybody may write, beside WRITABLE_BY_ALL.

    Servers have some, such as /scratch.
    """
    found: list[str] = []
    above = [root]
    for folder in above:  # the loop adds folders to this list
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False) or entry.name in NOT_LOOKED_AT:
                    continue
                if folder == root:
                    above.append(entry.path)
                mode = entry.stat(follow_symlinks=False).st_mode
                if mode & _WRITES == _WRITES and entry.path not in WRITABLE_BY_ALL:
                    found.append(entry.path)
    return found


def owners_in(others: Iterable[str]) -> set[int]:
    """Whose files `remove_files_of` would find there. No submission may have their ids.

    An id may be that of a person whom this machine does not know, such as another machine's user.
    """
    owners: set[int] = set()
    folders = list(others)
    for folder in folders:  # the loop adds folders to this list
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):  # it was removed meanwhile
                    status = entry.stat(follow_symlinks=False)
                    owners.add(status.st_uid)
                    if stat.S_ISDIR(status.st_mode) and status.st_mode & _WRITES == _WRITES:
                        folders.append(entry.path)
    return owners


def _places(others: Iterable[str]) -> tuple[tuple[list[str], int], tuple[list[str], int]]:
    """Where files may have been left, and what a folder below must let everybody do to be looked into.

    Other folders than the usual ones may hold millions of files. There only those are looked into where
    everybody may write.
    """
    return (list(WRITABLE_BY_ALL), _ENTERS), (list(others), _WRITES)


def unlisted_by_others(user: int, others: Iterable[str] = ()) -> list[str]:
    """What lies in folders that others may enter but not list: who knows a name can write below it.

    To be called with root's rights, which are used for looking only. What is the user's own is left out.
    others: what `other_shared_folders` has found.
    """
    found: list[str] = []
    for folders, needed in _places(others):
        for folder in folders:  # the loop adds folders to this list
            with contextlib.suppress(OSError), os.scandir(folder) as entries:
                listed = os.stat(folder).st_mode & stat.S_IROTH
                for entry in entries:
                    if not listed:
                        found.append(entry.path)
                    if entry.is_dir(follow_symlinks=False):
                        status = entry.stat(follow_symlinks=False)
                        if status.st_uid != user and status.st_mode & needed == needed:
                            folders.append(entry.path)
    return found


def remove_files_of(user: int, unlisted: Iterable[str] = (), others: Sequence[str] = ()) -> None:
    """Remove what a user left in folders where everybody may write; only Landlock would forbid it.

    To be called with that user's rights: a path may be another one when it is followed.
    unlisted: what `unlisted_by_others` has found. others: what `other_shared_folders` has found.
    """
    places = _places(others)
    for path in unlisted:
        is_in_others = any(path.startswith(f"{folder}/") for folder in others)
        _remove_or_note(path, user, *places[is_in_others])
    for folders, needed in places:
        for folder in folders:  # the loop adds folders to this list
            with contextlib.suppress(OSError), os.scandir(folder) as entries:
                for entry in entries:
                    _remove_or_note(entry.path, user, folders, needed)


def _remove_or_note(path: str, user: int, folders: list[str], needed: int) -> None:
    """Remove what is the user's; note another's folder that lets everybody do what is needed."""
    with contextlib.suppress(OSError):
        status = os.lstat(path)
        is_folder = stat.S_ISDIR(status.st_mode)
        if status.st_uid == user:
            remove_tree(Path(path)) if is_folder else os.unlink(path)
        elif is_folder and status.st_mode & needed == needed:
            folders.append(path)
