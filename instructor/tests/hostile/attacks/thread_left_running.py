"""Leaves threads behind that go on printing and writing after the result."""
# bites: prints: threads are writing

import os
import threading
import time

_wrote = threading.Event()


def _go_on():
    end = time.monotonic() + 20
    while time.monotonic() < end:
        for fd in range(3, 40):
            try:
                os.write(fd, b"")
                _wrote.set()
            except OSError:
                pass
        time.sleep(0.01)


for _ in range(4):
    threading.Thread(target=_go_on).start()
if _wrote.wait(1):
    print("threads are writing")
