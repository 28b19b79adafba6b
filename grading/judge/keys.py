"""Answer keys: for every case its scenario, its inputs and what the model solution returned.

A key is JSON, laid out to be read by people. An array stands as {"float32": [[1.0], [2.0]]}: the type
it must have, then its numbers, with the digits its precision needs and no more. After the cases come
the mistakes that the report can name, each with a sketch of what it returns in the cases.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from grading.wire import DTYPES, printable

CLOSENESS = ("spread", "tolerance", "smallest mistake")


class BadKey(Exception):
    """A key is missing or damaged; the message says which, where and what to do."""


@dataclass(frozen=True)
class Closeness:
    """How closely an array is compared, relative to its largest magnitude.

    spread: the largest difference between solutions that are right. smallest_mistake: the smallest
    difference that a mistake of the catalogue makes, or None if no mistake changes this array.
    tolerance: lies well between the two. See `instructor.keys.tolerances`.
    """

    spread: float
    tolerance: float
    smallest_mistake: float | None


@dataclass
class Case:
    """One way of exercising the submission, and what must come out.

    closeness: by output, for the expected arrays of floating point numbers. Other arrays are compared
        exactly.
    draw_margin: the smallest distance, in probability, of a random draw from the boundary at which
        another action would be drawn; None if nothing is drawn.
    """

    name: str
    scenario: str
    inputs: dict[str, Any]
    expected: dict[str, np.ndarray]
    closeness: dict[str, Closeness] = field(default_factory=dict)
    draw_margin: float | None = None

    def tolerance(self, output: str) -> float:
        """The largest difference that still counts as equal, in the units of the expected array."""
        return (
            self.closeness[output].tolerance * self._scale(output) if self._rounds(output) else 0.0
        )

    def rounding(self, output: str) -> float:
        """The largest difference that rounding explains, in the units of the expected array."""
        if not self._rounds(output):
            return 0.0
        closeness = self.closeness[output]
        return min(10 * closeness.spread, closeness.tolerance) * self._scale(output)

    def _rounds(self, output: str) -> bool:
        return self.expected[output].dtype.kind == "f"

    def _scale(self, output: str) -> float:
        # The whole array has one scale, its largest value, because rounding errors grow with it.
        return float(np.abs(self.expected[output]).max(initial=0)) or 1.0


@dataclass(frozen=True)
class Sketch:
    """A wrong result in one case, reduced to a few numbers: see `grading.judge.diagnosis`.

    says: how a task without result ended, its error, or the sentence about an output of wrong form;
        empty if only the numbers are wrong.
    numbers: the sum over all outputs that a test compares.
    outputs: the numbers of every single output. A key does not hold them; see `grading.judge.sketches`.
    """

    says: str
    numbers: tuple[float, ...]
    outputs: dict[str, tuple[float, ...]] = field(default_factory=dict, compare=False)


@dataclass
class KnownMistake:
    """A misconception the report can name: its part, what to say, and its sketch in every case that
    it makes fail.

    telltale: an output, true or false, that shows the mistake where it is wrong and no other mistake
        explains it; or no text.
    """

    name: str
    part: str
    misconception: str
    look: str
    sketches: dict[str, Sketch] = field(default_factory=dict)
    telltale: str = ""


@dataclass
class Key:
    """What one or several answer keys hold. The simplest mistakes stand first."""

    cases: dict[str, Case] = field(default_factory=dict)
    mistakes: dict[str, KnownMistake] = field(default_factory=dict)

    def add(self, other: Key) -> None:
        """Take in another key: its cases, and the sketches of mistakes in them."""
        self.cases |= other.cases
        for name, mistake in other.mistakes.items():
            known = self.mistakes.setdefault(name, mistake)
            known.sketches |= mistake.sketches


def read_key(path: Path) -> Key:
    """The contents of a key. Raises BadKey."""
    restore = "Restore it from the original kit."
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadKey(f"The answer key {path} is missing. {restore}") from None
    except OSError as error:
        raise BadKey(f"The answer key {path} cannot be opened ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise BadKey(f"The answer key {path} is damaged: it is not text. {restore}") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise BadKey(
            f"The answer key {path} is damaged at {where}: {error.msg}. {restore}"
        ) from None
    except (ValueError, RecursionError) as error:
        deep = isinstance(error, RecursionError)
        what = "it is nested too deeply" if deep else "it has a number of too many digits"
        raise BadKey(f"The answer key {path} is damaged: {what}. {restore}") from None
    sections: list[dict[str, Any]] = []
    for name in ("cases", "mistakes"):
        section = document.get(name) if isinstance(document, dict) else None
        if not isinstance(section, dict):
            raise BadKey(f'The answer key {path} is damaged: it has no "{name}". {restore}')
        sections.append(section)
    cases, mistakes = sections
    try:
        return Key(
            {name: _read_case(name, entry) for name, entry in cases.items()},
            {name: read_mistake(name, entry) for name, entry in mistakes.items()},
        )
    except ValueError as error:
        what = " ".join(printable(str(error)).split())  # names in it may hold anything
        raise BadKey(f"The answer key {path} is damaged: {what}. {restore}") from None


def read_named(path: Path) -> dict[str, KnownMistake]:
    """The mistakes that an instructor has named. Raises BadKey."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return {name: read_mistake(name, entry) for name, entry in document.items()}
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        what = " ".join(printable(str(error)).split())
        raise BadKey(
            f"{path} cannot be read: {what}. Put it right, or remove it: it holds only the sentences "
            "that were said with `python -m instructor name`."
        ) from None


