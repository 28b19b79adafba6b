"""Run scenarios in this very process, so that breakpoints work: `--debug` and `pytest tests`."""

from __future__ import annotations

import time
from pathlib import Path

from grading import exercise
from grading.dispatch import Outcome, Task
from grading.judge import CannotGrade, read_keys, run_pytest, sources
from grading.plugin import GradingPlugin


class InProcess:
    """A task runner without workers. Nothing is isolated and nothing is timed out."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []

    def submit(self, task: Task) -> int:
        """Remember the task."""
        self.tasks.append(task)
        return len(self.tasks) - 1

    def collect(self, number: int) -> Outcome:
        """Run it here and now."""
        task = self.tasks[number]
        started = time.monotonic()
        result = exercise.run(task.submission, task.scenario, task.inputs)
        return Outcome("done", result, seconds=time.monotonic() - started)


def plugin_for_pytest(submission: Path) -> GradingPlugin:
    """The plugin that makes `pytest tests` grade the submission in pytest's own process."""
    return GradingPlugin(submission, InProcess(), read_keys(sources()))


def debug(submission: Path, name: str) -> bool:
    """Run one test here, printing what came out beside what was expected; whether it passed."""
    name = name.rpartition("::")[2].removeprefix("test_")
    plugin = plugin_for_pytest(submission)
    case = plugin.keys.get(name)
    if case is None:
        names = "\n  ".join(plugin.keys)
        raise CannotGrade(f"There is no test {name}. The tests are:\n  {names}")
    print(f"Case {name}: scenario {case.scenario} (tests/scenarios.py)\n")
    module = exercise.import_submission(submission)
    outputs = exercise.describe(exercise.call(module, case.scenario, case.inputs))
    for output, expected in case.expected.items():
        got = outputs.get(output)
        print(f"{output}\nexpected, {expected.dtype} {expected.shape}:\n{expected}")
        if got is None or got.array is None:
            print(f"got: {got.kind if got else 'nothing'}\n")
        else:
            print(f"got, {got.kind} {got.dtype} {got.array.shape}:\n{got.array}\n")
    run_pytest([tests for tests, _ in sources()], plugin, "-k", f"test_{name}")
    score = next(s for s in plugin.scores.values() if s.name == name)
    print("The test passes." if score.passed else f"The test fails: {score.what} {score.numbers}")
    return score.passed
