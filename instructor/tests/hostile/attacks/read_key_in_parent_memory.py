"""Searches the memory of the parent and of its neighbours for expected values."""
# older kernels: files
# bites: prints: maps of the parent: EACCES
# bites: prints: memory of the parent: EACCES

import errno
import os
import re

for _pid in range(max(os.getppid() - 10, 1), os.getppid() + 1):
    for _what, _file in (("maps", "maps"), ("memory", "mem")):
        try:
            open(f"/proc/{_pid}/{_file}", "rb").close()
        except OSError as error:
            if _pid == os.getppid():
                print(f"{_what} of the parent: {errno.errorcode[error.errno]}")
    try:
        _maps = open(f"/proc/{_pid}/maps").read()
        with open(f"/proc/{_pid}/mem", "rb", 0) as _memory:
            for _low, _high in re.findall(r"^(\w+)-(\w+) rw", _maps, re.M):
                _memory.seek(int(_low, 16))
                if b'"expected"' in _memory.read(min(int(_high, 16) - int(_low, 16), 1 << 24)):
                    print("BREACH: expected values in the memory of", _pid)
    except (OSError, ValueError, OverflowError):
        pass
