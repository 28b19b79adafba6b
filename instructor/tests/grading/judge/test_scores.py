"""When a visible test's points count."""

from pathlib import Path

import pytest

from grading.judge.scores import Grade, TestScore
from grading.processes.tier import tier_of
from grading.report.results import WITHHELD, results


def scored(part, hidden, passed):
    name = f"{'hidden_' if hidden else ''}{part}_case"
    return TestScore(name, part, 2.0, hidden, end_to_end=False, passed=passed, what="")


def grade(*tests):
    return Grade(Path("submitted.py"), list(tests), (), {}, tier_of({}), {}, "", 0.0)


@pytest.mark.parametrize(("hidden_passes", "points"), [(True, 4), (False, 0)])
def test_with_the_rule_visible_points_need_a_hidden_one(hidden_passes, points):
    made = grade(
        scored("returns", False, True),
        scored("returns", False, False),
        scored("returns", True, hidden_passes),
        scored("returns", True, False),
    )
    assert made.score == (4 if hidden_passes else 2)
    made.withhold_unconfirmed()
    assert made.score == points
    outputs = [test["output"] for test in results(made)["tests"]]
    assert (outputs[0] == WITHHELD) == (not hidden_passes)


def test_a_part_without_hidden_tests_keeps_its_points():
    made = grade(scored("returns", False, True), scored("vpg_loss", True, False))
    made.withhold_unconfirmed()
    assert made.score == 2
