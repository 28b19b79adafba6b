"""The sketches on disk belong to the key, are small, and fit no result by chance."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from grading.judge.compare import Answer, WrongForm
from grading.judge.diagnosis import alike, diagnose, sketch, that_make_wrong
from grading.judge.keys import read_key
from grading.judge.sketches import Sketches, read_sketches
from grading.kit import HIDDEN, VISIBLE
from grading.wire import BY_CHANCE, PROBE, Outcome, Output, Result
from instructor import catalogue
from instructor.keys.known_pairs import NEVER_BESIDE, TOLD_ALONE, WITH, changed_outputs

SOURCES = {"visible": VISIBLE, "hidden": HIDDEN}
KEYS = {name: read_key(source.key) for name, source in SOURCES.items()}
SKETCHES = {name: read_sketches(source.sketches) for name, source in SOURCES.items()}


@pytest.mark.parametrize("which", SOURCES)
def test_they_are_of_the_cases_and_mistakes_of_the_key(which):
    key, sketches = KEYS[which], SKETCHES[which]
    assert sketches.mistakes == list(key.mistakes)
    assert sketches.cases.keys() == key.cases.keys()
    assert {m.name for m in catalogue.all_mistakes()} == set(sketches.mistakes)


def test_the_two_files_name_the_same_pairs():
    together = Sketches()
    for sketches in SKETCHES.values():
        together.add(sketches)
    assert len(together.cases) == sum(len(key.cases) for key in KEYS.values())
    assert len(together.pairs) > 8_000
    told = [{together.mistakes[number] for number in pair[:2]} for pair in together.pairs.tolist()]
    assert not any(len(names) == 2 and names & {*TOLD_ALONE, *NEVER_BESIDE} for names in told)
    assert sum(way.startswith(WITH) for way in together.ways) == len(TOLD_ALONE)


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_they_are_small(source):
    assert source.sketches.stat().st_size < 3_000_000


@pytest.mark.parametrize("which", SOURCES)
def test_mistakes_with_different_sentences_return_something_different(which):
    """In some case of each key: otherwise one of the two would be told the other's sentence."""
    mistakes = [mistake for mistake in KEYS[which].mistakes.values() if mistake.sketches]
    drawing = that_make_wrong(
        BY_CHANCE, SKETCHES[which]
    )  # only these are believed where two equal calls differ
    same = [
        (one.name, other.name)
        for one, other in itertools.combinations(mistakes, 2)
        if one.misconception != other.misconception
        and (one.name in drawing) == (other.name in drawing)
        and one.sketches.keys() == other.sketches.keys()
        and all(alike(one.sketches[case], other.sketches[case]) for case in one.sketches)
    ]
    assert same == []


def test_a_changed_output_is_noticed():
    sketches, key = SKETCHES["visible"], KEYS["visible"]
    name = sketches.mistakes[int(sketches.cases["vpg_loss_rare_action"].mistakes[0])]
    assert changed_outputs(Sketches(), key.mistakes) == ""  # a key holds no outputs
    without = {n: m for n, m in key.mistakes.items() if n != name}
    assert "that it does not change" in changed_outputs(sketches, without)


def wrong_results(case, rng):
    """Results that nobody has written: expected arrays with noise of many sizes, in some outputs."""
    for scale in (0.01, 0.1, 1.0, 10.0):
        for _ in range(5):
            outputs = {}
            for name, expected in case.expected.items():
                array = expected
                if expected.dtype.kind == "f" and rng.random() < 0.7:
                    size = scale * (np.abs(expected).max(initial=0) or 1)
                    array = (expected + rng.normal(size=expected.shape) * size).astype(array.dtype)
                outputs[name] = Output(name, "tensor", array, array.dtype.name)
            yield Outcome("done", Result(outputs))


@pytest.mark.parametrize("which", SOURCES)
def test_a_result_without_numbers_does_not_look_like_zeros(which):
    for case in KEYS[which].cases.values():
        if case.scenario == "advantages":
            outputs = {
                name: Output(name, "number", expected, "bool")
                if name.startswith(PROBE)
                else Output(name, "tensor", None, "complex64")
                for name, expected in case.expected.items()
            }
            with pytest.raises(WrongForm) as mismatch:
                Answer(case, outputs, "get_advantages").tensors("advantages")
            made = sketch(case, Outcome("done", Result(outputs)), mismatch.value)
            test = SimpleNamespace(
                name=case.name, part=case.scenario, passed=False, sketch=made, mistakes=()
            )
            diagnose([test], KEYS[which].mistakes.values(), SKETCHES[which])
            assert test.mistakes == (), case.name


@pytest.mark.parametrize("which", SOURCES)
def test_nothing_is_named_where_nobody_knows_the_result(which):
    rng = np.random.RandomState(0)
    key, sketches = KEYS[which], SKETCHES[which]
    tried = 0
    for case in key.cases.values():
        for outcome in wrong_results(case, rng):
            made = sketch(case, outcome, None)
            test = SimpleNamespace(
                name=case.name, part=case.scenario, passed=False, sketch=made, mistakes=()
            )
            diagnose([test], key.mistakes.values(), sketches)
            assert test.mistakes == (), (case.name, [m.name for m in test.mistakes])
            tried += 1
    assert tried >= 20 * len(key.cases)
