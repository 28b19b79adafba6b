"""Measure how far right solutions differ and how little mistakes change; write calibration.json.

Run `python -m instructor calibrate` after any change to the cases or the catalogue, then
`python -m instructor key`.
"""

from __future__ import annotations

import json
import math
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import torch

from grading.judge.keys import Case, Closeness, Key, read_key
from grading.kit import KIT
from grading.wire import Output
from instructor import catalogue
from instructor.keys.recipes import HIDDEN_PREFIX, is_end_to_end
from instructor.keys.sweep_cases import Outcomes, sweep_cases
from instructor.keys.text import write_key
from instructor.keys.tolerances import CALIBRATION, GAP, LEAST_SPREAD, KeyRefused, closeness_of
from instructor.keys.write import solve_all

# Environment variables of the workers: one or two threads, with and without vector instructions.
SETTINGS = [
    {"OMP_NUM_THREADS": threads, **capability}
    for threads in ("1", "2")
    for capability in ({}, {"ATEN_CPU_CAPABILITY": "default"})
]
Measured = dict[str, dict[str, dict[str, Any]]]  # by case, by output


def difference(expected: np.ndarray, output: Output | None) -> float:
    """The largest difference, relative to the largest expected magnitude; inf if the shapes differ.

    It is also inf if the output is missing or not finite.
    """
    if output is None or output.array is None or output.array.size != expected.size:
        return math.inf
    if expected.size != 1 and output.array.shape != expected.shape:
        return math.inf
    wanted = expected.astype(np.float64)
    apart = np.abs(output.array.astype(np.float64).reshape(wanted.shape) - wanted)
    if not np.isfinite(apart).all():
        return math.inf
    return float(apart.max(initial=0) / (np.abs(wanted).max(initial=0) or 1.0))


def differences(case: Case, outcomes: Outcomes) -> dict[str, float]:
    """The `difference` of every output that is expected to hold floating point numbers, by name."""
    result = outcomes[case.name].result
    outputs = result.outputs if result is not None else {}
    return {
        name: difference(expected, outputs.get(name))
        for name, expected in case.expected.items()
        if expected.dtype.kind == "f"
    }


def right_solutions() -> dict[str, str]:
    """The source of every alternative that can run here, by name."""
    return {entry.name: catalogue.source_of(entry) for entry in catalogue.alternatives_here()}


def measure_spread(cases: dict[str, Case]) -> Measured:
    """The largest difference of right solutions from the reference in this Python, in all SETTINGS."""
    parts = {entry.name: entry.part for entry in catalogue.all_alternatives()}
    sources_ = right_solutions()
    wanted = {
        name: [
            case
            for case in cases.values()
            if case.scenario == parts[name] or (is_end_to_end(case) and parts[name] != "training")
        ]
        for name in sources_
    }
    spread: Measured = {name: {} for name in cases}
    for variables in SETTINGS:
        with mock.patch.dict(os.environ, **variables):
            observed = sweep_cases(sources_, wanted)
        for entry, outcomes in observed.items():
            for case in wanted[entry]:
                for output, apart in differences(case, outcomes).items():
                    note_largest(spread, case.name, output, {"spread": apart, "of": entry})
    return spread


def note_largest(spread: Measured, case: str, output: str, entry: dict[str, Any]) -> None:
    """Keep the entry if its spread is the largest so far."""
    present = spread[case].get(output)
    if present is None or entry["spread"] > present["spread"]:
        spread[case][output] = entry


def environment_here() -> str:
    """The versions and the processor, in one line."""
    return (
        f"Python {platform.python_version()}, torch {torch.__version__}, NumPy {np.__version__}, "
        f"{platform.machine()}"
    )


