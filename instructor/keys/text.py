"""The text of an answer key: JSON laid out to be read by people; `grading.judge.keys` reads it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np

from grading.judge.keys import CLOSENESS, Case, Key, KnownMistake

WIDTH = 100


def write_key(about: str, made_with: dict[str, str], key: Key) -> str:
    """The text of a key."""
    document = {
        "about": about,
        "made with": made_with,
        "cases": {case.name: _case_as_json(case) for case in key.cases.values()},
        "mistakes": {mistake.name: _mistake_as_json(mistake) for mistake in key.mistakes.values()},
    }
    return _layout(document, 0) + "\n"


def _case_as_json(case: Case) -> dict[str, Any]:
    document: dict[str, Any] = {
        "scenario": case.scenario,
        "inputs": case.inputs,
        "expected": {name: as_json(a) for name, a in case.expected.items()},
        "closeness": {
            name: dict(zip(CLOSENESS, (c.spread, c.tolerance, c.smallest_mistake)))
            for name, c in case.closeness.items()
        },
    }
    if case.draw_margin is not None:
        document["draw margin"] = case.draw_margin
    return document


def named_text(mistakes: Iterable[KnownMistake]) -> str:
    """The text of the file with mistakes that an instructor has named."""
    return _layout({mistake.name: _mistake_as_json(mistake) for mistake in mistakes}, 0) + "\n"


def _mistake_as_json(mistake: KnownMistake) -> dict[str, Any]:
    return {
        "part": mistake.part,
        "misconception": mistake.misconception,
        "look at": mistake.look,
        **({"telltale": mistake.telltale} if mistake.telltale else {}),
        "sketches": {
            case: [*([sketch.says] if sketch.says else []), *(_shortest(n) for n in sketch.numbers)]
            for case, sketch in mistake.sketches.items()
        },
    }


def _shortest(number: float) -> int | float:
    return int(number) if number == int(number) else number


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
