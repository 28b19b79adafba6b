"""Writes a forged frame and lets the true one follow, or the other way round."""
# loses: everything

import atexit
import os

from grading import wire as _frames


def _forge():
    claim = {"loss": _frames.Output("loss", "tensor", np.zeros(()), "float32")}
    for fd in range(3, 64):
        try:
            os.write(fd, _frames.encode(_frames.Result(claim)))
        except OSError:
            pass


_forge()
atexit.register(_forge)
