"""Changes mode, owner and times of the keys, so that they can be read or the judge cannot."""
# older kernels: files
# bites: prints in AC: {kit}/solution.json: chmod does nothing, chown EPERM, utime in vain, setxattr EPERM, truncate EPERM
# bites: prints in A: rename EROFS, unlink EROFS; {kit}/solution.json
# bites: prints in BC: rename EACCES, unlink EACCES; {kit}/solution.json
# bites: prints in B: {kit}/solution.json: chmod EACCES, chown EACCES, utime EACCES, setxattr EACCES, truncate EACCES
# bites: prints in BC: unlink EACCES; {kit}/instructor/hidden/solution_hidden.json

import errno
import os

_kit = os.path.dirname(os.path.abspath(utils.__file__))
_CHANGES = {
    "chmod": lambda path: os.chmod(path, 0o777),
    "chown": lambda path: os.chown(path, os.getuid(), os.getgid()),
    "utime": lambda path: os.utime(path, (1, 1)),
    "setxattr": lambda path: os.setxattr(path, "user.mine", b"1"),
    "truncate": lambda path: os.truncate(path, 0),
    "rename": lambda path: os.rename(path, path + ".away"),
    "unlink": lambda path: os.unlink(path),
}
for _name in ("solution.json", "instructor/hidden/solution_hidden.json", "instructor", "."):
    _path, _refused = os.path.join(_kit, _name), []
    for _change, _do in _CHANGES.items():
        if os.getuid() != 0:  # as root it would work, and the kit would be gone
            try:
                _before = os.stat(_path)
                _do(_path)
                _said = "does nothing"
                if os.stat(_path) != _before:
                    print("BREACH: changed", _name, "by", _change)
            except OSError as error:
                _said = errno.errorcode[error.errno]
            if _change == "utime" and _said in ("does nothing", "EPERM", "EROFS"):
                _said = "in vain"  # which it is depends on whether it has mounts of its own
            _refused.append(f"{_change} {_said}")
    print(f"{_path}: {', '.join(_refused)}; {_path}")
