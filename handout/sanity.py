"""Checks for the notebook: after each part, what the visible tests make of its function, and a hint.

They are the tests of `python grade.py`, run by the same engine on `submitted.py` as it is saved. So what
is shown here and what is graded never disagree.
"""

from __future__ import annotations

import atexit
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grading.judge.grade import grade
from grading.judge.scores import TestScore
from grading.parts import PARTS
from grading.processes.warm import WarmWorkers
from grading.report.hints import STEPS, Hints
from grading.report.hints import hint as hint_of
from grading.submission import CannotGrade
from handout import cards
from handout.unwritten import follow_saved_files as follow_saved_files
from handout.unwritten import needs_submission as needs_submission
from handout.unwritten import unreadable
from tests.scenarios.parts import whole_buffer as whole_buffer

TIME_LIMIT = 10.0  # seconds for each test, as in `python grade.py`

_workers = WarmWorkers()
_tests: dict[str, TestScore] = {}  # what is known of every visible test, by its name
_hints = Hints()
atexit.register(_workers.close)


def returns() -> None:
    """What the visible tests make of `get_returns`."""
    _check("returns")


def vpg_loss() -> None:
    """What the visible tests make of `get_vanilla_policy_gradient_loss`."""
    _check("vpg_loss")


def rollouts() -> None:
    """What the visible tests make of `collect_rollouts`."""
    _check("rollouts")


def training() -> None:
    """What the visible tests make of `train_policy_gradient`."""
    _check("training")


def value_loss() -> None:
    """What the visible tests make of `get_value_net_loss`."""
    _check("value_loss")


def advantages() -> None:
    """What the visible tests make of `get_advantages`."""
    _check("advantages")


def ppo_loss() -> None:
    """What the visible tests make of `get_PPO_policy_gradient_loss`."""
    _check("ppo_loss")


def progress() -> None:
    """Show a table of all parts. From now on every check brings it up to date."""
    if _ask(lambda: _grade()):
        cards.show_progress(list(_tests.values()))


def hint(part: str, step: int | None = None) -> None:
    """Show the next hint of a part, such as "returns", or a certain one.

    There are four: a question, the shape of the answer, an example by hand, pseudocode.
    """
    name = {p.function: p.name for p in PARTS.values()}.get(part, part)
    if name not in PARTS:
        print(f"There is no part {part!r}. The parts are: {', '.join(PARTS)}.")
    elif step is not None and step not in range(1, len(STEPS) + 1):
        print(f"There are hints 1 to {len(STEPS)}.")
    else:
        cards.show_hint(_hints.next(name) if step is None else hint_of(name, step))


def _check(part: str) -> None:
    """Run the visible tests of a part and show what they say."""

    def run() -> None:
        before = _passed(part)
        # Whether all functions work together is known only if all are looked at.
        _grade(*([] if part == "training" or not _tests else [part]))
        if before is not None and before != _passed(part):
            _grade()

    if _ask(run):
        cards.show_check(PARTS[part], list(_tests.values()))
        cards.update_progress(list(_tests.values()))


def _ask(run: Callable[[], None]) -> bool:
    """Run something that grades; if that is not possible, say why and return False."""
    if said := unreadable(_submission()):
        print(said)
        return False
    try:
        run()
    except (CannotGrade, OSError) as error:
        _workers.close()
        print(f"Could not check: {error}")
        return False
    _workers.get_ready()
    return True


def _submission() -> Any:
    # The module is looked up in each call, because autoreload may have replaced it.
    return importlib.import_module("submitted")


def _passed(part: str) -> list[str] | None:
    """The tests of a part that are known to pass; None if nothing is known."""
    own = [test for test in _tests.values() if test.part == part]
    return [test.name for test in own if test.passed] if own else None


def _grade(*parts: str) -> None:
    """Grade these parts, or all, with the visible tests, and keep what they say."""
    path = Path(_submission().__file__)
    result = grade(path, _workers.of(path), visible_only=True, only=parts, time_limit=TIME_LIMIT)
    _tests.update({test.name: test for test in result.tests})
