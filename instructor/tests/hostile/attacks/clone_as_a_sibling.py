"""Clones itself as a child of its parent, in which nothing of its own would be waited for."""

import ctypes
import os
import signal
import time

CLONE_PARENT = 0x8000
_libc = ctypes.CDLL(None)
if _libc.syscall(56, ctypes.c_long(CLONE_PARENT | signal.SIGCHLD), 0, 0, 0, 0) == 0:
    os.setsid()
    time.sleep(20)
    os._exit(0)
