"""Signals its parent by other ways than kill: tkill, sigqueue, pidfd, an owned pipe."""

import ctypes
import fcntl
import os
import signal

_libc = ctypes.CDLL(None, use_errno=True)
_parent = os.getppid()
_info = ctypes.create_string_buffer(128)
for _number, *_arguments in (
    (200, _parent, signal.SIGTERM),
    (234, _parent, _parent, signal.SIGTERM),
    (129, _parent, signal.SIGTERM, _info),
    (297, _parent, _parent, signal.SIGTERM, _info),
    (424, _libc.syscall(434, _parent, 0), signal.SIGTERM, None, 0),
):
    if _libc.syscall(_number, *_arguments) == 0:
        print("BREACH: call", _number)
_read, _write = os.pipe()
for _owner in (_parent, -_parent):
    try:
        fcntl.fcntl(_read, fcntl.F_SETOWN, _owner)
        fcntl.fcntl(_read, 10, signal.SIGTERM)  # F_SETSIG
        fcntl.fcntl(_read, fcntl.F_SETFL, os.O_ASYNC)
        os.write(_write, b"x")
    except OSError as error:
        print("refused:", error)
