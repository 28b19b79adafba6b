"""The submissions in the jail, on some account; and what is looked at to see that they leave nothing."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grading.removal import WRITABLE_BY_ALL
from instructor.tests.hostile.accounts import Account
from instructor.tests.hostile.suite import TIME_LIMIT, Attack, base

JAIL_USERS = range(30_000, 65_000)  # see grading.worker.jail.users.RANGE


@dataclass
class Graded:
    """Results by name, the kit they were made with, and the processes that were left."""

    documents: dict[str, Any]
    kit: Path
    left: set[str]
    kit_is_unchanged: bool


def grade_all(attacks: list[Attack], user: Account) -> Graded:
    """Grade the base and every attack with the real judge and workers, on an account."""
    before, kit = processes_about(user), fingerprint(user.kit)
    # Those that wait for the end of their time first: they leave room for others beside them.
    in_order = sorted(attacks, key=lambda attack: attack.time_limit)
    request: list[Any] = [["base", base(), {"time_limit": TIME_LIMIT}]]
    request += [[a.name, a.source, {"time_limit": a.time_limit}] for a in in_order]
    done = subprocess.run(
        [user.python, "-B", "-m", "instructor.tests.hostile.grade_sources"],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
        cwd=user.kit,
        env=user.environment,
        preexec_fn=user.become,
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    left = left_by(user, before)
    return Graded(json.loads(done.stdout), user.kit, left, fingerprint(user.kit) == kit)


def on_older_kernel(
    user: Account, *arguments: object, given: str = "", landlock: int = 0
) -> subprocess.CompletedProcess[str]:
    """Run `older_kernel` as if the kernel had this version of Landlock, and nobody could mount."""
    return subprocess.run(
        [user.python, "-B", "-m", "instructor.tests.hostile.older_kernel", *map(str, arguments)],
        input=given,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=user.kit,
        env={**user.environment, "LANDLOCK": str(landlock)},
        preexec_fn=user.become,
    )


def grade_in_turn(user: Account, request: list[Any], landlock: int = 0) -> dict[str, Any]:
    """Results by name, on an older kernel, of submissions that are graded in one slot in turn.

    request: what `grade_in_turn.py` reads. Raises RuntimeError where the grading ends without any.
    """
    done = on_older_kernel(user, "in_turn", given=json.dumps(request), landlock=landlock)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout)


def shared_files() -> set[str]:
    """What lies in the folders anybody may write to."""
    return {
        f"{folder}/{name}"
        for folder in WRITABLE_BY_ALL
        if os.path.isdir(folder)
        for name in os.listdir(folder)
    }


def is_ours(path: str) -> bool:
    """Whether a file was left by a grading, and not by something else on this machine."""
    return os.path.basename(path).startswith("grading-") or is_a_submissions(path)


def is_a_submissions(path: str) -> bool:
    """Whether a file belongs to a user that only submissions are."""
    with contextlib.suppress(OSError):
        return os.lstat(path).st_uid in JAIL_USERS
    return False


def processes_about(user: Account) -> set[str]:
    """The processes in which a grading on this account runs submissions."""
    return processes_of(user.uid) if user.uid else processes_of(*JAIL_USERS)


def left_by(user: Account, before: set[str]) -> set[str]:
    """Those that are left of what ran on an account since `processes_about` it was asked."""
    left = processes_about(user) - before
    if left:  # what is about to end, of another grading perhaps, has no command line already
        time.sleep(1.0)
        left &= processes_about(user)
    # Another grading on this machine is none of ours: its workers name another kit.
    return {line for line in left if '"kit": ' not in line or str(user.kit) in line}


def processes_of(*users: int) -> set[str]:
    """Numbers and command lines of the living processes of these users."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            state = (process / "stat").read_text().rpartition(")")[2].split()[0]
            if process.stat().st_uid in users and state != "Z":
                found.add(f"{process.name} {(process / 'cmdline').read_text()}")
    return found


def fingerprint(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every file of a kit, to see that none was touched."""
    not_the_kits = {"__pycache__", ".git", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
    return {
        str(path): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not not_the_kits & set(path.parts)
    }
