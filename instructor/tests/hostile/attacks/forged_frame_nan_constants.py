"""Forges frames with NaN, Infinity and 1e999 where JSON has numbers."""
# bites: value_loss: the result cannot be read
# bites: advantages: an output's shape cannot be read
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


def get_value_net_loss(*args, **kwargs):
    _send({"error": None, "outputs": [_output("loss", [float("nan")])]})


def get_advantages(*args, **kwargs):
    _send(b'{"outputs": [{"name": "loss", "kind": "", "dtype": "int8", "shape": [1e999]}]}')


def get_PPO_policy_gradient_loss(*args, **kwargs):
    _send({"error": {"stage": "call", "line": float("inf")}, "outputs": []})
