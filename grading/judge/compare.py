"""The questions that a test may ask about a case's outputs. Each fails with a sentence for the student.

Type, shape and finiteness are checked before the values. Otherwise a wrong result could pass, because
arrays of different shapes broadcast, or because NaN is taken to equal NaN.
"""

from __future__ import annotations

import re

import numpy as np

from grading.judge.keys import Case
from grading.judge.picture import picture, strip, where_in_episodes
from grading.wire import DTYPES, Output


class Mismatch(AssertionError):
    """An output is not what the key expects.

    what: one sentence without any number of the case, fit for a hidden test.
    numbers: a second sentence with expected and actual values, for a visible one.
    picture: lines of text that show where the values differ, for a visible one.
    """

    def __init__(self, what: str, numbers: str = "", picture: str = "") -> None:
        super().__init__("\n".join(t for t in (f"{what} {numbers}".strip(), picture) if t))
        self.what, self.numbers, self.picture = what, numbers, picture


class WrongForm(Mismatch):
    """An output whose kind, type or shape is wrong, or that is not finite."""


class Answer:
    """What a scenario returned for a case, to be compared with the key."""

    def __init__(self, case: Case, outputs: dict[str, Output], function: str) -> None:
        self.case = case
        self.outputs = outputs
        self.function = function

    def tensors(self, first_word: str) -> None:
        """Every output of this name, or with this first word, is the tensor the key expects."""
        for name, expected in self.case.expected.items():
            if first_word != re.split("[ ,]", name)[0]:
                continue
            got = self._output(name)
            if got.kind != "tensor":
                raise WrongForm(f"{self._name(name)} is {_article(got.kind)}, not a torch tensor.")
            if got.array is None:
                raise WrongForm(f"{self._name(name)} is a tensor that holds no plain numbers.")
            if got.dtype != expected.dtype.name:
                what = f"{self._name(name)} has the type {_type(got.dtype)}, not {expected.dtype}."
                raise WrongForm(what)
            self._same(name, got.array)

    def loss(self) -> None:
        """The loss is one number of any float type, and its gradients are the expected ones."""
        value = self._loss_value("loss")
        if isinstance(value, WrongForm):
            raise value
        names = [name for name in self.case.expected if name.startswith("gradient ")]
        arrays = [self.outputs[name].array if name in self.outputs else None for name in names]
        network = "value network" if "value_net" in self.function else "policy"
        if all(array is None for array in arrays):
            if value is not None:
                what = f"The loss has the wrong value, and nothing flows back to the {network}."
                raise Mismatch(what, value.numbers)
            raise Mismatch(
                f"The value of the loss is right, but nothing flows back to the {network}: was a "
                "tensor rebuilt or detached on the way?"
            )
        gradients = [self._gradient(name, array) for name, array in zip(names, arrays)]
        wrong = next((gradient for gradient in gradients if gradient is not None), None)
        if wrong is not None and value is not None:
            what = "The loss has the wrong value, and its gradient is wrong too."
            raise Mismatch(what, f"{value.numbers} {self._factor(['loss', *names])}".strip())
        if value is not None:
            what = "The loss has the wrong value, though its gradient is right."
            raise Mismatch(what, value.numbers)
        if wrong is not None:
            raise wrong

    def loss_of_one_step(self) -> None:
        """The loss is right for a minibatch that holds a single step, too."""
        difference = self._loss_value("loss, one step alone")
        if difference is not None:
            raise difference

    def _loss_value(self, name: str) -> Mismatch | None:
        got = self._output(name)
        if got.kind != "tensor":
            raise WrongForm(f"{self.function} returned {_article(got.kind)}, not a torch tensor.")
        if got.array is None or got.array.size != 1:
            shape = "" if got.array is None else f"Its shape is {got.array.shape}."
            raise WrongForm(f"{self.function} returned a tensor, but not a single number.", shape)
        return self._difference(name, got.array.reshape(()))

    def numbers(self, name: str) -> None:
        """The output holds the expected numbers. Any kind of number or array will do."""
        got, expected = self._output(name), self.case.expected[name]
        if got.array is None:
            what = f"{self._name(name)} is {_article(got.kind)}, not {_numbers(expected)}."
            raise WrongForm(what)
        one_number = expected.size == 1 == got.array.size
        self._same(name, got.array.reshape(expected.shape) if one_number else got.array)

    def exactly(self, name: str, otherwise: str) -> None:
        """The output equals the expected one exactly. If not, the test fails with `otherwise`."""
        got, expected = self._output(name), self.case.expected[name]
        if got.array is None or got.array.shape != expected.shape or (got.array != expected).any():
            raise Mismatch(otherwise)

    # -- one question at a time --

    def _output(self, name: str) -> Output:
        if name in self.outputs:
            return self.outputs[name]
        if "result" in self.outputs:
            kind = _article(self.outputs["result"].kind)
            raise WrongForm(
                f"{self.function} returned {kind}, not the tuple its docstring describes."
            )
        raise WrongForm(f"{self._name(name)} is missing.")

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

    def _same(self, name: str, actual: np.ndarray) -> None:
        difference = self._difference(name, actual)
        if difference is not None:
            raise difference

    def _difference(self, name: str, got: np.ndarray) -> Mismatch | None:
        """How an array differs from the expected one, or None where it does not."""
        expected = self.case.expected[name]
        if got.shape != expected.shape:  # never compare what would broadcast
            return WrongForm(
                f"{self._name(name)} has the wrong shape.",
                f"Expected {expected.shape}, got {got.shape}.",
            )
        actual, wanted = got.astype(np.float64), expected.astype(np.float64)
        infinite = ~np.isfinite(actual)
        if infinite.any():
            count = f"{_count(infinite)} are not." if infinite.size > 1 else ""
            return WrongForm(f"{self._name(name)} is not finite (NaN or infinity).", count)
        wrong = np.abs(actual - wanted) > self.case.tolerance(name)
        if not wrong.any():
            return None
        # In a wrong array every difference that rounding cannot explain is shown, however small.
        wrong |= np.abs(actual - wanted) > self.case.rounding(name)
        ends = self._episode_ends(len(wrong)) if wrong.ndim else None
        pictures = [picture(name, wanted, actual, wrong)]
        if not name.startswith(("gradient", "trained")):
            pictures.append(strip(name, wrong, ends))
        numbers = self._first(name, wanted, actual, wrong, ends)
        if self._rounds(name) and (factor := constant_factor(actual, wanted)) is not None:
            numbers += f" {_each_is(factor, wanted.size)}".rstrip()
        return Mismatch(self._wrong_values(name), numbers, "\n".join(p for p in pictures if p))

    def _first(
        self,
        name: str,
        expected: np.ndarray,
        actual: np.ndarray,
        wrong: np.ndarray,
        ends: np.ndarray | None,
    ) -> str:
        """A sentence about the first number that differs, and how many do."""
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        numbers = f"expected {expected[index]:.6g}, got {actual[index]:.6g}."
        if index:
            place = f"at {list(index)}"
            if ends is not None:
                place += f" ({where_in_episodes(index[0], ends)})"
            numbers = f"first {place}: {numbers} {_count(wrong)} differ."
        # The name may end with a comma and the circumstances, as in "returns, discount 0.5".
        numbers = ": ".join([*name.split(", ")[1:], numbers])
        return numbers[0].upper() + numbers[1:]

    def _episode_ends(self, steps: int) -> np.ndarray | None:
        """The flags of the episodes' ends, (N,), if there is one for each of the output's rows."""
        ends = self.case.inputs.get("terminateds", self.case.expected.get("terminateds"))
        flat = None if ends is None else np.ravel(ends).astype(bool)
        return flat if flat is not None and len(flat) == steps else None

    def _gradient(self, name: str, array: np.ndarray | None) -> Mismatch | None:
        if array is None:
            return Mismatch(
                f"The value of the loss is right, but nothing flows back to {name[9:]}."
            )
        return self._difference(name, array)

    def _factor(self, names: list[str]) -> str:
        """A sentence if all these outputs are the same multiple of the expected ones, or no text."""
        pairs = [(self.outputs[n].array, self.case.expected[n]) for n in names if n in self.outputs]
        got = [array.ravel() for array, wanted in pairs if array is not None]
        actual = np.concatenate(got).astype(np.float64)
        expected = np.concatenate([wanted.ravel() for _, wanted in pairs]).astype(np.float64)
        factor = constant_factor(actual, expected) if actual.size == expected.size else None
        if factor is None:
            return ""
        times = "the negative of" if _is_minus_one(factor) else f"{factor:.4g} times"
        return f"Value and gradient are both {times} the expected ones."

    def _rounds(self, name: str) -> bool:
        return self.case.expected[name].dtype.kind == "f"

    def _wrong_values(self, name: str) -> str:
        if name.startswith("gradient "):
            return f"The value of the loss is right, but its gradient for {name[9:]} is not."
        values = "the wrong value" if self.case.expected[name].size == 1 else "wrong values"
        return f"{self._name(name)} has {values}."


