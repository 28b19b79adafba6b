"""A grandchild in a session of its own waits for the end and then writes results everywhere."""
# bites: prints: fork: EPERM

import errno
import os
import time


def _fork():
    """A child's number, 0 in the child, and -1 where there can be none."""
    try:
        return os.fork()
    except OSError as error:
        print("fork:", errno.errorcode[error.errno])
        return -1


_read, _write = os.pipe()
if _fork() == 0:
    os.setsid()
    if os.fork() == 0:
        _end = time.monotonic() + 20
        while time.monotonic() < _end:
            for _folder in (
                "/tmp",
                "/dev/shm",
                os.path.dirname(utils.__file__),
                "/autograder/results",
            ):
                for _name in ("results.json", "hostile_late_writer"):
                    if _name != "results.json" or _folder.startswith("/autograder"):
                        try:
                            open(f"{_folder}/{_name}", "w").write('{"score": 100.0}')
                        except OSError as error:
                            _said = f"{_folder}/{_name}: {errno.errorcode[error.errno]}\n"
                            os.write(_write, f"late writer: {_said}".encode())
            os.close(_write)
            _write = os.open(os.devnull, os.O_WRONLY)
            time.sleep(0.5)
    os._exit(0)
os.close(_write)
with open(_read) as _file:  # the first round, while the grandchild goes on
    print(_file.read())
