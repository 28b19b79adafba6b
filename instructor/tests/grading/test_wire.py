"""The frame reader refuses everything that is not a frame as it should be."""

import json

import numpy as np
import pytest

from grading.wire import (
    MAGIC,
    BadFrame,
    Output,
    Result,
    ScenarioError,
    as_on_a_terminal,
    decode,
    encode,
)

ARRAYS: dict[str, np.ndarray] = {
    "float": np.array([[1.5, -2.0]], dtype=np.float32),
    "empty": np.zeros((0, 3)),
    "scalar": np.array(7),
    "flags": np.array([True, False]),
    "transposed": np.arange(6, dtype=np.int16).reshape(2, 3).T,
}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Running rollout 1/2\rRunning rollout 2/2", "Running rollout 2/2"),
        ("\rrollout 1\rrollout 2\nnext\n", "rollout 2\nnext\n"),
        ("1/2\r2/2\r\ndone", "2/2\ndone"),
        ("\r\r", ""),
        ("plain\n\ntext", "plain\n\ntext"),
    ],
)
def test_what_a_carriage_return_wrote_over_is_gone(text, shown):
    assert as_on_a_terminal(text) == shown


def test_round_trip():
    outputs = {n: Output(n, "tensor", a, a.dtype.name) for n, a in ARRAYS.items()}
    outputs["none"] = Output("none", "NoneType")
    back = decode(
        encode(Result(outputs, ScenarioError("call", "ValueError", "no", 3, "x", "f", "d")))
    )
    assert back.error == ScenarioError("call", "ValueError", "no", 3, "x", "f", "d")
    for name, array in ARRAYS.items():
        got = back.outputs[name].array
        assert got is not None
        assert got.dtype == array.dtype
        np.testing.assert_array_equal(got, array)
    assert back.outputs["none"].array is None


def frame(manifest, raw: bytes = b"") -> bytes:
    text = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    return MAGIC + len(text).to_bytes(8, "little") + text + raw


def one(**changes):
    return {
        "error": None,
        "outputs": [{"name": "x", "kind": "tensor", "dtype": "float32", "shape": [1]} | changes],
    }


BAD = {
    "nothing": b"",
    "other magic": b"XXXX" + bytes(8),
    "length beyond the end": MAGIC + (10**9).to_bytes(8, "little"),
    "no json": frame(b"{"),
    "not text": frame(b"\xff\xfe"),
    "nan": frame(b'{"outputs": [], "error": NaN}'),
    "deep": frame(b"[" * 100_000),
    "list": frame([]),
    "no outputs": frame({"error": None}),
    "too many outputs": frame({"outputs": [1] * 1000}),
    "output is a number": frame({"outputs": [1]}),
    "object dtype": frame(one(dtype="object"), bytes(8)),
    "unknown dtype": frame(one(dtype="float31"), bytes(4)),
    "dtype is a list": frame(one(dtype=["float32"]), bytes(4)),
    "negative shape": frame(one(shape=[-1]), bytes(4)),
    "shape of floats": frame(one(shape=[1.0]), bytes(4)),
    "shape of flags": frame(one(shape=[True]), bytes(4)),
    "many dimensions": frame(one(shape=[1] * 99), bytes(4)),
    "overflowing shape": frame(one(shape=[2**24, 2**24, 2**24]), bytes(4)),
    "empty but huge": frame(one(shape=[0, *[2**22] * 7])),
    "too few bytes": frame(one(), bytes(3)),
    "too many bytes": frame(one(), bytes(5)),
    "error is a text": frame({"outputs": [], "error": "x"}),
    "error's message is a list": frame({"outputs": [], "error": {"message": []}}),
    "too large": MAGIC + bytes(17 * 2**20),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_frame_is_refused(name):
    with pytest.raises(BadFrame):
        decode(BAD[name])


def test_texts_are_printable_and_short():
    error = {"stage": "call", "message": "\x1b[31m" + "x" * 10**5, "line": 10**12}
    got = decode(frame({"outputs": [], "error": error})).error
    assert got is not None
    assert "\x1b" not in got.message
    assert len(got.message) == 2000
    assert got.line == 0
