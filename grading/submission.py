"""The checks before a grading: of the kit, of the file to grade, and of how long it may take."""

from __future__ import annotations

import math
import os
from pathlib import Path

from grading.kit import BESIDE_A_SUBMISSION, sources

DAY = 24 * 60 * 60  # far longer limits would be too large for the kernel


class CannotGrade(Exception):
    """There is no grade; the message says why, in one or two sentences."""


class NotIsolated(CannotGrade):
    """Submissions cannot be kept away from the answers here, and nobody has said that this may be so."""


def check_kit(kit: Path) -> None:
    """Raise CannotGrade if a file is missing without which no submission can run."""
    missing = [name for name in BESIDE_A_SUBMISSION if not (kit / name).is_file()]
    if missing:
        raise CannotGrade(f"{missing[0]} is missing from {kit}. Restore it from the original kit.")


def check_submission(path: Path) -> None:
    """Raise CannotGrade unless the path is a file that can be opened."""
    if path.is_dir():
        raise CannotGrade(
            f"{path} is a folder. Give the file, for example {path / 'submitted.py'}."
        )
    if not path.exists():
        raise CannotGrade(f"There is no file {path}. Name your file with --submission PATH.")
    if not path.is_file():
        raise CannotGrade(f"{path} is not a regular file.")
    if path.suffix == ".ipynb":
        raise CannotGrade(f"{path} is a notebook; your functions belong in submitted.py.")
    try:
        path.open("rb").close()
    except OSError as error:
        raise CannotGrade(f"{path} cannot be opened ({error.strerror}).") from None


def check_trust(trusted: bool) -> None:
    """Raise CannotGrade where a stranger's file could do much harm, unless it is trusted."""
    if trusted:
        return
    place = ""
    if any(source.hidden for source in sources()):
        place = "beside the hidden tests"
    elif hasattr(os, "getuid") and os.getuid() == 0:
        place = "with the rights of root"
    if place:
        raise CannotGrade(
            f"This would run the submission unguarded, {place}. "
            "If you trust the file as your own, add --trust."
        )


def check_seconds(option: str, seconds: float) -> None:
    """Raises CannotGrade where a time is none, or longer than a day."""
    if not 0 < seconds < math.inf:
        raise CannotGrade(f"{option} must be a number of seconds above 0, not {seconds:g}.")
    if seconds > DAY:
        raise CannotGrade(f"{option} can be {DAY} seconds (a day) at most, not {seconds:g}.")
