"""Makes a child a subreaper that has forgotten the death signal, and hides processes under it."""

import ctypes
import os
import signal
import time

_libc = ctypes.CDLL(None)
if os.fork() == 0:
    os.setsid()
    _libc.prctl(36, 1, 0, 0, 0)
    _libc.prctl(1, 0, 0, 0, 0)
    for _number in range(1, 65):
        if _number not in (signal.SIGKILL, signal.SIGSTOP, 32, 33):
            signal.signal(_number, signal.SIG_IGN)
    for _ in range(8):
        if os.fork() == 0:
            os.setsid()
            break
    time.sleep(20)
    os._exit(0)
