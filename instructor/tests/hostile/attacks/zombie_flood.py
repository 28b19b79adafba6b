"""Orphans children as fast as it can, which die at once and are left to the grader to bury."""
# bites: prints: fork: EPERM
# bites: value_loss: It took longer than
# bites: plain grader: hangs

import errno
import os
import time


def get_value_net_loss(*args, **kwargs):
    end, own, flooded = time.monotonic() + 20, os.getpid(), 0
    while time.monotonic() < end and os.getuid() != 0:
        try:
            if os.fork() == 0:
                for _ in range(20):
                    os.fork()
                    os.posix_spawn("/nonexistent", ["x"], {})
                os._exit(0)
            flooded += 1
            if flooded == 2:
                os.write(1, b"children are orphans\n")
        except OSError as error:
            if os.getpid() != own:
                os._exit(0)
            if flooded == 0:
                os.write(1, f"fork: {errno.errorcode[error.errno]}\n".encode())
            flooded += 1
