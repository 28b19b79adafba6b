"""Makes a child a subreaper that has forgotten the death signal, and hides processes under it."""
# older kernels: the grading
# bites: prints: subreaper: EPERM; death signal: EPERM
# bites: prints: fork: EPERM

import ctypes
import errno
import os
import signal
import time


def _fork():
    """A child's number, 0 in the child, and -1 where there can be none."""
    try:
        return os.fork()
    except OSError as error:
        print("fork:", errno.errorcode[error.errno])
        return -1


_libc = ctypes.CDLL(None, use_errno=True)


def _control(*arguments):
    refused = _libc.prctl(*arguments, 0, 0, 0) != 0
    return errno.errorcode[ctypes.get_errno()] if refused else "done"


print(f"subreaper: {_control(36, 1)}; death signal: {_control(1, 0)}")
_read, _write = os.pipe()
if _fork() == 0:
    os.setsid()
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
