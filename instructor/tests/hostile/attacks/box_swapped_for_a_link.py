"""Puts links in the place of folders, again and again, while somebody counts what is in them."""
# bites: prints: swapped more than 10 times
# bites: prints in A: symlink: done
# bites: prints in C: symlink: EPERM
# bites: prints in A: moving its own folder: EROFS
# bites: prints in C: moving its own folder: EACCES

import errno
import os
import time

_seconds = 0.6  # in which somebody looks at least twice


def get_value_net_loss(*args, **kwargs):
    global _seconds
    end, times, refused = time.monotonic() + _seconds, 0, "done"
    _seconds = 0
    while time.monotonic() < end:
        os.mkdir("swapped")
        os.rmdir("swapped")
        try:
            os.symlink("/usr/lib", "swapped")
        except OSError as error:
            refused = errno.errorcode[error.errno]
            os.mkdir("elsewhere")
            os.rename("elsewhere", "swapped")
            os.rmdir("swapped")
        else:
            os.unlink("swapped")
        times += 1
    if not times:
        return
    print(f"symlink: {refused}")
    print("swapped more than 10 times" if times > 10 else f"swapped only {times} times")
    try:
        os.rename(os.getcwd(), os.getcwd() + ".away")
        print("BREACH: moved its own folder away")
    except OSError as error:
        print("moving its own folder:", errno.errorcode[error.errno])
