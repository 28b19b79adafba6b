"""Starts threads without end, all of them busy."""
# bites: prints: can't start new thread
# bites: value_loss: It took longer than

import os
import threading
import time


def get_value_net_loss(*args, **kwargs):
    end, told = time.monotonic() + 20, False

    def busy():
        while time.monotonic() < end:
            pass

    while time.monotonic() < end:
        try:
            threading.Thread(target=busy, daemon=True).start()
        except RuntimeError as error:
            if not told:
                os.write(1, f"{error}\n".encode())
            told = True
