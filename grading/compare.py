"""What a test may ask of a case's outputs. Each question fails with one sentence for the student.

Type, shape and finiteness come first: a comparison of numbers that broadcasts, or in which NaN equals
NaN, finds wrong results right.
"""

from __future__ import annotations

import re

import numpy as np

from grading.frames import DTYPES, Output
from grading.keys import Case


class Mismatch(AssertionError):
    """An output is not what the key expects.

    what: one sentence without any number of the case, fit for a hidden test.
    numbers: a second sentence with expected and actual values, for a visible one.
    """

    def __init__(self, what: str, numbers: str = "") -> None:
        super().__init__(f"{what} {numbers}".strip())
        self.what = what
        self.numbers = numbers


class Answer:
    """What a scenario returned for a case, to be compared with the key."""

    def __init__(self, case: Case, outputs: dict[str, Output], function: str) -> None:
        self.case = case
        self.outputs = outputs
        self.function = function

    def tensors(self, first_word: str, within: float = 1e-4) -> None:
        """Every output of this name, or with this first word, is the tensor the key expects."""
        for name, expected in self.case.expected.items():
            if first_word != re.split("[ ,]", name)[0]:
                continue
            got = self._output(name)
            if got.kind != "tensor":
                raise Mismatch(f"{self._name(name)} is {_article(got.kind)}, not a torch tensor.")
            if got.array is None:
                raise Mismatch(f"{self._name(name)} is a tensor that holds no plain numbers.")
            if got.dtype != expected.dtype.name:
                what = f"{self._name(name)} has the type {_type(got.dtype)}, not {expected.dtype}."
                raise Mismatch(what)
            self._shape(name, got, expected)
            self._values(name, got, expected, within)

    def loss(self, within: float = 1e-4) -> None:
        """The loss is one number of any float type, and its gradients are the expected ones."""
        got, expected = self._output("loss"), self.case.expected["loss"]
        if got.kind != "tensor":
            raise Mismatch(f"{self.function} returned {_article(got.kind)}, not a torch tensor.")
        if got.array is None or got.array.size != 1:
            shape = "" if got.array is None else f"Its shape is {got.array.shape}."
            raise Mismatch(f"{self.function} returned a tensor, but not a single number.", shape)
        one_number = Output("loss", "tensor", got.array.reshape(()), got.dtype)
        self._values("loss", one_number, expected, within)
        for name, gradient in self.case.expected.items():
            if not name.startswith("gradient "):
                continue
            flowed = self.outputs.get(name)
            if flowed is None or flowed.array is None:
                raise Mismatch(
                    f"The value of the loss is right, but no gradient flows back to {name[9:]}: "
                    "the loss is not connected to the network's output."
                )
            self._values(name, flowed, gradient, within)

    def numbers(self, name: str, within: float = 1e-4) -> None:
        """The output holds the expected numbers, as whatever kind of number or array."""
        got, expected = self._output(name), self.case.expected[name]
        if got.array is None:
            what = f"{self._name(name)} is {_article(got.kind)}, not {_numbers(expected)}."
            raise Mismatch(what)
        if expected.size == 1 == got.array.size:
            got = Output(name, got.kind, got.array.reshape(expected.shape), got.dtype)
        self._shape(name, got, expected)
        self._values(name, got, expected, within)

    def exactly(self, name: str, otherwise: str) -> None:
        """The output is just what the key says; if not, `otherwise` is the sentence to say."""
        got, expected = self._output(name), self.case.expected[name]
        if got.array is None or got.array.shape != expected.shape or (got.array != expected).any():
            raise Mismatch(otherwise)

    # -- one question at a time --

    def _output(self, name: str) -> Output:
        if name in self.outputs:
            return self.outputs[name]
        if "result" in self.outputs:
            kind = _article(self.outputs["result"].kind)
            raise Mismatch(
                f"{self.function} returned {kind}, not the tuple its docstring describes."
            )
        raise Mismatch(f"{self._name(name)} is missing.")

    def _name(self, name: str) -> str:
        """How to speak of an output at the beginning of a sentence."""
        kind, _, rest = name.partition(" ")
        if kind == "gradient":
            return f"The gradient for {rest}"
        if kind == "trained":
            module, parameter = rest.split(" ", 1)
            return f"{parameter} of the {module} after training"
        if name in BUFFER_FIELDS:
            return f"`{name}` in the rollout buffer"
        return NAMES.get(name, f"What {self.function} returned")

    def _shape(self, name: str, got: Output, expected: np.ndarray) -> None:
        assert got.array is not None
        if got.array.shape != expected.shape:
            raise Mismatch(
                f"{self._name(name)} has the wrong shape.",
                f"Expected {expected.shape}, got {got.array.shape}.",
            )

    def _values(self, name: str, got: Output, expected: np.ndarray, within: float) -> None:
        assert got.array is not None
        actual = got.array.astype(np.float64)
        wanted = expected.astype(np.float64)
        if actual.shape != wanted.shape:  # never compare what would broadcast
            raise Mismatch(f"{self._name(name)} has the wrong shape.")
        infinite = ~np.isfinite(actual)
        if infinite.any():
            count = _count(infinite)
            raise Mismatch(
                f"{self._name(name)} is not finite (NaN or infinity).", f"{count} are not."
            )
        # One tolerance for a whole array, from its largest value: rounding errors have that scale.
        scale = np.abs(wanted).max(initial=0) or 1.0
        wrong = np.abs(actual - wanted) > within * scale
        if not wrong.any():
            return
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        numbers = f"expected {wanted[index]:.6g}, got {actual[index]:.6g}."
        if index:
            numbers = f"first at {list(index)}: {numbers} {_count(wrong)} differ."
        # Behind a comma an output's name says in which circumstances it arose.
        numbers = ": ".join([*name.split(", ")[1:], numbers])
        raise Mismatch(self._wrong_values(name), numbers[0].upper() + numbers[1:])

    def _wrong_values(self, name: str) -> str:
        if name.startswith("gradient "):
            return f"The value of the loss is right, but its gradient for {name[9:]} is not."
        if name == "loss":
            return "The loss has the wrong value."
        return f"{self._name(name)} has wrong values."


BUFFER_FIELDS = ("actions", "observations", "old_logits", "rewards", "terminateds")
NAMES = {
    "loss": "The loss",
    "mean last reward": "The mean of the last rewards",
    "losses_actor": "The list of the actor's losses",
    "losses_critic": "The list of the critic's losses",
    "final_rewards": "The list of final rewards",
    "lr": "The list of learning rates",
}


def _count(marked: np.ndarray) -> str:
    return f"{int(marked.sum())} of {marked.size}"


def _numbers(expected: np.ndarray) -> str:
    return "a number" if expected.size == 1 else f"{expected.size} numbers"


KINDS = {
    "NoneType": "None",
    "array": "a NumPy array",
    "number": "a plain number",
    "tensor": "a tensor",
    "list": "a list",
    "tuple": "a tuple",
    "dict": "a dictionary",
    "str": "a text",
    "function": "a function",
    "RolloutBuffer": "a rollout buffer",
}
OTHER_TYPES = ("bfloat16", "complex64", "complex128", "uint16", "uint32", "uint64")


def _article(kind: str) -> str:
    """What something was. Only known words: a submission can name its own types as it likes."""
    return KINDS.get(kind, "something else")


def _type(dtype: str) -> str:
    return dtype if dtype in (*DTYPES, *OTHER_TYPES) else "of another kind"
