"""Comparisons that broadcast, that let NaN pass or that dispatch to the compared thing are refused."""

import numpy as np
import pytest

from grading.compare import Answer, Mismatch
from grading.frames import Output
from grading.keys import Case

EXPECTED = np.array([[1.0], [2.0], [-4.0]], dtype=np.float32)


def answer(array, kind="tensor", name="returns", expected=EXPECTED):
    dtype = array.dtype.name if array is not None else ""
    case = Case("case", "returns", {}, {name: expected})
    return Answer(case, {name: Output(name, kind, array, dtype)}, "get_returns")


def test_right_values_pass():
    answer(EXPECTED).tensors("returns")
    answer(EXPECTED * np.float32(1 + 1e-6)).tensors("returns")


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros((0, 1), np.float32), "wrong shape"),
        (EXPECTED.ravel(), "wrong shape"),
        (EXPECTED.T, "wrong shape"),
        (np.ones((1, 3, 1), np.float32), "wrong shape"),
        (EXPECTED.astype(np.float64), "has the type float64, not float32"),
        (EXPECTED.astype(np.int64), "has the type int64, not float32"),
        (EXPECTED * np.float32(np.nan), "not finite"),
        (EXPECTED * np.float32(np.inf), "not finite"),
        (EXPECTED + np.float32(1e-2), "wrong values"),
        (-EXPECTED, "wrong values"),
    ],
)
def test_wrong_results_are_named(array, says):
    with pytest.raises(Mismatch, match=says):
        answer(array).tensors("returns")


@pytest.mark.parametrize("kind", ["array", "list of float", "NoneType", "number"])
def test_other_kinds_are_named(kind):
    with pytest.raises(Mismatch, match="not a torch tensor"):
        answer(EXPECTED if kind == "array" else None, kind).tensors("returns")


def test_numbers_say_where():
    wrong = EXPECTED.copy()
    wrong[1] = 5
    with pytest.raises(Mismatch) as caught:
        answer(wrong).tensors("returns")
    assert caught.value.numbers == "First at [1, 0]: expected 2, got 5. 1 of 3 differ."
    assert "2" not in caught.value.what


def test_a_loss_may_be_of_shape_one():
    expected = np.array(0.5, dtype=np.float32)
    answer(np.array([0.5], dtype=np.float64), name="loss", expected=expected).loss()
    with pytest.raises(Mismatch, match="not a single number"):
        answer(np.array([0.5, 0.5], dtype=np.float32), name="loss", expected=expected).loss()


def test_missing_gradient_is_named():
    case = Case("case", "vpg_loss", {}, {"loss": np.array(1.0), "gradient w": np.array([1.0])})
    outputs = {
        "loss": Output("loss", "tensor", np.array(1.0), "float64"),
        "gradient w": Output("gradient w", "NoneType"),
    }
    with pytest.raises(Mismatch, match="no gradient flows back to w"):
        Answer(case, outputs, "f").loss()
