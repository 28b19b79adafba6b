"""Makes namespaces of its own, in which it would be root, and mounts things in them."""
# older kernels: the grading
# bites: prints: unshare: EPERM USER NS UTS NET IPC PID CGROUP;
# bites: prints: clone: EPERM USER NS UTS NET IPC PID CGROUP;
# bites: prints: mount: EPERM tmpfs / proc;
# bites: prints: other calls: EPERM chroot umount swapoff acct;

import ctypes
import errno
import os
import signal

_FLAGS = {"USER": 0x10000000, "NS": 0x20000, "UTS": 0x4000000, "NET": 0x40000000}
_FLAGS |= {"IPC": 0x8000000, "PID": 0x20000000, "CGROUP": 0x2000000}
_libc = ctypes.CDLL(None, use_errno=True)
_refused = {}


def _try(call, name, result):
    if result >= 0:
        print(f"BREACH: {call} {name}")
    else:
        _refused.setdefault(f"{call}: {errno.errorcode[ctypes.get_errno()]}", []).append(name)


if os.getuid() != 0:
    for _name, _flag in _FLAGS.items():
        _try("unshare", _name, _libc.unshare(_flag))
        _pid = _libc.syscall(56, ctypes.c_long(_flag | signal.SIGCHLD), 0, 0, 0, 0)
        if _pid == 0:
            os._exit(0)
        _try("clone", _name, _pid)
    for _source, _kind in ((b"tmpfs", b"tmpfs"), (b"/", None), (b"proc", b"proc")):
        _mounted = _libc.mount(_source, os.getcwd().encode(), _kind, 4096, None)
        _try("mount", _source.decode(), _mounted)
    for _call in ("chroot", "umount", "swapoff", "acct"):
        _try("other calls", _call, getattr(_libc, _call)(b"."))
    for _error, _names in _refused.items():
        print(f"{_error} {' '.join(_names)};")
