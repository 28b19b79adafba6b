"""Sends a pickle that would run code in a careless reader, as a result and as an array."""
# bites: value_loss: an output has a type that is not taken
# bites: ppo_loss: the result cannot be read
# bites: plain grader: gives no result

import pickle

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


class _Run:
    def __reduce__(self):
        return print, ("BREACH: unpickled",)


def get_value_net_loss(*args, **kwargs):
    _send({"error": None, "outputs": [_output("loss", [8], "object")]}, pickle.dumps(_Run()))


get_advantages = lambda *a, **k: np.array([_Run()], dtype=object)
get_PPO_policy_gradient_loss = lambda *a, **k: _send(pickle.dumps(_Run()))
