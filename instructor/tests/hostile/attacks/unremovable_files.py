"""Makes its folders unreadable and unwritable, so that they cannot be cleaned up."""
# loses: everything

import fcntl
import os
import struct

for _name in ("a/b/c", "\udcff\udcfe", "-rf", " ", "new\nline", "*"):
    os.makedirs(_name, exist_ok=True)
    open(os.path.join(_name, "file"), "w").close()
    _fd = os.open(_name, os.O_RDONLY)
    try:
        fcntl.ioctl(_fd, 0x40086602, struct.pack("l", 0x30))  # immutable, append only
        print("BREACH: an immutable folder")
    except OSError as error:
        print("refused:", error)
os.mkfifo("pipe")
os.symlink("/", "root")
os.symlink("loop", "loop")
for _name in ("a/b/c", "a/b", "a", "."):
    os.chmod(_name, 0)
