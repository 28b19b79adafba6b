"""Beside the student's code: import the submission, run one scenario, describe what came out.

Used by the worker, by `grade.py --debug` and by `pytest tests`. Knows no answers.
"""

from __future__ import annotations

import ast
import difflib
import functools
import linecache
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import torch

from grading.wire import DTYPES, Output, Result, ScenarioError, Stage
from tests.scenarios import probes, stand_ins

FUNCTIONS = (
    "get_returns",
    "get_vanilla_policy_gradient_loss",
    "get_value_net_loss",
    "get_advantages",
    "get_PPO_policy_gradient_loss",
    "collect_rollouts",
    "train_policy_gradient",
)


def import_submission(
    path: Path, source: bytes | None = None, definitions: bool = False
) -> types.ModuleType:
    """Run the file as the module `submitted`, from its source: no cached bytecode, no search path.

    source: the content of the file, if it has been read before.
    definitions: whether to leave out code below its functions that calls something, such as a training.
    """
    source = path.read_bytes() if source is None else source
    module = types.ModuleType("submitted")
    module.__file__ = str(path)
    sys.modules["submitted"] = module
    exec(_compiled(source, str(path), definitions), module.__dict__)
    return module


@functools.lru_cache(maxsize=1)  # a series of tests imports the same submission again and again
def _compiled(source: bytes, path: str, definitions: bool) -> types.CodeType:
    code = _without_calls_at_the_end(source, path) if definitions else source
    # Without the `from __future__` lines of this file: annotations must mean what they mean elsewhere.
    return compile(code, path, "exec", dont_inherit=True)


def _without_calls_at_the_end(source: bytes, path: str) -> ast.Module:
    """The file without what stands below the last of its functions and calls something."""
    tree = ast.parse(source, path)
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    places = [
        n for n, line in enumerate(tree.body) if isinstance(line, kinds) and line.name in FUNCTIONS
    ]
    last = places[-1] if places else -1
    defines = (*kinds, ast.ClassDef, ast.Import, ast.ImportFrom)
    tree.body = [
        line
        for n, line in enumerate(tree.body)
        if n <= last
        or isinstance(line, defines)
        or not any(isinstance(node, ast.Call) for node in ast.walk(line))
    ]
    return tree


def run(
    path: Path,
    scenario: str | None,
    inputs: dict[str, Any],
    source: bytes | None = None,
    probing: bool = False,
    definitions: bool = False,
) -> Result:
    """Import the submission and run the scenario on it; with no scenario, only import it.

    probing, definitions: see grading.wire.Task.
    Never raises: whatever the submission raises becomes the result's error.
    """
    stage: Stage = "import"
    try:
        module = import_submission(path, source, definitions)
        stage = "call"
        if scenario is None:
            return Result()
        return Result(outputs=describe(call(module, scenario, inputs, probing)))
    except BaseException as error:  # a submission may also raise SystemExit or KeyboardInterrupt
        return Result(error=describe_error(error, stage, path))


def call(
    module: types.ModuleType, scenario: str, inputs: dict[str, Any], probing: bool = False
) -> dict[str, Any]:
    """Run one scenario on an imported submission, from a fixed state of the random generators."""
    from tests.scenarios.parts import SCENARIOS

    torch.manual_seed(0)
    np.random.seed(0)
    probes.wanted = probing
    return SCENARIOS[scenario](module, inputs)


def describe(values: dict[str, Any]) -> dict[str, Output]:
    """Each value as numbers, with its kind and type."""
    return {name: _describe(name, value) for name, value in values.items()}


def _describe(name: str, value: Any) -> Output:
    if isinstance(value, torch.Tensor):
        dtype = str(value.dtype).removeprefix("torch.")
        try:
            # resolve_conj and the like do not matter for the types a frame can hold.
            array = value.detach().cpu().numpy()
        except (TypeError, RuntimeError):
            array = None
        return Output(name, "tensor", array if dtype in DTYPES else None, dtype)
    if isinstance(value, (bool, int, float, np.generic)) and np.asarray(value).dtype.kind in "biuf":
        array = _as_taken(np.asarray(value))
        return Output(name, "number", array, array.dtype.name)
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        array = _as_taken(value)
        return Output(name, "array", array, array.dtype.name)
    return Output(name, type(value).__name__)


def _as_taken(array: np.ndarray) -> np.ndarray:
    """The array with a type that a frame can hold: NumPy has more kinds of numbers."""
    return array if array.dtype.name in DTYPES else array.astype(np.float64)


def describe_error(error: BaseException, stage: Stage, path: Path) -> ScenarioError:
    """What went wrong and where in the submission, without a traceback."""
    try:
        return _describe_error(error, stage, path)
    except BaseException:  # the exception's own methods may fail while it is described
        return ScenarioError(stage)


def _describe_error(error: BaseException, stage: Stage, path: Path) -> ScenarioError:
    described = ScenarioError(stage, type(error).__name__, _message_of(error))
    if isinstance(error, SyntaxError) and error.filename == str(path):
        described.message = error.msg
        described.line = error.lineno or 0
        text = (error.text or "").rstrip()
        described.text = text.lstrip()
        # The caret stands under the place, counted from the first character that is not a space.
        indent = len(text) - len(text.lstrip())
        described.detail = " " * max((error.offset or 1) - 1 - indent, 0) + "^"
        return described
    for frame in _frames(error):
        code = frame.tb_frame.f_code
        if code.co_filename == str(path):
            described.line = frame.tb_lineno
            described.text = linecache.getline(str(path), frame.tb_lineno).strip()
            if code.co_name in FUNCTIONS:
                described.function = code.co_name
    # Torch raises this error as well, where an operation does not exist for some type of numbers.
    if isinstance(error, NotImplementedError) and described.text.startswith("raise "):
        described.stage = "unwritten"
    elif isinstance(error, stand_ins.WrongArguments):
        described.stage = "arguments"
    elif stage == "call" and isinstance(error, TypeError) and not described.line:
        # No line of the submission has run, so it was the scenario's own call that failed.
        described.stage = "signature"
    elif isinstance(error, AttributeError) and type(error.obj).__module__ == stand_ins.__name__:
        described.message += " (in this test it is a stand-in for torch's)"
    elif isinstance(error, AttributeError) and getattr(error.obj, "__name__", "") == "submitted":
        missing = error.name or ""
        names = [n for n in vars(error.obj) if n not in FUNCTIONS]
        similar = difflib.get_close_matches(missing, names, n=1, cutoff=0.7)
        described.stage, described.function = "missing", missing
        described.detail = similar[0] if similar else ""
    elif isinstance(error, ImportError):
        described.detail = (error.name or "").split(".")[0]
    return described


def _message_of(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:  # a student's exception may raise while it is printed
        return ""


def _frames(error: BaseException) -> list[types.TracebackType]:
    frames, frame = [], error.__traceback__
    while frame is not None:
        frames.append(frame)
        frame = frame.tb_next
    return frames
