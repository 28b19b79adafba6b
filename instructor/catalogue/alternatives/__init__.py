"""Right solutions written differently: a file per part, each with a list ALTERNATIVES."""

from __future__ import annotations

from dataclasses import dataclass

from instructor.catalogue.entry import Change, Entry


@dataclass(frozen=True)
class Alternative(Entry):
    """A right solution written differently.

    Its name begins with `alternative_` and the first word of its part's.
    """


def edited(name: str, *edits: tuple[str, str]) -> Alternative:
    """An alternative made by edits of the reference, pairs of an old text and a new one."""
    return Alternative(name, Change(edits=edits))


def rewritten(name: str, functions: str) -> Alternative:
    """An alternative made by functions that replace the reference's of the same name."""
    return Alternative(name, Change(functions=functions))
