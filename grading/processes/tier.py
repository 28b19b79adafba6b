"""How well a submission is kept away from the answers on this machine: tiers A to D."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

# The first version of Landlock that bounds signals and sockets as well as files.
SCOPING_LANDLOCK = 6


@dataclass(frozen=True)
class Tier:
    """A letter and what it means, in one phrase."""

    letter: Literal["A", "B", "C", "D"]
    meaning: str

    def __str__(self) -> str:
        return f"tier {self.letter} ({self.meaning})"


def tier_of(layers: dict[str, object]) -> Tier:
    """The tier that these layers (see `grading.worker.jail`) amount to."""
    version = int(str(layers.get("landlock") or 0))
    lacking = f"Landlock {version} here bounds no signals" if version else "no Landlock here"
    whole = version >= SCOPING_LANDLOCK
    if not (layers.get("seccomp") and layers.get("no_new_privs")):
        return Tier("D", "practice score, not isolated")
    readable = layers.get("open")
    if isinstance(readable, list) and readable:
        name = Path(str(readable[0])).name
        return Tier("D", f"practice score, not isolated: submissions can read {name}")
    if layers.get("user"):
        if whole:
            return Tier("A", "isolated: user of its own, Landlock, seccomp")
        return Tier("B", f"user of its own, seccomp; {lacking}")
    if whole:
        return Tier("C", "isolated: Landlock, seccomp; same user")
    return Tier("D", f"practice score, not isolated: same user, {lacking}")


def how_to_isolate(layers: dict[str, object]) -> str:
    """What to do about tier D, in one or two sentences."""
    readable = layers.get("open")
    if isinstance(readable, list) and readable:
        return (
            f"A submission could read {readable[0]}. Close it to other users "
            f"(chmod -R go= {readable[0]}), or grade on Linux 6.12 or later."
        )
    return (
        "Submissions cannot be kept away from the answers on this machine. "
        "Grade as root on Linux, or on Linux 6.12 or later."
    )
