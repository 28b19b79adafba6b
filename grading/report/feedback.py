"""What a student reads about a failed test: the misconception if it is known, then what differs."""

from __future__ import annotations

from grading.judge.scores import TestScore
from grading.parts import PARTS


def feedback(test: TestScore) -> list[str]:
    """The lines to print, in plain text. Those about a hidden test reveal nothing of its data."""
    lines = []
    if test.mistake is not None:
        lines += [test.mistake.misconception, f"What to look at: {test.mistake.look}"]
    lines.append(f"{test.what} {test.numbers}".strip())
    if test.picture:
        lines += ["  " + line for line in test.picture.splitlines()]
    got_numbers = test.sketch is not None and test.sketch.numbers
    if test.mistake is None and got_numbers and not test.end_to_end:
        lines.append(
            f'Compare with the small example in the handout: "{PARTS[test.part].section}".'
        )
    if test.where:
        lines.append(f"Look at {test.where}" if test.mistake is None else f"It is in {test.where}")
    return lines
