"""Leaves links in its folder that lead out of it, for whoever copies, changes or removes it."""
# bites: prints: links: fd instructor kit results.json solution.json submitted.py tmp up
# bites: plain grader: gives no result

import os

_kit = os.path.dirname(os.path.abspath(utils.__file__))
_LINKS = {
    "results.json": "/autograder/results/results.json",
    "solution.json": f"{_kit}/solution.json",
    "instructor": f"{_kit}/instructor",
    "kit": _kit,
    "tmp": "/tmp",
    "up": "..",
    "fd": "/proc/self/fd",
    "submitted.py": f"{_kit}/submitted.py",
}
if not os.path.islink("up"):  # the first test of several that share a folder
    os.rename("submitted.py", "moved.py")
    for _name, _to in _LINKS.items():
        os.symlink(_to, _name)
print("links:", *sorted(name for name in os.listdir() if os.path.islink(name)))
