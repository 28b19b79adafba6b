"""When a visible test's points count."""

from pathlib import Path

import pytest

from grading.judge.scores import Grade, TestScore
from grading.processes.tier import tier_of
from grading.report.results import WITHHELD, WITHHOLDS, Options, results


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
    all_at_once = results(made, Options(shown_at_once=False))["tests"]
    assert (all_at_once[0]["output"] == WITHHELD) == (not hidden_passes)
    assert sum(test["score"] for test in all_at_once) == points


@pytest.mark.parametrize("hidden_visibility", ["after_published", "hidden", "after_due_date"])
def test_what_is_shown_at_once_is_the_same_whether_hidden_tests_pass_or_not(hidden_visibility):
    shown = []
    for hidden_passes in (True, False):
        made = grade(
            scored("returns", False, True),
            scored("returns", False, False),
            scored("returns", True, hidden_passes),
        )
        made.withhold_unconfirmed()
        document = results(made, Options(hidden_visibility, leaderboard=True))
        assert document["score"] == (4 if hidden_passes else 0)
        hidden = document["tests"].pop()["output"]
        assert (WITHHOLDS in hidden) == (not hidden_passes)
        for kept_for_instructors in ("score", "extra_data"):
            del document[kept_for_instructors]
        shown.append(document)
    assert shown[0] == shown[1]


def test_a_part_without_hidden_tests_keeps_its_points():
    made = grade(scored("returns", False, True), scored("vpg_loss", True, False))
    made.withhold_unconfirmed()
    assert made.score == 2
