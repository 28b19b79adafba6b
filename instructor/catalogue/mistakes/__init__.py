"""Wrong solutions: a file per part, each with a list MISTAKES."""

from __future__ import annotations

from dataclasses import dataclass

from instructor.catalogue.entry import Change, Entry


@dataclass(frozen=True)
class Mistake(Entry):
    """A wrong solution. Its name begins with its part's.

    misconception: one plain sentence to the student, what they have misunderstood.
    look: one sentence, what to look at (never the fix).
    telltale: the output, true or false, that shows this mistake whenever it is wrong and no other
        mistake explains it. Then the sentence must be true whatever the code looks like.
    """

    misconception: str
    look: str
    telltale: str = ""


def edited(name: str, misconception: str, look: str, *edits: tuple[str, str]) -> Mistake:
    """A mistake made by edits of the reference, pairs of an old text and a new one."""
    return Mistake(name, Change(edits=edits), misconception, look)


def told_by(
    telltale: str, name: str, misconception: str, look: str, *edits: tuple[str, str]
) -> Mistake:
    """A family of mistakes that one output tells; the edits make one of them."""
    return Mistake(name, Change(edits=edits), misconception, look, telltale)


def rewritten(name: str, misconception: str, look: str, functions: str) -> Mistake:
    """A mistake made by functions that replace the reference's of the same name."""
    return Mistake(name, Change(functions=functions), misconception, look)
