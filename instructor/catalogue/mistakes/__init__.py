"""Wrong solutions: a file per part, each with a list MISTAKES."""

from __future__ import annotations

from dataclasses import dataclass

from instructor.catalogue.entry import Change, Entry


@dataclass(frozen=True)
class Mistake(Entry):
    """A wrong solution. Its name begins with its part's.

    misconception: one plain sentence to the student, what they have misunderstood.
    look: one sentence, what to look at (never the fix).
    """

    misconception: str
    look: str


def edited(name: str, misconception: str, look: str, *edits: tuple[str, str]) -> Mistake:
    """A mistake made by edits of the reference, pairs of an old text and a new one."""
    return Mistake(name, Change(edits=edits), misconception, look)


def rewritten(name: str, misconception: str, look: str, functions: str) -> Mistake:
    """A mistake made by functions that replace the reference's of the same name."""
    return Mistake(name, Change(functions=functions), misconception, look)
