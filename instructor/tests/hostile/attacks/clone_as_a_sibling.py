"""Clones itself as a child of its parent, in which nothing of its own would be waited for."""
# bites: prints: clone: EPERM

import ctypes
import errno
import os
import signal
import time

CLONE_PARENT = 0x8000
_libc = ctypes.CDLL(None, use_errno=True)
_parent, (_read, _write) = os.getppid(), os.pipe()
_pid = _libc.syscall(56, ctypes.c_long(CLONE_PARENT | signal.SIGCHLD), 0, 0, 0, 0)
if _pid == 0:
    os.setsid()
    os.write(_write, b"a sibling is alive" if os.getppid() == _parent else b"only a child")
    os.close(_write)
    time.sleep(20)
    os._exit(0)
os.close(_write)
if _pid < 0:
    print("clone:", errno.errorcode[ctypes.get_errno()])
else:
    print("BREACH:", os.read(_read, 100).decode())
os.close(_read)
