"""Puts links in the place of folders, again and again, while somebody counts what is in them."""

import os
import time


def get_value_net_loss(*args, **kwargs):
    end = time.monotonic() + 1
    while time.monotonic() < end:
        os.mkdir("swapped")
        os.rmdir("swapped")
        os.symlink("/usr/lib", "swapped")
        os.unlink("swapped")
    try:
        os.rename(os.getcwd(), os.getcwd() + ".away")
        print("BREACH: moved its own folder away")
    except OSError as error:
        print("refused:", error)
