"""What a student reads about a failed test: the misconception if it is known, then what differs."""

from __future__ import annotations

from grading.judge.scores import TestScore
from grading.parts import PARTS

TWO = "There seem to be two things to put right. Begin with the first."


def feedback(test: TestScore) -> list[str]:
    """The lines to print, in plain text. Those about a hidden test reveal nothing of its data."""
    lines = known(test)
    lines.append(f"{test.what} {test.numbers}".strip())
    if test.picture:
        lines += ["  " + line for line in test.picture.splitlines()]
    got_numbers = test.sketch is not None and test.sketch.numbers
    if not test.mistakes and got_numbers and not test.end_to_end:
        lines.append(
            f'Compare with the small example in the handout: "{PARTS[test.part].section}".'
        )
    if test.where:
        lines.append(f"It is in {test.where}" if test.mistakes else f"Look at {test.where}")
    return lines


def known(test: TestScore) -> list[str]:
    """The lines about the mistakes that a test shows: each misconception, then what to look at."""
    lines = [
        line for m in test.mistakes for line in (m.misconception, f"What to look at: {m.look}")
    ]
    return [TWO, *lines] if len(test.mistakes) > 1 else lines
