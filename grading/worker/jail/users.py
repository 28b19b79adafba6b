"""User ids for submissions: one for every series that runs, used by nobody else on the machine."""

from __future__ import annotations

import contextlib
import secrets
import socket
from pathlib import Path

RANGE = range(30_000, 65_000)  # also there where a container maps no more than 16 bits of ids


class Users:
    """Ids that no account has and no process runs under, drawn at random.

    While one is taken, a socket bound to its name keeps other workers on this machine from it.
    """

    def __init__(self) -> None:
        self.reserved: dict[int, socket.socket] = {}
        self.free: list[int] = []
        self.owners: set[int] = set()  # of files that would be taken for a submission's

    def take(self) -> int:
        """An id that nobody else uses. The caller gives it back when no process has it any more."""
        if self.free:
            return self.free.pop()
        taken = users_there_are() | self.owners
        while True:
            user = RANGE[secrets.randbelow(len(RANGE))]
            if user in taken:
                continue
            with contextlib.suppress(OSError):  # other workers have it
                self.reserved[user] = reserve(user)
                return user

    def give_back(self, user: int) -> None:
        """Another series may have the id now."""
        self.free.append(user)


def reserve(user: int) -> socket.socket:
    """A socket whose name nobody else can take while it is open. Raises OSError where somebody has."""
    lock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        lock.bind(f"\0grading-user-{user}")
    except OSError:
        lock.close()
        raise
    return lock


def users_there_are() -> set[int]:
    """The ids of all accounts and of all running processes."""
    import pwd

    taken = {entry.pw_uid for entry in pwd.getpwall()}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            taken.add(process.stat().st_uid)
    return taken
