"""Whatever arrives from a worker, in whatever state, is a result or a BadFrame."""

import json
import tracemalloc
from typing import Any

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from grading.wire import (
    DTYPES,
    ERROR_TEXTS,
    HEADER_BYTES,
    LENGTH_BYTES,
    MAGIC,
    MAX_FRAME_BYTES,
    MAX_TEXT,
    STAGES,
    BadFrame,
    Output,
    Result,
    ScenarioError,
    decode,
    encode,
    first_frame,
    printable,
    with_length,
)
from instructor.tests.json_documents import documents, with_one_change

texts = st.text(max_size=40)
byte_orders = st.sampled_from("=<>")
numbers = arrays(
    st.builds(
        lambda name, order: np.dtype(name).newbyteorder(order), st.sampled_from(DTYPES), byte_orders
    ),
    array_shapes(min_dims=0, max_dims=8, min_side=0, max_side=3),
)
outputs = st.one_of(
    st.builds(lambda n, k, a: Output(n, k, a, a.dtype.name), texts, texts, numbers),
    st.builds(Output, texts, texts, st.none(), texts),
)
stages = st.sampled_from(STAGES)
errors = st.builds(ScenarioError, stages, *[texts] * 2, st.integers(0, 10**9 - 1), *[texts] * 3)
results = st.builds(
    lambda found, error: Result({output.name: output for output in found}, error),
    st.lists(outputs, max_size=4, unique_by=lambda output: printable(output.name)),
    st.none() | errors,
)


def shown(text: str) -> str:
    """What the judge makes of a text."""
    return printable(text[:MAX_TEXT])


def facts(result: Result) -> tuple[object, list[object]]:
    """All of a result, in values that can be compared; arrays as their numbers, bit by bit."""
    told: list[object] = []
    for name, output in result.outputs.items():
        array = output.array
        told.append((name, output.name, output.kind, output.dtype))
        if array is not None:
            native = array.astype(array.dtype.newbyteorder("="))
            told.append((native.dtype.name, native.shape, native.tobytes()))
    return result.error and vars(result.error), told


def as_shown(result: Result) -> Result:
    """The result with its texts as the judge shows them."""
    error = result.error
    if error is not None:
        said = {name: shown(getattr(error, name)) for name in ERROR_TEXTS}
        error = ScenarioError(error.stage, line=error.line, **said)
    found = (
        Output(shown(o.name), shown(o.kind), o.array, shown(o.dtype))
        for o in result.outputs.values()
    )
    return Result({output.name: output for output in found}, error)


@given(results)
@example(Result({"x": Output("x", "array", np.ones(2, dtype=">f4"), "float32")}))
@example(Result(error=ScenarioError("call", "ValueError", "long " * 10**5)))
def test_every_result_comes_back(result):
    assert facts(decode(encode(result))) == facts(as_shown(result))


def read(data: bytes) -> None:
    """Decode; what is a result has to be one in every respect, and needs no more room than it had."""
    tracemalloc.start()
    try:
        result = decode(data)
    except BadFrame:
        result = Result()
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 4 * MAX_FRAME_BYTES
    sizes = [o.array.nbytes for o in result.outputs.values() if o.array is not None]
    assert sum(sizes) <= len(data)
    assert facts(result) == facts(as_shown(result))  # no text that a terminal would mind
    assert facts(decode(encode(result))) == facts(result)
    assert result.error is None or type(result.error.line) is int
    types = {output.dtype for output in result.outputs.values() if output.array is not None}
    assert types <= set(DTYPES)


@given(st.binary(max_size=200) | st.binary(max_size=200).map(MAGIC.__add__))
@example(MAGIC + (10**12).to_bytes(8, "little") + b'{"outputs": []}')
@example(MAGIC + (1).to_bytes(8, "little") + b"[")
def test_any_bytes_are_a_result_or_refused(data):
    read(data)


frames = results.map(encode)
edits = st.lists(
    st.tuples(st.integers(0, 2000), st.integers(0, 8), st.binary(max_size=8)),
    min_size=1,
    max_size=4,
)


def edited(data: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    """The data with some bytes replaced by others, each time from a place on."""
    for place, length, new in changes:
        start = place % (len(data) + 1)
        data = data[:start] + new + data[start + length :]
    return data


@given(frames, edits)
def test_a_frame_with_changed_bytes_is_a_result_or_refused(data, changes):
    read(edited(data, changes))


@given(frames, st.integers(0, 2000))
def test_a_frame_that_ends_early_is_refused(data, kept):
    kept %= len(data)
    try:
        decode(data[:kept])
    except BadFrame:
        return
    raise AssertionError(f"{kept} of {len(data)} bytes were taken for a result")


def parted(data: bytes) -> tuple[Any, bytes]:
    """The manifest of a frame, and the bytes behind it."""
    manifest = data[HEADER_BYTES:]
    read, end = json.JSONDecoder().raw_decode(manifest.decode("latin-1"))
    return read, manifest[end:]


def joined(manifest: Any, raw: bytes) -> bytes:
    """A frame of a manifest and the bytes behind it."""
    text = json.dumps(manifest).encode()
    return MAGIC + len(text).to_bytes(HEADER_BYTES - len(MAGIC), "little") + text + raw


def announcing(dtype: str, *shape: int) -> dict[str, Any]:
    """A manifest of one output."""
    return {"outputs": [{"name": "x", "kind": "array", "dtype": dtype, "shape": shape}]}


@given(documents, st.binary(max_size=64))
@example({"outputs": ["x"]}, b"")
@example({"outputs": [], "error": {"line": "1"}}, b"")
@example(announcing("object", 1), bytes(8))
@example(announcing("float64", 2**20, 2**20), b"")
@example(announcing("int8", 2**32, 2**32), b"")
@example(announcing("int8", 0, 2**22, 2**22), b"")
@example(announcing("int8", -1, -1), bytes(1))
def test_any_manifest_is_a_result_or_refused(manifest, raw):
    read(joined(manifest, raw))


@given(
    frames.map(parted).flatmap(lambda f: st.tuples(with_one_change(st.just(f[0])), st.just(f[1])))
)
def test_a_manifest_with_one_change_is_a_result_or_refused(parts):
    read(joined(*parts))


@given(frames, st.lists(st.integers(1, 200), max_size=6), st.binary(max_size=3))
def test_a_frame_arrives_in_any_pieces(data, sizes, behind):
    """It is complete with its last byte, and what comes behind it is refused."""
    coming, received = with_length(data), bytearray()
    for size in [*sizes, len(coming)]:
        received += coming[len(received) : len(received) + size]
        expected = data if len(received) == len(coming) else None
        assert first_frame(received) == expected
    if behind:
        try:
            first_frame(received + behind)
        except BadFrame:
            return
        raise AssertionError("bytes behind the frame were taken for some of it")


@given(st.binary(max_size=LENGTH_BYTES + 20))
def test_the_reader_of_a_first_frame_takes_any_bytes(received):
    try:
        found = first_frame(received)
    except BadFrame:
        return
    assert found is None or with_length(found) == received
