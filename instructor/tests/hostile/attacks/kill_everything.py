"""Sends SIGKILL to every process it may send one to."""
# older kernels: the grading
# bites: prints: everybody: EPERM
# bites: prints: the parent's group: EPERM
# bites: prints: minus one in 64 bits: EPERM
# bites: prints: minus one in 32 bits: EPERM

import ctypes
import errno
import os
import signal

if os.getuid() != 0:  # as root, outside of any jail, it would end the machine's own processes
    for _name, _pid in {"everybody": -1, "the parent's group": -os.getppid()}.items():
        try:
            os.kill(_pid, signal.SIGKILL)
            print("BREACH: killed", _name)
        except OSError as error:
            print(f"{_name}: {errno.errorcode[error.errno]}")
    _libc = ctypes.CDLL(None, use_errno=True)
    for _bits in (64, 32):
        if _libc.syscall(62, ctypes.c_long(2**_bits - 1), 9) == 0:
            print("BREACH: killed everybody")
        print(f"minus one in {_bits} bits: {errno.errorcode.get(ctypes.get_errno())}")
