"""Find the known mistake that a wrong result shows: compare its sketch with those in the answer key.

A sketch consists of a few random projections of the differences between a case's outputs and the
expected ones, in units of the tolerance. Rounding moves a sketch by about one. Two mistakes that return
different numbers have sketches that are far apart. (Random projections keep distances: Johnson and
Lindenstrauss, 1984.)
"""

from __future__ import annotations

import functools
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from grading.judge.compare import WrongForm
from grading.judge.keys import Case, KnownMistake, Sketch
from grading.judge.sketches import OfCase, Sketches
from grading.wire import BY_CHANCE, PROBE, Outcome, Output

# How many there must be follows from how many candidates there are. A wrong result that nobody knows
# has a sketch of some size s, in units of the tolerance. The chance that one number of it falls within
# ABSOLUTE of a candidate's is at most 2 * ABSOLUTE / (s * sqrt(2 * pi)). For s = 1000 and 15,000
# candidates, four numbers make the chance of any false match smaller than 1e-6; three, 2e-4.
PROJECTIONS = 4
DIGITS = 6  # significant digits of a projection
# Sketches are alike within ABSOLUTE + RELATIVE times their magnitude.
ABSOLUTE, RELATIVE = 3.0, 1e-4
# The unit for outputs that are compared exactly, as a share of the largest expected number.
UNIT_OF_EXACT = 0.01
MOST_TOLD = 2  # mistakes in one test
SAID_ALL = ("import", "missing", "unwritten")  # stages of errors whose message does not matter
LARGEST_ARRAY = 10_000  # numbers; an output larger than any expected one is left out of a sketch
LARGEST_NUMBER = 1e15
ZEROS = (0.0,) * PROJECTIONS


class Tested(Protocol):
    """The fields of a graded test that a diagnosis reads, and `mistakes`, which it sets."""

    name: str
    part: str
    passed: bool
    sketch: Sketch | None
    mistakes: tuple[KnownMistake, ...]


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
    outputs = {
        name: _project(case, name, outcome.result.outputs.get(name)) for name in case.expected
    }
    compared = [numbers for name, numbers in outputs.items() if not name.startswith(PROBE)]
    total = np.sum(compared, axis=0) if compared else np.zeros(PROJECTIONS)
    return Sketch(form, _rounded(total), {name: _rounded(p) for name, p in outputs.items()})


def _project(case: Case, name: str, output: Output | None) -> np.ndarray:
    """Random projections of how an output differs from the expected one, (PROJECTIONS,)."""
    expected = case.expected[name]
    # What is not there differs from everything that is expected.
    actual = np.zeros(expected.size)
    if output is not None and output.array is not None and 0 < output.array.size < LARGEST_ARRAY:
        actual = np.ravel(output.array).astype(np.float64)
    if actual.size == expected.size:
        actual = actual - np.ravel(expected)
    with np.errstate(all="ignore"):  # a submission chooses these numbers
        unit = case.tolerance(name) or UNIT_OF_EXACT * (np.abs(expected).max(initial=0) or 1)
        actual = np.nan_to_num(actual / unit, posinf=0, neginf=0)
    actual = np.clip(actual, -LARGEST_NUMBER, LARGEST_NUMBER)
    # A submission may return any number of numbers: only what is expected is kept for the next time.
    directions = _directions if actual.size == expected.size else _directions.__wrapped__
    return actual @ directions(name, actual.size)


@functools.cache
def _directions(name: str, size: int) -> np.ndarray:
    """Each output's own directions, (size, PROJECTIONS)."""
    # RandomState is frozen, so they are the same everywhere.
    random = np.random.RandomState(zlib.crc32(name.encode()))
    return random.normal(size=(size, PROJECTIONS))


def _rounded(numbers: np.ndarray) -> tuple[float, ...]:
    return tuple(float(f"{number:.{DIGITS}g}") for number in numbers)


def alike(first: Sketch, second: Sketch) -> bool:
    """Whether two results are the same but for rounding."""
    if first.says != second.says or len(first.numbers) != len(second.numbers):
        return False
    return all(
        abs(a - b) <= ABSOLUTE + RELATIVE * max(abs(a), abs(b))
        for a, b in zip(first.numbers, second.numbers)
    )


