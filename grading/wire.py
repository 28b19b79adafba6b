"""What judge and workers send each other: how it is written and how it is read.

The judge sends a worker a series of tasks, in JSON. The worker answers with one frame for each task: a
JSON manifest and raw array bytes, nothing executable.

Layout of a frame: MAGIC, the manifest's length (8 bytes, little endian), the manifest (UTF-8 JSON),
then the bytes of the arrays it announces, one after the other. The length of the frame is sent before
it. The reader trusts nothing, because a student's code has run in the process that writes.
"""

from __future__ import annotations

import json
import math
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

MAGIC = b"PGRF"
HEADER_BYTES = len(MAGIC) + 8
LENGTH_BYTES = 8  # the length of a frame, little endian, which is sent before it
MAX_FRAME_BYTES = 8 * 2**20
MAX_MANIFEST_BYTES = 200_000
MAX_OUTPUTS = 200
MAX_TEXT = 2_000
# How the names of outputs begin that no test compares. They only tell what is wrong.
PROBE = "probe: "
# The probe that fails where chance decides. What the result looks like says nothing then.
BY_CHANCE = PROBE + "two equal calls return the same"
DTYPES = ("bool", "int8", "int16", "int32", "int64", "uint8", "float16", "float32", "float64")


# Why a scenario ended early:
#   import     the submission cannot be imported
#   missing    a function is not there
#   unwritten  a function is still a stub
#   signature  a function cannot be called as its docstring says
#   arguments  the training loop calls a loss with other arguments than it should
#   call       anything else that went wrong while a function ran
Stage = Literal["import", "missing", "unwritten", "signature", "arguments", "call"]
STAGES: tuple[Stage, ...] = get_args(Stage)


class BadFrame(Exception):
    """What a worker sent is not a frame; the message says why."""


@dataclass
class Output:
    """One value a scenario returned.

    kind: what it was: "tensor", "array", "number", or the name of a type the kit does not take.
    array: its numbers, or None where it had none.
    """

    name: str
    kind: str
    array: np.ndarray | None = None
    dtype: str = ""


@dataclass
class ScenarioError:
    """Why a scenario ended early.

    line and text say where in the submission, function which of its functions was being run.
    """

    stage: Stage
    type: str = ""
    message: str = ""
    line: int = 0
    text: str = ""
    function: str = ""
    detail: str = ""


ERROR_TEXTS = ("type", "message", "text", "function", "detail")


@dataclass
class Result:
    """What came back from one scenario: outputs, or an error."""

    outputs: dict[str, Output] = field(default_factory=dict)
    error: ScenarioError | None = None


def encode(result: Result) -> bytes:
    """A frame holding the result, with texts no longer than the reader keeps them."""
    manifest: dict[str, Any] = {
        "error": _shortened(vars(result.error)) if result.error else None,
        "outputs": [],
    }
    blobs = []
    for output in result.outputs.values():
        entry = _shortened({"name": output.name, "kind": output.kind, "dtype": output.dtype})
        if output.array is not None:
            entry["shape"] = list(output.array.shape)
            # The name of a type does not tell the order of its bytes: they go in the machine's own.
            native = output.array.dtype.newbyteorder("=")
            blobs.append(np.ascontiguousarray(output.array, dtype=native).tobytes())
        manifest["outputs"].append(entry)
    text = json.dumps(manifest).encode()
    return b"".join([MAGIC, len(text).to_bytes(8, "little"), text, *blobs])


def _shortened(values: dict[str, Any]) -> dict[str, Any]:
    return {n: v[:MAX_TEXT] if isinstance(v, str) else v for n, v in values.items()}


def with_length(frame: bytes) -> bytes:
    """A frame as it is sent: its length, then itself."""
    return len(frame).to_bytes(LENGTH_BYTES, "little") + frame


def decode(frame: bytes) -> Result:
    """The result in a frame. Raises BadFrame on anything else."""
    if len(frame) > MAX_FRAME_BYTES:
        raise BadFrame("the result is too large")
    if len(frame) < HEADER_BYTES or frame[: len(MAGIC)] != MAGIC:
        raise BadFrame("no result arrived")
    start = HEADER_BYTES + int.from_bytes(frame[len(MAGIC) : HEADER_BYTES], "little")
    if start > len(frame) or start > MAX_MANIFEST_BYTES:
        raise BadFrame("the result cannot be read")
    try:
        manifest = json.loads(frame[HEADER_BYTES:start], parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadFrame("the result cannot be read") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("outputs"), list):
        raise BadFrame("the result has no outputs")
    if len(manifest["outputs"]) > MAX_OUTPUTS:
        raise BadFrame("the result has too many outputs")
    result = Result(error=_read_error(manifest.get("error")))
    for entry in manifest["outputs"]:
        output, start = _read_output(entry, frame, start)
        result.outputs[output.name] = output
    if start != len(frame):
        raise BadFrame("the result is longer than it says")
    return result


