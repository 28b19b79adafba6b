"""How a submission is read, and what becomes of an error in it."""

import pytest

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
