"""Nests folders deeper than a recursive function can follow."""
# bites: prints in A: nested 1100 folders
# bites: value_loss in C: It wrote more files than a solution needs and was stopped

import os
import time


def get_value_net_loss(*args, **kwargs):
    for _ in range(1100):
        os.mkdir("d")
        os.chdir("d")
    print("nested 1100 folders")
    time.sleep(1)
