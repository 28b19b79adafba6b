"""Fills files in a folder so deep that its path is too long to be named."""
# bites: prints in A: write: ENOSPC
# bites: value_loss in C: It wrote more files than a solution needs and was stopped

import errno
import os
import time


def get_value_net_loss(*args, **kwargs):
    for _ in range(20):
        os.mkdir("d" * 250)
        os.chdir("d" * 250)
    try:
        for number in range(150):
            with open(str(number), "wb") as file:
                file.write(bytes(1 << 20))
    except OSError as error:
        print("write:", errno.errorcode[error.errno])
        return
    time.sleep(1)
    print("BREACH: holds 150 MiB of disk unseen")