@dataclass
class Finding:
    """What may explain some failed tests: in each of them (by its id), the mistakes that it shows.

    rank: the smaller, the sooner it is believed.
    """

    rank: tuple[int, ...]
    shown: dict[int, tuple[KnownMistake, ...]]


def diagnose(
    tests: Iterable[Tested],
    mistakes: Iterable[KnownMistake],
    sketches: Sketches | None = None,
    noted: Iterable[Tested] | None = None,
) -> None:
    """Note in every failed test the known mistakes that it shows, if there are any.

    A mistake is ruled out if it would have made a test fail that passed, and unless it explains more
    than half of the failures in tests that it makes fail: a match in one case proves little, because
    several mistakes may return the same numbers there. Two mistakes at once, of which there are many
    more, must explain all of these. Of what remains, that which explains most of the part's failures is
    named, of equals one mistake before two, and of those the first. Where a failure is left that nothing
    explains, those do not count whose numbers several mistakes return. What is left is looked at output
    by output: there two mistakes are told apart if they change different outputs. Some outputs tell a
    mistake by themselves.

    tests: all tests of one or more parts. noted: those in which mistakes are noted; all by default.
    """
    tests = list(tests)
    kept = tests if noted is None else list(noted)
    for test in kept:
        test.mistakes = ()
    may_be_told = {id(test): test for test in kept}
    known = {mistake.name: mistake for mistake in mistakes}
    sketches = sketches or Sketches()
    drawing = that_make_wrong(BY_CHANCE, sketches)
    for part in dict.fromkeys(test.part for test in tests):
        own = [test for test in tests if test.part == part]
        of_part = [mistake for mistake in known.values() if mistake.part == part]
        # What is drawn may look like any mistake. So where chance decides, only what draws as well is
        # believed, and elsewhere nothing that does.
        decided_by_chance = any(_is_wrong(test, BY_CHANCE) for test in own)
        believed = [m for m in of_part if (m.name in drawing) == decided_by_chance]
        findings = [*_one_each(own, believed)]
        if not decided_by_chance:
            findings += [
                finding
                for finding in _two_at_once(own, known, sketches)
                if drawing.isdisjoint(m.name for both in finding.shown.values() for m in both)
            ]
        findings.sort(key=lambda finding: finding.rank)
        unexplained = {id(test) for test in own if test.sketch is not None}
        told: dict[int, tuple[KnownMistake, ...]] = {}
        for finding in findings:
            for number in finding.shown.keys() & unexplained:
                unexplained.remove(number)
                told[number] = finding.shown[number]
        if unexplained:
            # What nobody knows may look like this, too, where several known mistakes look alike.
            told = {n: shown for n, shown in told.items() if not _ambiguous(n, own, believed)}
        for number in told.keys() & may_be_told.keys():
            may_be_told[number].mistakes = told[number]
        if unexplained and not decided_by_chance:
            for number, shown in _output_by_output(own, known, sketches).items():
                if number in unexplained and number in may_be_told:
                    may_be_told[number].mistakes = shown
        named = {m.name for test in own for m in test.mistakes if not m.telltale}
        explained = _made_wrong_by(named, sketches)
        most = MOST_TOLD if part in APART else 1
        for test in own:
            if id(test) in may_be_told and test.sketch is not None:
                more = _told_by_an_output(test.sketch, of_part, explained)
                test.mistakes += more[: max(most - len(test.mistakes), 0)]


def diagnose_alone(test: Tested, mistakes: Iterable[KnownMistake]) -> None:
    """Note the known mistake that one test shows, where the other tests of its part were not run.

    It is noted only if all known mistakes that look like this share one sentence.
    """
    shown = [m for m in mistakes if m.part == test.part and _shows(test, m)]
    test.mistakes = (shown[0],) if len({m.misconception for m in shown}) == 1 else ()


def _shows(test: Tested, mistake: KnownMistake) -> bool:
    known = mistake.sketches.get(test.name)
    if test.sketch is None or known is None or test.sketch.says in SAID_ALL:
        return False
    return alike(test.sketch, known)