BUFFER_FIELDS = ("actions", "observations", "old_logits", "rewards", "terminateds")
NAMES = {
    "loss": "The loss",
    "loss, one step alone": "The loss of a minibatch of one step",
    "mean last reward": "The mean of the last rewards",
    "mean last reward, second call": "The mean of the last rewards of a second collection",
    "losses_actor": "The list of the actor's losses",
    "losses_critic": "The list of the critic's losses",
    "final_rewards": "The list of final rewards",
    "lr": "The list of learning rates",
}


def constant_factor(actual: np.ndarray, expected: np.ndarray) -> float | None:
    """The number by which all expected numbers were multiplied, or None. The sizes are equal."""
    actual, expected = actual.ravel(), expected.ravel()
    with np.errstate(all="ignore"):  # a submission chooses these numbers
        factor = float(actual @ expected / (expected @ expected))
        apart = np.abs(actual - factor * expected).max()
        # A comparison with NaN is False, so that NaN is a multiple of nothing.
        same = apart < 1e-4 * abs(factor) * np.abs(expected).max()
    return factor if same else None


def _is_minus_one(factor: float) -> bool:
    return abs(factor + 1) < 1e-4


def _each_is(factor: float, size: int) -> str:
    """A sentence about a constant factor. For a single number only a wrong sign is worth one."""
    if _is_minus_one(factor):
        return f"{'Each' if size > 1 else 'It'} is the negative of the expected one."
    return f"Each is {factor:.4g} times the expected one." if size > 1 else ""


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
    """What an output was, in known words only: a submission can name its own types as it likes."""
    return KINDS.get(kind, "something else")


def _type(dtype: str) -> str:
    return dtype if dtype in (*DTYPES, *OTHER_TYPES) else "of another kind"
