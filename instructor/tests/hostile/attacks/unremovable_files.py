"""Makes folders and files that cannot be written to or have odd names, so that they cannot be cleaned up."""
# older kernels: files
# bites: prints: a folder that cannot be written to: closed
# bites: prints: mkfifo: EPERM
# bites: prints in A: symlink: done
# bites: prints in BC: symlink: EPERM
# bites: prints: fchmod: nothing done
# bites: prints: chmod: nothing done
# bites: prints: ioctl: EPERM
# bites: plain grader: gives no result

import errno
import fcntl
import os
import struct

if not os.path.exists("a"):  # the first test of several that share a folder
    for _name in ("a/b/c", "\udcff\udcfe", "-rf", " ", "new\nline", "*"):
        os.makedirs(_name)
        open(os.path.join(_name, "file"), "w").close()
    os.mkdir("closed", 0o500)
_fd = os.open("a", os.O_RDONLY)
for _what, _do in (
    ("mkfifo", lambda: os.mkfifo("pipe")),
    ("symlink", lambda: os.path.islink("loop") or os.symlink("loop", "loop")),
    ("fchmod", lambda: os.fchmod(_fd, 0)),
    ("chmod", lambda: os.chmod(".", 0)),
):
    _modes = os.stat("a").st_mode, os.stat(".").st_mode
    try:
        _do()
        _done = _what == "symlink" or (os.stat("a").st_mode, os.stat(".").st_mode) != _modes
        print(f"{_what}:", "done" if _done else "nothing done")
    except OSError as error:
        print(f"{_what}:", errno.errorcode[error.errno])
os.close(_fd)
if os.stat("closed").st_mode & 0o777 == 0o500:
    print("a folder that cannot be written to: closed")
_fd = os.open(" ", os.O_RDONLY)
try:
    fcntl.ioctl(_fd, 0x40086602, struct.pack("l", 0x30))  # immutable, append only
    print("BREACH: an immutable folder")
except OSError as error:
    print("ioctl:", errno.errorcode[error.errno])
os.close(_fd)
