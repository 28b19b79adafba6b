"""How well a submission is kept away from the answers on this machine: tiers A to D."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tier:
    """A letter and what it means, in one phrase."""

    letter: str
    meaning: str

    def __str__(self) -> str:
        return f"tier {self.letter} ({self.meaning})"


A = Tier("A", "isolated: user of its own, Landlock, seccomp")
B = Tier("B", "isolated: user of its own, seccomp; no Landlock here")
C = Tier("C", "isolated: Landlock, seccomp; same user")
D = Tier("D", "practice score, not isolated")


def tier_of(layers: dict[str, object], keys_are_open: bool = False) -> Tier:
    """The tier that these layers (see grading.worker.jail) amount to.

    keys_are_open: whether every user can read the hidden key. Without Landlock, a user id of its own
        keeps a submission only from files that other users cannot read.
    """
    if layers.get("seccomp") and layers.get("no_new_privs"):
        if layers.get("user") and not layers.get("landlock"):
            return D if keys_are_open else B
        if layers.get("user"):
            return A
        if layers.get("landlock"):
            return C
    return D
