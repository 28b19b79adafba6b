"""Fills a folder that can be written to but not listed, so that nobody sees what is in it."""
# bites: prints in A: write: ENOSPC
# bites: value_loss in C: It wrote more files than a solution needs and was stopped

import errno
import os
import time


def get_value_net_loss(*args, **kwargs):
    os.mkdir("closed", 0o300)
    try:
        for number in range(100):
            with open(f"closed/{number}", "wb") as file:
                file.write(bytes(1 << 20))
    except OSError as error:
        print("write:", errno.errorcode[error.errno])
        return
    time.sleep(1)
    print("BREACH: holds 100 MiB of disk unseen")
