"""Nests folders beyond what the judge's descriptors and stack reach, and their paths' length."""
# bites: advantages: It wrote more files than a solution needs and was stopped
# bites: plain grader: hangs

import os
import time


def get_advantages(*args, **kwargs):
    for _ in range(4000):
        os.mkdir("deep")
        os.chdir("deep")
    time.sleep(20)
