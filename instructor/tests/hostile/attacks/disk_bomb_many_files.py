"""Writes small files without end, and larger ones beside them."""
# bites: prints in A: write: ENOSPC
# bites: value_loss in C: It wrote more files than a solution needs and was stopped
# bites: plain grader: hangs

import errno
import time


def get_value_net_loss(*args, **kwargs):
    end = time.monotonic() + 20
    number = 0
    while time.monotonic() < end:
        number += 1
        try:
            with open(f"{number}", "wb") as file:
                file.write(bytes(1 << 12 if number % 10 else 1 << 20))
        except OSError as error:
            print("write:", errno.errorcode[error.errno])
            return
