"""Makes namespaces of its own, in which it would be root, and mounts things in them."""

import ctypes
import os
import signal

_libc = ctypes.CDLL(None, use_errno=True)
if os.getuid() != 0:
    for _flag in (0x10000000, 0x20000, 0x20000000, 0x40000000, 0x8000000, 0x4000000, 0x2000000):
        if _libc.unshare(_flag) == 0:
            print("BREACH: unshared", hex(_flag))
        _pid = _libc.syscall(56, ctypes.c_long(_flag | signal.SIGCHLD), 0, 0, 0, 0)
        if _pid == 0:
            os._exit(0)
        if _pid > 0:
            print("BREACH: cloned", hex(_flag))
    for _source, _kind in ((b"tmpfs", b"tmpfs"), (b"/", None), (b"proc", b"proc")):
        if _libc.mount(_source, os.getcwd().encode(), _kind, 4096, None) == 0:
            print("BREACH: mounted", _source)
    for _call in (_libc.chroot, _libc.umount, _libc.swapoff, _libc.acct):
        if _call(b".") == 0:
            print("BREACH: a call for root worked")
