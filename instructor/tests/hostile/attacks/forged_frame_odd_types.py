"""Forges frames with things of other types everywhere a frame has something."""
# bites: advantages: the result has something else where a text belongs
# bites: vpg_loss: the result cannot be read
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


_ODD = (None, True, 1.5, -1, "x", [], {}, [[]], {"line": 1e400}, "9" * 5000)


def get_value_net_loss(*args, **kwargs):
    odd = _ODD[torch.randint(len(_ODD), ()).item()]
    _send({"error": odd, "outputs": [odd]})


def get_advantages(*args, **kwargs):
    _send({"error": {"stage": "call", "line": 10**400, "type": ["x"]}, "outputs": []})


def get_vanilla_policy_gradient_loss(*args, **kwargs):
    _send(b'{"error": null, "outputs": [], "outputs": ' + b"9" * 100_000 + b"}")
