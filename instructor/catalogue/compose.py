"""Two mistakes in one submission: both changes of the reference, put together word by word.

Most mistakes of a part change the same line (`return -(...).mean()` without its sign, as a sum, halved),
so their texts cannot be replaced one after the other. But their words seldom are the same ones. So each
change is taken apart into the words that it takes away and those that it puts there, and two changes
go together where no word is changed by both: a three-way merge, as version control does with lines.
"""

from __future__ import annotations

import ast
import difflib
import functools
import re
from dataclasses import dataclass

from instructor.catalogue.entry import REFERENCE, Entry, source_of

WORD = re.compile(r"\n *| +|\w+|[^\w\s]")


@dataclass(frozen=True)
class Hunk:
    """Words `start` to `end` (exclusive) of the reference, and what stands in their place."""

    start: int
    end: int
    words: tuple[str, ...]


@functools.cache
def reference_words() -> tuple[str, ...]:
    """The reference as words, signs and blanks; joined they are the reference."""
    return tuple(WORD.findall(REFERENCE.read_text(encoding="utf-8")))


@functools.cache
def hunks_of(entry: Entry) -> tuple[Hunk, ...]:
    """The words that an entry changes, in the order of the reference."""
    old, new = reference_words(), tuple(WORD.findall(source_of(entry)))
    # Comparing takes long, and most of the file is the same.
    shorter = min(len(old), len(new))
    start = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    rest = range(shorter - start)
    end = next((i for i in rest if old[-1 - i] != new[-1 - i]), len(rest))
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    changes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return tuple(
        Hunk(start + i, start + j, new[k:m]) for tag, i, j, k, m in changes if tag != "equal"
    )


def compose(first: Entry, second: Entry) -> str | None:
    """The submission with both changes, or None where they do not go together."""
    hunks = sorted({*hunks_of(first), *hunks_of(second)}, key=lambda h: (h.start, h.end))
    old = reference_words()
    merged: list[str] = []
    place = 0
    for hunk, following in zip(hunks, [*hunks[1:], None]):
        if hunk.start < place:
            return None
        if following is not None and hunk.start == hunk.end == following.start == following.end:
            return None  # both insert at one place: nobody says which comes first
        merged += (*old[place : hunk.start], *hunk.words)
        place = hunk.end
    source = "".join((*merged, *old[place:]))
    try:
        ast.parse(source)
    except SyntaxError:
        return None
    return source


def place_of(entry: Entry) -> int:
    """Where in the reference an entry begins: what stands first there is to be put right first."""
    return min(hunk.start for hunk in hunks_of(entry))
