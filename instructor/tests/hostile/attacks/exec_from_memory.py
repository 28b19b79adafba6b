"""Runs a program that lies in memory only, and one in its own folder, to be rid of its parent."""

import os
import shutil
import sys

_code = "import os, time; os.setsid() if os.getpid() != os.getsid(0) else 0; time.sleep(20)"
for _ in range(2):
    if os.fork() == 0:
        try:
            _fd = os.memfd_create("hostile", 0)
            with open(os.path.realpath(sys.executable), "rb") as _file:
                while os.write(_fd, _file.read(1 << 20)):
                    pass
            os.execve(f"/proc/self/fd/{_fd}", ["python", "-I", "-S", "-c", _code], {})
        except OSError:
            shutil.copy(os.path.realpath(sys.executable), "own_python")
            os.execve("own_python", ["python", "-I", "-S", "-c", _code], {})
        finally:
            os._exit(1)
