"""The text that shows where two arrays differ."""

import numpy as np

from grading.judge.picture import picture, strip, where_in_episodes

ENDS = np.array([False, False, True, True, False, True, True])


def test_strip_marks_every_step_and_episode():
    wrong = np.array([0, 1, 0, 1, 1, 0, 1], dtype=bool).reshape(-1, 1)
    assert strip("returns", wrong, ENDS).splitlines() == [
        "Every step (. right, x wrong, | between episodes):",
        ".x.|x|x.|x",
    ]


def test_strip_names_what_a_row_is():
    assert strip("losses_actor", np.array([False, True])).startswith("Every optimizer step (")


def test_strip_is_left_out_where_it_says_nothing():
    assert strip("loss", np.array(True)) == ""
    assert strip("returns", np.ones((500, 1), bool)) == ""


def test_where_in_episodes():
    assert where_in_episodes(1, ENDS) == "step 1 of episode 0, which has 3 steps"
    assert where_in_episodes(3, ENDS) == "step 0 of episode 1, which has 1 step"
    assert where_in_episodes(5, ENDS) == "step 1 of episode 2, which has 2 steps"


def test_picture_shows_numbers_around_the_first_difference():
    expected = np.arange(8.0).reshape(8, 1)
    actual = expected.copy()
    actual[3], actual[4] = 30, -40.5
    lines = picture("returns", expected, actual, expected != actual).splitlines()
    assert [line.split() for line in lines] == [
        ["expected", "got"],
        ["step", "2", "2", "2"],
        ["step", "3", "3", "30", "<-", "differs"],
        ["step", "4", "4", "-40.5", "<-", "differs"],
        ["step", "5", "5", "5"],
    ]


def test_picture_of_one_number_is_left_out():
    assert picture("loss", np.array(1.0), np.array(2.0), np.array(True)) == ""
