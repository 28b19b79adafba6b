"""The tolerances of the answer keys, from what `python -m instructor calibrate` has measured.

An array's tolerance is the geometric mean of the largest difference among right solutions and the
smallest effect of a mistake.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from grading.judge.keys import Closeness

CALIBRATION = Path(__file__).resolve().parent / "calibration.json"
# The least spread that is assumed: right solutions that nobody has measured may differ by this much,
# about 16 units in the last place.
LEAST_SPREAD = 2e-6
# The smallest effect of a mistake must be at least so many times the spread.
GAP = 100.0
# The smallest effect that is assumed for arrays that no mistake of the catalogue changes.
NO_EFFECT = 0.01


class KeyRefused(Exception):
    """No key can be made of these cases; the message says which and why."""


def closeness_of(entry: dict[str, Any]) -> Closeness:
    """The closeness of an array. Its tolerance is the geometric mean of spread and smallest effect.

    Raises KeyRefused if the smallest effect is less than GAP times the spread.
    """
    spread, smallest = max(entry["spread"], LEAST_SPREAD), entry["smallest mistake"]
    effect = NO_EFFECT if smallest is None else smallest
    if not GAP * spread <= effect:
        raise KeyRefused(
            f"right solutions spread by {spread:g}, and a mistake changes only {effect:g}"
        )
    return Closeness(entry["spread"], float(f"{math.sqrt(spread * effect):.1g}"), smallest)


def read_calibration(case: str, outputs: list[str]) -> dict[str, Closeness]:
    """The closeness of a case's arrays, from calibration.json. Raises KeyRefused."""
    arrays = json.loads(CALIBRATION.read_text(encoding="utf-8"))["arrays"].get(case, {})
    if missing := [output for output in outputs if output not in arrays]:
        raise KeyRefused(f"{case}: {missing[0]} is not calibrated: python -m instructor calibrate")
    try:
        return {output: closeness_of(arrays[output]) for output in outputs}
    except KeyRefused as error:
        raise KeyRefused(f"{case}: {error}. Change the case.") from None
