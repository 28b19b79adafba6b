"""Find the known mistake that a wrong result shows: compare its sketch with those in the answer key.

A sketch consists of a few random projections of the differences between a case's outputs and the
expected ones, in units of the tolerance. Rounding moves a sketch by about one. Two mistakes that return
different numbers have sketches that are far apart. (Random projections keep distances: Johnson and
Lindenstrauss, 1984.)
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Protocol

import numpy as np

from grading.judge.compare import WrongForm
from grading.judge.keys import Case, KnownMistake, Sketch
from grading.wire import Outcome, Output

PROJECTIONS = 3
DIGITS = 6  # significant digits of a projection
# Sketches are alike within ABSOLUTE + RELATIVE times their magnitude.
ABSOLUTE, RELATIVE = 3.0, 1e-4
# The unit for outputs that are compared exactly, as a share of the largest expected number.
UNIT_OF_EXACT = 0.01
SAID_ALL = ("import", "missing", "unwritten")  # stages of errors whose message does not matter
LARGEST_ARRAY = 10_000  # numbers; an output larger than any expected one is left out of a sketch
LARGEST_NUMBER = 1e15


class Tested(Protocol):
    """The fields of a graded test that a diagnosis reads, and `mistake`, which it sets."""

    name: str
    part: str
    passed: bool
    sketch: Sketch | None
    mistake: KnownMistake | None


def sketch(case: Case, outcome: Outcome, mismatch: Exception | None) -> Sketch:
    """The sketch of a failed case. mismatch: the comparison's error; None if nothing was compared."""
    if outcome.result is None:
        return Sketch(outcome.ended, ())
    error = outcome.result.error
    if error is not None:
        return Sketch(
            error.stage if error.stage in SAID_ALL else f"{error.type}: {error.message}", ()
        )
    form = str(mismatch) if isinstance(mismatch, WrongForm) else ""
    return Sketch(form, _project(case, outcome.result.outputs))


def _project(case: Case, outputs: dict[str, Output]) -> tuple[float, ...]:
    """Random projections of how all outputs differ from the expected ones."""
    total = np.zeros(PROJECTIONS)
    for name, expected in case.expected.items():
        output = outputs.get(name)
        if output is None or output.array is None or not 0 < output.array.size < LARGEST_ARRAY:
            continue
        actual = np.ravel(output.array).astype(np.float64)
        if actual.size == expected.size:
            actual = actual - np.ravel(expected)
        with np.errstate(all="ignore"):  # a submission chooses these numbers
            unit = case.tolerance(name) or UNIT_OF_EXACT * (np.abs(expected).max(initial=0) or 1)
            actual = np.nan_to_num(actual / unit, posinf=0, neginf=0)
        # Each output has its own directions. RandomState is frozen, so they are the same everywhere.
        directions = np.random.RandomState(zlib.crc32(name.encode()))
        actual = np.clip(actual, -LARGEST_NUMBER, LARGEST_NUMBER)
        total += actual @ directions.normal(size=(actual.size, PROJECTIONS))
    return tuple(float(f"{number:.{DIGITS}g}") for number in total)


def alike(first: Sketch, second: Sketch) -> bool:
    """Whether two results are the same but for rounding."""
    if first.says != second.says or len(first.numbers) != len(second.numbers):
        return False
    return all(
        abs(a - b) <= ABSOLUTE + RELATIVE * max(abs(a), abs(b))
        for a, b in zip(first.numbers, second.numbers)
    )


def diagnose(
    tests: Iterable[Tested],
    mistakes: Iterable[KnownMistake],
    noted: Iterable[Tested] | None = None,
) -> None:
    """Note in every failed test the known mistake that it shows, if there is one.

    A mistake is ruled out if it would have made a test fail that passed. It is also ruled out if it
    explains fewer than half of the failures in tests that it makes fail: a match in one case proves
    little, because several mistakes may return the same numbers there. Of the mistakes that remain,
    the one that explains most of the part's failures is named, and of equals the first.

    tests: all tests of one or more parts. noted: those in which a mistake is noted; all by default.
    """
    tests = list(tests)
    kept = tests if noted is None else list(noted)
    for test in kept:
        test.mistake = None
    may_be_told = {id(test) for test in kept}
    ranked = []
    for order, mistake in enumerate(mistakes):
        own = [t for t in tests if t.part == mistake.part and t.name in mistake.sketches]
        if any(test.passed for test in own):
            continue
        shown = [test for test in own if _shows(test, mistake)]
        if shown and 2 * len(shown) >= len([test for test in own if test.sketch is not None]):
            ranked.append((-len(shown), order, mistake, shown))
    for *_, mistake, shown in sorted(ranked, key=lambda entry: entry[:2]):
        for test in shown:
            if id(test) in may_be_told:
                test.mistake = test.mistake or mistake


def diagnose_alone(test: Tested, mistakes: Iterable[KnownMistake]) -> None:
    """Note the known mistake that one test shows, where the other tests of its part were not run.

    It is noted only if all known mistakes that look like this share one sentence.
    """
    shown = [m for m in mistakes if m.part == test.part and _shows(test, m)]
    test.mistake = shown[0] if len({m.misconception for m in shown}) == 1 else None


def _shows(test: Tested, mistake: KnownMistake) -> bool:
    known = mistake.sketches.get(test.name)
    return test.sketch is not None and known is not None and alike(test.sketch, known)
