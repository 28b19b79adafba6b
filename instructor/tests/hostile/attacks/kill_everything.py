"""Sends SIGKILL to every process it may send one to."""

import ctypes
import os
import signal

if os.getuid() != 0:  # as root, outside of any jail, it would end the machine's own processes
    for _pid in (-1, -os.getppid()):
        try:
            os.kill(_pid, signal.SIGKILL)
            print("BREACH: killed", _pid)
        except OSError as error:
            print("refused:", error)
    ctypes.CDLL(None).syscall(62, ctypes.c_long(2**64 - 1), 9)
    ctypes.CDLL(None).syscall(62, ctypes.c_long(2**32 - 1), 9)