def first_frame(received: bytes | bytearray) -> bytes | None:
    """The frame that has arrived, or None while some of it is missing. Raises BadFrame."""
    if len(received) < LENGTH_BYTES:
        return None
    end = LENGTH_BYTES + int.from_bytes(received[:LENGTH_BYTES], "little")
    if end > LENGTH_BYTES + MAX_FRAME_BYTES:
        raise BadFrame("the result is too large")
    if len(received) > end:
        raise BadFrame("the result is longer than it says")
    return bytes(received[LENGTH_BYTES:end]) if len(received) == end else None


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def printable(text: str) -> str:
    """The text with control characters and lone surrogates replaced: they can upset a terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else "�" for c in text)


def as_on_a_terminal(text: str) -> str:
    """The text as a terminal shows it in the end: what a carriage return overwrote is gone."""
    lines = ([part for part in line.split("\r") if part] for line in text.split("\n"))
    return "\n".join(parts[-1] if parts else "" for parts in lines)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise BadFrame("the result has something else where a text belongs")
    return printable(value[:MAX_TEXT])


def _read_error(error: Any) -> ScenarioError | None:
    if error is None:
        return None
    if not isinstance(error, dict):
        raise BadFrame("the result's error cannot be read")
    stage, line = error.get("stage"), error.get("line", 0)
    if stage not in STAGES:
        raise BadFrame("the result's error is of no known kind")
    texts = {name: _text(error.get(name, "")) for name in ERROR_TEXTS}
    line = line if type(line) is int and 0 <= line < 10**9 else 0
    return ScenarioError(stage, line=line, **texts)


def _read_output(entry: Any, frame: bytes, start: int) -> tuple[Output, int]:
    if not isinstance(entry, dict):
        raise BadFrame("an output cannot be read")
    name, kind, dtype = (_text(entry.get(key)) for key in ("name", "kind", "dtype"))
    shape = entry.get("shape")
    if shape is None:
        return Output(name, kind, None, dtype), start
    if dtype not in DTYPES:
        raise BadFrame("an output has a type that is not taken")
    valid = isinstance(shape, list) and len(shape) <= 8
    if not valid or any(type(n) is not int or not 0 <= n <= MAX_FRAME_BYTES for n in shape):
        raise BadFrame("an output's shape cannot be read")
    # math.prod counts in Python integers: no overflow can make a large shape look small.
    end = start + math.prod(shape) * np.dtype(dtype).itemsize
    # An empty array may not have huge other dimensions either: NumPy refuses such a shape.
    if end > len(frame) or math.prod(max(n, 1) for n in shape) > MAX_FRAME_BYTES:
        raise BadFrame("an output is shorter than its shape")
    array = np.frombuffer(frame[start:end], dtype=dtype).reshape(shape)
    return Output(name, kind, array, dtype), end


# -- tasks and what became of them --


@dataclass
class Task:
    """One scenario to run on one submission. Without a scenario the submission is only imported.

    probing: whether the scenario calls the function again with one thing changed.
    definitions: whether code below the last of the submission's functions is left out.
    uses: the parts whose functions it runs; None if that is not known. Where another task that uses no
        other part has taken too long, this one is put off.
    """

    submission: Path
    scenario: str | None
    inputs: dict[str, Any]
    time_limit: float = 10.0
    probing: bool = False
    definitions: bool = False
    uses: tuple[str, ...] | None = None


# After this share of its time limit, a task that still runs prints where it stands (see `faulthandler`).
TELLS_WHERE = 0.8
WHERE_IT_STOOD = re.compile(
    r"Timeout \([\d:.]+\)!\n(?:(?:Thread 0x.*|  File .*|  \.\.\.|  <.*)\n)*"
)
Series = list[tuple[int, Task]]  # tasks of one submission that share a process, with their numbers


def to_json(series: Series, submission: Path, mark: str = "") -> bytes:
    """The series as a worker reads it.

    submission: the file to import, which may be a copy. mark: what the worker prints after each task.
    """
    tasks = [
        {
            "scenario": task.scenario,
            "inputs": task.inputs,
            "probing": task.probing,
            "definitions": task.definitions,
            "tells_where": TELLS_WHERE * task.time_limit,
        }
        for _, task in series
    ]
    return json.dumps({"submission": str(submission), "tasks": tasks, "mark": mark}).encode()


# How a task ended:
#   done       with a result, which may be an error
#   timeout    its own time limit was over
#   crashed    a signal or a fatal error ended its process
#   stopped    its process ended by itself, without a result
#   garbled    something arrived that is no result
#   disk       it wrote too many files
#   budget     it was stopped or never begun: the time for the whole grading was over
#   cancelled  the judge no longer wanted it
#   put off    it was not begun: a function that it uses has taken too long in another task
Ended = Literal[
    "done",
    "timeout",
    "crashed",
    "stopped",
    "garbled",
    "disk",
    "budget",
    "cancelled",
    "put off",
]


@dataclass
class Outcome:
    """How a task ended.

    status: of a process that crashed or stopped: its exit status, or minus the signal that ended it.
    message: what is wrong with a garbled result.
    first: whether it was the first task in its process.
    lost: whether its process was killed by something else than the judge, twice.
    line: of the submission, where it stood when most of its time was over; 0 where that is not known.
    """

    ended: Ended
    result: Result | None = None
    status: int = 0
    message: str = ""
    printed: str = ""
    seconds: float = 0.0
    first: bool = True
    lost: bool = False
    line: int = 0

    def tidy(self, box: Path) -> None:
        """Take out of prints and messages what is not the submission's own words.

        That is the path of the task's box, which differs every time, and where it stood when most of its
        time was over.
        """
        folder = f"{box}{os.sep}"
        if stood := WHERE_IT_STOOD.search(self.printed):
            self.printed = self.printed[: stood.start()] + self.printed[stood.end() :]
            own = re.search(
                rf'^  File "{re.escape(folder)}submitted\.py", line (\d{{1,9}}) in ', stood[0], re.M
            )
            self.line = int(own[1]) if own else 0
        self.printed = self.printed.replace(folder, "")
        if self.result is not None and self.result.error is not None:
            self.result.error.message = self.result.error.message.replace(folder, "")
