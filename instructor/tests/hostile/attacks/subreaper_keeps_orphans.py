"""Makes a child a subreaper that has forgotten the death signal, and hides processes under it."""
# bites: prints: a subreaper without a death signal has an orphan

import ctypes
import os
import signal
import time

_libc = ctypes.CDLL(None)
_read, _write = os.pipe()
if os.fork() == 0:
    os.setsid()
    _libc.prctl(36, 1, 0, 0, 0)
    _libc.prctl(1, 0, 0, 0, 0)
    for _number in range(1, 65):
        if _number not in (signal.SIGKILL, signal.SIGSTOP, 32, 33):
            signal.signal(_number, signal.SIG_IGN)
    _subreaper = os.getpid()
    for _ in range(8):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                while os.getppid() not in (1, _subreaper):
                    time.sleep(0.001)
                if os.getppid() == _subreaper:
                    os.write(_write, b"a subreaper without a death signal has an orphan\n")
                break
            os._exit(0)
    os.close(_write)
    time.sleep(20)
    os._exit(0)
os.close(_write)
print(os.read(_read, 200).decode())
os.close(_read)
