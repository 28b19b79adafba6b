"""Nests folders deeper than a recursive function can follow."""
# bites: prints: nested 1100 folders

import os


def get_value_net_loss(*args, **kwargs):
    for _ in range(1100):
        os.mkdir("d")
        os.chdir("d")
    print("nested 1100 folders")
