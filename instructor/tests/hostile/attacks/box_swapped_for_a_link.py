"""Puts links in the place of folders, again and again, while somebody counts what is in them."""
# bites: prints: swapped more than 10 times
# bites: prints: moving its own folder: EACCES
# bites: plain grader: hangs

import errno
import os
import time


def get_value_net_loss(*args, **kwargs):
    end, times = time.monotonic() + 0.6, 0
    while time.monotonic() < end:
        os.mkdir("swapped")
        os.rmdir("swapped")
        os.symlink("/usr/lib", "swapped")
        os.unlink("swapped")
        times += 1
    print("swapped more than 10 times" if times > 10 else f"swapped only {times} times")
    try:
        os.rename(os.getcwd(), os.getcwd() + ".away")
        print("BREACH: moved its own folder away")
    except OSError as error:
        print("moving its own folder:", errno.errorcode[error.errno])