def spread_elsewhere(python: str, cases: dict[str, Case]) -> dict[str, Any]:
    """The environment of another interpreter and the spread it measures. Raises RuntimeError."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.json"
        path.write_text(write_key("cases to calibrate", {}, Key(cases)), encoding="utf-8")
        command = [python, "-m", "instructor.keys.calibrate", str(path)]
        done = subprocess.run(command, cwd=KIT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{python} could not measure: {done.stderr.strip()[-500:]}")
    return dict(json.loads(done.stdout))


def measure_effects(cases: dict[str, Case]) -> dict[str, dict[str, dict[str, float]]]:
    """The `difference` that every mistake makes to the outputs of its part: by case, output, mistake."""
    mistakes = catalogue.all_mistakes()
    wanted = {m.name: [c for c in cases.values() if c.scenario == m.part] for m in mistakes}
    observed = sweep_cases({m.name: catalogue.source_of(m) for m in mistakes}, wanted)
    effects: dict[str, dict[str, dict[str, float]]] = {name: {} for name in cases}
    for mistake, outcomes in observed.items():
        for case in wanted[mistake]:
            for output, apart in differences(case, outcomes).items():
                effects[case.name].setdefault(output, {})[mistake] = apart
    return effects


def combine(spread: Measured, effects: dict[str, dict[str, dict[str, float]]]) -> Measured:
    """Add to every array's spread the smallest effect of a mistake that this array can show.

    An array shows a mistake that changes it by at least GAP times its spread. `check_all_told` makes
    sure that every mistake is shown by some array.
    """
    combined: Measured = {}
    for case, outputs in spread.items():
        combined[case] = {}
        for output, entry in outputs.items():
            floor = GAP * max(entry["spread"], LEAST_SPREAD)
            told = {m: e for m, e in effects[case].get(output, {}).items() if floor <= e < math.inf}
            smallest = min(told, key=lambda m: told[m], default=None)
            combined[case][output] = {
                "spread": _rounded(entry["spread"]),
                "of": entry["of"],
                "smallest mistake": None if smallest is None else _rounded(told[smallest]),
                "by": smallest,
            }
    return combined


def _rounded(number: float) -> float:
    return float(f"{number:.2g}")


def check_all_told(effects: dict[str, dict[str, dict[str, float]]], combined: Measured) -> None:
    """Raise KeyRefused unless some array of the visible and of the hidden key shows every mistake.

    Mistakes that change no numbers are left out: they are found by kind, shape, type or flags.
    """
    best: dict[tuple[str, bool], float] = {}
    for case, outputs in effects.items():
        for output, by_mistake in outputs.items():
            spread = max(combined[case][output]["spread"], LEAST_SPREAD)
            for mistake, effect in by_mistake.items():
                place = (mistake, case.startswith(HIDDEN_PREFIX))
                best[place] = max(best.get(place, 0.0), effect / spread)
    faint = [f"{mistake} ({ratio:.0f})" for (mistake, _), ratio in best.items() if 2 < ratio < GAP]
    if faint:
        raise KeyRefused(f"The cases cannot tell these mistakes from rounding: {', '.join(faint)}")


def check_gaps(combined: Measured) -> None:
    """Raise KeyRefused unless every array has room for a tolerance."""
    for case, outputs in combined.items():
        for output, entry in outputs.items():
            try:
                closeness_of(entry)
            except KeyRefused as error:
                where = f"{case}, {output}, {entry['of']}"
                raise KeyRefused(f"{where}: {error}. Change the case.") from None


def main(pythons: list[str], only: Collection[str] = ()) -> int:
    """Measure here and with other interpreters, and write calibration.json.

    With `only`, these cases are measured, and the rest of the file stays. Raises KeyRefused.
    """
    cases = {name: case for solved in solve_all(only).values() for name, case in solved.items()}
    for case in cases.values():
        floats = (name for name, array in case.expected.items() if array.dtype.kind == "f")
        case.closeness = {name: Closeness(0.0, 0.0, None) for name in floats}
    spread, environments = measure_spread(cases), [environment_here()]
    print(f"measured {environments[0]}", file=sys.stderr)
    for python in pythons:
        elsewhere = spread_elsewhere(python, cases)
        environments.append(elsewhere["environment"])
        print(f"measured {environments[-1]}", file=sys.stderr)
        for case, outputs in elsewhere["spread"].items():
            for output, entry in outputs.items():
                note_largest(spread, case, output, entry)
    effects = measure_effects(cases)
    combined = combine(spread, effects)
    if not only:  # a mistake that one case cannot tell may be told by another
        check_all_told(effects, combined)
    check_gaps(combined)
    if only:
        present = json.loads(CALIBRATION.read_text(encoding="utf-8"))
        combined, environments = present["arrays"] | combined, present["environments"]
    document = {
        "about": "Measured by python -m instructor calibrate; the keys' tolerances come from here.",
        "environments": environments,
        "settings": SETTINGS,
        "arrays": combined,
    }
    CALIBRATION.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {CALIBRATION.name}; now: python -m instructor key")
    return 0


if __name__ == "__main__":
    # Run by spread_elsewhere: measure the cases of one file.
    measured = measure_spread(read_key(Path(sys.argv[1])).cases)
    json.dump({"environment": environment_here(), "spread": measured}, sys.stdout)
