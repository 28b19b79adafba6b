"""Makes folders that are unreadable and unwritable, so that they cannot be cleaned up."""
# bites: prints: a folder without any permission: closed
# bites: prints: mkfifo: EPERM
# bites: prints: symlink: EPERM
# bites: prints: fchmod: EPERM
# bites: prints: chmod: EPERM
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
    os.mkdir("closed", 0)
_fd = os.open("a", os.O_RDONLY)
for _what, _do in (
    ("mkfifo", lambda: os.mkfifo("pipe")),
    ("symlink", lambda: os.symlink("loop", "loop")),
    ("fchmod", lambda: os.fchmod(_fd, 0)),
):
    try:
        _do()
        print("BREACH:", _what)
    except OSError as error:
        print(f"{_what}:", errno.errorcode[error.errno])
os.close(_fd)
if os.stat("closed").st_mode & 0o777 == 0:
    print("a folder without any permission: closed")
try:
    os.chmod(".", 0)
    print("BREACH: closed the folder it was lent")
except OSError as error:
    print("chmod:", errno.errorcode[error.errno])
_fd = os.open(" ", os.O_RDONLY)
try:
    fcntl.ioctl(_fd, 0x40086602, struct.pack("l", 0x30))  # immutable, append only
    print("BREACH: an immutable folder")
except OSError as error:
    print("ioctl:", errno.errorcode[error.errno])
os.close(_fd)