def made_with(path: Path) -> dict[str, str]:
    """The environment a key was made in: names and versions. Empty if it does not say."""
    document = json.loads(path.read_text(encoding="utf-8"))
    made = document.get("made with", {})
    return {str(n): str(v) for n, v in made.items()} if isinstance(made, dict) else {}


def _read_case(name: str, entry: Any) -> Case:
    where = f'case "{name}"'
    _need(where, entry, {"scenario": str, "inputs": dict, "expected": dict})
    expected = {output: _read_array(name, output, a) for output, a in entry["expected"].items()}
    told = entry.get("closeness")
    closeness = {
        output: _read_closeness(f'"{output}" of {where}', told, output)
        for output, array in expected.items()
        if array.dtype.kind == "f"
    }
    margin = entry.get("draw margin")
    if margin is not None and not (_is_number(margin) and 0 <= margin <= 1):
        raise ValueError(f'{where} has no "draw margin" between 0 and 1')
    return Case(name, entry["scenario"], entry["inputs"], expected, closeness, margin)


def _need(where: str, entry: Any, kinds: dict[str, type]) -> None:
    for what, kind in kinds.items():
        if not (isinstance(entry, dict) and isinstance(entry.get(what), kind)):
            raise ValueError(f'{where} has no "{what}"')


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _read_closeness(where: str, told: Any, output: str) -> Closeness:
    entry = told.get(output) if isinstance(told, dict) else None
    numbers: list[Any] = [entry.get(k) for k in CLOSENESS] if isinstance(entry, dict) else [None]
    if not all(_is_number(n) and 0 <= n < 1 for n in numbers[:2]):
        raise ValueError(f"{where} has no tolerance")
    spread, tolerance, smallest = numbers
    if smallest is not None and not _is_number(smallest):
        raise ValueError(f"{where} has a smallest mistake that is no number")
    return Closeness(spread, tolerance, smallest)


def read_mistake(name: str, entry: Any) -> KnownMistake:
    """A mistake as it stands in a key. Raises ValueError."""
    where = f'mistake "{name}"'
    _need(where, entry, {"part": str, "misconception": str, "look at": str, "sketches": dict})
    sketches = {
        case: _read_sketch(f'the sketch of case "{case}" in {where}', values)
        for case, values in entry["sketches"].items()
    }
    telltale = entry.get("telltale", "")
    if not isinstance(telltale, str):
        raise ValueError(f'{where} has a "telltale" that is no text')
    words = (entry["part"], entry["misconception"], entry["look at"])
    return KnownMistake(name, *words, sketches, telltale)


def _read_sketch(where: str, values: Any) -> Sketch:
    if not isinstance(values, list):
        raise ValueError(f"{where} is not a list")
    says = [value for value in values if isinstance(value, str)]
    try:
        numbers = tuple(float(value) for value in values[len(says) :])
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{where} cannot be read") from None
    if not all(math.isfinite(number) for number in numbers):
        raise ValueError(f"{where} is not finite")
    return Sketch("".join(says), numbers)


def _read_array(case: str, output: str, entry: Any) -> np.ndarray:
    where = f'"{output}" of case "{case}"'
    if not (isinstance(entry, dict) and len(entry) == 1 and next(iter(entry)) in DTYPES):
        raise ValueError(f"{where} is not an array")
    ((dtype, values),) = entry.items()
    try:
        with np.errstate(over="ignore"):  # what is too large is not finite, which is told below
            array = np.array(values, dtype=dtype)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{where} cannot be read as {dtype}") from None
    if not np.isfinite(array).all():
        raise ValueError(f"{where} is not finite")
    return array
