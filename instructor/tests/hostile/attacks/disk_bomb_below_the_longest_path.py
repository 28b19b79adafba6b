"""Fills files in a folder so deep that its path is too long to be named."""
# bites: value_loss: It wrote more files than a solution needs and was stopped

import os
import time


def get_value_net_loss(*args, **kwargs):
    for _ in range(20):
        os.mkdir("d" * 250)
        os.chdir("d" * 250)
    for number in range(50):
        with open(str(number), "wb") as file:
            file.write(bytes(3 << 20))
    time.sleep(1)
    print("BREACH: holds 150 MiB of disk unseen")
