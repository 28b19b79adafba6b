"""Signals its parent by other ways than kill: tkill, sigqueue, pidfd, an owned pipe."""
# older kernels: the grading
# bites: prints: EPERM: tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal;
# bites: prints: F_SETOWN: EPERM

import ctypes
import errno
import fcntl
import os
import signal

_libc = ctypes.CDLL(None, use_errno=True)
_parent = os.getppid()
_info = ctypes.create_string_buffer(128)
_refused = {}
for _name, _number, *_arguments in (
    ("tkill", 200, _parent, signal.SIGTERM),
    ("tgkill", 234, _parent, _parent, signal.SIGTERM),
    ("rt_sigqueueinfo", 129, _parent, signal.SIGTERM, _info),
    ("rt_tgsigqueueinfo", 297, _parent, _parent, signal.SIGTERM, _info),
    ("pidfd_send_signal", 424, _libc.syscall(434, _parent, 0), signal.SIGTERM, None, 0),
):
    if _libc.syscall(_number, *_arguments) == 0:
        print("BREACH: call", _name)
    else:
        _refused.setdefault(errno.errorcode[ctypes.get_errno()], []).append(_name)
for _error, _names in _refused.items():
    print(f"{_error}: {' '.join(_names)};")
_read, _write = os.pipe()
for _owner in (-_parent, _parent):
    try:
        fcntl.fcntl(_read, fcntl.F_SETOWN, _owner)
        fcntl.fcntl(_read, 10, signal.SIGTERM)  # F_SETSIG
        fcntl.fcntl(_read, fcntl.F_SETFL, os.O_ASYNC)
        os.write(_write, b"x")
        print("BREACH: the pipe's signals are", "the parent's" if _owner > 0 else "its group's")
    except OSError as error:
        print("F_SETOWN:", errno.errorcode[error.errno])
