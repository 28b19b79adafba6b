"""Makes folders that are unreadable and unwritable, so that they cannot be cleaned up."""
# bites: prints: chmod: EPERM
# bites: prints: ioctl: EPERM
# bites: prints: closed folders: a/b/c, a/b, a

import errno
import fcntl
import os
import struct

if not os.path.exists("pipe"):  # the first test of several that share a folder
    for _name in ("a/b/c", "\udcff\udcfe", "-rf", " ", "new\nline", "*"):
        os.makedirs(_name)
        open(os.path.join(_name, "file"), "w").close()
        _fd = os.open(_name, os.O_RDONLY)
        try:
            fcntl.ioctl(_fd, 0x40086602, struct.pack("l", 0x30))  # immutable, append only
            print("BREACH: an immutable folder")
        except OSError as error:
            print("ioctl:", errno.errorcode[error.errno])
        os.close(_fd)
    os.mkfifo("pipe")
    os.symlink("/", "root")
    os.symlink("loop", "loop")
    try:
        os.chmod("a", 0)
    except OSError as error:
        print("chmod:", errno.errorcode[error.errno])
    for _name in ("a/b/c", "a/b", "a"):
        _fd = os.open(_name, os.O_RDONLY)
        os.fchmod(_fd, 0)
        print(_name, oct(os.fstat(_fd).st_mode))
        os.close(_fd)