def _ambiguous(number: int, tests: list[Tested], mistakes: list[KnownMistake]) -> bool:
    """Whether mistakes of different sentences return what this test got."""
    shown = {m.misconception for t in tests if id(t) == number for m in mistakes if _shows(t, m)}
    return len(shown) > 1


def _one_each(tests: list[Tested], mistakes: list[KnownMistake]) -> Iterator[Finding]:
    """The mistakes that explain tests of a part by themselves."""
    for order, mistake in enumerate(mistakes):
        own = [test for test in tests if test.name in mistake.sketches]
        if any(test.passed for test in own):
            continue
        shown = [test for test in own if _shows(test, mistake)]
        if shown and 2 * len(shown) > len([test for test in own if test.sketch is not None]):
            yield Finding((-len(shown), 0, order), {id(test): (mistake,) for test in shown})


def _two_at_once(
    tests: list[Tested], known: dict[str, KnownMistake], sketches: Sketches
) -> Iterator[Finding]:
    """The pairs of mistakes that explain tests of a part together, and mistakes written another way."""
    passed: set[int] = set()
    fail: Counter[int] = Counter()  # how many of the failed tests a pair makes fail
    shown: dict[int, list[Tested]] = {}
    for test in tests:
        of_case = sketches.cases.get(test.name)
        if of_case is None:
            continue
        if test.passed:
            passed.update(of_case.pairs.tolist())
        elif test.sketch is not None:
            fail.update(of_case.pairs.tolist())
            for row in _alike_rows(test.sketch, of_case):
                shown.setdefault(int(of_case.pairs[row]), []).append(test)
    for pair, explained in shown.items():
        if pair in passed or len(explained) < fail[pair]:
            continue
        first, second, _ = sketches.pairs[pair]
        both = tuple(known[sketches.mistakes[n]] for n in dict.fromkeys((first, second)))
        # Where only one of the two makes a difference, it alone is told.
        told = {
            id(test): next(((mistake,) for mistake in both if _shows(test, mistake)), both)
            for test in explained
        }
        if any(mistakes == both for mistakes in told.values()):
            yield Finding((-len(explained), len(both), pair), told)


def _alike_rows(found: Sketch, of_case: OfCase) -> list[int]:
    """The rows of a case's pairs that look like a result."""
    if found.says in SAID_ALL:
        return []
    if not found.numbers:
        return [row for row, says in enumerate(of_case.says) if says == found.says]
    near = _near(of_case.pair_numbers, np.array(found.numbers))
    return [int(row) for row in np.flatnonzero(near) if of_case.says[row] == found.says]


