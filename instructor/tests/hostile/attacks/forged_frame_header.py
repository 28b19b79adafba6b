"""Forges the header of a frame: lengths that are huge, negative or cut short, and no end."""
# bites: value_loss: the result cannot be read
# bites: vpg_loss: the result has no outputs
# bites: ppo_loss: no result arrived
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


def _raw(data):
    write = os.write
    os.write = lambda fd, frame: write(fd, _wire.with_length(data))
    _send(b"")


get_value_net_loss = lambda *a, **k: _raw(b"PGRF" + b"\xff" * 8)
get_advantages = lambda *a, **k: _raw(b"PGRF" + bytes(8))
get_PPO_policy_gradient_loss = lambda *a, **k: _raw(b"PGR")
get_vanilla_policy_gradient_loss = lambda *a, **k: _raw(b"PGRF\x02" + bytes(7) + b"{}" * 9)
