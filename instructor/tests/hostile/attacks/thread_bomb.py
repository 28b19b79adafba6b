"""Starts threads until there are none to be had, and then all of them are busy."""
# bites: prints: can't start new thread
# bites: value_loss: It took longer than
# bites: plain grader: hangs

import threading
import time


def get_value_net_loss(*args, **kwargs):
    end, full = time.monotonic() + 20, threading.Event()

    def busy():
        full.wait()
        while time.monotonic() < end:
            pass

    while time.monotonic() < end:
        try:
            threading.Thread(target=busy, daemon=True).start()
        except RuntimeError as error:
            if not full.is_set():
                print(error)
            full.set()
