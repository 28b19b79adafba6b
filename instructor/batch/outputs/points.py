"""Points as the tests of a results document (see grading.report.results) have them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from grading.parts import PARTS, TOTAL_POINTS


class Points(NamedTuple):
    """Points earned, and points possible."""

    earned: float
    possible: float


def points_of(tests: Sequence[dict[str, Any]]) -> Points:
    """The points of these tests together."""
    return Points(sum(t["score"] for t in tests), sum(t["max_score"] for t in tests))


def points_of_parts(document: dict[str, Any] | None) -> dict[str, Points]:
    """The points of every part by its name, in the order of PARTS; zeros where it has no tests."""
    tests = document["tests"] if document else []
    return {part: points_of([t for t in tests if part in t["tags"]]) for part in PARTS}


def points_possible(document: dict[str, Any]) -> float:
    """The points of all tests together, from the document; if it has none, those of the assignment."""
    return document.get("extra_data", {}).get("points_possible") or TOTAL_POINTS
