"""Opens the other ends of its pipes through /proc/self/fd and reads what is meant for the judge."""
# older kernels: files
# bites: prints in C: opened the other end of 1
# bites: prints in AB: refused: [Errno 13] Permission denied: '/proc/self/fd/1'

import os

for _fd in range(16):
    for _mode in (os.O_RDONLY, os.O_RDWR):
        try:
            if os.readlink(f"/proc/self/fd/{_fd}").startswith("pipe:"):
                os.close(os.open(f"/proc/self/fd/{_fd}", _mode | os.O_NONBLOCK))
                print("opened the other end of", _fd)
        except OSError as error:
            print("refused:", error)
