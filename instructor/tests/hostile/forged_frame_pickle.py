"""Sends pickles, .npy files and eval strings that would run code in a careless reader."""

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


class _Run:
    def __reduce__(self):
        return print, ("BREACH: unpickled",)


def get_value_net_loss(*args, **kwargs):
    import pickle

    _send({"error": None, "outputs": [_output("loss", [8], "object")]}, pickle.dumps(_Run()))


def get_advantages(*args, **kwargs):
    return np.array([_Run()], dtype=object)


def get_PPO_policy_gradient_loss(*args, **kwargs):
    _send(b"__import__('os').write(1, b'BREACH: evaluated')")
