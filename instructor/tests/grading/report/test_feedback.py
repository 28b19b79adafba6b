"""What a student reads about failed tests: prints, places, factors, and where else to look."""

import warnings

import pytest

from grading.judge.explain import without_torch_sources
from grading.report.feedback import feedback
from grading.report.results import results
from instructor import catalogue
from instructor.proof import sweep
from instructor.tests.grading.report.printed import printed_report

REFERENCE = catalogue.REFERENCE.read_text(encoding="utf-8")
RETURN = "    return returns\n"
SAMPLE = "            action = utils.distribution_sample(logits, seed=seed)\n"
SOURCES = {
    "twice_as_much": REFERENCE.replace(RETURN, "    return 2 * returns\n"),
    "prints": REFERENCE.replace(
        RETURN, "    print('Running rollout 1/2\\rRunning rollout 2/2')\n    return returns / 3\n"
    ).replace(SAMPLE, SAMPLE + "            logits = print('Running rollout 2/2') or logits / 7\n"),
    "prints_when_imported": REFERENCE.replace(RETURN, "    return 2 * returns\n").replace(
        SAMPLE, SAMPLE.replace("logits,", "logits / 7,")
    )
    + "\nprint('Here I am.')\n",
    "nobody_knows": REFERENCE.replace(RETURN, "    returns[-1] *= 3\n" + RETURN),
    "stops": REFERENCE.replace(RETURN, "    return returns[len(returns)]\n"),
    "warns": REFERENCE.replace(
        "    return ((value_net(observation) - returns) ** 2).mean()\n",
        "    return torch.nn.functional.mse_loss(value_net(observation), returns[:, 0])\n",
    ),
}


@pytest.fixture(scope="module")
def grades(graders):
    assert all(source != REFERENCE for source in SOURCES.values())
    options = sweep.Options(visible_only=True)
    return sweep.sweep(graders, list(SOURCES.items()), options)


def first(grade, part):
    """The first failed test of a part."""
    return next(test for test in grade.tests if test.part == part and not test.passed)


def test_where_nothing_is_known_the_handout_has_an_example(grades):
    lines = feedback(first(grades["nobody_knows"], "returns"))
    assert lines[-1] == 'Compare with the small example in the handout: "Part 1: Returns".'


def test_a_probe_tells_what_nobody_has_foreseen(grades):
    lines = feedback(first(grades["twice_as_much"], "returns"))
    assert lines[0] == "A step's own reward does not enter its return as it is."
    assert "Each is 2 times the expected one." in lines[2]


def test_a_function_is_no_place_to_look_at(grades):
    for grade in grades.values():
        for test in grade.tests:
            assert test.where == "" or test.where.startswith("submitted.py, line ")
            assert not any(line.startswith("Look at get_") for line in feedback(test))
    assert first(grades["stops"], "returns").where.endswith("return returns[len(returns)]")


def test_rows_are_counted_from_0_in_the_sentence_and_in_the_picture(grades):
    test = first(grades["twice_as_much"], "returns")
    assert "First at [0, 0] (step 0 of episode 0, which has 11 steps)" in test.numbers.replace(
        "Discount 0.5: f", "F"
    )
    assert test.picture.splitlines()[1].split()[:2] == ["step", "0"]


def test_a_print_that_repeats_itself_is_shown_once_and_as_a_terminal_shows_it(grades, monkeypatch):
    text = printed_report(monkeypatch, grades["prints"])
    assert "1/2" not in text
    # Two groups of failures; in the second one every step prints a line.
    assert text.count("It printed:") == 2
    outputs = [test["output"] for test in results(grades["prints"])["tests"]]
    shown = [output for output in outputs if "Your code printed" in output]
    assert not any("1/2" in output for output in outputs)
    assert len(shown) == len({output.partition("Your code printed")[2] for output in shown})
    own = [test for test in grades["prints"].tests if test.part == "returns"]
    assert len(own) > len([output for output in shown if output.count("Running") == 1]) == 1


def test_a_print_of_every_test_is_shown_once_in_the_report_and_in_the_results(grades, monkeypatch):
    grade = grades["prints_when_imported"]
    told = [test for test in grade.tests if not test.overshadowed]
    assert all("Here I am." in test.printed for test in told)
    text = printed_report(monkeypatch, grade)
    assert text.count("points): ") >= 2  # groups of failures, each of which would show it
    assert text.count("Here I am.") == 1
    outputs = [test["output"] for test in results(grade)["tests"]]
    assert sum("Here I am." in output for output in outputs) == 1


def test_headings_name_every_test_that_debug_takes(grades, monkeypatch):
    text = " ".join(printed_report(monkeypatch, grades["twice_as_much"]).split())
    for test in grades["twice_as_much"].tests:
        if not test.passed:
            assert test.name in text
    assert "more" not in text


def test_torchs_own_sources_are_not_named(grades):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        said = "A warning. (Triggered internally at /some/where/Loss.cpp:12.)\n  more"
    assert without_torch_sources(said) == "A warning.\n  more"
    assert "Triggered internally" not in first(grades["warns"], "value_loss").printed
