"""How a submission is read, and what becomes of an error in it."""

import numpy as np
import pytest
import torch

from grading.wire import Result, decode, encode
from grading.worker import exercise

STUB = "def get_returns(buffer, **options):\n    {}\n"


@pytest.mark.parametrize(
    ("line", "stage"),
    [
        ('raise NotImplementedError("get_returns is not written yet")', "unwritten"),
        ("raise NotImplementedError", "unwritten"),
        ("return torch.ones(3, dtype=torch.bool).abs()", "call"),
    ],
)
def test_only_a_stub_is_not_written_yet(tmp_path, line, stage):
    """Torch raises the same error, where an operation does not exist for a type of numbers."""
    path = tmp_path / "submitted.py"
    path.write_text("import torch\n\n\n" + STUB.format(line), encoding="utf-8")
    inputs = {"rewards": [1.0], "terminateds": [True], "discounts": [0.5]}
    error = exercise.run(path, "returns", inputs).error
    assert error is not None
    assert (error.stage, error.line) == (stage, 5)


def test_annotations_are_what_they_are_in_plain_python(tmp_path):
    path = tmp_path / "submitted.py"
    path.write_text("def f(x: int): ...\n\n\nassert f.__annotations__['x'] is int\n")
    assert exercise.run(path, None, {}).error is None
    path.write_text("def f(x: nowhere): ...\n")
    error = exercise.run(path, None, {}).error
    assert error is not None
    assert (error.stage, error.type) == ("import", "NameError")


ODD_NUMBERS = {
    "a long float": np.longdouble(1.5),
    "long floats": np.array([1.5, 2.5], dtype=np.longdouble),
    "large counts": np.array([1, 2], dtype=np.uint64),
    "a small count": np.uint16(3),
}


@pytest.mark.parametrize("name", ODD_NUMBERS)
def test_every_kind_of_number_of_numpys_arrives(name):
    value = ODD_NUMBERS[name]
    output = decode(encode(Result(outputs=exercise.describe({name: value})))).outputs[name]
    assert output.array is not None
    np.testing.assert_array_equal(output.array, np.float64(value))


@pytest.mark.parametrize("dtype", ["complex64", "bfloat16"])
def test_of_a_tensor_of_another_type_only_the_type_arrives(dtype):
    value = torch.ones(2).to(getattr(torch, dtype))
    output = decode(encode(Result(outputs=exercise.describe({"x": value})))).outputs["x"]
    assert (output.kind, output.dtype, output.array) == ("tensor", dtype, None)
