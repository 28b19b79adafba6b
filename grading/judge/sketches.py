"""Sketches of known mistakes beside an answer key: output by output, and of two mistakes at once.

They stand in a file of their own, because there are tens of thousands and nobody reads them. It is an
`.npz` file with these arrays; an index counts from 0:

    mistakes, outputs, says    names of mistakes and of outputs; what is said where a result has a wrong
                               form or there is none (see `grading.judge.keys.Sketch`), "" otherwise
    flags                      of each output, whether it is true or false and no array of numbers
    cases                      names of the key's cases
    ways                       names of ways in which a pair is written; the judge does not need them
    pairs (K, 3)               the mistakes of each pair and its way; what stands first in the code is
                               first. A pair of one mistake with itself is that one, written another way
    output rows (M, 3)         case, mistake, output; the rows of a case stand together
    output numbers (M, P)      the sketch of that output alone
    pair rows (R, 3)           case, pair, says; the rows of a case stand together
    pair numbers (R, P)        the sketch of the whole case
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from grading.judge.keys import BadKey

ARRAYS = {
    "mistakes": "U",
    "outputs": "U",
    "says": "U",
    "flags": "b",
    "cases": "U",
    "ways": "U",
    "pairs": "i",
    "output rows": "i",
    "output numbers": "f",
    "pair rows": "i",
    "pair numbers": "f",
}


@dataclass
class OfCase:
    """What is known of one case.

    mistakes, outputs (M,): whose output each row of `numbers` (M, P) is, by index and by name.
    pairs, says (R,): whose whole result each row of `pair_numbers` (R, P) is, by index, and its form.
    """

    mistakes: np.ndarray
    outputs: list[str]
    numbers: np.ndarray
    pairs: np.ndarray
    says: list[str]
    pair_numbers: np.ndarray


@dataclass
class Sketches:
    """The contents of one or several such files; those that belong together name the same pairs."""

    mistakes: list[str] = field(default_factory=list)
    ways: list[str] = field(default_factory=list)
    pairs: np.ndarray = field(default_factory=lambda: np.zeros((0, 3), np.int32))
    flags: set[str] = field(default_factory=set)
    cases: dict[str, OfCase] = field(default_factory=dict)

    def add(self, other: Sketches) -> None:
        """Take in another file's. Raises BadKey where the two do not belong together."""
        if self.mistakes and (
            self.mistakes != other.mistakes
            or self.ways != other.ways
            or not np.array_equal(self.pairs, other.pairs)
        ):
            raise BadKey(
                "The files with sketches of mistakes do not belong together. "
                "Restore them from the original kit."
            )
        self.mistakes, self.ways, self.pairs = other.mistakes, other.ways, other.pairs
        self.flags |= other.flags
        self.cases |= other.cases


def read_sketches(path: Path) -> Sketches:
    """The contents of a file. Raises BadKey."""
    restore = "Restore it from the original kit."
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in ARRAYS}
        _check(arrays)
    except FileNotFoundError:
        raise BadKey(f"The file {path} is missing. {restore}") from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, MemoryError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "damaged"
        raise BadKey(f"The file {path} cannot be read ({why}). {restore}") from None
    outputs, says = arrays["outputs"], arrays["says"]
    rows, pair_rows = arrays["output rows"], arrays["pair rows"]
    numbers = arrays["output numbers"].astype(np.float64)
    pair_numbers = arrays["pair numbers"].astype(np.float64)
    cases = {}
    for number, name in enumerate(arrays["cases"].tolist()):
        own, own_pairs = _of_case(rows, number), _of_case(pair_rows, number)
        cases[name] = OfCase(
            rows[own, 1],
            outputs[rows[own, 2]].tolist(),
            numbers[own],
            pair_rows[own_pairs, 1],
            says[pair_rows[own_pairs, 2]].tolist(),
            pair_numbers[own_pairs],
        )
    flags = set(outputs[arrays["flags"]].tolist())
    mistakes, ways = arrays["mistakes"].tolist(), arrays["ways"].tolist()
    return Sketches(mistakes, ways, arrays["pairs"], flags, cases)


def _of_case(rows: np.ndarray, number: int) -> slice:
    """The rows of one case, which stand together."""
    first, end = np.searchsorted(rows[:, 0], [number, number + 1])
    return slice(int(first), int(end))


def _check(arrays: dict[str, np.ndarray]) -> None:
    """Raises ValueError where an array is not what the head of this file says."""
    for name, kind in ARRAYS.items():
        if arrays[name].dtype.kind != kind:
            raise ValueError(name)
    count = {name: len(arrays[name]) for name in ARRAYS}
    within = {
        "pairs": ("mistakes", "mistakes", "ways"),
        "output rows": ("cases", "mistakes", "outputs"),
        "pair rows": ("cases", "pairs", "says"),
    }
    for name, columns in within.items():
        array = arrays[name]
        if array.ndim != 2 or array.shape[1] != len(columns):
            raise ValueError(name)
        if (array < 0).any() or (array >= [count[column] for column in columns]).any():
            raise ValueError(name)
        if columns[0] == "cases" and (np.diff(array[:, 0]) < 0).any():
            raise ValueError(name)
    for rows, numbers in (("output rows", "output numbers"), ("pair rows", "pair numbers")):
        array = arrays[numbers]
        if array.ndim != 2 or count[rows] != count[numbers] or not np.isfinite(array).all():
            raise ValueError(numbers)
    if count["flags"] != count["outputs"]:
        raise ValueError("flags")


def as_bytes(arrays: dict[str, np.ndarray]) -> bytes:
    """The file with these arrays; the same arrays give the same bytes. Raises ValueError."""
    _check(arrays)
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]  # its types know no names with blanks
    return file.getvalue()
