"""Forges frames whose shapes are empty and huge at once, or overflow when multiplied."""

import json
import os


def _send(manifest, raw=b""):
    text = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    frame = b"PGRF" + len(text).to_bytes(8, "little") + text + raw
    while frame:
        frame = frame[os.write(3, frame) :]
    os._exit(0)


def _output(name, shape, dtype="float32", kind="tensor"):
    return {"name": name, "kind": kind, "dtype": dtype, "shape": shape}


_SHAPES = [[0] + [1 << 24] * 7], [[1 << 24] * 8], [[1 << 24, 1 << 24, 0]], [[-1, -1]], [[2**64, 1]]


def _wrong(*args, **kwargs):
    for shapes in _SHAPES[np.random.randint(len(_SHAPES)) :]:
        _send({"error": None, "outputs": [_output("loss", shape) for shape in shapes]})


get_value_net_loss = get_advantages = get_PPO_policy_gradient_loss = _wrong
