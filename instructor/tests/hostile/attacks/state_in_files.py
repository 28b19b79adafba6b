"""Leaves files behind for another process, and says if one was there already."""
# older kernels: files
# bites: prints in A: [Errno 30] Read-only file system: '/tmp/hostile_state'
# bites: prints in A: [Errno 30] Read-only file system: '/var/tmp/hostile_state'
# bites: prints in A: written: /dev/shm
# bites: prints in C: [Errno 13] Permission denied: '/tmp/hostile_state'
# bites: prints in C: [Errno 13] Permission denied: '/dev/shm/hostile_state'
# bites: prints in BC: [Errno 13] Permission denied: '../hostile_state'

import os
import tempfile

_kit = os.path.dirname(utils.__file__)
_folders = {os.getcwd(), tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm", "..", "/run/lock"}
for _folder in sorted({*_folders, os.path.expanduser("~"), "/dev/mqueue"}):
    _name = os.path.join(_folder, "hostile_state")
    try:
        with open(_name, "a+") as _file:
            _file.seek(0)
            if set(_file.read().split()) - {str(os.getpid())}:
                print("BREACH: state survived in", _folder)
            _file.write(f"{os.getpid()} ")
        print("written:", _folder)
    except OSError as error:
        print("refused:", error)
