"""Puts its own files and pipes in the place of every descriptor, results going to nowhere."""
# bites: returns: it ended the whole program instead of returning a result
# bites: plain grader: gives no result
# loses: everything

import os

_file = os.open("caught", os.O_RDWR | os.O_CREAT)
_read, _write = os.pipe()
for _fd in range(64):
    if _fd not in (_file, _read, _write):
        os.dup2(_write if _fd % 2 else _file, _fd)
