"""Changes mode, owner and times of the keys, so that they can be read or the judge cannot."""

import os

_kit = os.path.dirname(os.path.abspath(utils.__file__))
for _name in ("solution.json", "instructor/hidden/solution_hidden.json", "instructor", "."):
    for _change in (
        lambda path: os.chmod(path, 0o777),
        lambda path: os.chown(path, os.getuid(), os.getgid()),
        lambda path: os.utime(path),
        lambda path: os.setxattr(path, "user.mine", b"1"),
        lambda path: os.truncate(path, 0),
        lambda path: os.rename(path, path + ".away"),
        lambda path: os.unlink(path),
    ):
        if os.getuid() != 0:  # as root it would work, and the kit would be gone
            try:
                _change(os.path.join(_kit, _name))
                print("BREACH: changed", _name)
            except OSError as error:
                print("refused:", error)
