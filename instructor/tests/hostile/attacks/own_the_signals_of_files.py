"""Makes other processes the owners of its pipes' signals, by every call that can, and stops them."""
# older kernels: the grading
# bites: prints: F_SETOWN EPERM, F_SETOWN_EX EPERM, F_SETSIG EPERM, FIOSETOWN EPERM, FIOASYNC EPERM;
# bites: prints: SIGSTOP EPERM, SIGSTOP to all EPERM;

import errno
import fcntl
import os
import signal
import struct

_read, _write = os.pipe()
_parent, _refused = os.getppid(), []
for _name, _do in (
    ("F_SETOWN", lambda: fcntl.fcntl(_read, 8, _parent)),
    ("F_SETOWN_EX", lambda: fcntl.fcntl(_read, 15, struct.pack("ii", 1, _parent))),
    ("F_SETSIG", lambda: fcntl.fcntl(_read, 10, signal.SIGTERM)),
    ("FIOSETOWN", lambda: fcntl.ioctl(_read, 0x8901, struct.pack("i", _parent))),
    ("FIOASYNC", lambda: fcntl.ioctl(_read, 0x5452, struct.pack("i", 1))),
):
    try:
        _do()
        print("BREACH:", _name)
    except OSError as error:
        _refused.append(f"{_name} {errno.errorcode[error.errno]}")
print(", ".join(_refused) + ";")
_refused = []
for _name, _whom in (("SIGSTOP", _parent), ("SIGSTOP to all", -1)):
    if os.getuid() != 0:  # as root it would stop the machine
        try:
            os.kill(_whom, signal.SIGSTOP)
            print("BREACH:", _name)
        except OSError as error:
            _refused.append(f"{_name} {errno.errorcode[error.errno]}")
print(", ".join(_refused) + ";")
