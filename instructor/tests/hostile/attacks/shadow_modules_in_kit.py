"""Writes the same into the kit, the folders on sys.path and the home folder."""
# older kernels: files
# bites: prints in A: [Errno 30] Read-only file system: '{kit}/conftest.py'
# bites: prints in A: [Errno 30] Read-only file system: '{kit}/tests/json.py'
# bites: prints in BC: [Errno 13] Permission denied: '{kit}/conftest.py'
# bites: prints in BC: [Errno 13] Permission denied: '{kit}/tests/json.py'

import os
import sys

_kit = os.path.dirname(os.path.abspath(utils.__file__))
_code = "print('BREACH: shadowed')\n"
if os.getuid() != 0:  # as root it would work, and the kit would be spoilt
    for _folder in (_kit, f"{_kit}/tests", f"{_kit}/grading", *sys.path, "/root", "/tmp", "/home"):
        for _name in ("conftest.py", "sitecustomize.py", "json.py", "evil.pth", "solution.json"):
            try:
                _fd = os.open(f"{_folder}/{_name}", os.O_WRONLY | os.O_CREAT | os.O_EXCL)
                os.write(_fd, _code.encode())
                print("BREACH: wrote", _folder, _name)
            except OSError as error:
                print("refused:", error)
