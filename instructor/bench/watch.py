"""From a save to its verdict in a watch session, against `python -c "import torch"`.

Both kinds of workers: those that are forked, and interpreters that stand ready. `--rounds` saves are
timed. After MANY more, each kind must hold no more processes, descriptors and files than after one.
"""

from __future__ import annotations

import contextlib
import io
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

import grade as command
from grading.judge.scores import Grade
from grading.watch.keyboard import Keyboard
from grading.watch.screen import Screen
from grading.watch.session import Session
from instructor.bench.endurance import Held, held
from instructor.bench.grade import run
from instructor.catalogue import REFERENCE

KINDS = {"forked": False, "interpreters": True}
MANY = {"forked": 1000, "interpreters": 60}  # an interpreter takes seconds to get ready
BOUNDS = {"what has changed": 0.25, "all visible tests": 0.5}
CHANGED = "returns"
# The same function, written in two ways.
PRODUCT, TURNED_ROUND = "discount_factor * following_return", "following_return * discount_factor"
SAVE_LIMIT = 120.0  # seconds in which a save must be graded


class Clock(Screen):
    """A screen that nobody looks at; notes when it was told what."""

    def __init__(self, submission: Path) -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            super().__init__(submission)
        self.console.file = io.StringIO()
        self.shown = threading.Event()
        self.part_at = self.all_at = 0.0
        self.points: set[float] = set()

    def told(self, test: str, passes: bool) -> None:
        """Note the last answer of the part that has changed."""
        super().told(test, passes)
        if test.startswith(CHANGED):
            self.part_at = time.perf_counter()

    def show(self, grade: Grade, first: Sequence[str]) -> None:
        """Note the end."""
        super().show(grade, first)
        self.console.file = io.StringIO()
        self.all_at = time.perf_counter()
        self.points.add(grade.score)
        self.shown.set()


class Nobody(Keyboard):
    """A keyboard on which only `q` is ever pressed, once."""

    def __init__(self) -> None:
        self.is_there, self.ended = False, threading.Event()

    def __enter__(self) -> Nobody:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def pressed(self) -> list[str]:
        """The end, when it has come."""
        return ["q"] if self.ended.is_set() else []


class Watched:
    """A watch session in a thread of its own, on a file that is saved again and again."""

    def __init__(self, folder: Path, fresh: bool) -> None:
        self.path, self.saves = folder / "submitted.py", 0
        source = REFERENCE.read_text(encoding="utf-8")
        self.texts = [source, source.replace(PRODUCT, TURNED_ROUND)]
        assert self.texts[0] != self.texts[1]
        self.path.write_text(source, encoding="utf-8")
        self.clock, self.nobody = Clock(self.path), Nobody()
        options = command.parse(["--submission", str(self.path), "--visible"])
        self.session = Session(options, self.clock, self.nobody, fresh)
        self.thread = threading.Thread(target=self.session.run)
        self.thread.start()
        assert self.clock.shown.wait(SAVE_LIMIT)

    def save(self) -> tuple[float, float]:
        """Save another version as editors do; seconds to the changed part's verdict, and to all."""
        self.saves += 1
        self.clock.shown.clear()
        other = self.path.with_name("submitted.py~")
        other.write_text(self.texts[self.saves % 2], encoding="utf-8")
        started = time.perf_counter()
        os.replace(other, self.path)
        assert self.clock.shown.wait(SAVE_LIMIT)
        return self.clock.part_at - started, self.clock.all_at - started

    def end(self) -> None:
        """End the session."""
        self.nobody.ended.set()
        self.thread.join()


def main(rounds: int) -> int:
    """Print medians and ratios for `rounds` saves, and what is held after many more of them."""
    torch = [sys.executable, "-c", "import torch"]
    exceeded = False
    for kind, fresh in KINDS.items():
        with tempfile.TemporaryDirectory() as name, mock.patch.object(tempfile, "tempdir", name):
            Path(name).chmod(0o711)  # the boxes inside belong to other users
            (Path(name) / "student").mkdir()
            watched = Watched(Path(name) / "student", fresh)
            imports: list[float] = []
            seconds: dict[str, list[float]] = {name: [] for name in BOUNDS}
            first: Held | None = None
            for _ in range(rounds):
                # Meanwhile interpreters get ready, as they do while somebody types.
                imports.append(run(torch).seconds)
                time.sleep(2 * imports[-1])
                for of, measured in zip(seconds.values(), watched.save()):
                    of.append(measured)
                if first is None:
                    time.sleep(2 * imports[-1])
                    first = held(Path(name))
            for _ in range(MANY[kind]):
                watched.save()
            time.sleep(4 * imports[-1])
            last = held(Path(name))
            watched.end()
        base = statistics.median(imports)
        print(f"{kind}: {rounds} saves, import torch {base:.2f} s, points {watched.clock.points}")
        for what, bound in BOUNDS.items():
            median = statistics.median(seconds[what])
            exceeded |= median > bound * base
            print(f"  {what:18}{median:7.2f} s{median / base:7.2f}   bound {bound}")
        assert first
        print(f"  held after one save: {first}\n  after {watched.saves}: {last}")
        exceeded |= last.descriptors > first.descriptors or last.files > first.files
        exceeded |= last.processes > first.processes
    return int(exceeded)
