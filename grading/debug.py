"""Run scenarios in this very process, so that breakpoints work: `--debug` and `pytest tests`.

This module crosses the wall on purpose: the answers and the submission share a process. Nothing is
isolated, so use it only on code that you trust.
"""

from __future__ import annotations

import contextlib
import sys
import time
import traceback
from pathlib import Path

from grading.judge.compare import Mismatch
from grading.judge.diagnosis import diagnose_alone
from grading.judge.grade import read_keys, run_pytest
from grading.judge.plugin import GradingPlugin
from grading.judge.scores import TestScore
from grading.kit import sources
from grading.report.feedback import feedback
from grading.submission import CannotGrade
from grading.wire import PROBE, Outcome, Result, Task
from grading.worker import exercise


class InProcess:
    """A task runner without workers. Nothing is isolated, and no time limit holds."""

    in_series = False

    def __init__(self) -> None:
        self.tasks: list[Task] = []

    def submit_series(self, tasks: list[Task]) -> list[int]:
        """Remember the tasks."""
        self.tasks += tasks
        return list(range(len(self.tasks) - len(tasks), len(self.tasks)))

    def expect(self, series: int = 1) -> None:
        """Nothing has to be got ready."""

    def collect(self, number: int) -> Outcome:
        """Run the task now, in this process."""
        task = self.tasks[number]
        started = time.monotonic()
        result = exercise.run(task.submission, task.scenario, task.inputs)
        return Outcome("done", result, seconds=time.monotonic() - started)


class Already(InProcess):
    """A task runner for a scenario that has already been run: every task gets its result."""

    def __init__(self, result: Result) -> None:
        super().__init__()
        self.result = result

    def collect(self, number: int) -> Outcome:
        """The result. A task that only imports the submission gets an empty one."""
        return Outcome("done", self.result if self.tasks[number].scenario else Result())


class PytestPlugin(GradingPlugin):
    """Makes `pytest tests` grade the submission in pytest's own process."""

    def __init__(self, submission: Path) -> None:
        key = read_keys(sources())
        super().__init__(submission, InProcess(), sources(), key.cases)
        self.mistakes = key.mistakes

    def long_text(self, score: TestScore, error: Mismatch) -> str:
        """The sentences that `grade.py` would print."""
        diagnose_alone(score, self.mistakes.values())
        return "\n".join(feedback(score))


def debug(submission: Path, name: str) -> bool:
    """Run one test here and print its outputs beside the expected ones.

    Returns whether the test passes. Raises CannotGrade if there is no such test.
    """
    name = name.rpartition("::")[2].removeprefix("test_")
    key = read_keys(sources())
    case = key.cases.get(name)
    if case is None:
        raise CannotGrade(f"There is no test {name}. `python grade.py --list` names them.")
    print(
        f"{name}: scenario `{case.scenario}` of tests/scenarios/parts.py, data in solution.json\n"
    )
    try:
        module = exercise.import_submission(submission)
        outputs = exercise.call(module, case.scenario, case.inputs)
        result = Result(exercise.describe(outputs))
    except KeyboardInterrupt:  # of whoever sits at the terminal
        raise
    except BaseException as error:  # a submission may also raise SystemExit or CancelledError
        # The exception's own methods may fail while it is printed.
        with contextlib.suppress(Exception, SystemExit):
            _print_own_traceback(error, submission)
        result = Result(error=exercise.describe_error(error, "call", submission))
    for output, expected in case.expected.items():
        got = result.outputs.get(output)
        if got is not None and not output.startswith(PROBE):
            print(f"--- {output}\nexpected, {expected.dtype} {expected.shape}:\n{expected}")
            of_type = f"{got.dtype} {got.array.shape}" if got.array is not None else ""
            print(f"got, {got.kind} {of_type}:\n{got.array}\n")
    plugin = GradingPlugin(submission, Already(result), sources(), key.cases)
    run_pytest(plugin, "-k", f"test_{name}")
    score = next(s for s in plugin.scores.values() if s.name == name)
    diagnose_alone(score, key.mistakes.values())
    if score.end_to_end and not score.passed:
        print("This test uses all your functions together. Get the others right first.\n")
    print("The test passes." if score.passed else "\n".join(["The test fails.", *feedback(score)]))
    return score.passed


def _print_own_traceback(error: BaseException, submission: Path) -> None:
    """Print the traceback from the submission's first frame on, without the kit's frames before it."""
    frame = error.__traceback__
    while frame is not None and frame.tb_frame.f_code.co_filename != str(submission):
        frame = frame.tb_next
    if frame is not None or isinstance(error, SyntaxError):
        traceback.print_exception(type(error), error, frame, file=sys.stdout)
        print()
