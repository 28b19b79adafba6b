"""One watch session: wait for a save or a key, grade, show."""

from __future__ import annotations

import argparse
from pathlib import Path

from grading.judge.grade import grade, list_tests
from grading.judge.scores import Grade, TestScore
from grading.parts import PARTS
from grading.processes.warm import WarmWorkers
from grading.processes.workers import Abandoned
from grading.report.hints import Hints
from grading.submission import CannotGrade
from grading.watch.changed_parts import changed, digests
from grading.watch.keyboard import ENTER, Keyboard
from grading.watch.saves import Saves
from grading.watch.screen import Screen

LOOK_EVERY = 0.05  # seconds between looks at the keyboard


class Session:
    """Grades a submission whenever it is saved, with workers that stay."""

    def __init__(
        self,
        options: argparse.Namespace,
        screen: Screen | None = None,
        keyboard: Keyboard | None = None,
        fresh: bool | None = None,
    ) -> None:
        """Look at what is asked. Raises CannotGrade.

        fresh: whether to start an interpreter for each series; by default where nothing can be forked.
        """
        self.options = options
        self.path: Path = options.submission.resolve()
        self.tests: list[TestScore] = list_tests(options.visible, tuple(options.only))
        self.screen = screen or Screen(self.path)
        self.keyboard = keyboard or Keyboard()
        self.hints = Hints()
        self.result: Grade | None = None  # of the last grading that came to its end
        self._content: bytes | None = None  # what it graded
        self._digests: dict[str, str] = {}
        self._workers = WarmWorkers(self._is_outdated, fresh)
        self._keys: list[str] = []

    def run(self) -> Grade | None:
        """Watch until somebody ends it; returns the last grading."""
        with Saves(self.path) as self._saves, self.keyboard:
            try:
                self._saved()
                while self._answer_keys():
                    if self._saves.came.wait(LOOK_EVERY):
                        self._saved()
            finally:
                self.screen.close()
                self._workers.close()
        return self.result

    # -- keys --

    def _answer_keys(self) -> bool:
        """Do what the keys say that were pressed; False if the session ends."""
        self._keys += self.keyboard.pressed()
        while self._keys:
            key = self._keys.pop(0)
            if key == "q":
                return False
            if key == ENTER:
                self._saved(again=True)
            elif key == "l" and self.result:
                self.screen.show_list(self.result)
            elif key == "h" and self.result:
                self.screen.print(self._hint(self.result))
        return True

    def _hint(self, result: Grade) -> str:
        left = [p for p in PARTS if any(t.part == p and not t.passed for t in result.tests)]
        return self.hints.next(left[0]) if left else "Nothing is left to put right."

    # -- grading --

    def _saved(self, again: bool = False) -> None:
        """Grade what the file holds now, if it has changed since the last time or `again` is set."""
        while True:
            self._saves.came.clear()
            try:
                content = self.path.read_bytes()
                after = digests(content)
            except (OSError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
                self.screen.say(why_unreadable(self.path.name, error))
                return
            if content == self._content and not again:
                return
            try:
                self._grade(content, after)
            except Abandoned:
                again = True
                if "q" in self._keys:
                    return
                continue
            except CannotGrade as error:
                self._workers.close()
                self.screen.say(f"Could not grade: {error}")
            return

    def _grade(self, content: bytes, after: dict[str, str]) -> None:
        first = changed(self._digests, after)
        if len(first) == len(PARTS):
            first = ()
        self.screen.begin(self.tests)
        options = self.options
        result = grade(
            self.path,
            self._workers.of(self.path),
            options.visible,
            tuple(options.only),
            options.time_limit,
            options.budget,
            first=first,
            told=self.screen.told,
        )
        self.result, self._content, self._digests = result, content, after
        self.screen.show(result, first)
        self._workers.get_ready()

    def _is_outdated(self) -> bool:
        """Whether nobody waits for the grading any more: there is another save, or the session ends."""
        self._keys += self.keyboard.pressed()
        return self._saves.came.is_set() or "q" in self._keys


def why_unreadable(name: str, error: Exception) -> str:
    """What a student reads about a file that cannot be graded as it is."""
    if isinstance(error, SyntaxError):
        place = f" in line {error.lineno}" if error.lineno else ""
        said = f"Python cannot read {name}{place}: {error.msg}."
    elif isinstance(error, FileNotFoundError):
        said = f"{name} is not there."
    elif isinstance(error, OSError):
        said = f"{name} cannot be opened ({error.strerror})."
    else:
        said = f"Python cannot read {name}: {error}."
    return f"{said} It is graded when you save it again."
