"""Spins in as many threads as it can have, on every processor of the machine."""
# bites: prints: threads end with EAGAIN
# bites: prints: sched_setaffinity: nothing done
# bites: value_loss: It took longer than

import errno
import os
import threading
import time

_begin = threading.Event()


def _spin():
    _begin.wait()
    end = time.monotonic() + 2
    while time.monotonic() < end:
        pass


def get_value_net_loss(*args, **kwargs):
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {max(before)})
        changed = os.sched_getaffinity(0) != before
        print("sched_setaffinity:", "done" if changed else "nothing done", flush=True)
    except OSError as error:
        print("sched_setaffinity:", errno.errorcode[error.errno], flush=True)
    try:
        for _ in range(200):
            threading.Thread(target=_spin, daemon=True).start()
    except RuntimeError:
        print("threads end with EAGAIN", flush=True)
    _begin.set()
    _spin()
