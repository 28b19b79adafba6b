"""Forges frames whose shapes are empty and huge at once, or overflow when multiplied."""
# bites: value_loss: an output's shape cannot be read
# bites: rollouts: an output's shape cannot be read
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


def _wrong(*shape):
    return lambda *a, **k: _send({"error": None, "outputs": [_output("loss", shape)]}, bytes(4))


get_value_net_loss = _wrong(*[1 << 24] * 8)
get_advantages = _wrong(1 << 24, 1 << 24, 0)
get_PPO_policy_gradient_loss = _wrong(-1, -1)
get_vanilla_policy_gradient_loss = _wrong(2**64, 1)
train_policy_gradient = _wrong(*[1] * 9)
collect_rollouts = _wrong(True)
