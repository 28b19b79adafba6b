"""Answer keys: for every case its scenario, its inputs and what the model solution returned.

A key is JSON, laid out to be read by people. An array stands as {"float32": [[1.0], [2.0]]}: the type
it must have, then its numbers, with the digits its precision needs and no more.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from grading.frames import DTYPES

WIDTH = 100


class BadKey(Exception):
    """A key is missing or damaged; the message says which, where and what to do."""


@dataclass
class Case:
    """One way of exercising the submission, and what must come out."""

    name: str
    scenario: str
    inputs: dict[str, Any]
    expected: dict[str, np.ndarray]


def read_key(path: Path) -> dict[str, Case]:
    """The cases of a key, by name. Raises BadKey."""
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
    cases = document.get("cases") if isinstance(document, dict) else None
    if not isinstance(cases, dict):
        raise BadKey(f'The answer key {path} is damaged: it has no "cases". {restore}')
    try:
        return {name: _read_case(name, entry) for name, entry in cases.items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadKey(f"The answer key {path} is damaged: {error}. {restore}") from None


def made_with(path: Path) -> dict[str, str]:
    """The environment a key was made in: names and versions. Empty if it does not say."""
    document = json.loads(path.read_text(encoding="utf-8"))
    made = document.get("made with", {})
    return {str(n): str(v) for n, v in made.items()} if isinstance(made, dict) else {}


def _read_case(name: str, entry: dict[str, Any]) -> Case:
    for field, kind in (("scenario", str), ("inputs", dict), ("expected", dict)):
        if not isinstance(entry.get(field), kind):
            raise ValueError(f'case "{name}" has no "{field}"')
    expected = {output: _read_array(name, output, a) for output, a in entry["expected"].items()}
    return Case(name, entry["scenario"], entry["inputs"], expected)


def _read_array(case: str, output: str, entry: Any) -> np.ndarray:
    where = f'"{output}" of case "{case}"'
    if not (isinstance(entry, dict) and len(entry) == 1 and next(iter(entry)) in DTYPES):
        raise ValueError(f"{where} is not an array")
    ((dtype, values),) = entry.items()
    try:
        array = np.array(values, dtype=dtype)
    except (TypeError, ValueError):
        raise ValueError(f"{where} cannot be read as {dtype}") from None
    if not np.isfinite(array).all():
        raise ValueError(f"{where} is not finite")
    return array


def write_key(about: str, made_with: dict[str, str], cases: dict[str, Case]) -> str:
    """The text of a key."""
    document = {
        "about": about,
        "made with": made_with,
        "cases": {
            case.name: {
                "scenario": case.scenario,
                "inputs": case.inputs,
                "expected": {name: as_json(a) for name, a in case.expected.items()},
            }
            for case in cases.values()
        },
    }
    return _layout(document, 0) + "\n"


def as_json(array: np.ndarray) -> dict[str, Any]:
    """An array as it stands in a key, with the shortest digits that give the same numbers."""
    if array.dtype.kind != "f":
        return {array.dtype.name: array.tolist()}
    # str() of a NumPy float is the shortest text that reads back as the same number.
    shortest = np.array([float(str(x)) for x in array.ravel()]).reshape(array.shape)
    return {array.dtype.name: shortest.tolist()}


def _layout(value: Any, indent: int) -> str:
    """JSON with short things on one line and lists filled up to WIDTH."""
    flat = json.dumps(value, ensure_ascii=False)
    nested = isinstance(value, dict) and any(isinstance(v, dict) for v in value.values())
    if not isinstance(value, (dict, list)) or (len(flat) + indent <= WIDTH and not nested):
        return flat
    pad = " " * (indent + 1)
    if isinstance(value, dict):
        items = [
            f"{json.dumps(k, ensure_ascii=False)}: {_layout(v, indent + 1)}"
            for k, v in value.items()
        ]
        return "{\n" + ",\n".join(pad + item for item in items) + "\n" + " " * indent + "}"
    lines = [""]
    for item in (_layout(v, indent + 1) for v in value):
        if lines[-1] and len(lines[-1]) + len(item) + indent + 3 > WIDTH:
            lines[-1] += ","
            lines.append("")
        lines[-1] += (", " if lines[-1] else "") + item
    return "[\n" + "\n".join(pad + line for line in lines) + "\n" + " " * indent + "]"
