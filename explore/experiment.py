"""What the files of this folder share: options, a folder for results, figures, numbers, a verdict."""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RESULTS = Path(__file__).resolve().parent / "out"


def parser(description: str) -> argparse.ArgumentParser:
    """A parser with the options every file has; `description` is the file's docstring."""
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--seed", type=_seed, default=0, help="of all random numbers (default 0)")
    made.add_argument("--out", type=Path, default=RESULTS, help="folder for figures and numbers")
    made.add_argument("--short", action="store_true", help="the same with less of everything")
    return made


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(
            f"a seed is a whole number from 0 to 2**32 - 1, not {text}"
        )
    return int(text)


def need(module: str, package: str) -> Any:
    """Import an extra module, or end with a sentence that says which package it is in."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise SystemExit(
            f"This needs the package {package}, which is not installed here. "
            f"Install it with: python -m pip install {package}"
        ) from None


def interval(values: Sequence[float] | np.ndarray) -> tuple[float, float]:
    """Mean of independent values and the standard error of that mean."""
    array = np.asarray(values, dtype=float)
    return float(array.mean()), float(array.std(ddof=1) / np.sqrt(array.size))


class Report:
    """Collects what a run found and writes it to `out`: NAME.json and figures NAME_*.png."""

    def __init__(self, name: str, options: argparse.Namespace) -> None:
        """`options` are recorded beside the numbers."""
        self.name, self.out = name, Path(options.out)
        self.options = {key: value for key, value in vars(options).items() if key != "out"}
        self.numbers: dict[str, Any] = {}
        self.checks: dict[str, bool] = {}
        self.started = time.perf_counter()
        try:
            self.out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SystemExit(f"The folder {self.out} cannot be made: {error.strerror}.") from None

    def say(self, text: str) -> None:
        """Print a line of the run's story."""
        print(text, flush=True)

    def check(self, what: str, holds: bool) -> None:
        """Record and print something that must be true, such as an agreement with exact numbers."""
        self.checks[what] = bool(holds)
        self.say(f"{'yes' if holds else 'NO '}  {what}")

    def path(self, ending: str) -> Path:
        """Where a further file of this run goes: NAME_ENDING."""
        return self.out / f"{self.name}_{ending}"

    def figure(self, figure: Figure, ending: str) -> None:
        """Save a figure as NAME_ENDING.png and close it."""
        import matplotlib.pyplot as plt

        figure.savefig(self.path(f"{ending}.png"), dpi=110, facecolor="white")
        plt.close(figure)

    def finish(self, verdict: str) -> int:
        """Write the numbers, print the verdict in one line; 0 if every check holds, else 1."""
        holds = all(self.checks.values())
        document = {
            "verdict": verdict if holds else f"A check does not hold. {verdict}",
            "checks": self.checks,
            "options": self.options,
            "seconds": round(time.perf_counter() - self.started, 1),
            "versions": {"python": platform.python_version(), "numpy": np.__version__},
            **self.numbers,
        }
        text = json.dumps(document, indent=1, default=_plain)
        (self.out / f"{self.name}.json").write_text(text + "\n", encoding="utf-8")
        self.say(f"{document['verdict']} (figures and numbers: {self.out})")
        return int(not holds)


def _plain(value: Any) -> Any:
    """Arrays, numbers and paths as values that JSON can hold."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Path):
        return str(value)
    return value.item() if hasattr(value, "item") else str(value)
