"""Forges frames with object, structured, big-endian, complex and text arrays."""
# bites: value_loss: an output has a type that is not taken
# bites: advantages: an output has a type that is not taken
# bites: plain grader: gives no result

import json
import os

from grading import wire as _wire


def _send(manifest, raw=b""):
    text = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    frame = _wire.with_length(_wire.MAGIC + len(text).to_bytes(8, "little") + text + raw)
    for fd in range(3, 64):
        try:
            os.write(fd, frame)
        except OSError:
            pass
    os._exit(0)


def _output(name, shape, dtype="float32", kind="tensor"):
    return {"name": name, "kind": kind, "dtype": dtype, "shape": shape}


_DTYPES = ["object", "O", ">f8", "complex128", "V8", "U4", "datetime64[s]", "f4,f4", "", "float128"]


def _wrong(*args, **kwargs):
    _send({"error": None, "outputs": [_output("loss", [1], d) for d in _DTYPES]}, bytes(1000))


get_value_net_loss = get_advantages = get_PPO_policy_gradient_loss = _wrong
