"""Tolerances lie far from right and from wrong solutions; if they cannot, the key is refused."""

import json
import math

import numpy as np
import pytest

from grading.judge.grade import read_keys
from grading.kit import sources
from grading.wire import Output
from instructor.keys import calibrate
from instructor.keys import tolerances as calibration
from instructor.keys.write import DRAW_MARGIN

CASES = read_keys(sources()).cases
ARRAYS = {(c.name, output): close for c in CASES.values() for output, close in c.closeness.items()}


@pytest.mark.parametrize("case", CASES)
def test_tolerance_is_far_from_both(case):
    for close in CASES[case].closeness.values():
        assert close.tolerance >= 5 * max(close.spread, calibration.LEAST_SPREAD)
        if close.smallest_mistake is not None:
            assert close.tolerance <= close.smallest_mistake / 5


@pytest.mark.parametrize("case", CASES)
def test_every_float_is_calibrated_and_what_is_drawn_has_a_margin(case):
    floats = [n for n, array in CASES[case].expected.items() if array.dtype.kind == "f"]
    assert list(CASES[case].closeness) == floats
    margin = CASES[case].draw_margin
    assert (margin is not None) == ("seed" in CASES[case].inputs)
    assert margin is None or margin >= DRAW_MARGIN


def test_at_least_two_versions_of_torch_were_measured():
    environments = json.loads(calibration.CALIBRATION.read_text())["environments"]
    assert len({text.partition("torch ")[2].partition(",")[0] for text in environments}) >= 2


def entry(spread, smallest):
    return {"spread": spread, "of": "a", "smallest mistake": smallest, "by": "m"}


def test_tolerance_lies_between():
    close = calibration.closeness_of(entry(1e-5, 0.1))
    assert close.tolerance == pytest.approx(1e-3)


@pytest.mark.parametrize(("spread", "smallest"), [(1e-3, 0.05), (0.0, 1e-4), (math.inf, None)])
def test_no_gap_is_refused(spread, smallest):
    with pytest.raises(calibration.KeyRefused):
        calibration.closeness_of(entry(spread, smallest))


def test_an_array_that_was_not_measured_is_refused():
    with pytest.raises(calibration.KeyRefused, match="is not calibrated"):
        calibration.read_calibration("returns_known_values", ["something new"])


def test_difference_is_relative_and_infinite_if_incomparable():
    expected = np.array([[1.0], [-4.0]])
    for array, apart in (
        (np.array([[1.0], [-3.8]]), 0.05),
        (expected.T, math.inf),
        (expected[:1], math.inf),
        (expected * np.nan, math.inf),
        (None, math.inf),
    ):
        got = calibrate.difference(expected, Output("x", "tensor", array))
        assert got == pytest.approx(apart)


def test_mistake_that_hides_among_rounding_is_refused():
    combined = {"case": {"x": entry(1e-6, None)}}
    calibrate.check_all_told({"case": {"x": {"large": 0.1, "none": 0.0}}}, combined)
    with pytest.raises(calibration.KeyRefused, match="small"):
        calibrate.check_all_told({"case": {"x": {"small": 5e-5}}}, combined)


def test_faint_effects_do_not_narrow_a_tolerance():
    spread = {"case": {"x": {"spread": 1e-6, "of": "a"}}}
    effects = {"case": {"x": {"faint": 1e-5, "clear": 0.3, "clearer": 0.4, "shape": math.inf}}}
    combined = calibrate.combine(spread, effects)
    assert combined["case"]["x"]["by"] == "clear"


@pytest.mark.slow
def test_right_solutions_stay_far_from_the_tolerances(monkeypatch):
    monkeypatch.setattr(calibrate, "SETTINGS", calibrate.SETTINGS[:1])
    spread = calibrate.measure_spread(CASES)
    near = {
        (case, output): entry
        for case, outputs in spread.items()
        for output, entry in outputs.items()
        if entry["spread"] > ARRAYS[case, output].tolerance / 5
    }
    assert near == {}
    assert {(case, output) for case, outputs in spread.items() for output in outputs} == set(ARRAYS)
