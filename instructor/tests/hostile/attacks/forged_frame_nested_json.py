"""Forges a frame of JSON so deeply nested, or so full of lists, that reading it hurts."""
# bites: value_loss: the result cannot be read
# bites: advantages: the result is too large
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


_DEEP = b"[" * 1_000_000
_WIDE = b'{"error": null, "outputs": [' + b"[]," * 5_000_000 + b"[]]}"


def get_value_net_loss(*args, **kwargs):
    _send(_DEEP)


def get_advantages(*args, **kwargs):
    _send(_WIDE)
