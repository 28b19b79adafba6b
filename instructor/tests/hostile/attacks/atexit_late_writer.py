"""Registers functions that write a forged result when the interpreter ends."""
# bites: plain grader: gains points

import atexit
import json
import os
import threading
import weakref


def _late(*args):
    for path in ("/autograder/results/results.json", "/tmp/hostile_late", "results.json"):
        try:
            open(path, "w").write(json.dumps({"score": 100.0}))
        except OSError:
            pass
    for fd in range(1, 64):
        try:
            os.write(fd, b'{"score": 100}\n')
        except OSError:
            pass


atexit.register(_late)
threading._register_atexit(_late)
weakref.finalize(get_returns, _late)
