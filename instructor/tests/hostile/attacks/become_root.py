"""Asks for another user, group and capabilities, and runs programs that would grant them."""
# older kernels: the grading
# bites: prints: setuid 0: EPERM
# bites: prints: setresuid 0: EPERM
# bites: prints: setresuid 65534: EPERM
# bites: prints: setgid 0: EPERM
# bites: prints: setgroups 0: EPERM
# bites: prints: su did not help
# bites: prints: ambient capability: EPERM

import ctypes
import errno
import os
import subprocess

_ATTEMPTS = {
    "setuid 0": lambda: os.setuid(0),
    "setresuid 0": lambda: os.setresuid(0, 0, 0),
    "setresuid 65534": lambda: os.setresuid(65534, 65534, 65534),
    "setgid 0": lambda: os.setgid(0),
    "setgroups 0": lambda: os.setgroups([0]),
}
_PROGRAMS = {
    "sudo": ["sudo", "-n", "id"],
    "su": ["su", "-c", "id"],
    "newuidmap": ["/usr/bin/newuidmap", "1", "0", "0", "1"],
}
if os.getuid() != 0:
    for _name, _attempt in _ATTEMPTS.items():
        try:
            _attempt()
            print("BREACH:", _name, "is now", os.getresuid(), os.getresgid())
        except OSError as error:
            print(f"{_name}: {errno.errorcode[error.errno]}")
    for _name, _command in _PROGRAMS.items():
        try:
            subprocess.run(_command, check=True, timeout=1, input=b"", capture_output=True)
            print("BREACH:", _name, "worked")
        except (OSError, subprocess.SubprocessError):
            print(_name, "did not help")
    _libc = ctypes.CDLL(None, use_errno=True)
    if _libc.prctl(47, 2, 2, 0, 0) == 0:  # raise an ambient capability
        print("BREACH: a capability for programs")
    print("ambient capability:", errno.errorcode.get(ctypes.get_errno()))
