"""The frame reader refuses everything that is not a frame as it should be."""

import json
import re

import numpy as np
import pytest

from grading.wire import (
    HEADER_BYTES,
    LENGTH_BYTES,
    MAGIC,
    MAX_FRAME_BYTES,
    MAX_MANIFEST_BYTES,
    MAX_OUTPUTS,
    BadFrame,
    Output,
    Result,
    ScenarioError,
    as_on_a_terminal,
    decode,
    encode,
    first_frame,
    with_length,
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


def with_header_of(size: int) -> bytes:
    """A frame without outputs whose header and manifest are together so long."""
    text = json.dumps({"outputs": []}).encode()
    return frame(text + b" " * (size - HEADER_BYTES - len(text)))


def one(**changes):
    return {
        "error": None,
        "outputs": [{"name": "x", "kind": "tensor", "dtype": "float32", "shape": [1]} | changes],
    }


UNREADABLE = "the result cannot be read"
NOT_A_TEXT = "the result has something else where a text belongs"
OTHER_TYPE = "an output has a type that is not taken"
NO_SHAPE = "an output's shape cannot be read"
TOO_SHORT = "an output is shorter than its shape"
TOO_LONG = "the result is longer than it says"
TOO_LARGE = "the result is too large"
BAD = {
    "nothing": (b"", "no result arrived"),
    "half a header": (MAGIC + bytes(7), "no result arrived"),
    "other magic": (b"XXXX" + bytes(8), "no result arrived"),
    "no manifest": (MAGIC + bytes(8), UNREADABLE),
    "length beyond the end": (MAGIC + (10**9).to_bytes(8, "little"), UNREADABLE),
    "no json": (frame(b"{"), UNREADABLE),
    "not text": (frame(b"\xff\xfe"), UNREADABLE),
    "nan": (frame(b'{"outputs": [], "error": NaN}'), UNREADABLE),
    "infinity": (frame(b'{"outputs": [], "line": -Infinity}'), UNREADABLE),
    "deep": (frame(b"[" * 100_000), UNREADABLE),
    "long manifest": (with_header_of(MAX_MANIFEST_BYTES + 1), UNREADABLE),
    "list": (frame([]), "the result has no outputs"),
    "no outputs": (frame({"error": None}), "the result has no outputs"),
    "outputs by name": (frame({"outputs": {}}), "the result has no outputs"),
    "too many outputs": (frame({"outputs": [1] * 201}), "the result has too many outputs"),
    "output is a number": (frame({"outputs": [1]}), "an output cannot be read"),
    "name is missing": (frame({"outputs": [{"kind": "", "dtype": ""}]}), NOT_A_TEXT),
    "kind is a number": (frame(one(kind=3), bytes(4)), NOT_A_TEXT),
    "dtype is a list": (frame(one(dtype=["float32"]), bytes(4)), NOT_A_TEXT),
    "object dtype": (frame(one(dtype="object"), bytes(8)), OTHER_TYPE),
    "unknown dtype": (frame(one(dtype="float31"), bytes(4)), OTHER_TYPE),
    "other byte order": (frame(one(dtype=">f4"), bytes(4)), OTHER_TYPE),
    "shape is a number": (frame(one(shape=1), bytes(4)), NO_SHAPE),
    "negative shape": (frame(one(shape=[-1]), bytes(4)), NO_SHAPE),
    "shape of floats": (frame(one(shape=[1.0]), bytes(4)), NO_SHAPE),
    "shape of flags": (frame(one(shape=[True]), bytes(4)), NO_SHAPE),
    "many dimensions": (frame(one(shape=[1] * 9), bytes(4)), NO_SHAPE),
    "a large dimension": (frame(one(shape=[MAX_FRAME_BYTES + 1, 0])), NO_SHAPE),
    "overflowing shape": (frame(one(shape=[2**22, 2**22, 2**22]), bytes(4)), TOO_SHORT),
    "empty but huge": (frame(one(shape=[0, *[2**22] * 7])), TOO_SHORT),
    "too few bytes": (frame(one(), bytes(3)), TOO_SHORT),
    "too many bytes": (frame(one(), bytes(5)), TOO_LONG),
    "bytes of no output": (frame({"outputs": []}, bytes(1)), TOO_LONG),
    "error is a text": (
        frame({"outputs": [], "error": "x"}),
        "the result's error cannot be read",
    ),
    "error of no kind": (
        frame({"outputs": [], "error": {"stage": "mystery"}}),
        "the result's error is of no known kind",
    ),
    "error's message is a list": (
        frame({"outputs": [], "error": {"stage": "call", "message": []}}),
        NOT_A_TEXT,
    ),
    "too large": (MAGIC + bytes(MAX_FRAME_BYTES + 1 - len(MAGIC)), TOO_LARGE),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_frame_is_refused_for_its_reason(name):
    data, reason = BAD[name]
    with pytest.raises(BadFrame, match=f"^{re.escape(reason)}$"):
        decode(data)


def test_the_largest_manifest_and_the_largest_frame_are_read():
    assert decode(with_header_of(MAX_MANIFEST_BYTES)) == Result()
    whole = frame(one(dtype="uint8", shape=[1_000_000]))
    size = MAX_FRAME_BYTES - len(whole)
    whole = frame(one(dtype="uint8", shape=[size]), bytes(size))
    assert len(whole) == MAX_FRAME_BYTES
    array = decode(whole).outputs["x"].array
    assert array is not None
    assert array.shape == (size,)


def test_two_hundred_outputs_are_read_and_no_more():
    many = [{"name": str(n), "kind": "NoneType", "dtype": ""} for n in range(MAX_OUTPUTS + 1)]
    assert len(decode(frame({"outputs": many[:-1]})).outputs) == MAX_OUTPUTS == 200
    with pytest.raises(BadFrame, match="too many outputs"):
        decode(frame({"outputs": many}))


def announced(length: int, arrived: int) -> bytes:
    """The beginning of what is on its way: a length, and so many bytes of the frame."""
    return length.to_bytes(LENGTH_BYTES, "little") + bytes(arrived)


@pytest.mark.parametrize("received", [b"", bytes(7), announced(1, 0), announced(100, 99)])
def test_a_frame_is_waited_for_while_some_of_it_is_missing(received):
    assert first_frame(received) is None
    assert first_frame(bytearray(received)) is None


def test_a_frame_that_has_arrived_is_returned_without_its_length():
    for whole in (b"", b"x", encode(Result())):
        assert first_frame(bytearray(with_length(whole))) == whole
        assert isinstance(first_frame(bytearray(with_length(whole))), bytes)


def test_bytes_behind_the_frame_are_refused():
    with pytest.raises(BadFrame, match=TOO_LONG):
        first_frame(announced(0, 1))
    with pytest.raises(BadFrame, match=TOO_LONG):
        first_frame(with_length(b"one") + with_length(b"two"))


def test_the_longest_frame_is_taken_and_a_byte_more_refused_before_it_arrives():
    assert first_frame(announced(MAX_FRAME_BYTES, 0)) is None
    assert first_frame(announced(MAX_FRAME_BYTES, MAX_FRAME_BYTES - 1)) is None
    assert first_frame(announced(MAX_FRAME_BYTES, MAX_FRAME_BYTES)) == bytes(MAX_FRAME_BYTES)
    for length in (MAX_FRAME_BYTES + 1, 2**63, 2**64 - 1):
        with pytest.raises(BadFrame, match=TOO_LARGE):
            first_frame(announced(length, 0))


def test_texts_are_printable_and_short():
    error = {"stage": "call", "message": "\x1b[31m" + "x" * 10**5, "line": 10**12}
    got = decode(frame({"outputs": [], "error": error})).error
    assert got is not None
    assert "\x1b" not in got.message
    assert len(got.message) == 2000
    assert got.line == 0
