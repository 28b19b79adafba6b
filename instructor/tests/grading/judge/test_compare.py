"""Comparisons: shapes must be equal, NaN is refused, and what is wrong is said."""

import numpy as np
import pytest

from grading.judge.compare import Answer, Mismatch, WrongForm
from grading.judge.keys import Case, Closeness
from grading.wire import Output

CLOSE = Closeness(1e-7, 1e-4, 0.1)
EXPECTED = np.array([[1.0], [2.0], [-4.0]], dtype=np.float32)


def answer(array, kind="tensor", name="returns", expected=EXPECTED):
    dtype = array.dtype.name if array is not None else ""
    case = Case("case", "returns", {}, {name: expected}, {name: CLOSE})
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


@pytest.mark.parametrize(
    ("factor", "says"),
    [
        (-1, "Each is the negative of the expected one."),
        (0.5, "Each is 0.5 times the expected one."),
        (-3, "Each is -3 times the expected one."),
    ],
)
def test_a_constant_factor_is_said_of_every_array(factor, says):
    with pytest.raises(Mismatch) as caught:
        answer(EXPECTED * np.float32(factor)).tensors("returns")
    assert caught.value.numbers.endswith(f"3 of 3 differ. {says}")
    assert says not in caught.value.what


def test_of_a_single_number_only_the_sign_is_said():
    number = np.array(2.0, dtype=np.float32)
    for factor, said in ((-1, "It is the negative of the expected one."), (3, "got 6.")):
        with pytest.raises(Mismatch) as caught:
            answer(number * np.float32(factor), expected=number).tensors("returns")
        assert caught.value.numbers.endswith(said)


def test_flags_and_whole_numbers_have_no_factor():
    with pytest.raises(Mismatch) as caught:
        answer(np.array([2, 4]), expected=np.array([1, 2])).tensors("returns")
    assert "times" not in caught.value.numbers


def loss(value, **gradients):
    """An answer of a loss whose expected value is 0.5 and whose expected gradients are ones."""
    expected = {"loss": np.array(0.5, dtype=np.float32)}
    expected |= {f"gradient {name}": np.ones(3, dtype=np.float32) for name in ("a", "b")}
    outputs = {"loss": Output("loss", "tensor", np.asarray(value), "float32")}
    for name, array in gradients.items():
        kind = "NoneType" if array is None else "tensor"
        outputs[f"gradient {name}"] = Output(f"gradient {name}", kind, array, "float32")
    closeness = dict.fromkeys(expected, CLOSE)
    return Answer(Case("case", "vpg_loss", {}, expected, closeness), outputs, "get_a_loss")


ONES = np.ones(3)


def test_a_loss_may_be_of_shape_one_and_double():
    loss(np.array([0.5], dtype=np.float64), a=ONES, b=ONES).loss()
    with pytest.raises(WrongForm, match="not a single number"):
        loss(np.array([0.5, 0.5]), a=ONES, b=ONES).loss()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (
            loss(0.5, a=None, b=None),
            "value of the loss is right, but nothing flows back to the pol",
        ),
        (loss(0.5, a=ONES, b=None), "value of the loss is right, but nothing flows back to b"),
        (
            loss(0.5, a=ONES, b=2 * ONES),
            "value of the loss is right, but its gradient for b is not",
        ),
        (loss(0.6, a=None, b=None), "wrong value, and nothing flows back"),
        (loss(0.6, a=ONES, b=ONES), "wrong value, though its gradient is right"),
        (loss(0.6, a=ONES, b=-ONES), "wrong value, and its gradient is wrong too"),
        (loss(-1.0, a=-2 * ONES, b=-2 * ONES), "both -2 times the expected"),
        (loss(-0.5, a=-ONES, b=-ONES), "both the negative of the expected"),
        (loss(np.nan, a=ONES, b=ONES), "not finite"),
        (loss(0.5, a=ONES, b=np.nan * ONES), "gradient for b is not finite"),
        (loss(0.5, a=ONES, b=np.ones(2)), "gradient for b has the wrong shape"),
        (loss(0.6, a=ONES, b=np.ones(2)), "wrong value, and its gradient is wrong too"),
    ],
)
def test_what_is_wrong_with_a_loss(answer, says):
    with pytest.raises(Mismatch, match=says):
        answer.loss()


@pytest.mark.parametrize("factor", [np.nan, np.inf, 1e300, -1e308])
def test_strange_gradients_have_no_factor(factor):
    with pytest.raises(Mismatch) as caught:
        loss(0.6, a=factor * ONES, b=ONES).loss()
    assert "times" not in caught.value.numbers
