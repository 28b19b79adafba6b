"""Wrong solutions and differently written right ones, each an edit of the reference solution.

The catalogue is the kit's own test (every mistake must cost points, no alternative may), and the
source of feedback. `mistakes/` and `alternatives/` have a file per part, `reference_lines/` the lines
of the reference that the entries of a part change.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from grading.parts import PARTS
from instructor.catalogue.alternatives import Alternative
from instructor.catalogue.entry import REFERENCE, Entry, replace_functions, source_of
from instructor.catalogue.mistakes import Mistake

__all__ = [
    "REFERENCE",
    "Alternative",
    "Entry",
    "Mistake",
    "all_alternatives",
    "all_mistakes",
    "alternatives_here",
    "replace_functions",
    "source_of",
]


def all_mistakes() -> list[Mistake]:
    """All wrong solutions, part by part."""
    return [mistake for part in PARTS for mistake in _module("mistakes", part).MISTAKES]


def all_alternatives() -> list[Alternative]:
    """All differently written right solutions, part by part."""
    return [entry for part in PARTS for entry in _module("alternatives", part).ALTERNATIVES]


def alternatives_here() -> list[Alternative]:
    """The alternatives that can run here: some import SciPy, which the kit does not ask for."""
    scipy = importlib.util.find_spec("scipy") is not None
    return [entry for entry in all_alternatives() if scipy or not entry.name.endswith("_scipy")]


def _module(folder: str, part: str) -> Any:
    return importlib.import_module(f"{__name__}.{folder}.{part}")
