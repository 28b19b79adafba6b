"""Where two arrays differ, drawn in a few lines of text."""

from __future__ import annotations

import numpy as np

ROWS = 4
STRIP = 72  # characters
# What one entry of an output stands for. In outputs that are not listed it is a step.
ENTRIES = {
    "losses_actor": "optimizer step",
    "losses_critic": "optimizer step",
    "lr": "optimizer step",
    "final_rewards": "collection",
}


def picture(name: str, expected: np.ndarray, actual: np.ndarray, wrong: np.ndarray) -> str:
    """Lines with the first numbers that differ, expected beside got. Arrays of one shape."""
    if expected.size < 2:
        return ""
    first = int(np.flatnonzero(wrong)[0])
    rows = [("", "expected", "got", "")]
    for flat in range(max(first - 1, 0), min(first + ROWS - 1, expected.size)):
        index = [int(i) for i in np.unravel_index(flat, expected.shape)]
        numbers = (_number(expected.flat[flat]), _number(actual.flat[flat]))
        mark = "<- differs" if wrong.flat[flat] else ""
        rows.append((_place(name, index, expected.shape), *numbers, mark))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = []
    for place, wanted, got, mark in rows:
        cells = [place.ljust(widths[0]), wanted.rjust(widths[1]), got.rjust(widths[2]), mark]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def strip(name: str, wrong: np.ndarray, episode_ends: np.ndarray | None = None) -> str:
    """One character per row of an output, right or wrong; "" if there is one row only, or too many.

    wrong: (N, ...) bool. episode_ends: (N,) bool, True at the last step of every episode.
    """
    rows = [bool(np.any(row)) for row in np.atleast_1d(wrong)]
    if len(rows) < 2 or len(rows) > STRIP - 10:
        return ""
    text, between = "", ""
    for step, row in enumerate(rows):
        text += "x" if row else "."
        if episode_ends is not None and episode_ends[step] and step < len(rows) - 1:
            text, between = text + "|", ", | between episodes"
    entry = ENTRIES.get(name, "step")
    return f"Every {entry} (. right, x wrong{between}):\n{text}"


def where_in_episodes(step: int, ends: np.ndarray) -> str:
    """The episode a step lies in and its place there, both counted from 0 as in Python.

    ends: (N,) bool, True at the last step of every episode, so also at the last of all.
    """
    before = np.flatnonzero(ends[:step])
    start = int(before[-1]) + 1 if len(before) else 0
    length = step - start + 1 + int(np.flatnonzero(ends[step:])[0])
    steps = "1 step" if length == 1 else f"{length} steps"
    return f"step {step - start} of episode {len(before)}, which has {steps}"


def _place(name: str, index: list[int], shape: tuple[int, ...]) -> str:
    if len(shape) == 1 or (len(shape) == 2 and shape[1] == 1):
        return f"{ENTRIES.get(name, 'step')} {index[0]}"
    return str(index)


def _number(value: float) -> str:
    return f"{value:.6g}"
