"""Writes a forged frame and lets the true one follow, or the other way round."""
# bites: returns: the result is longer than it says
# loses: everything

import atexit
import os

from grading import wire as _wire


def _forge():
    claim = {"loss": _wire.Output("loss", "tensor", np.zeros(()), "float32")}
    for fd in range(3, 64):
        try:
            os.write(fd, _wire.with_length(_wire.encode(_wire.Result(claim))))
        except OSError:
            pass


_forge()
atexit.register(_forge)
