"""Prints without end, without a line end, on both streams."""
# bites: prints: xxxxxxxxxxxxxxxx
# bites: value_loss: It took longer than
# bites: plain grader: hangs

import os
import time


def get_value_net_loss(*args, **kwargs):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        os.write(1, b"x" * 65536)
        os.write(2, b"\x1b[31m\xff\x00" * 8192)
