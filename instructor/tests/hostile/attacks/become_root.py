"""Asks for another user, group and capabilities, and runs programs that would grant them."""

import ctypes
import os
import subprocess

if os.getuid() != 0:
    for _attempt in (
        lambda: os.setuid(0),
        lambda: os.setresuid(0, 0, 0),
        lambda: os.setresuid(65534, 65534, 65534),
        lambda: os.setgid(0),
        lambda: os.setgroups([0]),
        lambda: subprocess.run(["sudo", "-n", "id"], check=True, timeout=1),
        lambda: subprocess.run(["su", "-c", "id"], check=True, timeout=1, input=b""),
        lambda: subprocess.run(["/usr/bin/newuidmap", "1", "0", "0", "1"], check=True, timeout=1),
    ):
        try:
            _attempt()
            print("BREACH: is now", os.getresuid(), os.getresgid())
        except (OSError, subprocess.SubprocessError) as error:
            print("refused:", error)
    ctypes.CDLL(None).prctl(47, 2, 2, 0, 0)  # raise an ambient capability
