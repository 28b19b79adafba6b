"""Changes files that it has opened for reading: their mode, owner, attributes, times and size."""
# older kernels: files
# bites: prints: fchmod does nothing, fchown EPERM, fsetxattr EPERM, futimens in vain, ftruncate EINVAL;
# bites: prints: truncate EPERM, O_RDONLY|O_TRUNC EPERM, neither|O_TRUNC EPERM;

import errno
import os

_mine = os.open("mine", os.O_WRONLY | os.O_CREAT)
os.write(_mine, b"not empty")
_fd = os.open(torch.__file__, os.O_RDONLY)
_refused = []
for _name, _do in (
    ("fchmod", lambda: os.fchmod(_fd, 0o4777)),
    ("fchown", lambda: os.fchown(_fd, os.getuid(), os.getgid())),
    ("fsetxattr", lambda: os.setxattr(_fd, "user.mine", b"1")),
    ("futimens", lambda: os.utime(_fd, (1, 1))),
    ("ftruncate", lambda: os.ftruncate(_fd, 0) if os.getuid() else os.ftruncate(-1, 0)),
):
    if os.getuid() != 0:  # as root it would work, and torch would be spoilt
        try:
            _before = os.fstat(_fd)
            _do()
            _said = "does nothing"
            if os.fstat(_fd) != _before:
                print("BREACH:", _name)
        except OSError as error:
            _said = errno.errorcode[error.errno]
        if _name == "futimens" and _said in ("does nothing", "EPERM", "EROFS"):
            _said = "in vain"  # which it is depends on whether it has mounts of its own
        _refused.append(f"{_name} {_said}")
print(", ".join(_refused) + ";")
_refused = []
for _name, _do in (
    ("truncate", lambda: os.truncate("mine", 0)),
    ("O_RDONLY|O_TRUNC", lambda: os.open("mine", os.O_RDONLY | os.O_TRUNC)),
    ("neither|O_TRUNC", lambda: os.open("mine", 3 | os.O_TRUNC)),
):
    try:
        _do()
    except OSError as error:
        _refused.append(f"{_name} {errno.errorcode[error.errno]}")
print(", ".join(_refused) + ";")