def _near(known: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Which rows of known sketches (N, PROJECTIONS) are alike to what was found, (N,)."""
    bound = ABSOLUTE + RELATIVE * np.maximum(np.abs(known), np.abs(found))
    return (np.abs(known - found) <= bound).all(axis=1)


def _told_by_an_output(
    found: Sketch, mistakes: Iterable[KnownMistake], explained: set[str]
) -> tuple[KnownMistake, ...]:
    """The mistakes that wrong outputs tell by themselves, but for outputs that are explained.

    In the training loop each of these outputs stands for something else that the losses are given. In
    a formula one mistake may make several of them wrong; the first says most.
    """
    by_output = {mistake.telltale: mistake for mistake in mistakes}
    return tuple(
        by_output[output]
        for output, numbers in found.outputs.items()
        if output in by_output and output not in explained and np.abs(numbers).max() > ABSOLUTE
    )


def _is_wrong(test: Tested, output: str) -> bool:
    """Whether an output of a failed test is not what is expected."""
    numbers = test.sketch.outputs.get(output, ZEROS) if test.sketch is not None else ZEROS
    return bool(np.abs(numbers).max() > ABSOLUTE)


def that_make_wrong(output: str, sketches: Sketches) -> set[str]:
    """The mistakes that make an output wrong in some case."""
    return {
        sketches.mistakes[number]
        for of_case in sketches.cases.values()
        for number, changed in zip(of_case.mistakes.tolist(), of_case.outputs)
        if changed == output
    }


def _made_wrong_by(names: set[str], sketches: Sketches) -> set[str]:
    """The outputs that some of these mistakes make wrong in some case."""
    numbers = [number for number, name in enumerate(sketches.mistakes) if name in names]
    return {
        of_case.outputs[row]
        for of_case in sketches.cases.values()
        for row in np.flatnonzero(np.isin(of_case.mistakes, numbers)).tolist()
    }


Place = tuple[str, str]  # a case and one of its outputs
# How the sentence ends that tells of a result without numbers; see `compare.py`.
NO_TENSOR = ("not a torch tensor.", "holds no plain numbers.")
# The parts whose outputs are made by different lines of code.
APART = ("rollouts", "training")


def _output_by_output(
    tests: list[Tested], known: dict[str, KnownMistake], sketches: Sketches
) -> dict[int, tuple[KnownMistake, ...]]:
    """One or two mistakes that explain wrong outputs of failed tests, for each test by its id.

    A mistake is ruled out if it changes an output that is right. It must explain more than half of the
    outputs that it changes, and not only flags, which can be wrong in one way only. The outputs of a
    loss or of returns are one here: they come from one formula, and two mistakes in it change all.
    """
    out = {m.name for m in known.values() for t in tests if t.passed and t.name in m.sketches}
    explained: dict[str, set[Place]] = {}
    changed: dict[str, set[Place]] = {}
    for test in tests:
        of_case = sketches.cases.get(test.name)
        if of_case is None or test.sketch is None or not test.sketch.outputs:
            continue
        if test.part not in APART and test.sketch.says.endswith(NO_TENSOR):
            continue  # in a sketch, a result without numbers looks like zeros
        out |= {name for name, mistake in known.items() if _gives_none(mistake, test.name)}
        found = np.array([test.sketch.outputs.get(o, ZEROS) for o in of_case.outputs])
        found = found.reshape(-1, PROJECTIONS)
        near, right = _near(of_case.numbers, found), _near(np.zeros_like(found), found)
        outputs: dict[str, set[str]] = {}  # what each mistake explains in this case
        for row, number in enumerate(of_case.mistakes.tolist()):
            name, output = sketches.mistakes[number], of_case.outputs[row]
            changed.setdefault(name, set()).add(_place(test, output, sketches.flags))
            if near[row]:
                outputs.setdefault(name, set()).add(output)
            elif right[row]:
                out.add(name)
        values = {
            output
            for output, numbers in test.sketch.outputs.items()
            if np.abs(numbers).max() > ABSOLUTE and output not in sketches.flags
        }
        for name, own in outputs.items():
            # Of outputs that are one, it explains all or none.
            if test.part not in APART and not values <= own:
                own &= sketches.flags
            places = {_place(test, output, sketches.flags) for output in own}
            explained.setdefault(name, set()).update(places)
    likely = {
        name: places
        for name, places in explained.items()
        if name not in out
        and 2 * len(places) > len(changed[name])
        and any(output not in sketches.flags for _, output in places)
    }
    chosen: list[str] = []
    for _ in range(2):
        covered = {place for name in chosen for place in likely[name]}
        gains = {name: len(likely[name] - covered) for name in known if name in likely}
        # Of equals, the one that would have changed the least besides.
        best = max(gains, key=lambda name: (gains[name], -len(changed[name])), default=None)
        if best is None or not gains[best]:
            break
        chosen.append(best)
    shown = {
        id(test): tuple(known[n] for n in chosen if _explains(likely[n], test, sketches.flags))
        for test in tests
    }
    return {number: mistakes for number, mistakes in shown.items() if mistakes}


def _explains(places: set[Place], test: Tested, flags: set[str]) -> bool:
    """Whether a mistake that explains these places explains the numbers that a test compares."""
    return any(
        case == test.name and (test.part in APART or output not in flags) for case, output in places
    )


def _place(test: Tested, output: str, flags: set[str]) -> Place:
    return test.name, output if test.part in APART or output in flags else ""


def _gives_none(mistake: KnownMistake, case: str) -> bool:
    """Whether a mistake gives no result in a case, but an error."""
    return case in mistake.sketches and not mistake.sketches[case].numbers
