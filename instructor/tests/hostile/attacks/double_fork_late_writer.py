"""A grandchild in a session of its own waits for the end and then writes results everywhere."""

import os
import time

if os.fork() == 0:
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
                        except OSError:
                            pass
            time.sleep(0.5)
    os._exit(0)
