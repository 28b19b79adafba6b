"""Leaves files behind for the next test, and says if one was there already."""

import os
import tempfile

_kit = os.path.dirname(utils.__file__)
_folders = {os.getcwd(), tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm", "..", "/run/lock"}
for _folder in sorted({*_folders, os.path.expanduser("~"), "/dev/mqueue"}):
    _name = os.path.join(_folder, "hostile_state")
    try:
        if os.path.exists(_name):
            print("BREACH: state survived in", _folder)
        with open(_name, "a") as _file:
            _file.write("x")
    except OSError as error:
        print("refused:", error)
