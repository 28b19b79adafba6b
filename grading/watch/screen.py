"""What a watch session shows: on a terminal a table that stays in place, elsewhere a block per save."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from grading.judge.scores import Grade, TestScore
from grading.parts import PARTS
from grading.report.terminal import Row, failures, new_console, part_rows, print_failures, table

KEYS = "h hint   l list   Enter all again   q quit"


class Screen:
    """The terminal, or whatever else standard output is.

    rows: what the table says. It is kept while the next grading goes on, and changes part by part.
    """

    def __init__(self, submission: Path) -> None:
        self.console = new_console()
        self.name = submission.name
        self.rows: dict[str, Row] = {}
        self.passed: dict[str, bool] = {}  # in the last grading, by test
        self._live: Live | None = None
        self._tests: list[TestScore] = []

    def begin(self, tests: Sequence[TestScore]) -> None:
        """A grading of these tests begins."""
        self._tests = [replace(test) for test in tests]
        self.rows = {name: replace(row, mark="") for name, row in self.rows.items()}
        for row in part_rows(self._tests):
            self.rows.setdefault(row.part, replace(row, points="", verdict="", colour="dim"))
        if self.console.is_terminal:
            self._clear()
            self._live = Live(self._drawn("testing ..."), console=self.console, auto_refresh=False)
            self._live.start(refresh=True)

    def told(self, test: str, passes: bool) -> None:
        """One test's answer is final. When all of a part's are, its row shows them."""
        for score in self._tests:
            if score.name == test:
                score.passed, score.what = passes, ""
                own = [t for t in self._tests if t.part == score.part and not t.end_to_end]
                if self._live and all(not t.what for t in own):
                    passing = sum(t.passed for t in own)
                    right = passing == len(own)
                    verdict = (
                        "all right" if right else f"{len(own) - passing} of {len(own)} tests fail"
                    )
                    colour = "green" if right else "yellow"
                    row = self.rows[score.part]
                    self.rows[score.part] = replace(row, verdict=verdict, colour=colour)
                    self._live.update(self._drawn("testing ..."), refresh=True)

    def show(self, grade: Grade, first: Sequence[str]) -> None:
        """Show a whole grading. What it says of the parts in `first` stands above all else."""
        new = {test.name: test.passed for test in grade.tests}
        self.rows = {row.part: self._marked(row, grade.tests) for row in part_rows(grade.tests)}
        self.passed = new
        total = f"{grade.score:g} / {grade.points:g} points, {grade.seconds:.1f} s"
        if self._live:
            self._live.update(self._drawn(total), refresh=True)
            self._stop()
        else:
            self.console.print(self._drawn(total))
        groups = failures(grade.tests)
        groups.sort(key=lambda tests: (tests[0].overshadowed, tests[0].part not in first))
        print_failures(self.console, groups[:1])
        self.console.print()
        if len(groups) > 1:
            self.console.print(f"More to put right: {len(groups) - 1}. The list shows all.")
        self.footer()

    def say(self, what: str) -> None:
        """Show a sentence instead of a grading. The table stays as it was."""
        if self.console.is_terminal:
            self._clear()
            self._stop()
            self.console.print(self._drawn("as it was before"))
            self.console.print()
        self.console.print(Text(what, "bold"))
        self.footer()

    def show_list(self, grade: Grade) -> None:
        """Show every test, then every failure."""
        self._clear()
        for part in PARTS.values():
            own = [test for test in grade.tests if test.part == part.name]
            if own:
                self.console.print(Text(part.title, "bold"))
            for test in own:
                verdict = "right" if test.passed else "to do" if test.unwritten else "fails"
                colour = {"right": "green", "fails": "red"}.get(verdict, "bright_black")
                line = f"{test.points:g}  {test.name}"
                self.console.print(Text.assemble("  ", (f"{verdict:<7}", colour), line))
        print_failures(self.console, failures(grade.tests))
        self.footer()

    def print(self, text: str) -> None:
        """Add a text below all that is shown."""
        self.console.print()
        self.console.print(Text(text))
        self.footer()

    def footer(self) -> None:
        """Say which keys there are, where there is somebody to press them."""
        if self.console.is_terminal:
            self.console.print(Text(f"\nWaiting for the next save.   {KEYS}", "dim"))

    def close(self) -> None:
        """Give the terminal back."""
        self._stop()

    def _stop(self) -> None:
        if self._live:
            self._live.stop()
            self._live = None

    def _clear(self) -> None:
        self._stop()
        self.console.clear()

    def _drawn(self, state: str) -> RenderableType:
        head = f"{self.name}, saved {time.strftime('%H:%M:%S')}: {state}"
        return Group(Text(head, "bold"), Text(), table(list(self.rows.values())))

    def _marked(self, row: Row, tests: Sequence[TestScore]) -> Row:
        """The row with a mark if tests of its part pass now that did not, or the other way round."""
        if not self.passed:
            return row
        own = [test for test in tests if test.part == row.part]
        gained = sum(t.points for t in own if t.passed and not self.passed.get(t.name, False))
        lost = sum(t.points for t in own if not t.passed and self.passed.get(t.name, False))
        parts = [f"+{gained:g}" if gained else "", f"−{lost:g}" if lost else ""]
        return replace(row, mark=" ".join(part for part in parts if part))
